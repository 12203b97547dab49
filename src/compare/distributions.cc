#include "compare/distributions.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <memory>
#include <mutex>

#include "compare/rank_sweeps.h"
#include "compare/stream_samples.h"
#include "compare/sweep.h"

namespace assay {
namespace {

constexpr int64_t kCollectedBytes = 64 << 20;

// What a sweep does for one stream, and what it finds.
template <typename Key>
struct StreamPlan {
  RankPlan<Key> ranks;
  std::vector<Key> count_bounds;  // of the ranks and the edges together, increasing
  std::vector<int64_t> counts;    // at or above each
  std::unique_ptr<Key[]> collected;
  int64_t capacity = 0;
  std::atomic<int64_t> collected_count{0};

  int64_t CountAt(Key bound) const {
    const auto at = std::lower_bound(count_bounds.begin(), count_bounds.end(), bound);
    return counts[static_cast<size_t>(at - count_bounds.begin())];
  }
};

// One task's share of what is counted.
template <typename Real>
struct SweepPart {
  using Key = OrderedKey<Real>;
  std::array<std::vector<int64_t>, kStreamCount> counts;
  std::vector<Key> max_relative_above;
  Key max_absolute_above = 0;
  SumToleranceSweep sum_tolerance;
  LogitSweep<Real> logit;
};

template <typename Real>
class DistributionSweep {
 public:
  using Key = OrderedKey<Real>;

  DistributionSweep(const PairBlocks<Real>& blocks, const DistributionRequest<Real>& request)
      : blocks_(blocks), kernels_(blocks.kernels()), request_(request) {
    for (size_t stream = 0; stream < request.streams.size(); ++stream) {
      const StreamRequest<Real>& wanted = request.streams[stream];
      if (wanted.ranks.empty()) continue;
      rank_plans_[stream] = PlanRanks<Key>(wanted.sample, wanted.known, wanted.ranks);
      pending_.push_back(stream);
    }
    result_.max_relative_above.resize(request.absolute_thresholds.size());
  }

  Result<Distributions<Real>> Run(ThreadPool& pool, const Monitor& monitor) {
    StreamRanks missed;
    bool first = true;
    while (first || !pending_.empty()) {
      ASSAY_RETURN_IF_ERROR(Prepare(first));
      Sweep(first, pool, monitor);
      ASSAY_RETURN_IF_ERROR(monitor.Check());
      Resolve(first, pool, &missed);
      first = false;
    }
    const StreamKeys<Real> slow = SelectMissed(missed, pool, monitor);
    ASSAY_RETURN_IF_ERROR(monitor.Check());
    for (size_t stream = 0; stream < slow.size(); ++stream) {
      if (!slow[stream].empty()) SetValues(stream, slow[stream]);
    }
    return std::move(result_);
  }

 private:
  static int64_t CapacityFor(double fraction, int64_t count) {
    return std::min(count, static_cast<int64_t>(fraction * static_cast<double>(count)) + 4096);
  }

  // Takes as many pending streams as fit into memory, at least one.
  Status Prepare(bool first) {
    plans_ = std::make_unique<std::array<StreamPlan<Key>, kStreamCount>>();
    if (first) {
      for (size_t stream = 0; stream < kStreamCount; ++stream) {
        (*plans_)[stream].count_bounds = request_.streams[stream].edges;
      }
    }
    int64_t bytes = 0;
    taken_.clear();
    while (!pending_.empty()) {
      const size_t stream = pending_.front();
      StreamPlan<Key>& plan = (*plans_)[stream];
      plan.capacity = CapacityFor(rank_plans_[stream].largest_fraction, blocks_.count());
      bytes += plan.capacity * static_cast<int64_t>(sizeof(Key));
      if (bytes > kCollectedBytes && !taken_.empty()) break;
      plan.capacity = std::min(plan.capacity, kCollectedBytes / static_cast<int64_t>(sizeof(Key)));
      plan.ranks = rank_plans_[stream];
      plan.collected.reset(new (std::nothrow) Key[static_cast<size_t>(plan.capacity)]);
      if (plan.collected == nullptr) {
        return Status(StatusCode::kResourceLimit, "compare: not enough memory for the percentiles");
      }
      plan.count_bounds.insert(plan.count_bounds.end(), plan.ranks.count_bounds.begin(),
                               plan.ranks.count_bounds.end());
      taken_.push_back(stream);
      pending_.erase(pending_.begin());
    }
    for (StreamPlan<Key>& plan : *plans_) {
      std::sort(plan.count_bounds.begin(), plan.count_bounds.end());
      plan.count_bounds.erase(std::unique(plan.count_bounds.begin(), plan.count_bounds.end()),
                              plan.count_bounds.end());
      plan.counts.assign(plan.count_bounds.size(), 0);
    }
    return OkStatus();
  }

  void Sweep(bool first, ThreadPool& pool, const Monitor& monitor) {
    const int64_t grain = SweepGrain(blocks_.count());
    std::vector<LogitSweep<Real>> logit_parts(
        first && request_.logit_floor ? static_cast<size_t>((blocks_.count() + grain - 1) / grain)
                                      : 0);
    pool.ParallelFor(blocks_.count(), grain, [&](int64_t begin, int64_t end) {
      if (monitor.IsCancelled()) return;
      SweepPart<Real> part;
      Start(&part);
      auto block = std::make_unique<PairBlock<Real>>();
      for (int64_t at = begin; at < end; at += PairBlock<Real>::kCapacity) {
        const auto n = static_cast<int>(std::min<int64_t>(PairBlock<Real>::kCapacity, end - at));
        blocks_.Load(at, n, block.get());
        for (size_t stream = 0; stream < static_cast<size_t>(blocks_.streams()); ++stream) {
          block->FetchAhead();
          AddRanks(*block, stream, &part);
        }
        if (first && blocks_.streams() == kStreamCount) AddSelections(*block, &part);
      }
      Finish(part);
      if (!logit_parts.empty()) logit_parts[static_cast<size_t>(begin / grain)] = part.logit;
    });
    for (const LogitSweep<Real>& part : logit_parts) result_.logit.Append(part);
  }

  void Start(SweepPart<Real>* part) {
    for (size_t stream = 0; stream < kStreamCount; ++stream) {
      part->counts[stream].assign((*plans_)[stream].counts.size(), 0);
    }
    // Starting from what is known by now lets most blocks be skipped.
    const std::lock_guard lock(mutex_);
    part->max_relative_above = result_.max_relative_above;
    part->max_absolute_above = result_.max_absolute_above;
  }

  void Finish(const SweepPart<Real>& part) {
    const std::lock_guard lock(mutex_);
    for (size_t stream = 0; stream < kStreamCount; ++stream) {
      StreamPlan<Key>& plan = (*plans_)[stream];
      for (size_t i = 0; i < plan.counts.size(); ++i) plan.counts[i] += part.counts[stream][i];
    }
    for (size_t i = 0; i < result_.max_relative_above.size(); ++i) {
      result_.max_relative_above[i] =
          std::max(result_.max_relative_above[i], part.max_relative_above[i]);
    }
    result_.max_absolute_above = std::max(result_.max_absolute_above, part.max_absolute_above);
    result_.sum_tolerance.Append(part.sum_tolerance);
  }

  void AddRanks(const PairBlock<Real>& block, size_t stream, SweepPart<Real>* part) {
    StreamPlan<Key>& plan = (*plans_)[stream];
    const KeyRange<Key>& range = block.ranges[stream];
    const Key* keys = block.keys[stream];
    const int n = block.n;
    CountAtLeast<Real>(kernels_, keys, n, range, plan.count_bounds, part->counts[stream].data());
    const std::vector<KeyRange<Key>>& wanted = plan.ranks.collected_keys;
    size_t first = 0;
    while (first < wanted.size() && wanted[first].max < range.min) ++first;
    size_t last = wanted.size();
    while (last > first && wanted[last - 1].min > range.max) --last;
    if (first == last) return;
    alignas(64) Key collected[PairBlock<Real>::kCapacity + 8];
    const int found =
        kernels_.collect(keys, n, wanted.data() + first, static_cast<int>(last - first), collected);
    const int64_t at = plan.collected_count.fetch_add(found, std::memory_order_relaxed);
    if (at + found <= plan.capacity) {
      std::memcpy(plan.collected.get() + at, collected, static_cast<size_t>(found) * sizeof(Key));
    }
  }

  void AddSelections(const PairBlock<Real>& block, SweepPart<Real>* part) {
    const Key* absolute = block.keys[kAbsolute];
    const Key* relative = block.keys[kRelative];
    KeyRange<Key> absolute_range = block.ranges[kAbsolute];
    KeyRange<Key> relative_range = block.ranges[kRelative];
    alignas(64) Key absolute_buffer[PairBlock<Real>::kCapacity];
    alignas(64) Key relative_buffer[PairBlock<Real>::kCapacity];
    if (!block.finite(kAbsolute) || !block.finite(kRelative)) {
      LeaveOutUnmeetable(block, absolute_buffer, relative_buffer);
      absolute = absolute_buffer;
      relative = relative_buffer;
      absolute_range = kernels_.range(absolute, block.n);
      relative_range = kernels_.range(relative, block.n);
    }
    for (size_t i = 0; i < request_.absolute_thresholds.size(); ++i) {
      const Key threshold = request_.absolute_thresholds[i];
      Key& max = part->max_relative_above[i];
      if (absolute_range.max <= threshold || relative_range.max <= max) continue;
      max = std::max(max, kernels_.max_where_above(absolute, relative, block.n, threshold));
    }
    if (relative_range.max > request_.relative_threshold &&
        absolute_range.max > part->max_absolute_above) {
      part->max_absolute_above = std::max(
          part->max_absolute_above,
          kernels_.max_where_above(relative, absolute, block.n, request_.relative_threshold));
    }
    if (request_.sum_tolerance) {
      for (int i = 0; i < block.n; ++i) {
        const auto difference = static_cast<double>(block.values[kAbsolute][i]);
        const auto reference = static_cast<double>(block.values[kReference][i]);
        if (std::isfinite(difference)) {
          part->sum_tolerance.Add(difference, reference, *request_.sum_tolerance);
        }
      }
    }
    if (request_.logit_floor) {
      AddLogits(block, absolute, relative, absolute_range, relative_range.max, part);
    }
  }

  // No tolerance admits a NaN or an infinite difference: such elements say nothing about the
  // others.
  void LeaveOutUnmeetable(const PairBlock<Real>& block, Key* absolute, Key* relative) const {
    for (int i = 0; i < block.n; ++i) {
      const bool meetable =
          std::isfinite(block.values[kAbsolute][i]) && !std::isnan(block.values[kRelative][i]);
      const Real no_difference = 0;
      std::memcpy(absolute + i, meetable ? &block.values[kAbsolute][i] : &no_difference,
                  sizeof(Key));
      std::memcpy(relative + i, meetable ? &block.values[kRelative][i] : &no_difference,
                  sizeof(Key));
    }
  }

  void AddMax(const Key* selectors, const Key* values, int n, int64_t begin, Key threshold, Key max,
              SelectedMax<Key>* selected) const {
    if (max == 0 || (selected->index >= 0 && max <= selected->key)) return;
    const Key found = kernels_.max_where_above(selectors, values, n, threshold);
    if (found == 0 || (selected->index >= 0 && found <= selected->key)) return;
    for (int i = 0; i < n; ++i) {
      Key selector;
      Key value;
      std::memcpy(&selector, selectors + i, sizeof(selector));
      std::memcpy(&value, values + i, sizeof(value));
      if (selector > threshold && value == found) {
        *selected = {found, begin + i};
        return;
      }
    }
  }

  void AddLogits(const PairBlock<Real>& block, const Key* absolute, const Key* relative,
                 const KeyRange<Key>& absolute_range, Key max_relative,
                 SweepPart<Real>* part) const {
    LogitSweep<Real>& logit = part->logit;
    const int n = block.n;
    const Key floor = KeyOf(*request_.logit_floor);
    const Key one = KeyOf(Real{1});
    alignas(64) Real logit_values[PairBlock<Real>::kCapacity];
    alignas(64) Real log_values[PairBlock<Real>::kCapacity];
    const LogitCounts logits =
        kernels_.logit_errors(block.values[kOutput], block.values[kReference],
                              block.values[kAbsolute], n, logit_values, log_values);
    logit.saturated += logits.saturated;
    logit.with_logits += logits.with_logits;
    const Key* logit_keys = reinterpret_cast<const Key*>(logit_values);
    const Key* log_keys = reinterpret_cast<const Key*>(log_values);
    const Key max_logit = kernels_.range(logit_keys, n).max;
    const Key max_log = kernels_.range(log_keys, n).max;
    AddMax(absolute, logit_keys, n, block.begin, 0, max_logit, &logit.logit);
    AddMax(absolute, log_keys, n, block.begin, 0, max_log, &logit.log);
    AddMax(absolute, logit_keys, n, block.begin, floor, max_logit, &logit.logit_above_floor);
    AddMax(absolute, log_keys, n, block.begin, floor, max_log, &logit.log_above_floor);
    AddMax(absolute, relative, n, block.begin, floor, max_relative, &logit.relative_above_floor);

    const std::array<Key, 1> above = {floor + 1};
    CountAtLeast<Real>(kernels_, absolute, n, absolute_range, above, &logit.above_floor);
    const std::array<Key, 4> bounds = {0, 1, floor, one + 1};
    std::array<int64_t, 4> counts = {};
    CountAtLeast<Real>(kernels_, block.keys[kOutput], n, block.ranges[kOutput], bounds,
                       counts.data());
    const int64_t outside = n - counts[0] + counts[3];
    if (outside > 0 && logit.first_outside < 0) logit.first_outside = FirstOutside(block);
    logit.output_outside += outside;
    logit.output_below_floor += counts[1] - counts[2];
    counts = {};
    CountAtLeast<Real>(kernels_, block.keys[kReference], n, block.ranges[kReference], bounds,
                       counts.data());
    logit.reference_below_floor += counts[1] - counts[2];
  }

  static int64_t FirstOutside(const PairBlock<Real>& block) {
    const Real* output = block.values[kOutput];
    const Real* outside =
        std::find_if(output, output + block.n, [](Real p) { return !(p >= 0 && p <= 1); });
    return block.begin + (outside - output);
  }

  void SetValues(size_t stream, const std::vector<Key>& keys) {
    std::vector<Real>& values = result_.streams[stream].values;
    values.clear();
    for (const Key key : keys) values.push_back(ValueOfKey<Real>(key));
  }

  void Resolve(bool first, ThreadPool& pool, StreamRanks* missed) {
    if (first) {
      for (size_t stream = 0; stream < kStreamCount; ++stream) {
        for (const Key edge : request_.streams[stream].edges) {
          result_.streams[stream].at_least.push_back((*plans_)[stream].CountAt(edge));
        }
      }
    }
    pool.ParallelFor(static_cast<int64_t>(taken_.size()), 1, [&](int64_t task, int64_t) {
      const size_t stream = taken_[static_cast<size_t>(task)];
      const std::vector<int64_t>& ranks = request_.streams[stream].ranks;
      if (const std::optional<std::vector<Key>> keys = ResolveStream(stream)) {
        SetValues(stream, *keys);
      } else {
        (*missed)[stream] = ranks;
      }
    });
    plans_.reset();
  }

  std::optional<std::vector<Key>> ResolveStream(size_t stream) const {
    const StreamPlan<Key>& plan = (*plans_)[stream];
    const StreamRequest<Real>& wanted = request_.streams[stream];
    const int64_t collected = plan.collected_count.load();
    if (collected > plan.capacity) return std::nullopt;
    std::vector<KnownBound<Key>> known = wanted.known;
    for (const Key bound : plan.ranks.count_bounds) {
      known.push_back({bound, blocks_.count() - plan.CountAt(bound)});
    }
    const auto by_key = [](const KnownBound<Key>& a, const KnownBound<Key>& b) {
      return a.key < b.key;
    };
    std::sort(known.begin(), known.end(), by_key);
    return ResolveRanks<Key>(plan.ranks, known, wanted.ranks,
                             {plan.collected.get(), static_cast<size_t>(collected)});
  }

  StreamKeys<Real> SelectMissed(const StreamRanks& missed, ThreadPool& pool,
                                const Monitor& monitor) {
    const bool any =
        std::any_of(missed.begin(), missed.end(), [](const auto& ranks) { return !ranks.empty(); });
    return any ? SelectRanksBySweeps(blocks_, missed, pool, monitor) : StreamKeys<Real>{};
  }

  const PairBlocks<Real>& blocks_;
  const BlockKernels<Real>& kernels_;
  const DistributionRequest<Real>& request_;
  std::array<RankPlan<Key>, kStreamCount> rank_plans_;
  std::vector<size_t> pending_;  // streams whose ranks no sweep has looked for yet
  std::vector<size_t> taken_;    // streams whose ranks this sweep looks for
  std::unique_ptr<std::array<StreamPlan<Key>, kStreamCount>> plans_;
  std::mutex mutex_;
  Distributions<Real> result_;
};

}  // namespace

template <typename Real>
void LogitSweep<Real>::Append(const LogitSweep& later) {
  logit.Append(later.logit);
  log.Append(later.log);
  logit_above_floor.Append(later.logit_above_floor);
  log_above_floor.Append(later.log_above_floor);
  relative_above_floor.Append(later.relative_above_floor);
  above_floor += later.above_floor;
  output_below_floor += later.output_below_floor;
  reference_below_floor += later.reference_below_floor;
  output_outside += later.output_outside;
  if (first_outside < 0) first_outside = later.first_outside;
  saturated += later.saturated;
  with_logits += later.with_logits;
}

template <typename Real>
Result<Distributions<Real>> SweepDistributions(const PairBlocks<Real>& blocks,
                                               const DistributionRequest<Real>& request,
                                               ThreadPool& pool, const Monitor& monitor) {
  DistributionSweep<Real> sweep(blocks, request);
  return sweep.Run(pool, monitor);
}

template struct LogitSweep<float>;
template struct LogitSweep<double>;
template Result<Distributions<float>> SweepDistributions(const PairBlocks<float>&,
                                                         const DistributionRequest<float>&,
                                                         ThreadPool&, const Monitor&);
template Result<Distributions<double>> SweepDistributions(const PairBlocks<double>&,
                                                          const DistributionRequest<double>&,
                                                          ThreadPool&, const Monitor&);

}  // namespace assay
