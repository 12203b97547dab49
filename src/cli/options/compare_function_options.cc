#include "cli/options/compare_function_options.h"

#include <fmt/format.h>

#include <cmath>

namespace assay {
namespace {

constexpr std::string_view kRules[] = {"polygraphy", "allclose", "strict"};

constexpr std::string_view kNoPlots =
    "Assay draws no plots: --report FILE.json has the histograms, percentiles and places of the "
    "errors";

constexpr OptionDef kSimple[] = {
    {.names = {"--rtol", "--rel-tol"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "[NAME:]TOL",
     .help =
         "Relative tolerance, in units of the second runner's value, or of the reference's where "
         "--reference is one of the two (default: 1e-5). The right default for fp32 may be too "
         "tight for narrower types"},
    {.names = {"--atol", "--abs-tol"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "[NAME:]TOL",
     .help = "Absolute tolerance (default: 1e-5)"},
    {.names = {"--check-error-stat"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "[NAME:]STAT",
     .help =
         "What is held against the tolerances: elemwise (default: every element; one of the two "
         "tolerances is enough), max, mean, median or quantile of the errors"},
    {.names = {"--error-quantile"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "[NAME:]Q",
     .help = "The quantile, in [0, 1] (default: 0.99)"},
    {.names = {"--infinities-compare-equal"},
     .arity = ArgumentCount::kFlag,
     .help = "Equal infinities differ by 0 instead of NaN"},
    {.names = {"--nans-compare-equal"},
     .arity = ArgumentCount::kFlag,
     .help = "NaN and NaN differ by 0 instead of NaN",
     .assay_only = true},
    {.names = {"--tolerance-rule"},
     .arity = ArgumentCount::kOne,
     .value = "RULE",
     .help = "How the two tolerances work together on an element. polygraphy: one is enough "
             "(default); allclose: |d| <= atol + rtol * |reference|; strict: both must hold. The "
             "report counts all three",
     .choices = kRules,
     .assay_only = true},
    {.names = {"--save-heatmaps"},
     .arity = ArgumentCount::kOne,
     .value = "DIR",
     .help = "Save heat maps of the errors",
     .handling = Handling::kRefused,
     .note = kNoPlots},
    {.names = {"--show-heatmaps"},
     .arity = ArgumentCount::kFlag,
     .help = "Show heat maps of the errors",
     .handling = Handling::kRefused,
     .note = kNoPlots},
    {.names = {"--save-error-metrics-plot"},
     .arity = ArgumentCount::kOne,
     .value = "DIR",
     .help = "Save a plot of the errors",
     .handling = Handling::kRefused,
     .note = kNoPlots},
    {.names = {"--show-error-metrics-plot"},
     .arity = ArgumentCount::kFlag,
     .help = "Show a plot of the errors",
     .handling = Handling::kRefused,
     .note = kNoPlots},
};

constexpr OptionDef kIndices[] = {
    {.names = {"--index-tolerance"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "[NAME:]N",
     .help = "How many places an index may be away from where the second runner has it (default: "
             "0); as many places at the end of a row are not checked"},
};

constexpr OptionDef kL2[] = {
    {.names = {"--l2-threshold", "--l2-tolerance"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "[NAME:]MAX",
     .help = "Largest L2 norm of the difference (default: 1e-5)"},
};
constexpr OptionDef kCosine[] = {
    {.names = {"--cosine-similarity-threshold"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "[NAME:]MIN",
     .help = "Smallest cosine similarity (default: 0.997)"},
};
constexpr OptionDef kPsnr[] = {
    {.names = {"--psnr-threshold", "--psnr-tolerance"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "[NAME:]MIN",
     .help = "Smallest peak signal-to-noise ratio in dB (default: 30)"},
};
constexpr OptionDef kSnr[] = {
    {.names = {"--snr-threshold", "--snr-tolerance"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "[NAME:]MIN",
     .help = "Smallest signal-to-noise ratio in dB (default: 20)"},
};
constexpr OptionDef kPerceptual[] = {
    {.names = {"--lpips-threshold", "--lpips-tolerance"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "[NAME:]MAX",
     .help = "Largest LPIPS score",
     .handling = Handling::kIdle,
     .note = "LPIPS is computed by a neural network, which is not part of Assay"},
};

constexpr CompareFunctionOptions kFunctions[] = {
    {CompareFunction::kSimple,
     {"Comparison Function: simple", "Tolerances on the difference", kSimple}},
    {CompareFunction::kIndices, {"Comparison Function: indices", "Outputs of a Top-K", kIndices}},
    {CompareFunction::kL2,
     {"Comparison Function: l2",
      "L2 norm of the difference d of the first runner's output from the second's: sqrt(sum d^2)",
      kL2}},
    {CompareFunction::kCosineSimilarity,
     {"Comparison Function: cosine_similarity",
      "Cosine of the angle between the outputs; 1 if both are zero, 0 if one is", kCosine}},
    {CompareFunction::kPsnr,
     {"Comparison Function: psnr",
      "Peak signal-to-noise ratio, 20 log10(peak) - 10 log10(mean d^2): the peak is the largest "
      "(signed) value of the first runner's output, or 1 where that is not above 0; infinite where "
      "the outputs are equal",
      kPsnr}},
    {CompareFunction::kSnr,
     {"Comparison Function: snr",
      "Signal-to-noise ratio, 10 log10(mean output^2 / mean d^2), the first runner's output being "
      "the signal; infinite where the outputs are equal",
      kSnr}},
    {CompareFunction::kPerceptualMetrics,
     {"Comparison Function: perceptual_metrics", "Not available", kPerceptual}},
};

Status CheckRange(std::string_view label, const NamedValues<TypedNumber>& numbers, double max) {
  for (const auto& [name, number] : numbers.items()) {
    if (number.value >= 0 && number.value <= max) continue;
    return Status(StatusCode::kUsage,
                  fmt::format("argument {}: expected {}, got {}", label,
                              std::isinf(max) ? "a number of at least 0" : "a number in [0, 1]",
                              number.ToString()));
  }
  return OkStatus();
}

Status CheckNumbers(std::string_view label, const NamedValues<TypedNumber>& numbers) {
  for (const auto& [name, number] : numbers.items()) {
    if (!std::isnan(number.value)) continue;
    return Status(StatusCode::kUsage, fmt::format("argument {}: expected a number, got nan", label),
                  "nothing is at least or at most nan: every comparison would fail");
  }
  return OkStatus();
}

Status ReadErrorStats(const ParsedOptions& options, FunctionSettings& settings) {
  for (const std::string& argument : options.Values("--check-error-stat")) {
    NamedText named = SplitNamedText(argument);
    const auto stat = ErrorStatFromName(named.value);
    if (!stat) {
      return Status(
          StatusCode::kUsage,
          fmt::format("Invalid choice for check_error_stat: {}.\nNote: Valid choices are: "
                      "['max', 'mean', 'median', 'elemwise', 'quantile']",
                      named.value));
    }
    settings.error_stat.Set(std::move(named.name), *stat);
  }
  return OkStatus();
}

}  // namespace

std::span<const CompareFunctionOptions> AllCompareFunctionOptions() { return kFunctions; }

void AppendCompareFunctionGroups(OptionGroups& groups) {
  for (const CompareFunctionOptions& function : kFunctions) groups.push_back(&function.group);
}

TypedNumber FunctionSettings::AbsoluteFor(std::string_view output) const {
  return absolute.ValueOr(output, 1e-5);
}
TypedNumber FunctionSettings::RelativeFor(std::string_view output) const {
  return relative.ValueOr(output, 1e-5);
}
ErrorStat FunctionSettings::ErrorStatFor(std::string_view output) const {
  return error_stat.ValueOr(output, ErrorStat::kElementwise);
}
double FunctionSettings::QuantileFor(std::string_view output) const {
  return quantile.ValueOr(output, 0.99).value;
}
double FunctionSettings::ThresholdFor(const CompareFunctionDef& function,
                                      std::string_view output) const {
  return thresholds[static_cast<size_t>(function.function)]
      .ValueOr(output, function.default_threshold)
      .value;
}

Result<FunctionSettings> ReadCompareFunctionOptions(const ParsedOptions& options) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  FunctionSettings settings;
  const auto numbers = [&](std::string_view label) {
    return ParseNamedNumbers(label, options.Values(label.substr(0, label.find('/'))));
  };
  ASSAY_ASSIGN_OR_RETURN(settings.absolute, numbers("--atol/--abs-tol"));
  ASSAY_RETURN_IF_ERROR(CheckRange("--atol/--abs-tol", settings.absolute, kInfinity));
  ASSAY_ASSIGN_OR_RETURN(settings.relative, numbers("--rtol/--rel-tol"));
  ASSAY_RETURN_IF_ERROR(CheckRange("--rtol/--rel-tol", settings.relative, kInfinity));
  ASSAY_ASSIGN_OR_RETURN(settings.quantile, numbers("--error-quantile"));
  ASSAY_RETURN_IF_ERROR(CheckRange("--error-quantile", settings.quantile, 1));
  ASSAY_RETURN_IF_ERROR(ReadErrorStats(options, settings));
  if (const auto rule = options.Value("--tolerance-rule")) {
    settings.rule = ToleranceRuleFromName(*rule).value_or(ToleranceRule::kPolygraphy);
  }
  settings.infinities_compare_equal = options.Has("--infinities-compare-equal");
  settings.nans_compare_equal = options.Has("--nans-compare-equal");

  ASSAY_ASSIGN_OR_RETURN(
      settings.index_tolerance,
      ParseNamedIntegers("--index-tolerance", options.Values("--index-tolerance")));
  for (const auto& [name, tolerance] : settings.index_tolerance.items()) {
    if (tolerance < 0) {
      return Status(
          StatusCode::kUsage,
          fmt::format("argument --index-tolerance: expected at least 0, got {}", tolerance));
    }
  }
  constexpr std::pair<CompareFunction, std::string_view> kThresholds[] = {
      {CompareFunction::kL2, "--l2-threshold/--l2-tolerance"},
      {CompareFunction::kCosineSimilarity, "--cosine-similarity-threshold"},
      {CompareFunction::kPsnr, "--psnr-threshold/--psnr-tolerance"},
      {CompareFunction::kSnr, "--snr-threshold/--snr-tolerance"},
  };
  for (const auto& [function, label] : kThresholds) {
    NamedValues<TypedNumber>& thresholds = settings.thresholds[static_cast<size_t>(function)];
    ASSAY_ASSIGN_OR_RETURN(thresholds, numbers(label));
    ASSAY_RETURN_IF_ERROR(CheckNumbers(label, thresholds));
  }
  return settings;
}

}  // namespace assay
