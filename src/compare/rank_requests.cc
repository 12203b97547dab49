#include "compare/rank_requests.h"

#include <utility>

namespace assay {

template <typename Real>
RankRequests<Real>::RankRequests(const PairBlocks<Real>& blocks, StreamRanks ranks,
                                 ThreadPool& pool)
    : count_(blocks.count()),
      ranks_(std::move(ranks)),
      samples_(SampleStreams(blocks, ranks_, pool)) {
  for (size_t stream = 0; stream < kStreamCount; ++stream) {
    pivots_[stream] = ChoosePivots<OrderedKey<Real>>(samples_[stream], count_, ranks_[stream]);
  }
}

template <typename Real>
void RankRequests<Real>::FillIn(const PairTotals<Real>& totals,
                                DistributionRequest<Real>* request) {
  for (size_t stream = 0; stream < kStreamCount; ++stream) {
    if (totals.streams[stream].nan_count > 0 || ranks_[stream].empty()) continue;
    StreamRequest<Real>& wanted = request->streams[stream];
    wanted.ranks = std::move(ranks_[stream]);
    wanted.sample = std::move(samples_[stream]);
    wanted.known.push_back({-kInfinityKey<Real> - 1, 0});
    for (size_t i = 0; i < pivots_[stream].size(); ++i) {
      wanted.known.push_back({pivots_[stream][i], count_ - totals.pivot_counts[stream][i]});
    }
    wanted.known.push_back({kInfinityKey<Real> + 1, count_});
  }
}

template class RankRequests<float>;
template class RankRequests<double>;

}  // namespace assay
