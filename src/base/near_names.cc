#include "base/near_names.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>
#include <vector>

namespace assay {
namespace {

// Nobody mistypes more, and names from hostile files must not cost quadratic time.
constexpr size_t kLongestName = 256;
constexpr size_t kMostWork = 4'000'000;  // candidates times length

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = std::tolower(static_cast<unsigned char>(a[i - 1])) ==
                        std::tolower(static_cast<unsigned char>(b[j - 1]));
      const size_t replace = diagonal + (same ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replace});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string DidYouMean(std::string_view name, std::span<const std::string_view> candidates,
                       size_t limit) {
  if (name.size() > kLongestName || name.size() * candidates.size() > kMostWork) return {};
  const size_t allowed = std::max<size_t>(2, name.size() / 3);
  std::vector<std::pair<size_t, std::string_view>> near;
  for (std::string_view candidate : candidates) {
    if (candidate.size() > name.size() + allowed) continue;
    const size_t distance = EditDistance(name, candidate);
    if (distance <= allowed && distance < std::max(name.size(), candidate.size())) {
      near.emplace_back(distance, candidate);
    }
  }
  std::sort(near.begin(), near.end());
  if (near.size() > limit) near.resize(limit);
  if (near.empty()) return {};
  std::string text = "did you mean ";
  for (size_t i = 0; i < near.size(); ++i) {
    if (i > 0) text += i + 1 == near.size() ? " or " : ", ";
    text += near[i].second;
  }
  return text + "?";
}

}  // namespace assay
