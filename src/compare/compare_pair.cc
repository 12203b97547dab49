#include "compare/compare_pair.h"

#include <algorithm>
#include <cmath>

#include "compare/distributions.h"
#include "compare/logit_view.h"
#include "compare/numpy_statistics.h"
#include "compare/pair_totals.h"
#include "compare/rank_requests.h"
#include "compare/scaled_sums.h"
#include "compare/sweep.h"

namespace assay {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Quantiles of a stream beyond the fixed ones, the checked quantile of a difference last.
std::vector<double> QuantilesOf(size_t stream, const CompareOptions& options) {
  std::vector<double> quantiles = options.quantiles;
  if (stream >= kAbsolute && options.error_stat == ErrorStat::kQuantile) {
    quantiles.push_back(options.error_quantile);
  }
  return quantiles;
}

template <typename Real>
class PairMeasurement {
 public:
  using Key = OrderedKey<Real>;

  PairMeasurement(const PairBlocks<Real>& blocks, const PairTotals<Real>& totals,
                  RankRequests<Real> ranks, OutputComparison* comparison)
      : blocks_(blocks), totals_(totals), ranks_(std::move(ranks)), out_(*comparison) {
    const bool is_xor = out_.output_dtype == DType::kBool && out_.reference_dtype == DType::kBool;
    const Precision difference = sizeof(Real) == 8 ? Precision::kDouble : Precision::kSingle;
    precisions_ = {PrecisionOf(out_.output_dtype), PrecisionOf(out_.reference_dtype), difference,
                   is_xor ? Precision::kDouble : difference};
    is_bool_ = {out_.output_dtype == DType::kBool, out_.reference_dtype == DType::kBool, is_xor,
                false};
  }

  void SetTotals() {
    for (size_t stream = 0; stream < kStreamCount; ++stream) {
      StatisticsOf(stream) =
          MakeStatistics(totals_.streams[stream], totals_.shifts[stream], blocks_.count());
      StatisticsOf(stream).has_percentiles = !is_bool_[stream];
    }
    out_.mismatches = totals_.mismatches;
    out_.first_mismatch = totals_.first_mismatch;
    out_.special_differences = totals_.special_differences;
    out_.first_zero_over_zero = totals_.first_zero_over_zero;
    out_.output_special =
        MakeSpecialValues(totals_.streams[0], totals_.zeros[0], totals_.subnormals[0]);
    out_.reference_special =
        MakeSpecialValues(totals_.streams[1], totals_.zeros[1], totals_.subnormals[1]);
    SetUlp();
    SetGlobalErrors();
  }

  Status SetDistributions(ThreadPool& pool, const Monitor& monitor) {
    MakeHistograms();
    const DistributionRequest<Real> request = MakeRequest();
    ASSAY_ASSIGN_OR_RETURN(const Distributions<Real> found,
                           SweepDistributions(blocks_, request, pool, monitor));
    for (size_t stream = 0; stream < kStreamCount; ++stream) {
      const StreamDistribution<Real>& distribution = found.streams[stream];
      Histogram& histogram = HistogramOf(stream);
      if (histogram.valid) SetBinCounts(distribution.at_least, &histogram);
      SetOrder(stream, request.streams[stream].ranks, distribution.values);
    }
    SetFrontier(found);
    if (request.logit_floor) {
      out_.logit = MakeLogitView(found.logit, static_cast<double>(*request.logit_floor), out_);
    }
    return OkStatus();
  }

 private:
  Statistics& StatisticsOf(size_t stream) {
    const std::array<Statistics*, kStreamCount> all = {
        &out_.output, &out_.reference, &out_.absolute_difference, &out_.relative_difference};
    return *all[stream];
  }

  Histogram& HistogramOf(size_t stream) {
    const std::array<Histogram*, kStreamCount> all = {
        &out_.output_histogram, &out_.reference_histogram, &out_.absolute_histogram,
        &out_.relative_histogram};
    return *all[stream];
  }

  void SetUlp() {
    UlpDistance& ulp = out_.ulp;
    ulp.applicable = IsFloating(out_.output_dtype) && IsFloating(out_.reference_dtype);
    if (!ulp.applicable) return;
    ulp.dtype = NarrowerType(out_.output_dtype, out_.reference_dtype);
    ulp.count = totals_.ulp.count;
    ulp.max = totals_.ulp.max;
    ulp.max_index = totals_.ulp.max_index;
    for (size_t i = 0; i < ulp.within.size(); ++i)
      ulp.within[i] = ulp.count - totals_.ulp.beyond[i];
  }

  static double Ratio(double numerator, double denominator) {
    if (numerator == 0) return 0;
    return std::isfinite(denominator) ? numerator / denominator : kNan;
  }

  // NaN without the sign that arithmetic may give it.
  static double Unsigned(double value) { return std::isnan(value) ? kNan : value; }

  void SetGlobalErrors() {
    GlobalErrors& global = out_.global;
    const auto n = static_cast<double>(blocks_.count());
    const SquareSum output = SquaresOf(kOutput);
    const SquareSum reference = SquaresOf(kReference);
    const SquareSum difference = SquaresOf(kAbsolute);
    const double max_error = out_.absolute_difference.max.value;
    const double max_reference =
        std::max(std::fabs(out_.reference.min.value), std::fabs(out_.reference.max.value));
    global.l2 = difference.Root();
    global.relative_l2 = Unsigned(RootRatio(difference, reference));
    global.root_mean_square = difference.RootOfMean(n);
    global.max_over_max = Unsigned(Ratio(max_error, max_reference));
    global.max_over_rms = Unsigned(Ratio(max_error, reference.RootOfMean(n)));
    global.cosine_similarity = Cosine(output, reference);

    global.psnr_decibel = kInfinity;
    global.snr_decibel = kInfinity;
    if (difference.sum == 0) return;
    const double peak = out_.output.max.value <= 0 ? 1 : out_.output.max.value;
    global.psnr_decibel = kNan;
    if (std::isfinite(peak)) {
      global.psnr_decibel = Unsigned(20 * std::log10(peak) - 10 * std::log10(difference.sum / n) -
                                     20 * std::log10(2) * difference.exponent);
    }
    global.snr_decibel = Unsigned(RatioInDecibel(output, difference));
  }

  SquareSum SquaresOf(Stream stream) const {
    return SquareSumOf(totals_.streams[stream], totals_.shifts[stream]);
  }

  double Cosine(const SquareSum& output, const SquareSum& reference) const {
    if (!std::isfinite(output.sum) || !std::isfinite(reference.sum)) return kNan;
    if (output.sum == 0 && reference.sum == 0) return 1;
    if (output.sum == 0 || reference.sum == 0) return 0;
    const double cosine = totals_.dot / (std::sqrt(output.sum) * std::sqrt(reference.sum));
    return std::clamp(cosine, -1.0, 1.0);
  }

  void MakeHistograms() {
    // As Python's min and max do it: a NaN on the second side alone goes unseen.
    const auto lesser = [](double a, double b) { return b < a ? b : a; };
    const auto greater = [](double a, double b) { return b > a ? b : a; };
    const double min = lesser(out_.output.min.value, out_.reference.min.value);
    const double max = greater(out_.output.max.value, out_.reference.max.value);
    for (size_t stream = 0; stream < kStreamCount; ++stream) {
      if (is_bool_[stream]) continue;
      const Statistics& own = StatisticsOf(stream);
      const bool own_range = stream >= kAbsolute;
      HistogramOf(stream) =
          own_range ? EmptyHistogram(own.min.value, own.max.value, precisions_[stream], true)
                    : EmptyHistogram(min, max, precisions_[stream], false);
    }
  }

  DistributionRequest<Real> MakeRequest() {
    DistributionRequest<Real> request;
    for (size_t stream = 0; stream < kStreamCount; ++stream) {
      request.streams[stream].edges = EdgeKeys<Real>(HistogramOf(stream));
    }
    ranks_.FillIn(totals_, &request);
    const double largest = out_.absolute_difference.finite_max.value;
    grid_ = ToleranceGrid(largest);
    for (const double absolute : grid_) {
      request.absolute_thresholds.push_back(KeyOf(RoundDown<Real>(absolute)));
    }
    request.absolute_thresholds.push_back(0);
    request.absolute_thresholds.push_back(KeyOf(RoundDown<Real>(out_.options.tolerance.absolute)));
    request.relative_threshold = KeyOf(RoundDown<Real>(out_.options.tolerance.relative));
    if (out_.options.rule == ToleranceRule::kAllClose) {
      request.sum_tolerance = out_.options.tolerance;
    }
    if (IsProbability(out_)) {
      request.logit_floor =
          static_cast<Real>(RoundingFloor(NarrowerType(out_.output_dtype, out_.reference_dtype)));
    }
    return request;
  }

  void SetOrder(size_t stream, const std::vector<int64_t>& ranks, const std::vector<Real>& values) {
    Statistics& statistics = StatisticsOf(stream);
    const std::vector<double> quantiles = QuantilesOf(stream, out_.options);
    if (ranks.empty()) {
      SetUndefinedOrderStatistics(quantiles, &statistics);
    } else {
      SetOrderStatistics(ranks, values, quantiles, precisions_[stream], &statistics);
    }
    if (stream < kAbsolute || out_.options.error_stat != ErrorStat::kQuantile) return;
    double& checked = stream == kAbsolute ? out_.quantile_absolute : out_.quantile_relative;
    checked = statistics.quantiles.back().value;
    statistics.quantiles.pop_back();
  }

  void SetFrontier(const Distributions<Real>& found) {
    EitherToleranceSweep either;
    const auto relative = [&](size_t i) {
      return static_cast<double>(ValueOfKey<Real>(found.max_relative_above[i]));
    };
    for (size_t i = 0; i < grid_.size(); ++i) either.at_grid.push_back({grid_[i], relative(i)});
    either.at_grid.push_back({0, relative(grid_.size())});
    either.relative_at_absolute = relative(grid_.size() + 1);
    either.absolute_at_relative = static_cast<double>(ValueOfKey<Real>(found.max_absolute_above));
    out_.frontier = MakeToleranceFrontier(out_, either, found.sum_tolerance);
  }

  const PairBlocks<Real>& blocks_;
  const PairTotals<Real>& totals_;
  RankRequests<Real> ranks_;
  OutputComparison& out_;
  std::array<Precision, kStreamCount> precisions_ = {};
  std::array<bool, kStreamCount> is_bool_ = {};
  std::vector<double> grid_;
};

}  // namespace

template <typename Real>
Result<bool> MeasurePair(const Tensor& output, const Tensor& reference,
                         const BlockKernels<Real>& kernels, ThreadPool& pool,
                         const Monitor& monitor, OutputComparison* comparison) {
  const DifferenceRules rules = DifferenceRulesFor(output.dtype(), reference.dtype());
  const PairBlocks<Real> blocks(output, &reference, rules, comparison->options, kernels);
  const CompareOptions& options = comparison->options;
  const bool distributions = options.distributions && blocks.count() > 0;
  StreamRanks ranks;
  if (distributions) {
    for (size_t stream = 0; stream < kStreamCount; ++stream) {
      ranks[stream] = RanksForQuantiles(QuantilesOf(stream, options), blocks.count());
    }
  }
  monitor.Report("comparing: sums, extremes and mismatches", 0);
  RankRequests<Real> rank_requests(blocks, std::move(ranks), pool);
  PairTotals<Real> totals = SweepTotals(blocks, options, rank_requests.pivots(), pool, monitor);
  RescaleSums(blocks, pool, monitor, &totals);
  ASSAY_RETURN_IF_ERROR(monitor.Check());
  if (sizeof(Real) < sizeof(double) && totals.overflows) return false;
  PairMeasurement<Real> measurement(blocks, totals, std::move(rank_requests), comparison);
  measurement.SetTotals();
  if (distributions) {
    monitor.Report("comparing: distributions", 0.5);
    ASSAY_RETURN_IF_ERROR(measurement.SetDistributions(pool, monitor));
  }
  return true;
}

template Result<bool> MeasurePair(const Tensor&, const Tensor&, const BlockKernels<float>&,
                                  ThreadPool&, const Monitor&, OutputComparison*);
template Result<bool> MeasurePair(const Tensor&, const Tensor&, const BlockKernels<double>&,
                                  ThreadPool&, const Monitor&, OutputComparison*);

}  // namespace assay
