#pragma once

#include "base/monitor.h"
#include "base/thread_pool.h"
#include "compare/pair_blocks.h"
#include "compare/stream_samples.h"

namespace assay {

// Keys at increasing ranks of some streams, by one sweep per digit of the keys: slow, and exact in
// a fixed amount of memory whatever the data. Streams with no ranks cost nothing and stay empty.
// The streams must hold no NaN.
template <typename Real>
StreamKeys<Real> SelectRanksBySweeps(const PairBlocks<Real>& blocks, const StreamRanks& ranks,
                                     ThreadPool& pool, const Monitor& monitor);

}  // namespace assay
