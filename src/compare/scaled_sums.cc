#include "compare/scaled_sums.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "compare/sweep.h"

namespace assay {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// With 2^40 elements below the largest, sums of squares stay finite; with the largest element above
// the smallest, what underflows is too small to be seen in the sum.
constexpr double kLargest = 0x1p480;
constexpr double kSmallest = 0x1p-400;

template <typename Real>
int ExponentFor(const StreamTotals<Real>& stream) {
  if (stream.finite_count == 0) return 0;
  const auto magnitude = [](OrderedKey<Real> key) {
    return std::fabs(static_cast<double>(ValueOfKey<Real>(key)));
  };
  const double largest = std::max(magnitude(stream.min_key), magnitude(stream.max_key));
  if (largest == 0 || (largest <= kLargest && largest >= kSmallest)) return 0;
  return std::ilogb(largest) + 1;
}

void Add(const Moments& moments, Moments* sums) {
  sums->shifted_sum += moments.shifted_sum;
  sums->shifted_square_sum += moments.shifted_square_sum;
  sums->magnitude_sum += moments.magnitude_sum;
}

struct ScaledSums {
  std::array<Moments, kStreamCount> moments = {};
  double dot = 0;

  void Append(const ScaledSums& later) {
    for (size_t stream = 0; stream < kStreamCount; ++stream) {
      Add(later.moments[stream], &moments[stream]);
    }
    dot += later.dot;
  }
};

using Exponents = std::array<int, kStreamCount>;

template <typename Real>
void AddBlock(const PairBlock<Real>& block, const BlockKernels<Real>& kernels,
              const Exponents& exponents, const std::array<double, kStreamCount>& shifts,
              int streams, ScaledSums* sums) {
  Real scaled[PairBlock<Real>::kCapacity];
  for (size_t stream = 0; stream < static_cast<size_t>(streams); ++stream) {
    if (exponents[stream] == 0) continue;
    int n = 0;
    for (int i = 0; i < block.n; ++i) {
      const Real value = block.values[stream][i];
      if (std::isfinite(value)) scaled[n++] = std::ldexp(value, -exponents[stream]);
    }
    if (n > 0) Add(kernels.moments(scaled, n, shifts[stream]), &sums->moments[stream]);
  }
  if (streams == 1 || !block.finite(kOutput) || !block.finite(kReference)) return;
  for (int i = 0; i < block.n; ++i) {
    sums->dot +=
        static_cast<double>(std::ldexp(block.values[kOutput][i], -exponents[kOutput])) *
        static_cast<double>(std::ldexp(block.values[kReference][i], -exponents[kReference]));
  }
}

}  // namespace

double SquareSum::Root() const { return std::ldexp(std::sqrt(sum), exponent); }

double SquareSum::RootOfMean(double count) const {
  return std::ldexp(std::sqrt(sum / count), exponent);
}

template <typename Real>
SquareSum SquareSumOf(const StreamTotals<Real>& totals, double shift) {
  if (totals.nan_count > 0) return {kNan, 0};
  if (totals.positive_infinity_count + totals.negative_infinity_count > 0) return {kInfinity, 0};
  const Moments& moments = totals.moments;
  return {std::max(0.0, moments.shifted_square_sum + 2 * shift * moments.shifted_sum +
                            shift * shift * static_cast<double>(totals.finite_count)),
          totals.exponent};
}

double RootRatio(const SquareSum& numerator, const SquareSum& denominator) {
  if (numerator.sum == 0) return 0;
  if (!std::isfinite(denominator.sum)) return kNan;
  return std::ldexp(std::sqrt(numerator.sum) / std::sqrt(denominator.sum),
                    numerator.exponent - denominator.exponent);
}

double RatioInDecibel(const SquareSum& numerator, const SquareSum& denominator) {
  if (!std::isfinite(numerator.sum)) return kNan;
  const double of_exponents = 20 * std::log10(2) * (numerator.exponent - denominator.exponent);
  const double ratio = numerator.sum / denominator.sum;
  if (ratio > 0 && std::isfinite(ratio)) return 10 * std::log10(ratio) + of_exponents;
  return 10 * (std::log10(numerator.sum) - std::log10(denominator.sum)) + of_exponents;
}

template <typename Real>
void RescaleSums(const PairBlocks<Real>& blocks, ThreadPool& pool, const Monitor& monitor,
                 PairTotals<Real>* totals) {
  Exponents exponents = {};
  for (size_t stream = 0; stream < static_cast<size_t>(blocks.streams()); ++stream) {
    exponents[stream] = ExponentFor(totals->streams[stream]);
  }
  if (exponents == Exponents{}) return;
  for (size_t stream = 0; stream < kStreamCount; ++stream) {
    totals->shifts[stream] = std::ldexp(totals->shifts[stream], -exponents[stream]);
  }
  const int64_t grain = SweepGrain(blocks.count());
  std::vector<ScaledSums> parts(static_cast<size_t>((blocks.count() + grain - 1) / grain));
  pool.ParallelFor(blocks.count(), grain, [&](int64_t begin, int64_t end) {
    if (monitor.IsCancelled()) return;
    ScaledSums& part = parts[static_cast<size_t>(begin / grain)];
    auto block = std::make_unique<PairBlock<Real>>();
    for (int64_t at = begin; at < end; at += PairBlock<Real>::kCapacity) {
      blocks.Load(at, static_cast<int>(std::min<int64_t>(PairBlock<Real>::kCapacity, end - at)),
                  block.get());
      AddBlock(*block, blocks.kernels(), exponents, totals->shifts, blocks.streams(), &part);
    }
  });
  ScaledSums sums;
  for (const ScaledSums& part : parts) sums.Append(part);
  for (size_t stream = 0; stream < kStreamCount; ++stream) {
    if (exponents[stream] == 0) continue;
    totals->streams[stream].moments = sums.moments[stream];
    totals->streams[stream].exponent = exponents[stream];
  }
  totals->dot = sums.dot;
}

template SquareSum SquareSumOf(const StreamTotals<float>&, double);
template SquareSum SquareSumOf(const StreamTotals<double>&, double);
template void RescaleSums(const PairBlocks<float>&, ThreadPool&, const Monitor&,
                          PairTotals<float>*);
template void RescaleSums(const PairBlocks<double>&, ThreadPool&, const Monitor&,
                          PairTotals<double>*);

}  // namespace assay
