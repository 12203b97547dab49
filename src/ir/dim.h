#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tensor/shape.h"

namespace assay {

// Extent of one axis: a number, or an expression over named symbols in canonical text ("N",
// "floor((H - 1) / 2) + 1"), or unknown (an expression that nothing is known about). Two dims with
// the same text are the same extent. Results that 64 bits do not hold are unknown.
class Dim {
 public:
  Dim() = default;                       // unknown
  Dim(int64_t value) : value_(value) {}  // NOLINT: implicit by design
  static Dim Symbol(std::string text);
  static Dim Unknown() { return {}; }

  bool IsKnown() const { return value_.has_value(); }
  bool IsSymbolic() const { return !value_ && !text_.empty(); }
  int64_t value() const { return *value_; }
  std::optional<int64_t> MaybeValue() const { return value_; }
  const std::string& symbol() const { return text_; }

  // Unknown dims are never equal, not even to themselves.
  bool SameAs(const Dim& other) const;
  // "8", "N", "?".
  std::string ToString() const;

 private:
  std::optional<int64_t> value_;
  std::string text_;
};

Dim operator+(const Dim& a, const Dim& b);
Dim operator-(const Dim& a, const Dim& b);
Dim operator*(const Dim& a, const Dim& b);
// Rounds down; unknown if b is known to be zero.
Dim FloorDivide(const Dim& a, const Dim& b);

using SymbolicShape = std::vector<Dim>;

SymbolicShape ToSymbolic(const Shape& shape);
// nullopt unless every dim is known.
std::optional<Shape> ToConcrete(const SymbolicShape& shape);
std::string ToString(const SymbolicShape& shape);

}  // namespace assay
