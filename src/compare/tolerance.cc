#include "compare/tolerance.h"

#include <array>

namespace assay {
namespace {

constexpr std::array<std::string_view, kToleranceRuleCount> kRuleNames = {"polygraphy", "allclose",
                                                                          "strict"};
constexpr std::array<std::string_view, kErrorStatCount> kStatNames = {"elemwise", "max", "mean",
                                                                      "median", "quantile"};

template <typename Enum, size_t N>
std::optional<Enum> Find(const std::array<std::string_view, N>& names, std::string_view name) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view ToleranceRuleName(ToleranceRule rule) {
  return kRuleNames[static_cast<size_t>(rule)];
}

std::optional<ToleranceRule> ToleranceRuleFromName(std::string_view name) {
  return Find<ToleranceRule>(kRuleNames, name);
}

std::string_view ErrorStatName(ErrorStat stat) { return kStatNames[static_cast<size_t>(stat)]; }

std::optional<ErrorStat> ErrorStatFromName(std::string_view name) {
  return Find<ErrorStat>(kStatNames, name);
}

bool WithinTolerance(double absolute_error, double relative_error, Tolerance tolerance,
                     ToleranceRule rule) {
  const bool absolute = absolute_error <= tolerance.absolute;
  const bool relative = relative_error <= tolerance.relative;
  return rule == ToleranceRule::kStrict ? absolute && relative : absolute || relative;
}

int64_t MismatchCounts::Of(ToleranceRule rule) const {
  switch (rule) {
    case ToleranceRule::kPolygraphy:
      return polygraphy;
    case ToleranceRule::kAllClose:
      return allclose;
    case ToleranceRule::kStrict:
      return strict;
  }
  return strict;
}

}  // namespace assay
