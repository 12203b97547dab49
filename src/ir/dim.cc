#include "ir/dim.h"

#include <cctype>
#include <limits>

namespace assay {
namespace {

bool IsAtom(const std::string& text) {
  for (char c : text) {
    if (c == ' ') return false;
  }
  return true;
}

std::string Operand(const Dim& dim) {
  const std::string text = dim.ToString();
  return IsAtom(text) ? text : "(" + text + ")";
}

bool IsUnknown(const Dim& dim) { return !dim.IsKnown() && !dim.IsSymbolic(); }

// Splits "expr + 3" or "expr - 3" into the expression and the constant at its end.
struct WithOffset {
  std::string base;
  int64_t offset = 0;
};

WithOffset SplitOffset(const std::string& text) {
  size_t digits = text.size();
  while (digits > 0 && std::isdigit(static_cast<unsigned char>(text[digits - 1])) != 0) --digits;
  if (digits == text.size() || digits < 4 || text.size() - digits > 15) return {text, 0};
  const std::string glue = text.substr(digits - 3, 3);
  if (glue != " + " && glue != " - ") return {text, 0};
  const int64_t value = std::stoll(text.substr(digits));
  return {text.substr(0, digits - 3), glue == " + " ? value : -value};
}

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

// Exact results, or unknown where 64 bits do not hold them.
Dim Sum(int64_t a, int64_t b) {
  if (b > 0 ? a > kMost - b : a < kLeast - b) return Dim::Unknown();
  return a + b;
}

Dim Difference(int64_t a, int64_t b) {
  if (b < 0 ? a > kMost + b : a < kLeast + b) return Dim::Unknown();
  return a - b;
}

Dim Product(int64_t a, int64_t b) {
  if (a == 0 || b == 0) return 0;
  if ((a == -1 && b == kLeast) || (b == -1 && a == kLeast)) return Dim::Unknown();
  const bool negative = (a < 0) != (b < 0);
  const int64_t limit = negative ? kLeast : kMost;
  if (b > 0 ? (negative ? a < limit / b : a > limit / b)
            : b != -1 && (negative ? a > limit / b : a < limit / b)) {
    return Dim::Unknown();
  }
  return a * b;
}

Dim AddConstant(const Dim& dim, int64_t constant) {
  // Beyond this no extent makes sense.
  constexpr int64_t kMostOffset = int64_t{1} << 62;
  WithOffset parts = SplitOffset(dim.symbol());
  if (constant > kMostOffset || constant < -kMostOffset) return Dim::Unknown();
  parts.offset += constant;
  if (parts.offset == 0) return Dim::Symbol(parts.base);
  const std::string sign = parts.offset > 0 ? " + " : " - ";
  return Dim::Symbol(parts.base + sign + std::to_string(std::abs(parts.offset)));
}

}  // namespace

Dim Dim::Symbol(std::string text) {
  Dim dim;
  dim.text_ = std::move(text);
  return dim;
}

bool Dim::SameAs(const Dim& other) const {
  if (value_ || other.value_) return value_ == other.value_;
  return !text_.empty() && text_ == other.text_;
}

std::string Dim::ToString() const {
  if (value_) return std::to_string(*value_);
  return text_.empty() ? "?" : text_;
}

Dim operator+(const Dim& a, const Dim& b) {
  if (a.IsKnown() && b.IsKnown()) return Sum(a.value(), b.value());
  if (IsUnknown(a) || IsUnknown(b)) return Dim::Unknown();
  if (b.IsKnown()) return AddConstant(a, b.value());
  if (a.IsKnown()) return AddConstant(b, a.value());
  return Dim::Symbol(Operand(a) + " + " + Operand(b));
}

Dim operator-(const Dim& a, const Dim& b) {
  if (a.IsKnown() && b.IsKnown()) return Difference(a.value(), b.value());
  if (IsUnknown(a) || IsUnknown(b)) return Dim::Unknown();
  if (b.IsKnown()) return b.value() == kLeast ? Dim::Unknown() : AddConstant(a, -b.value());
  if (a.SameAs(b)) return 0;
  return Dim::Symbol(Operand(a) + " - " + Operand(b));
}

Dim operator*(const Dim& a, const Dim& b) {
  if (a.IsKnown() && b.IsKnown()) return Product(a.value(), b.value());
  if ((a.IsKnown() && a.value() == 0) || (b.IsKnown() && b.value() == 0)) return 0;
  if (IsUnknown(a) || IsUnknown(b)) return Dim::Unknown();
  if (a.IsKnown() && a.value() == 1) return b;
  if (b.IsKnown() && b.value() == 1) return a;
  if (b.IsKnown()) return Dim::Symbol(Operand(b) + "*" + Operand(a));
  return Dim::Symbol(Operand(a) + "*" + Operand(b));
}

Dim FloorDivide(const Dim& a, const Dim& b) {
  if (b.IsKnown() && b.value() == 0) return Dim::Unknown();
  if (a.IsKnown() && b.IsKnown()) {
    if (b.value() == -1) return Difference(0, a.value());
    const int64_t quotient = a.value() / b.value();
    const bool inexact = a.value() % b.value() != 0;
    return inexact && ((a.value() < 0) != (b.value() < 0)) ? quotient - 1 : quotient;
  }
  if (IsUnknown(a) || IsUnknown(b)) return Dim::Unknown();
  if (b.IsKnown() && b.value() == 1) return a;
  if (a.SameAs(b)) return 1;
  const std::string prefix = b.ToString() + "*";
  if (a.IsSymbolic() && a.symbol().starts_with(prefix) && IsAtom(a.symbol())) {
    const std::string rest = a.symbol().substr(prefix.size());
    if (rest.find('*') == std::string::npos && rest.find('/') == std::string::npos) {
      return Dim::Symbol(rest);
    }
  }
  return Dim::Symbol("floor(" + Operand(a) + "/" + Operand(b) + ")");
}

SymbolicShape ToSymbolic(const Shape& shape) { return SymbolicShape(shape.begin(), shape.end()); }

std::optional<Shape> ToConcrete(const SymbolicShape& shape) {
  std::vector<int64_t> dims;
  for (const Dim& dim : shape) {
    if (!dim.IsKnown()) return std::nullopt;
    dims.push_back(dim.value());
  }
  return Shape(std::move(dims));
}

std::string ToString(const SymbolicShape& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += shape[i].ToString();
  }
  if (shape.size() == 1) text += ",";
  return text + ")";
}

}  // namespace assay
