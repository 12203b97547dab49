#pragma once

#include <string>
#include <string_view>

namespace assay {

// How i is cased: as everywhere else, or as in Turkish and Azerbaijani, where a dotted and a
// dotless i are two letters.
enum class CaseRules { kGeneral, kTurkic };

// Simple case mapping of UTF-8 text, one code point to one: a sharp s has no upper case and a sigma
// one lower case. Bytes that are not UTF-8 stay as they are.
std::string ToLower(std::string_view text, CaseRules rules);
std::string ToUpper(std::string_view text, CaseRules rules);

}  // namespace assay
