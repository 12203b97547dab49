#pragma once

#include <cstdint>

#include "base/status.h"
#include "tactics/tactic.h"

namespace assay {

// An integer input of 32 or 64 bits as indices.
class IndexList {
 public:
  IndexList(const void* data, bool is_64_bits) : data_(data), is_64_bits_(is_64_bits) {}

  int64_t operator[](int64_t i) const {
    return is_64_bits_ ? static_cast<const int64_t*>(data_)[i]
                       : static_cast<const int32_t*>(data_)[i];
  }
  // Index i as one in [0, extent); it may count from the back. Only for lists that were checked.
  int64_t Wrapped(int64_t i, int64_t extent) const {
    const int64_t index = (*this)[i];
    return index < 0 ? index + extent : index;
  }

  // kInvalidInput unless the indices at `first`, `first + step`, ... (count of them) lie in
  // [-extent, extent).
  Status Check(int64_t first, int64_t step, int64_t count, int64_t extent) const;

 private:
  const void* data_;
  bool is_64_bits_;
};

// True if the input holds int32 or int64.
bool IsIndexInput(const Instance& instance, int input);

}  // namespace assay
