#pragma once

#include "compare/distributions.h"
#include "compare/pair_totals.h"
#include "compare/stream_samples.h"

namespace assay {

// The order statistics of a pair from sample to request: what to count in the first sweep, and what
// that leaves for the second.
template <typename Real>
class RankRequests {
 public:
  RankRequests(const PairBlocks<Real>& blocks, StreamRanks ranks, ThreadPool& pool);

  const StreamKeys<Real>& pivots() const { return pivots_; }
  // Moves what is known to the requests. Streams with a NaN have no order: they ask for nothing.
  void FillIn(const PairTotals<Real>& totals, DistributionRequest<Real>* request);

 private:
  int64_t count_;
  StreamRanks ranks_;
  StreamKeys<Real> samples_;
  StreamKeys<Real> pivots_;
};

}  // namespace assay
