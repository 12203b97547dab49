#include "report/python_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "base/quote.h"

namespace assay {

std::string GeneralNumber(double value, int digits) {
  if (std::isnan(value)) return "nan";
  return fmt::format("{:.{}g}", value, digits);
}

namespace {

double Parsed(const std::string& text) {
  double value = std::numeric_limits<double>::infinity();
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::string GeneralNumberUp(double value, int digits) {
  if (!std::isfinite(value)) return GeneralNumber(value, digits);
  for (;; ++digits) {
    std::string text = GeneralNumber(value, digits);
    if (Parsed(text) >= value && std::isfinite(Parsed(text))) return text;
    const double unit = std::pow(10.0, std::floor(std::log10(std::fabs(value))) - digits + 1);
    text = GeneralNumber(value + unit / 2, digits);
    if (Parsed(text) >= value && std::isfinite(Parsed(text))) return text;
  }
}

std::string ExactNumber(double value) {
  std::string text;
  for (int digits = 5; digits <= 17; ++digits) {
    text = GeneralNumber(value, digits);
    if (Parsed(text) == value) break;
  }
  return text;
}

std::string PythonString(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const bool has_double = text.find('"') != std::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string quoted(1, quote);
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (c == '\r') {
      quoted += "\\r";
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + quote;
}

std::string PythonStringList(std::span<const std::string> items) {
  std::string text = "[";
  for (const std::string& item : items) {
    if (text.size() > 1) text += ", ";
    text += PythonString(item);
  }
  return text + "]";
}

std::string PythonSet(const std::set<std::string>& items) {
  std::string text = "{";
  for (const std::string& item : items) {
    if (text.size() > 1) text += ", ";
    text += PythonString(item);
  }
  return text + "}";
}

std::string PythonTuple(const SymbolicShape& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    if (shape[i].IsKnown())
      text += fmt::format("{}", shape[i].value());
    else if (shape[i].IsSymbolic())
      text += PythonString(shape[i].symbol());
    else
      text += "None";
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::string IndexTuple(int64_t flat_index, const Shape& shape) {
  if (flat_index < 0) return "0";
  Shape index = shape;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    index[axis] = flat_index % shape[axis];
    flat_index /= shape[axis];
  }
  return index.ToString();
}

std::string TensorList(std::span<const TensorLine> tensors) {
  std::string text = "{";
  for (const TensorLine& tensor : tensors) {
    if (text.size() > 1) text += ",\n ";
    text += Printable(tensor.name);
    std::string facts;
    if (tensor.dtype != DType::kUndefined)
      facts += fmt::format("dtype={}", DTypeName(tensor.dtype));
    if (tensor.shape) {
      facts += fmt::format("{}shape={}", facts.empty() ? "" : ", ", PythonTuple(*tensor.shape));
    }
    if (!facts.empty()) text += fmt::format("{}[{}]", tensor.name.empty() ? "" : " ", facts);
  }
  return text + "}";
}

std::string IndentBlock(std::string_view text, int levels) {
  const std::string tab(static_cast<size_t>(4 * levels), ' ');
  std::string block = tab;
  if (text.ends_with('\n')) text.remove_suffix(1);
  for (char c : text) {
    block += c;
    if (c == '\n') block += tab;
  }
  return block;
}

}  // namespace assay
