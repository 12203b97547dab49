#include "base/wildcard.h"

namespace assay {
namespace {

// Length of the set that begins with the [ at the start of `pattern`; 0 if it is not closed. A ] in
// first place is a member.
size_t SetLength(std::string_view pattern) {
  size_t i = 1;
  if (i < pattern.size() && pattern[i] == '!') ++i;
  const size_t end = pattern.find(']', i + 1);
  return i < pattern.size() && end != std::string_view::npos ? end + 1 : 0;
}

// `set` is without brackets.
bool InSet(std::string_view set, char c) {
  const bool negated = set.starts_with('!');
  if (negated) set.remove_prefix(1);
  const auto byte = static_cast<unsigned char>(c);
  bool found = false;
  for (size_t i = 0; i < set.size(); ++i) {
    const auto low = static_cast<unsigned char>(set[i]);
    if (i + 2 < set.size() && set[i + 1] == '-') {
      const auto high = static_cast<unsigned char>(set[i + 2]);
      found = found || (low <= byte && byte <= high);
      i += 2;
    } else {
      found = found || low == byte;
    }
  }
  return found != negated;
}

// Bytes of the pattern that match `c` at the start of `pattern`; 0: it does not match.
size_t MatchOne(std::string_view pattern, char c) {
  if (pattern.empty()) return 0;
  if (pattern[0] == '?') return 1;
  if (pattern[0] == '[') {
    if (const size_t length = SetLength(pattern); length != 0) {
      return InSet(pattern.substr(1, length - 2), c) ? length : 0;
    }
  }
  return pattern[0] == c ? 1 : 0;
}

}  // namespace

bool MatchesWildcard(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t after_star = std::string_view::npos;  // in the pattern
  size_t star_end = 0;                         // in the text: what the last star took so far
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      star_end = t;
      continue;
    }
    if (const size_t length = MatchOne(pattern.substr(p), text[t]); length != 0) {
      p += length;
      ++t;
      continue;
    }
    if (after_star == std::string_view::npos) return false;
    p = after_star;
    t = ++star_end;
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool HasWildcard(std::string_view pattern) {
  return pattern.find_first_of("*?[]") != std::string_view::npos;
}

}  // namespace assay
