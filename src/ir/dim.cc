#include "ir/dim.h"

#include <cctype>

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

Dim AddConstant(const Dim& dim, int64_t constant) {
  WithOffset parts = SplitOffset(dim.symbol());
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
  if (a.IsKnown() && b.IsKnown()) return a.value() + b.value();
  if (IsUnknown(a) || IsUnknown(b)) return Dim::Unknown();
  if (b.IsKnown()) return AddConstant(a, b.value());
  if (a.IsKnown()) return AddConstant(b, a.value());
  return Dim::Symbol(Operand(a) + " + " + Operand(b));
}

Dim operator-(const Dim& a, const Dim& b) {
  if (a.IsKnown() && b.IsKnown()) return a.value() - b.value();
  if (IsUnknown(a) || IsUnknown(b)) return Dim::Unknown();
  if (b.IsKnown()) return AddConstant(a, -b.value());
  if (a.SameAs(b)) return 0;
  return Dim::Symbol(Operand(a) + " - " + Operand(b));
}

Dim operator*(const Dim& a, const Dim& b) {
  if (a.IsKnown() && b.IsKnown()) return a.value() * b.value();
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
