#include "compare/pair_totals.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "compare/float_formats.h"
#include "compare/stream_samples.h"
#include "compare/sweep.h"
#include "compare/ulp_keys.h"

namespace assay {
namespace {

void AppendIndex(int64_t later, int64_t* first) {
  if (*first < 0) *first = later;
}

template <typename Real>
class TotalsSweep {
 public:
  using Key = OrderedKey<Real>;

  TotalsSweep(const PairBlocks<Real>& blocks, const CompareOptions& options,
              const StreamKeys<Real>& pivots, const std::array<double, kStreamCount>& shifts)
      : blocks_(blocks),
        kernels_(blocks.kernels()),
        pivots_(pivots),
        shifts_(shifts),
        ulp_keys_(blocks) {
    tolerance_ = {RoundDown<Real>(options.tolerance.absolute),
                  RoundDown<Real>(options.tolerance.relative), options.tolerance.absolute,
                  options.tolerance.relative};
    rule_ = options.rule;
    smallest_normal_ = {NormalKey(blocks.output_dtype()), NormalKey(blocks.reference_dtype())};
    for (size_t i = 0; i < ulp_bounds_.size(); ++i) {
      ulp_bounds_[i] = static_cast<Key>(UlpDistance::kBounds[i]) + 1;
    }
  }

  void Add(PairBlock<Real>& block, PairTotals<Real>* totals) const {
    const bool is_pair = blocks_.streams() == kStreamCount;
    const bool finite_pair = is_pair && block.finite(kOutput) && block.finite(kReference);
    if (finite_pair) AddFinitePair(block, totals);
    for (int stream = finite_pair ? kAbsolute : kOutput; stream < blocks_.streams(); ++stream) {
      block.FetchAhead();
      if (block.finite(stream)) {
        AddFinite(block, stream, MomentsOf(stream, block), totals);
      } else {
        AddSpecial(block, stream, totals);
      }
    }
    for (int stream = 0; stream < blocks_.streams(); ++stream) {
      block.FetchAhead();
      const auto index = static_cast<size_t>(stream);
      CountAtLeast<Real>(kernels_, block.keys[index], block.n, block.ranges[index], pivots_[index],
                         totals->pivot_counts[index].data());
    }
    for (int side = 0; side < std::min(2, blocks_.streams()); ++side) {
      AddSmallValues(block, side, totals);
    }
    if (!is_pair) return;
    if (!finite_pair) AddSpecialDifferences(block, totals);
    if (!block.finite(kAbsolute)) AddOverflows(block, totals);
    if (!blocks_.rules().uses_epsilon && block.min_magnitudes[kReference] == 0) {
      AddZeroOverZero(block, totals);
    }
    AddMismatches(block, totals);
    if (ulp_keys_.applicable()) AddUlp(block, totals);
  }

 private:
  static Key NormalKey(DType dtype) {
    const double normal = SmallestNormal(dtype);
    return normal > 0 ? KeyOf(static_cast<Real>(normal)) : 1;
  }

  void AddExtremes(const KeyRange<Key>& range, const Key* keys, const int64_t* indices,
                   int64_t begin, int n, StreamTotals<Real>* stream) const {
    const auto first = [&](Key wanted) {
      const int i = static_cast<int>(std::find(keys, keys + n, wanted) - keys);
      return indices != nullptr ? indices[i] : begin + i;
    };
    if (stream->min_index < 0 || range.min < stream->min_key) {
      stream->min_key = range.min;
      stream->min_index = first(range.min);
    }
    if (stream->max_index < 0 || range.max > stream->max_key) {
      stream->max_key = range.max;
      stream->max_index = first(range.max);
    }
  }

  Moments MomentsOf(int stream, const Real* values, int n) const {
    const double shift = shifts_[static_cast<size_t>(stream)];
    return stream >= kAbsolute ? kernels_.moments_of_non_negative(values, n, shift)
                               : kernels_.moments(values, n, shift);
  }
  Moments MomentsOf(int stream, const PairBlock<Real>& block) const {
    return MomentsOf(stream, block.values[static_cast<size_t>(stream)], block.n);
  }

  void AddFinitePair(const PairBlock<Real>& block, PairTotals<Real>* totals) const {
    const PairMoments moments =
        kernels_.moments_of_pair(block.values[kOutput], block.values[kReference], block.n,
                                 shifts_[kOutput], shifts_[kReference]);
    AddFinite(block, kOutput, moments.a, totals);
    AddFinite(block, kReference, moments.b, totals);
    totals->dot += moments.dot;
  }

  static void AddMoments(const Moments& moments, StreamTotals<Real>* stream) {
    stream->moments.shifted_sum += moments.shifted_sum;
    stream->moments.shifted_square_sum += moments.shifted_square_sum;
    stream->moments.magnitude_sum += moments.magnitude_sum;
  }

  void AddFinite(const PairBlock<Real>& block, int s, const Moments& moments,
                 PairTotals<Real>* totals) const {
    const auto index = static_cast<size_t>(s);
    StreamTotals<Real>& stream = totals->streams[index];
    stream.finite_count += block.n;
    AddMoments(moments, &stream);
    const KeyRange<Key>& range = block.ranges[index];
    const bool improves =
        stream.min_index < 0 || range.min < stream.min_key || range.max > stream.max_key;
    if (!improves) return;
    Key keys[PairBlock<Real>::kCapacity];
    kernels_.keys(block.values[index], block.n, keys);
    AddExtremes(range, keys, nullptr, block.begin, block.n, &stream);
  }

  void AddSpecial(const PairBlock<Real>& block, int s, PairTotals<Real>* totals) const {
    const auto index = static_cast<size_t>(s);
    StreamTotals<Real>& stream = totals->streams[index];
    Real finite[PairBlock<Real>::kCapacity];
    int64_t indices[PairBlock<Real>::kCapacity];
    int n = 0;
    for (int i = 0; i < block.n; ++i) {
      const Real value = block.values[index][i];
      const int64_t element = block.begin + i;
      if (std::isfinite(value)) {
        finite[n] = value;
        indices[n++] = element;
      } else if (std::isnan(value)) {
        ++stream.nan_count;
        AppendIndex(element, &stream.first_nan);
      } else if (value > 0) {
        ++stream.positive_infinity_count;
        AppendIndex(element, &stream.first_positive_infinity);
      } else {
        ++stream.negative_infinity_count;
        AppendIndex(element, &stream.first_negative_infinity);
      }
    }
    if (n == 0) return;
    stream.finite_count += n;
    AddMoments(MomentsOf(s, finite, n), &stream);
    Key keys[PairBlock<Real>::kCapacity];
    kernels_.keys(finite, n, keys);
    AddExtremes(kernels_.range(keys, n), keys, indices, 0, n, &stream);
  }

  void AddSmallValues(const PairBlock<Real>& block, int side, PairTotals<Real>* totals) const {
    const auto index = static_cast<size_t>(side);
    const Key normal = smallest_normal_[index];
    if (block.min_magnitudes[index] >= normal) return;
    const SmallValues small = kernels_.small_values(block.keys[index], block.n, normal);
    totals->zeros[index] += small.zero;
    totals->subnormals[index] += small.subnormal;
  }

  void AddSpecialDifferences(const PairBlock<Real>& block, PairTotals<Real>* totals) const {
    SpecialValueDifferences& special = totals->special_differences;
    for (int i = 0; i < block.n; ++i) {
      const Real output = block.values[kOutput][i];
      const Real reference = block.values[kReference][i];
      if (std::isnan(output) != std::isnan(reference)) {
        ++special.nan;
        AppendIndex(block.begin + i, &special.first_nan);
      } else if (std::isnan(output)) {
        ++special.shared_nan;
      } else if (std::isinf(output) && output == reference) {
        ++special.shared_infinity;
      } else if (std::isinf(output) || std::isinf(reference)) {
        ++special.infinity;
        AppendIndex(block.begin + i, &special.first_infinity);
      }
    }
  }

  void AddOverflows(const PairBlock<Real>& block, PairTotals<Real>* totals) const {
    for (int i = 0; i < block.n && !totals->overflows; ++i) {
      totals->overflows = std::isfinite(block.values[kOutput][i]) &&
                          std::isfinite(block.values[kReference][i]) &&
                          !std::isfinite(block.values[kAbsolute][i]);
    }
  }

  void AddZeroOverZero(const PairBlock<Real>& block, PairTotals<Real>* totals) const {
    for (int i = 0; i < block.n && totals->first_zero_over_zero < 0; ++i) {
      if (block.values[kAbsolute][i] == 0 && block.values[kReference][i] == 0) {
        totals->first_zero_over_zero = block.begin + i;
      }
    }
  }

  void AddMismatches(const PairBlock<Real>& block, PairTotals<Real>* totals) const {
    if (block.ranges[kAbsolute].max <= KeyOf(tolerance_.absolute) &&
        block.ranges[kRelative].max <= KeyOf(tolerance_.relative)) {
      return;
    }
    const BlockMismatches found =
        kernels_.mismatches(block.values[kAbsolute], block.values[kRelative],
                            block.values[kReference], block.n, tolerance_);
    MismatchCounts counts = {found.polygraphy, found.allclose, found.strict};
    totals->mismatches.polygraphy += counts.polygraphy;
    totals->mismatches.allclose += counts.allclose;
    totals->mismatches.strict += counts.strict;
    if (totals->first_mismatch >= 0 || counts.Of(rule_) == 0) return;
    for (int i = 0; i < block.n; ++i) {
      const BlockMismatches one =
          kernels_.mismatches(block.values[kAbsolute] + i, block.values[kRelative] + i,
                              block.values[kReference] + i, 1, tolerance_);
      if (MismatchCounts{one.polygraphy, one.allclose, one.strict}.Of(rule_) == 0) continue;
      totals->first_mismatch = block.begin + i;
      return;
    }
  }

  void AddUlp(const PairBlock<Real>& block, PairTotals<Real>* totals) const {
    Key output_buffer[PairBlock<Real>::kCapacity];
    Key reference_buffer[PairBlock<Real>::kCapacity];
    const Key* output = nullptr;
    const Key* reference = nullptr;
    ulp_keys_.Get(block, output_buffer, reference_buffer, &output, &reference);
    int64_t indices[PairBlock<Real>::kCapacity];
    int n = block.n;
    const bool has_special = !block.finite(kOutput) || !block.finite(kReference);
    if (has_special) {
      n = 0;
      for (int i = 0; i < block.n; ++i) {
        if (std::isnan(block.values[kOutput][i]) || std::isnan(block.values[kReference][i]))
          continue;
        output_buffer[n] = output[i];
        reference_buffer[n] = reference[i];
        indices[n++] = block.begin + i;
      }
      output = output_buffer;
      reference = reference_buffer;
      if (n == 0) return;
    }
    Key distances[PairBlock<Real>::kCapacity];
    kernels_.distances(output, reference, n, distances);
    const KeyRange<Key> range = kernels_.range(distances, n);
    UlpTotals& ulp = totals->ulp;
    ulp.count += n;
    CountAtLeast<Real>(kernels_, distances, n, range, ulp_bounds_, ulp.beyond.data());
    if (ulp.max_index >= 0 && static_cast<uint64_t>(range.max) <= ulp.max &&
        range.max < std::numeric_limits<Key>::max()) {
      return;
    }
    for (int i = 0; i < n; ++i) {
      const uint64_t distance =
          output[i] > reference[i]
              ? static_cast<uint64_t>(output[i]) - static_cast<uint64_t>(reference[i])
              : static_cast<uint64_t>(reference[i]) - static_cast<uint64_t>(output[i]);
      if (ulp.max_index >= 0 && distance <= ulp.max) continue;
      ulp.max = distance;
      ulp.max_index = has_special ? indices[i] : block.begin + i;
    }
  }

  const PairBlocks<Real>& blocks_;
  const BlockKernels<Real>& kernels_;
  const StreamKeys<Real>& pivots_;
  std::array<double, kStreamCount> shifts_;
  UlpKeys<Real> ulp_keys_;
  ToleranceBounds<Real> tolerance_;
  ToleranceRule rule_ = ToleranceRule::kPolygraphy;
  std::array<Key, 2> smallest_normal_ = {};
  std::array<Key, UlpDistance::kBounds.size()> ulp_bounds_ = {};
};

}  // namespace

template <typename Real>
void StreamTotals<Real>::Append(const StreamTotals& later) {
  finite_count += later.finite_count;
  nan_count += later.nan_count;
  positive_infinity_count += later.positive_infinity_count;
  negative_infinity_count += later.negative_infinity_count;
  AppendIndex(later.first_nan, &first_nan);
  AppendIndex(later.first_positive_infinity, &first_positive_infinity);
  AppendIndex(later.first_negative_infinity, &first_negative_infinity);
  moments.shifted_sum += later.moments.shifted_sum;
  moments.shifted_square_sum += later.moments.shifted_square_sum;
  moments.magnitude_sum += later.moments.magnitude_sum;
  if (later.min_index >= 0 && (min_index < 0 || later.min_key < min_key)) {
    min_key = later.min_key;
    min_index = later.min_index;
  }
  if (later.max_index >= 0 && (max_index < 0 || later.max_key > max_key)) {
    max_key = later.max_key;
    max_index = later.max_index;
  }
}

void UlpTotals::Append(const UlpTotals& later) {
  count += later.count;
  for (size_t i = 0; i < beyond.size(); ++i) beyond[i] += later.beyond[i];
  if (later.max_index >= 0 && (max_index < 0 || later.max > max)) {
    max = later.max;
    max_index = later.max_index;
  }
}

template <typename Real>
void PairTotals<Real>::Append(const PairTotals& later) {
  for (size_t i = 0; i < streams.size(); ++i) streams[i].Append(later.streams[i]);
  dot += later.dot;
  mismatches.polygraphy += later.mismatches.polygraphy;
  mismatches.allclose += later.mismatches.allclose;
  mismatches.strict += later.mismatches.strict;
  AppendIndex(later.first_mismatch, &first_mismatch);
  ulp.Append(later.ulp);
  for (size_t side = 0; side < 2; ++side) {
    zeros[side] += later.zeros[side];
    subnormals[side] += later.subnormals[side];
  }
  special_differences.nan += later.special_differences.nan;
  special_differences.infinity += later.special_differences.infinity;
  special_differences.shared_nan += later.special_differences.shared_nan;
  special_differences.shared_infinity += later.special_differences.shared_infinity;
  AppendIndex(later.special_differences.first_nan, &special_differences.first_nan);
  AppendIndex(later.special_differences.first_infinity, &special_differences.first_infinity);
  AppendIndex(later.first_zero_over_zero, &first_zero_over_zero);
  overflows |= later.overflows;
  for (size_t stream = 0; stream < kStreamCount; ++stream) {
    for (size_t i = 0; i < pivot_counts[stream].size(); ++i) {
      pivot_counts[stream][i] += later.pivot_counts[stream][i];
    }
  }
}

template <typename Real>
PairTotals<Real> SweepTotals(const PairBlocks<Real>& blocks, const CompareOptions& options,
                             const StreamKeys<Real>& pivots, ThreadPool& pool,
                             const Monitor& monitor) {
  PairTotals<Real> totals;
  for (size_t stream = 0; stream < kStreamCount; ++stream) {
    totals.pivot_counts[stream].assign(pivots[stream].size(), 0);
  }
  if (blocks.count() == 0) return totals;
  totals.shifts = TypicalValues(blocks);
  const TotalsSweep<Real> sweep(blocks, options, pivots, totals.shifts);
  const int64_t grain = SweepGrain(blocks.count());
  std::vector<PairTotals<Real>> parts(static_cast<size_t>((blocks.count() + grain - 1) / grain));
  pool.ParallelFor(blocks.count(), grain, [&](int64_t begin, int64_t end) {
    PairTotals<Real>& part = parts[static_cast<size_t>(begin / grain)];
    part.pivot_counts = totals.pivot_counts;
    if (monitor.IsCancelled()) return;
    auto block = std::make_unique<PairBlock<Real>>();
    for (int64_t at = begin; at < end; at += PairBlock<Real>::kCapacity) {
      blocks.Load(at, static_cast<int>(std::min<int64_t>(PairBlock<Real>::kCapacity, end - at)),
                  block.get());
      sweep.Add(*block, &part);
    }
  });
  for (const PairTotals<Real>& part : parts) totals.Append(part);
  return totals;
}

template struct StreamTotals<float>;
template struct StreamTotals<double>;
template struct PairTotals<float>;
template struct PairTotals<double>;
template PairTotals<float> SweepTotals(const PairBlocks<float>&, const CompareOptions&,
                                       const StreamKeys<float>&, ThreadPool&, const Monitor&);
template PairTotals<double> SweepTotals(const PairBlocks<double>&, const CompareOptions&,
                                        const StreamKeys<double>&, ThreadPool&, const Monitor&);
}  // namespace assay
