#include "cli/named_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "tensor/number_text.h"

namespace assay {

std::string_view Trim(std::string_view text) {
  const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<int64_t> ParseWholeNumber(std::string_view text) {
  text = Trim(text);
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

NamedText SplitNamedText(std::string_view argument) {
  const size_t colon = argument.rfind(':');
  if (colon == std::string_view::npos) return {"", std::string(argument)};
  return {std::string(argument.substr(0, colon)), std::string(argument.substr(colon + 1))};
}

std::string TypedNumber::ToString() const {
  if (is_whole) return fmt::format("{}", static_cast<int64_t>(value));
  return PythonRepr(value);
}

namespace {

Status Malformed(std::string_view label, std::string_view expected, std::string_view got,
                 std::string hint) {
  return Status(StatusCode::kUsage,
                fmt::format("argument {}: expected {}, got '{}'", label, expected, got),
                std::move(hint));
}

std::string FirstName(std::string_view label) {
  return std::string(label.substr(0, label.find('/')));
}

}  // namespace

Result<NamedValues<TypedNumber>> ParseNamedNumbers(std::string_view label,
                                                   std::span<const std::string> arguments) {
  NamedValues<TypedNumber> numbers;
  for (const std::string& argument : arguments) {
    NamedText named = SplitNamedText(argument);
    TypedNumber number;
    constexpr double kExactWhole = 9007199254740992.0;
    if (const auto whole = ParseWholeNumber(named.value)) {
      number.value = static_cast<double>(*whole);
      number.is_whole = std::abs(number.value) <= kExactWhole;
    } else if (const auto real = ParseDouble(named.value)) {
      number.value = *real;
    } else {
      return Malformed(
          label, "[name:]number", argument,
          fmt::format("for example {0} 1e-3, or {0} scores:1e-2 1e-3", FirstName(label)));
    }
    numbers.Set(std::move(named.name), number);
  }
  return numbers;
}

Result<NamedValues<int64_t>> ParseNamedIntegers(std::string_view label,
                                                std::span<const std::string> arguments) {
  NamedValues<int64_t> numbers;
  for (const std::string& argument : arguments) {
    NamedText named = SplitNamedText(argument);
    const auto whole = ParseWholeNumber(named.value);
    if (!whole) {
      return Malformed(label, "[name:]whole number", argument,
                       fmt::format("for example {0} 1, or {0} classes:2", FirstName(label)));
    }
    numbers.Set(std::move(named.name), *whole);
  }
  return numbers;
}

bool TypedShape::is_dynamic() const {
  return std::ranges::any_of(extents, [](const TypedExtent& e) { return e.is_dynamic(); });
}

std::vector<int64_t> TypedShape::values() const {
  std::vector<int64_t> values;
  for (const TypedExtent& extent : extents) values.push_back(extent.value.value_or(-1));
  return values;
}

Result<std::vector<TypedShape>> ParseShapes(std::string_view label,
                                            std::span<const std::string> arguments) {
  std::vector<TypedShape> shapes;
  for (const std::string& argument : arguments) {
    const NamedText named = SplitNamedText(argument);
    const std::string_view text = Trim(named.value);
    if (named.name.empty() || text.size() < 2 || text.front() != '[' || text.back() != ']') {
      return Malformed(
          label, "name:[extent,...]", argument,
          fmt::format("for example {} image:[1,3,224,224]; a scalar is name:[]", FirstName(label)));
    }
    if (std::ranges::any_of(shapes, [&](const auto& s) { return s.name == named.name; })) {
      return Malformed(label, "every name once", argument, "one input has one shape");
    }
    TypedShape shape{named.name, {}};
    std::string_view rest = text.substr(1, text.size() - 2);
    while (!Trim(rest).empty()) {
      const size_t comma = rest.find(',');
      std::string_view item = Trim(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      if (item.empty() || item.find_first_of("[]") != std::string_view::npos) {
        return Malformed(label, "name:[extent,...]", argument,
                         "every extent is a number, or a name or -1 for a dynamic one");
      }
      TypedExtent extent;
      extent.value = ParseWholeNumber(item);
      if (!extent.value && ParseDouble(item)) {
        return Malformed(label, "whole numbers as extents", argument, "");
      }
      while (!item.empty() && (item.front() == '"' || item.front() == '\'')) item.remove_prefix(1);
      while (!item.empty() && (item.back() == '"' || item.back() == '\'')) item.remove_suffix(1);
      extent.text = item;
      shape.extents.push_back(std::move(extent));
    }
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

Result<int64_t> ParseByteCount(std::string_view label, std::string_view text) {
  std::string_view number = Trim(text);
  double factor = 1;
  if (!number.empty()) {
    switch (std::toupper(static_cast<unsigned char>(number.back()))) {
      case 'K':
        factor = 1024.0;
        break;
      case 'M':
        factor = 1024.0 * 1024;
        break;
      case 'G':
        factor = 1024.0 * 1024 * 1024;
        break;
      default:
        break;
    }
  }
  if (factor > 1) number.remove_suffix(1);
  const auto value = ParseDouble(number);
  if (!value || !(*value >= 0) || *value * factor > 9e18) {
    return Malformed(label, "a number of bytes", text, "for example 16000000, 16e6 or 16M");
  }
  return static_cast<int64_t>(*value * factor);
}

}  // namespace assay
