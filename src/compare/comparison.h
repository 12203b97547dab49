#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/monitor.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "compare/statistics.h"
#include "compare/tolerance.h"
#include "compare/tolerance_frontier.h"
#include "compare/verdict.h"
#include "tensor/tensor.h"

namespace assay {

struct CompareOptions {
  Tolerance tolerance;
  ErrorStat error_stat = ErrorStat::kElementwise;
  double error_quantile = 0.99;                     // for ErrorStat::kQuantile, in [0, 1]
  ToleranceRule rule = ToleranceRule::kPolygraphy;  // the one that decides; all three are counted
  bool infinities_compare_equal = false;            // equal infinities differ by 0, not by NaN
  bool nans_compare_equal = false;                  // NaN against NaN differs by 0, not by NaN
  bool check_shapes = true;       // false: reshape or permute the reference to fit
  std::vector<double> quantiles;  // further quantiles of all four distributions
  // Median, percentiles, histograms, frontier and logit view. Without them one sweep is enough.
  bool distributions = true;
  // Differences in double whatever the types. CompareTensors sets it, in the options that it hands
  // back, where differences of finite elements leave the range of float32.
  bool in_double = false;
};

// Counts of special values in one tensor, in its own type.
struct SpecialValues {
  int64_t nan = 0;
  int64_t positive_infinity = 0;
  int64_t negative_infinity = 0;
  int64_t subnormal = 0;
  int64_t zero = 0;
  int64_t first_nan = -1;       // flat index
  int64_t first_infinity = -1;  // flat index
};

// Where special values stand on one side only, and how many the sides share.
struct SpecialValueDifferences {
  int64_t nan = 0;         // NaN in exactly one of the two
  int64_t infinity = 0;    // infinite in exactly one, or infinities of opposite sign
  int64_t first_nan = -1;  // flat index of the first such element
  int64_t first_infinity = -1;
  int64_t shared_nan = 0;       // NaN on both sides
  int64_t shared_infinity = 0;  // the same infinity on both sides
};

// Distance in representable values of `dtype`, the narrower type of the pair (the other side is
// rounded to it).
// -0 and +0 are the same value; pairs with a NaN are left out. Not applicable where a side is
// integer or bool.
struct UlpDistance {
  static constexpr std::array<uint32_t, 9> kBounds = {0, 1, 2, 4, 8, 16, 64, 256, 1024};
  bool applicable = false;
  DType dtype = DType::kUndefined;
  int64_t count = 0;  // pairs that were measured
  uint64_t max = 0;
  int64_t max_index = -1;                           // first occurrence
  std::array<int64_t, kBounds.size()> within = {};  // pairs at a distance of at most kBounds[i]
  // Smallest bound of kBounds that a fraction q of the pairs stays within; nullopt: above them all.
  std::optional<uint32_t> QuantileBound(double q) const;
};

// Figures over the whole tensor, in double, also where squares would leave its range. Infinities
// and NaN go through: a non-finite pair makes them non-finite. What has no value is NaN: a ratio to
// a reference or of an output that is not finite.
struct GlobalErrors {
  double l2 = 0;                 // sqrt(sum d^2)
  double relative_l2 = 0;        // l2 / sqrt(sum reference^2); both 0: 0
  double root_mean_square = 0;   // sqrt(mean d^2)
  double max_over_max = 0;       // max |d| / max |reference|; both 0: 0
  double max_over_rms = 0;       // max |d| / sqrt(mean reference^2); both 0: 0
  double cosine_similarity = 1;  // in [-1, 1]; both zero: 1, one zero: 0
  // Polygraphy takes the first runner (the output) as the signal in these two.
  // 20 log10(largest signed output value, or 1 if that is <= 0) - 10 log10(mean d^2).
  double psnr_decibel = 0;
  double snr_decibel = 0;  // 10 log10(mean output^2 / mean d^2)
};

// Error of probabilities in logit space. Made when both types are floating and every reference
// value lies in [0, 1]. Elements with an output outside [0, 1], or with 0 or 1 on one side only,
// have no finite logit difference: they are counted and left out of the maxima.
struct LogitView {
  // Four spacings of the narrower type just below 1: what a sigmoid, a subtraction from 1, or a
  // division by a sum, leaves behind on two sides.
  double floor = 0;
  ElementValue max_logit_error;              // |log(p/(1-p)) - log(q/(1-q))|
  ElementValue max_log_error;                // |log p - log q|
  ElementValue max_logit_error_above_floor;  // the same over elements with |d| > floor
  ElementValue max_log_error_above_floor;
  ElementValue max_relative_error_above_floor;
  int64_t above_floor = 0;         // elements with |d| > floor
  int64_t output_below_floor = 0;  // 0 < value < floor
  int64_t reference_below_floor = 0;
  int64_t output_outside = 0;  // output not in [0, 1]
  int64_t first_outside = -1;  // flat index
  int64_t saturated = 0;       // exactly 0 or 1 on one side only
  int64_t with_logits = 0;     // finite logits on both sides
  // The largest logit error shrinks to less than an eighth when differences of at most `floor` are
  // left out: what the relative error shows near zero is rounding, not an error of the logits.
  bool is_floor_effect = false;
  std::string explanation;  // one sentence for people
};

// Everything that is known about one pair of tensors. "First" and every index are row-major flat
// indices into `shape`.
struct OutputComparison {
  DType output_dtype = DType::kUndefined;
  DType reference_dtype = DType::kUndefined;
  Shape output_shape;              // as given
  Shape reference_shape;           // as given
  Shape shape;                     // as compared
  std::vector<std::string> notes;  // what was done to the shapes: "Reshaped array from shape: ..."
  std::vector<std::string> warnings;  // "Could not reshape array from shape: ..."
  CompareOptions options;

  bool compared =
      false;  // false: the shapes do not fit, and nothing below is filled but the verdict
  Statistics output;
  Statistics reference;
  Statistics absolute_difference;
  Statistics relative_difference;
  // The two outputs share the range [min of both, max of both]; the differences have their own.
  Histogram output_histogram;
  Histogram reference_histogram;
  Histogram absolute_histogram;
  Histogram relative_histogram;
  // options.error_quantile of the differences; only with ErrorStat::kQuantile.
  double quantile_absolute = 0;
  double quantile_relative = 0;

  MismatchCounts mismatches;
  int64_t first_mismatch = -1;  // under options.rule
  UlpDistance ulp;
  GlobalErrors global;
  ToleranceFrontier frontier;
  SpecialValues output_special;
  SpecialValues reference_special;  // .zero > 0 in a floating reference: an epsilon was added
  SpecialValueDifferences special_differences;
  // First element that is 0 (or false) on both sides where the reference is integer or bool: its
  // relative difference is 0 here and NaN in numpy. -1: none.
  int64_t first_zero_over_zero = -1;
  std::optional<LogitView> logit;

  Verdict verdict = Verdict::kVacuous;
  std::vector<std::string> reasons;  // why, one sentence each; empty for a plain pass
  // An output of nothing but zeros would pass too: the tolerance is larger than the data.
  bool zero_output_would_pass = false;

  bool passed() const { return verdict == Verdict::kPass; }
};

// Compares an output with its reference (the second runner's tensor, the one that relative errors
// refer to). Element types: every floating type, integer type and bool, in any combination.
// Arithmetic as in Polygraphy 0.53: differences in the wider type (fp32 at least, double where fp32
// would overflow), tolerances held against them in double; bool against bool is XOR; integer
// differences are exact and never wrap; the relative difference of 0 to 0 is 0.
// Results do not depend on the number of threads or on the instruction set. Memory beyond the
// tensors stays under 100 MB. Shapes that do not fit are a verdict, not an error. Errors:
// kUnsupported for strings and complex types, kUsage for a quantile outside [0, 1] or a tolerance
// that is negative or NaN, kInterrupted.
Result<OutputComparison> CompareTensors(const Tensor& output, const Tensor& reference,
                                        const CompareOptions& options, ThreadPool& pool,
                                        const Monitor& monitor = {});

// The smallest tolerances that pass when only one of the two is set, for an error statistic: what
// Polygraphy prints as "Minimum Required Tolerance". kQuantile needs a comparison made with it.
Tolerance RequiredTolerance(const OutputComparison& comparison, ErrorStat stat);

// The relative differences as numpy, and with it Polygraphy, sees them: NaN where an integer 0
// stands against 0.
struct NumpyRelative {
  Statistics statistics;
  Histogram histogram;
  double quantile = 0;
  double Of(ErrorStat stat) const;
};
NumpyRelative RelativeAsNumpy(const OutputComparison& comparison);

// Flat indices of the elements that miss the tolerance under options.rule, in order, at most
// `limit`.
Result<std::vector<int64_t>> FindMismatches(const Tensor& output, const Tensor& reference,
                                            const CompareOptions& options, size_t limit);

// |output - reference| and the relative difference as the tensors that Polygraphy prints with -v:
// float32, or float64 where integers or float64 take part, bool for bool against bool (absolute
// only); NaN for the relative difference of an integer 0 to 0.
struct DifferenceTensors {
  Tensor absolute;
  Tensor relative;
};
Result<DifferenceTensors> MakeDifferences(const Tensor& output, const Tensor& reference,
                                          const CompareOptions& options);

// Statistics and histogram of a single tensor (for a run of one runner, and for --validate).
struct TensorSummary {
  Statistics statistics;
  Histogram histogram;  // over its own range
  SpecialValues special;
};
Result<TensorSummary> SummarizeTensor(const Tensor& tensor, ThreadPool& pool);

}  // namespace assay
