#pragma once

#include <algorithm>
#include <cstdint>

namespace assay {

// Lines of `length` elements that one piece of parallel work takes, for pieces of about `elements`.
inline int64_t LineGrain(int64_t elements, int64_t length) {
  return std::max<int64_t>(1, elements / std::max<int64_t>(1, length));
}

// Columns that are worked on side by side where lines run across them.
inline constexpr int64_t kColumnTile = 128;

}  // namespace assay
