#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace assay {

// Extents of a tensor, outermost first; rank 0 is a scalar with one element.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) : dims_(dims) {}
  explicit Shape(std::vector<int64_t> dims) : dims_(std::move(dims)) {}

  int rank() const { return static_cast<int>(dims_.size()); }
  int64_t operator[](int axis) const { return dims_[static_cast<size_t>(axis)]; }
  int64_t& operator[](int axis) { return dims_[static_cast<size_t>(axis)]; }
  const std::vector<int64_t>& dims() const { return dims_; }
  std::vector<int64_t>& dims() { return dims_; }
  auto begin() const { return dims_.begin(); }
  auto end() const { return dims_.end(); }
  bool operator==(const Shape&) const = default;

  // Product of all extents. Only valid for a shape whose product fits, see CheckedElements.
  int64_t elements() const { return elements(0, rank()); }
  // Product of the extents of axes [begin, end).
  int64_t elements(int begin, int end) const;
  // nullopt if an extent is negative or the product exceeds 2^62.
  std::optional<int64_t> CheckedElements() const;
  // Row-major strides in elements.
  std::vector<int64_t> Strides() const;

  // "(1, 3, 224, 224)", "(5,)", "()": as Python prints a tuple.
  std::string ToString() const;

 private:
  std::vector<int64_t> dims_;
};

// Result of numpy-style broadcasting, or nullopt if the shapes do not fit together.
std::optional<Shape> BroadcastShapes(const Shape& a, const Shape& b);

// Maps an axis in [-rank, rank) to [0, rank); nullopt outside.
std::optional<int> NormalizeAxis(int64_t axis, int rank);

}  // namespace assay
