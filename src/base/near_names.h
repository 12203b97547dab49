#pragma once

#include <span>
#include <string>
#include <string_view>

namespace assay {

// The candidates most like `name` (edit distance at most a third of its length, at least 2), best
// first, at most `limit`, formatted as: "did you mean A, B or C?". Empty if none is near.
std::string DidYouMean(std::string_view name, std::span<const std::string_view> candidates,
                       size_t limit = 3);

}  // namespace assay
