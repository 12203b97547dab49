#pragma once

#include <cstddef>
#include <initializer_list>

namespace assay {

// A constant list of at most N items that lives inside its owner, so that tables of such owners are
// plain read-only data without start-up code.
template <typename T, size_t N>
class InlineList {
 public:
  constexpr InlineList() = default;
  constexpr InlineList(std::initializer_list<T> items) {  // NOLINT: implicit by design
    for (const T& item : items) items_[size_++] = item;
  }
  template <size_t M>
  requires(M <
           N) constexpr InlineList(const InlineList<T, M>& shorter) {  // NOLINT: implicit by design
    for (const T& item : shorter) items_[size_++] = item;
  }
  constexpr const T* begin() const { return items_; }
  constexpr const T* end() const { return items_ + size_; }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const T& operator[](size_t i) const { return items_[i]; }

 private:
  T items_[N] = {};
  size_t size_ = 0;
};

}  // namespace assay
