#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace assay {

// The argument "[name:]value", split at the last colon, since tensor names may hold colons. Without
// a name it is a default for all, under the name "".
struct NamedText {
  std::string name;
  std::string value;
};
NamedText SplitNamedText(std::string_view argument);

// Values by tensor name; "" is the default for names that are not listed.
template <typename T>
class NamedValues {
 public:
  // A name that is set again keeps its place and takes the new value.
  void Set(std::string name, T value) {
    for (auto& item : items_) {
      if (item.first == name) {
        item.second = std::move(value);
        return;
      }
    }
    items_.emplace_back(std::move(name), std::move(value));
  }
  // The value of `name`, else the default, else null.
  const T* Find(std::string_view name) const {
    const T* fallback = nullptr;
    for (const auto& item : items_) {
      if (item.first == name) return &item.second;
      if (item.first.empty()) fallback = &item.second;
    }
    return fallback;
  }
  T ValueOr(std::string_view name, T fallback) const {
    const T* value = Find(name);
    return value != nullptr ? *value : fallback;
  }
  bool empty() const { return items_.empty(); }
  const std::vector<std::pair<std::string, T>>& items() const { return items_; }

 private:
  std::vector<std::pair<std::string, T>> items_;
};

// A number as it was typed: a whole number stays one, and prints as one.
struct TypedNumber {
  double value = 0;
  bool is_whole = false;

  TypedNumber() = default;
  TypedNumber(double number) : value(number) {}  // NOLINT: implicit by design
  // As Python's repr: "1", "1e-05".
  std::string ToString() const;
};

// Reads "[name:]number" arguments. `label` names the option in messages. Errors: kUsage.
Result<NamedValues<TypedNumber>> ParseNamedNumbers(std::string_view label,
                                                   std::span<const std::string> arguments);
Result<NamedValues<int64_t>> ParseNamedIntegers(std::string_view label,
                                                std::span<const std::string> arguments);

// One extent of a shape that was typed: a number, or anything else for a dynamic one.
struct TypedExtent {
  std::optional<int64_t> value;
  std::string text;  // as typed, without quotes
  bool is_dynamic() const { return !value || *value < 0; }
};

// "name:[1,3,H,-1]", "name:[]" for a scalar.
struct TypedShape {
  std::string name;
  std::vector<TypedExtent> extents;
  bool is_dynamic() const;
  std::vector<int64_t> values() const;  // only valid if not dynamic
};
// Errors: kUsage for everything malformed.
Result<std::vector<TypedShape>> ParseShapes(std::string_view label,
                                            std::span<const std::string> arguments);

// A number of bytes: "16000000", "16e6", "16M" (KiB, MiB, GiB). Errors: kUsage.
Result<int64_t> ParseByteCount(std::string_view label, std::string_view text);

// The text without the white space around it.
std::string_view Trim(std::string_view text);
// A whole number in decimal, spaces around it and a sign allowed; nullopt for anything else.
std::optional<int64_t> ParseWholeNumber(std::string_view text);

}  // namespace assay
