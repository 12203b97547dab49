#include "report/array_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "report/python_text.h"
#include "tensor/number_text.h"

namespace assay {
namespace {

constexpr int kPrecision = 8;
constexpr int64_t kThreshold = 1000;
constexpr int64_t kEdgeItems = 3;
constexpr size_t kLineWidth = 75;

// The digits of a finite number without its sign: value = 0.d1d2d3... * 10^exponent.
struct Digits {
  std::string digits;  // without trailing zeros; "0" for zero
  int exponent = 0;
};

// The shortest digits that read back as the same value of a type with `mantissa_bits` bits.
Digits ShortestDigits(double value, int mantissa_bits) {
  char buffer[64];
  std::string text;
  const double magnitude = std::abs(value);
  if (mantissa_bits >= 53) {
    text.assign(buffer, std::to_chars(buffer, buffer + sizeof(buffer), magnitude,
                                      std::chars_format::scientific)
                            .ptr);
  } else if (mantissa_bits >= 24) {
    text.assign(buffer, std::to_chars(buffer, buffer + sizeof(buffer),
                                      static_cast<float>(magnitude), std::chars_format::scientific)
                            .ptr);
  } else {
    for (int digits = 0; digits < 9; ++digits) {
      text = fmt::format("{:.{}e}", magnitude, digits);
      if (RoundToDType(DType::kFloat16, std::stod(text)) == magnitude) break;
    }
  }
  const size_t e = text.find('e');
  Digits result;
  result.exponent = std::stoi(text.substr(e + 1)) + 1;
  for (char c : text.substr(0, e)) {
    if (c != '.') result.digits += c;
  }
  while (result.digits.size() > 1 && result.digits.back() == '0') result.digits.pop_back();
  if (result.digits == "0") result.exponent = 1;
  return result;
}

// A number split at its decimal point.
struct SplitNumber {
  std::string whole;     // with the sign
  std::string fraction;  // trailing zeros removed
  std::string exponent;  // "e-05", or empty
};

SplitNumber SplitPositional(double value, int mantissa_bits) {
  SplitNumber split;
  Digits digits = ShortestDigits(value, mantissa_bits);
  const int fraction_digits = static_cast<int>(digits.digits.size()) - digits.exponent;
  std::string text;
  if (fraction_digits > kPrecision) {
    text = fmt::format("{:.{}f}", std::abs(value), kPrecision);
  } else if (digits.exponent <= 0) {
    text = "0." + std::string(static_cast<size_t>(-digits.exponent), '0') + digits.digits;
  } else if (fraction_digits <= 0) {
    text = digits.digits + std::string(static_cast<size_t>(-fraction_digits), '0') + ".";
  } else {
    text = digits.digits;
    text.insert(static_cast<size_t>(digits.exponent), ".");
  }
  const size_t point = text.find('.');
  split.whole = (std::signbit(value) ? "-" : "") + text.substr(0, point);
  split.fraction = text.substr(point + 1);
  while (!split.fraction.empty() && split.fraction.back() == '0') split.fraction.pop_back();
  return split;
}

SplitNumber SplitScientific(double value, int mantissa_bits) {
  SplitNumber split;
  Digits digits = ShortestDigits(value, mantissa_bits);
  int exponent = value == 0 ? 0 : digits.exponent - 1;
  if (digits.digits.size() > kPrecision + 1) {
    const std::string text = fmt::format("{:.{}e}", std::abs(value), kPrecision);
    const size_t e = text.find('e');
    digits.digits.clear();
    for (char c : text.substr(0, e)) {
      if (c != '.') digits.digits += c;
    }
    exponent = std::stoi(text.substr(e + 1));
  }
  split.whole = (std::signbit(value) ? "-" : "") + digits.digits.substr(0, 1);
  split.fraction = digits.digits.substr(1);
  while (!split.fraction.empty() && split.fraction.back() == '0') split.fraction.pop_back();
  split.exponent = fmt::format("e{}{:02}", exponent < 0 ? '-' : '+', std::abs(exponent));
  return split;
}

using Formatter = std::function<std::string(int64_t index)>;

// Formats floating values so that they align, given the elements that will be shown.
Formatter FloatFormatter(const Tensor& tensor, const std::vector<int64_t>& shown,
                         int mantissa_bits) {
  double largest = 0;
  double smallest = std::numeric_limits<double>::infinity();
  bool any_finite = false;
  bool any_other = false;
  bool negative_infinity = false;
  for (int64_t index : shown) {
    const double value = tensor.ValueAsDouble(index);
    if (!std::isfinite(value)) {
      any_other = true;
      negative_infinity |= std::isinf(value) && value < 0;
      continue;
    }
    any_finite = true;
    if (value == 0) continue;
    largest = std::max(largest, std::abs(value));
    smallest = std::min(smallest, std::abs(value));
  }
  const bool scientific =
      largest > 0 && (largest >= 1e8 || smallest < 0.0001 || largest / smallest > 1000.0);
  size_t left = 0;
  size_t right = 0;
  size_t fraction = 0;
  size_t exponent = 0;
  if (any_finite) {
    for (int64_t index : shown) {
      const double value = tensor.ValueAsDouble(index);
      if (!std::isfinite(value)) continue;
      const SplitNumber split = scientific ? SplitScientific(value, mantissa_bits)
                                           : SplitPositional(value, mantissa_bits);
      left = std::max(left, split.whole.size());
      fraction = std::max(fraction, split.fraction.size());
      exponent = std::max(exponent, split.exponent.size());
    }
    right = scientific ? exponent + fraction : fraction;
  }
  if (any_other) {
    const size_t offset = right + 1;
    const size_t infinity_width = negative_infinity ? 4 : 3;
    left = std::max(left, std::max<size_t>(3, infinity_width) - std::min(offset, infinity_width));
  }
  return [=, &tensor](int64_t index) {
    const double value = tensor.ValueAsDouble(index);
    if (!std::isfinite(value)) {
      const std::string text = std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
      return fmt::format("{:>{}}", text, left + right + 1);
    }
    if (scientific) {
      // Digits beyond the shortest ones are those of the exact value.
      std::string text = fmt::format("{:.{}e}", value, fraction);
      const size_t e = text.find('e');
      if (fraction == 0) text.insert(e, ".");
      const size_t width = text.size() - text.find('e');
      if (width < exponent) text.insert(text.find('e') + 2, exponent - width, '0');
      return std::string(left - std::min(left, text.find('.')), ' ') + text;
    }
    const SplitNumber split = SplitPositional(value, mantissa_bits);
    return fmt::format("{:>{}}.{:<{}}", split.whole, left, split.fraction, right);
  };
}

std::string IntegerText(const Tensor& tensor, int64_t index) {
  const int64_t value = tensor.ValueAsInt(index);
  if (tensor.dtype() == DType::kUInt64) return fmt::format("{}", static_cast<uint64_t>(value));
  return fmt::format("{}", value);
}

int MantissaBits(DType dtype) {
  if (dtype == DType::kFloat64) return 53;
  if (dtype == DType::kFloat16) return 11;
  return 24;
}

// Formats every element alone, as str() of a scalar.
std::string ScalarText(const Tensor& tensor, int64_t index) {
  const DType dtype = tensor.dtype();
  if (dtype == DType::kString) return tensor.data<std::string>()[static_cast<size_t>(index)];
  if (dtype == DType::kBool) return tensor.ValueAsInt(index) != 0 ? "True" : "False";
  if (IsInteger(dtype)) return IntegerText(tensor, index);
  const double value = tensor.ValueAsDouble(index);
  if (MantissaBits(dtype) == 53 || !std::isfinite(value)) return PythonRepr(value);
  const Digits digits = ShortestDigits(value, MantissaBits(dtype));
  // The shortest digits of the narrow type, laid out as repr lays out a double.
  const double decimal = std::stod("0." + digits.digits + "e" + std::to_string(digits.exponent));
  return PythonRepr(std::signbit(value) ? -decimal : decimal);
}

Formatter MakeFormatter(const Tensor& tensor, const std::vector<int64_t>& shown) {
  const DType dtype = tensor.dtype();
  if (IsFloating(dtype)) return FloatFormatter(tensor, shown, MantissaBits(dtype));
  if (dtype == DType::kString) {
    return [&tensor](int64_t index) { return PythonString(ScalarText(tensor, index)); };
  }
  size_t width = 0;
  for (int64_t index : shown) width = std::max(width, ScalarText(tensor, index).size());
  if (dtype == DType::kBool) width = 5;
  return [&tensor, width](int64_t index) {
    return fmt::format("{:>{}}", ScalarText(tensor, index), width);
  };
}

// Lays the elements out in nested brackets.
class ArrayLayout {
 public:
  ArrayLayout(const Tensor& tensor, std::string separator, size_t prefix)
      : tensor_(tensor),
        separator_(std::move(separator)),
        indent_(prefix + 1, ' '),
        strides_(tensor.shape().Strides()),
        summarize_(tensor.elements() > kThreshold) {}

  std::string Text() {
    std::vector<int64_t> shown;
    Collect(0, 0, shown);
    format_ = MakeFormatter(tensor_, shown);
    return Nested(0, 0, indent_, kLineWidth);
  }

 private:
  struct Run {
    int64_t leading;
    int64_t trailing_start;
  };
  Run RunOf(int axis) const {
    const int64_t extent = tensor_.shape()[axis];
    if (summarize_ && extent > 2 * kEdgeItems) return {kEdgeItems, extent - kEdgeItems};
    return {0, 0};
  }

  void Collect(int axis, int64_t offset, std::vector<int64_t>& shown) const {
    if (axis == tensor_.shape().rank()) {
      shown.push_back(offset);
      return;
    }
    const Run run = RunOf(axis);
    for (int64_t i = 0; i < tensor_.shape()[axis]; ++i) {
      if (i >= run.leading && i < run.trailing_start) continue;
      Collect(axis + 1, offset + i * strides_[static_cast<size_t>(axis)], shown);
    }
  }

  std::string Nested(int axis, int64_t offset, const std::string& indent, size_t width) const {
    const int axes_left = tensor_.shape().rank() - axis;
    if (axes_left == 0) return format_(offset);
    const int64_t extent = tensor_.shape()[axis];
    const int64_t stride = strides_[static_cast<size_t>(axis)];
    const Run run = RunOf(axis);
    const bool is_row = axes_left == 1;
    std::string trimmed = separator_;
    while (!trimmed.empty() && trimmed.back() == ' ') trimmed.pop_back();
    const std::string line_end = trimmed + std::string(static_cast<size_t>(axes_left - 1), '\n');
    std::string text;
    std::string line = indent;
    const auto add_word = [&](const std::string& word, size_t line_width) {
      if (line.size() + word.size() > line_width && line.size() > indent.size()) {
        while (!line.empty() && line.back() == ' ') line.pop_back();
        text += line + "\n";
        line = indent;
      }
      line += word;
    };
    const size_t element_width = width - std::max<size_t>(trimmed.size(), 1);
    for (int64_t i = 0; i < extent; ++i) {
      if (run.trailing_start > 0 && i == run.leading) {
        if (is_row) {
          add_word("...", element_width);
          line += separator_;
        } else {
          text += indent + "..." + line_end;
        }
        i = run.trailing_start;
      }
      const std::string item = Nested(axis + 1, offset + i * stride, indent + " ", width - 1);
      const bool last = i == extent - 1;
      if (is_row) {
        add_word(item, element_width);
        if (!last) line += separator_;
      } else {
        text += indent + item + (last ? "" : line_end);
      }
    }
    if (is_row) text += line;
    return "[" + text.substr(indent.size()) + "]";
  }

  const Tensor& tensor_;
  std::string separator_;
  std::string indent_;
  std::vector<int64_t> strides_;
  bool summarize_;
  Formatter format_;
};

std::string Layout(const Tensor& tensor, const std::string& separator, size_t prefix) {
  if (tensor.elements() == 0) return "[]";
  return ArrayLayout(tensor, separator, prefix).Text();
}

}  // namespace

std::string ArrayText(const Tensor& tensor) {
  if (tensor.shape().rank() == 0) return ScalarText(tensor, 0);
  return Layout(tensor, " ", 0);
}

std::string ArrayRepr(const Tensor& tensor) {
  constexpr std::string_view kPrefix = "array(";
  const DType dtype = tensor.dtype();
  const bool is_number = IsFloating(dtype);
  const std::string values = tensor.shape().rank() > 0 ? Layout(tensor, ", ", kPrefix.size())
                             : is_number               ? MakeFormatter(tensor, {0})(0)
                                                       : ScalarText(tensor, 0);
  std::string facts;
  const bool shape_is_plain = tensor.elements() > 0 || tensor.shape().rank() == 1;
  if (!shape_is_plain || tensor.elements() > kThreshold) {
    facts = fmt::format("shape={}", tensor.shape().ToString());
  }
  const bool implied =
      (dtype == DType::kFloat64 || dtype == DType::kInt64 || dtype == DType::kBool) &&
      tensor.elements() > 0;
  if (!implied) facts += fmt::format("{}dtype={}", facts.empty() ? "" : ", ", DTypeName(dtype));
  const std::string text = std::string(kPrefix) + values;
  if (facts.empty()) return text + ")";
  facts += ")";
  const size_t last_line = text.size() - (text.rfind('\n') + 1);
  const bool fits = last_line + facts.size() + 2 <= kLineWidth;
  return text + "," + (fits ? std::string(" ") : "\n" + std::string(kPrefix.size(), ' ')) + facts;
}

}  // namespace assay
