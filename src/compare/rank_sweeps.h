#pragma once

#include <array>
#include <vector>

#include "base/monitor.h"
#include "base/thread_pool.h"
#include "compare/pair_blocks.h"

namespace assay {

// Keys at increasing ranks of some streams, by one sweep per digit of the keys: slow, and exact in
// a fixed amount of memory whatever the data. Streams with no ranks cost nothing and stay empty.
// The streams must hold no NaN.
template <typename Real>
std::array<std::vector<OrderedKey<Real>>, kStreamCount> SelectRanksBySweeps(
    const PairBlocks<Real>& blocks, const std::array<std::vector<int64_t>, kStreamCount>& ranks,
    ThreadPool& pool, const Monitor& monitor);

}  // namespace assay
