#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace assay {

// When two elements are close enough. d is output - reference, computed in the wider of the two
// types; r is |d| / |reference|, where a floating reference of 0 counts as 2.220446049250313e-16.
// An element with d = 0 has r = 0 and meets every tolerance.
enum class ToleranceRule {
  kPolygraphy,  // |d| <= atol or r <= rtol: either tolerance is enough
  kAllClose,    // |d| <= atol + rtol * |reference|, as numpy.isclose
  kStrict,      // |d| <= atol and r <= rtol
};
inline constexpr int kToleranceRuleCount = 3;
std::string_view ToleranceRuleName(ToleranceRule rule);  // "polygraphy", "allclose", "strict"
std::optional<ToleranceRule> ToleranceRuleFromName(std::string_view name);

// Which figure of the error distribution is held against the tolerances.
enum class ErrorStat { kElementwise, kMax, kMean, kMedian, kQuantile };
inline constexpr int kErrorStatCount = 5;
std::string_view ErrorStatName(ErrorStat stat);  // "elemwise", "max", "mean", "median", "quantile"
std::optional<ErrorStat> ErrorStatFromName(std::string_view name);

struct Tolerance {
  double absolute = 1e-5;
  double relative = 1e-5;
};

// True if a pair of scalar errors meets the tolerances under a rule. NaN never does. kAllClose
// cannot be judged from scalars without a reference magnitude and is treated as kPolygraphy.
bool WithinTolerance(double absolute_error, double relative_error, Tolerance tolerance,
                     ToleranceRule rule = ToleranceRule::kPolygraphy);

// Elements that miss the tolerance under each rule; NaN differences always miss.
struct MismatchCounts {
  int64_t polygraphy = 0;
  int64_t allclose = 0;
  int64_t strict = 0;
  int64_t Of(ToleranceRule rule) const;
};

}  // namespace assay
