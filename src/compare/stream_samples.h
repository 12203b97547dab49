#pragma once

#include <array>
#include <vector>

#include "base/thread_pool.h"
#include "compare/pair_blocks.h"

namespace assay {

template <typename Real>
using StreamKeys = std::array<std::vector<OrderedKey<Real>>, kStreamCount>;

// Positions wanted in each sorted stream, increasing.
using StreamRanks = std::array<std::vector<int64_t>, kStreamCount>;

// Elements in a sample of `count`; 0 where collecting everything costs less.
int64_t SampleSize(int64_t count);
// Position of sample i: one in each of `samples` equal parts of [0, count), scattered by a hash so
// that no period of the data can fall in step.
int64_t SamplePosition(int64_t i, int64_t samples, int64_t count);

// A sorted sample of every stream that wants ranks: one element from each of equal parts of the
// tensors. Empty where collecting everything costs less. Depends on nothing but the data.
template <typename Real>
StreamKeys<Real> SampleStreams(const PairBlocks<Real>& blocks, const StreamRanks& ranks,
                               ThreadPool& pool);

// A typical finite element of each stream: the median of a few. Sums of differences from it keep
// their digits when the data lies far from zero.
template <typename Real>
std::array<double, kStreamCount> TypicalValues(const PairBlocks<Real>& blocks);

}  // namespace assay
