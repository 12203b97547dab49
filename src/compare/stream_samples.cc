#include "compare/stream_samples.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "compare/rank_search.h"

namespace assay {

int64_t SampleSize(int64_t count) {
  constexpr int64_t kCollectAllBelow = 32768;
  constexpr double kPerRootOfCount = 8;
  constexpr int64_t kLargest = 1 << 20;
  if (count <= kCollectAllBelow) return 0;
  return std::min(kLargest,
                  static_cast<int64_t>(kPerRootOfCount * std::sqrt(static_cast<double>(count))));
}

int64_t SamplePosition(int64_t i, int64_t samples, int64_t count) {
  uint64_t hash = static_cast<uint64_t>(i) + 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  hash ^= hash >> 31;
  const double within = static_cast<double>(hash >> 11) * 0x1p-53;
  const double position =
      (static_cast<double>(i) + within) / static_cast<double>(samples) * static_cast<double>(count);
  return std::min(static_cast<int64_t>(position), count - 1);
}

template <typename Real>
StreamKeys<Real> SampleStreams(const PairBlocks<Real>& blocks, const StreamRanks& ranks,
                               ThreadPool& pool) {
  using Key = OrderedKey<Real>;
  StreamKeys<Real> samples;
  const int64_t size = SampleSize(blocks.count());
  if (size == 0) return samples;
  for (size_t stream = 0; stream < samples.size(); ++stream) {
    if (!ranks[stream].empty()) samples[stream].resize(static_cast<size_t>(size));
  }
  pool.ParallelFor(size, PairBlock<Real>::kCapacity, [&](int64_t begin, int64_t end) {
    std::vector<int64_t> positions;
    for (int64_t i = begin; i < end; ++i) {
      positions.push_back(SamplePosition(i, size, blocks.count()));
    }
    auto block = std::make_unique<PairBlock<Real>>();
    blocks.LoadAt(positions, block.get());
    for (size_t stream = 0; stream < samples.size(); ++stream) {
      if (samples[stream].empty()) continue;
      std::memcpy(samples[stream].data() + begin, block->keys[stream],
                  positions.size() * sizeof(Key));
    }
  });
  pool.ParallelFor(kStreamCount, 1, [&](int64_t stream, int64_t) {
    RadixSort(&samples[static_cast<size_t>(stream)]);
  });
  return samples;
}

template <typename Real>
std::array<double, kStreamCount> TypicalValues(const PairBlocks<Real>& blocks) {
  constexpr int64_t kSamples = 64;
  std::vector<int64_t> positions;
  const int64_t samples = std::min(kSamples, blocks.count());
  for (int64_t i = 0; i < samples; ++i) {
    positions.push_back(static_cast<int64_t>(static_cast<double>(i) / static_cast<double>(samples) *
                                             static_cast<double>(blocks.count())));
  }
  auto block = std::make_unique<PairBlock<Real>>();
  blocks.LoadAt(positions, block.get());
  std::array<double, kStreamCount> typical = {};
  for (size_t stream = 0; stream < static_cast<size_t>(blocks.streams()); ++stream) {
    std::vector<Real> finite;
    for (int i = 0; i < block->n; ++i) {
      if (std::isfinite(block->values[stream][i])) finite.push_back(block->values[stream][i]);
    }
    if (finite.empty()) continue;
    const auto middle = finite.begin() + static_cast<int64_t>(finite.size() / 2);
    std::nth_element(finite.begin(), middle, finite.end());
    typical[stream] = static_cast<double>(*middle);
  }
  return typical;
}

template StreamKeys<float> SampleStreams(const PairBlocks<float>&, const StreamRanks&, ThreadPool&);
template StreamKeys<double> SampleStreams(const PairBlocks<double>&, const StreamRanks&,
                                          ThreadPool&);
template std::array<double, kStreamCount> TypicalValues(const PairBlocks<float>&);
template std::array<double, kStreamCount> TypicalValues(const PairBlocks<double>&);

}  // namespace assay
