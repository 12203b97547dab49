#include "ops/unicode_case.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "ops/unicode_case_table.h"

namespace assay {
namespace {

constexpr int32_t kDottedCapitalI = 0x130;
constexpr int32_t kDotlessSmallI = 0x131;

struct CodePoint {
  int32_t value = 0;
  size_t bytes = 0;  // 0: not UTF-8
};

CodePoint Decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
  int32_t value = lead & (0x7F >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {};
    value = value << 6 | (next & 0x3F);
  }
  const bool too_long = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
  if (too_long || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return {};
  return {value, bytes};
}

void Append(std::string& text, int32_t code) {
  const auto tail = [&](int shift) {
    text.push_back(static_cast<char>(0x80 | (code >> shift & 0x3F)));
  };
  if (code < 0x80) {
    text.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    text.push_back(static_cast<char>(0xC0 | code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text.push_back(static_cast<char>(0xE0 | code >> 12));
    tail(6);
    tail(0);
  } else {
    text.push_back(static_cast<char>(0xF0 | code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

int32_t Map(std::span<const CaseRange> table, int32_t code) {
  const auto after =
      std::upper_bound(table.begin(), table.end(), code,
                       [](int32_t value, const CaseRange& range) { return value < range.first; });
  if (after == table.begin()) return code;
  const CaseRange& range = *(after - 1);
  if (code > range.last || (code - range.first) % range.step != 0) return code;
  return code + range.offset;
}

template <typename Fn>
std::string MapCodePoints(std::string_view text, Fn map) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const CodePoint code = Decode(text);
    if (code.bytes == 0) {
      result.push_back(text[0]);
    } else {
      Append(result, map(code.value));
    }
    text.remove_prefix(std::max<size_t>(code.bytes, 1));
  }
  return result;
}

}  // namespace

std::string ToLower(std::string_view text, CaseRules rules) {
  return MapCodePoints(text, [rules](int32_t code) {
    if (rules == CaseRules::kTurkic && code == 'I') return kDotlessSmallI;
    return Map(kToLower, code);
  });
}

std::string ToUpper(std::string_view text, CaseRules rules) {
  return MapCodePoints(text, [rules](int32_t code) {
    if (rules == CaseRules::kTurkic && code == 'i') return kDottedCapitalI;
    return Map(kToUpper, code);
  });
}

}  // namespace assay
