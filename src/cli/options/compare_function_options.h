#pragma once

#include <array>
#include <span>
#include <string>

#include "base/status.h"
#include "cli/named_values.h"
#include "cli/option.h"
#include "cli/parser.h"
#include "compare/compare_function.h"
#include "compare/tolerance.h"

namespace assay {

// The options of one comparison function.
struct CompareFunctionOptions {
  CompareFunction function;
  OptionGroup group;
};
std::span<const CompareFunctionOptions> AllCompareFunctionOptions();
// The groups of all functions, for the option table of a command.
void AppendCompareFunctionGroups(OptionGroups& groups);

// Parameters of all functions, by output name.
struct FunctionSettings {
  NamedValues<TypedNumber> absolute;  // default 1e-5
  NamedValues<TypedNumber> relative;  // default 1e-5
  NamedValues<ErrorStat> error_stat;  // default elementwise
  NamedValues<TypedNumber> quantile;  // default 0.99
  ToleranceRule rule = ToleranceRule::kPolygraphy;
  bool infinities_compare_equal = false;
  bool nans_compare_equal = false;
  NamedValues<int64_t> index_tolerance;  // default 0
  // By CompareFunction; defaults are those of the functions.
  std::array<NamedValues<TypedNumber>, 7> thresholds;

  TypedNumber AbsoluteFor(std::string_view output) const;
  TypedNumber RelativeFor(std::string_view output) const;
  ErrorStat ErrorStatFor(std::string_view output) const;
  double QuantileFor(std::string_view output) const;
  double ThresholdFor(const CompareFunctionDef& function, std::string_view output) const;
};

// Errors: kUsage for numbers that are none, negative tolerances, unknown statistics.
Result<FunctionSettings> ReadCompareFunctionOptions(const ParsedOptions& options);

}  // namespace assay
