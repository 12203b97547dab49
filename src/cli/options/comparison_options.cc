#include "cli/options/comparison_options.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay {
namespace {

constexpr std::string_view kNames[] = {"simple",
                                       "indices",
                                       "l2",
                                       "cosine_similarity",
                                       "distance_metrics",
                                       "psnr",
                                       "snr",
                                       "quality_metrics",
                                       "perceptual_metrics"};

constexpr OptionDef kOptions[] = {
    {.names = {"--no-shape-check"},
     .arity = ArgumentCount::kFlag,
     .help = "Permute or reshape the second output to the shape of the first if they differ"},
    {.names = {"--fail-fast"},
     .arity = ArgumentCount::kFlag,
     .help = "Stop comparing at the first output that fails"},
    {.names = {"--check-average"},
     .arity = ArgumentCount::kFlag,
     .help = "Judge the average of every metric over the iterations instead of each iteration. Not "
             "with --fail-fast, nor with functions or statistics that have no average"},
    {.names = {"--compare", "--compare-func"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "FUNC",
     .help = "What to compare by: simple (tolerances; default), indices (of a Top-K), l2, "
             "cosine_similarity, psnr, snr; distance_metrics is l2 and cosine_similarity, "
             "quality_metrics is psnr and snr. All must pass",
     .choices = kNames},
    {.names = {"--compare-func-script"},
     .arity = ArgumentCount::kOne,
     .value = "PATH",
     .help = "Python script that compares",
     .handling = Handling::kRefused,
     .note = "Assay does not run Python: save the outputs with --save-outputs x.npz and compare "
             "them in the script"},
    {.names = {"--save-accuracy-results"},
     .arity = ArgumentCount::kOne,
     .value = "PATH",
     .help = "Save metrics, thresholds and verdicts as Polygraphy's JSON",
     .path = PathUse::kWriteFile},
};

constexpr OptionDef kRunRows[] = {
    {.names = {"--validate"},
     .arity = ArgumentCount::kFlag,
     .help = "Check outputs for NaN and infinities"},
    {.names = {"--sequential-runners"},
     .arity = ArgumentCount::kFlag,
     .help = "Run every runner to its end, one after the other, instead of all of them on every "
             "input: holds all outputs in memory, but only one runner"},
    {.names = {"--load-outputs", "--load-results"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "PATH",
     .help = "Compare with stored outputs too; every path is one more runner. Files of Assay and "
             "Polygraphy, .npz, .npy, and folders with one file per iteration",
     .path = PathUse::kReadTensors},
};

std::string PythonList(std::span<const std::string> items) {
  std::string text = "[";
  for (const std::string& item : items) {
    if (text.size() > 1) text += ", ";
    text += "'" + item + "'";
  }
  return text + "]";
}

// Names of --compare that select a function: its own, and the aliases that hold it.
std::vector<std::string> NamesOf(CompareFunction function) {
  std::vector<std::string> names;
  for (std::string_view name : kNames) {
    const std::string single[] = {std::string(name)};
    const auto selected = ParseCompareFunctions(single);
    const bool is_it = selected.ok() ? std::ranges::find(*selected, function) != selected->end()
                                     : CompareFunctionOf(function).name == name;
    if (is_it) names.emplace_back(name);
  }
  return names;
}

void WarnOfIgnoredOptions(const ParsedOptions& options, const ComparisonSettings& settings,
                          std::span<const std::string> selected, LogSink& log) {
  for (const CompareFunctionOptions& function : AllCompareFunctionOptions()) {
    if (std::ranges::find(settings.functions, function.function) != settings.functions.end()) {
      continue;
    }
    for (const OptionDef& option : function.group.options) {
      if (!options.Has(option.names[0])) continue;
      log.Write(Severity::kWarning,
                fmt::format("Option: {} is only valid for comparison function(s): {}. The selected "
                            "comparison functions are: {}, so this option will be ignored.",
                            option.Label(), PythonList(NamesOf(function.function)),
                            PythonList(selected)));
    }
  }
}

Status CheckAverage(const ComparisonSettings& settings) {
  if (!settings.check_average) return OkStatus();
  if (settings.fail_fast) {
    return Status(StatusCode::kUsage, "--check-average cannot be combined with --fail-fast.");
  }
  for (CompareFunction function : settings.functions) {
    if (function == CompareFunction::kIndices) {
      return Status(
          StatusCode::kUsage,
          "--check-average is not supported with --compare indices: places in a list have "
          "no average.");
    }
    if (function != CompareFunction::kSimple) continue;
    const auto& stats = settings.parameters.error_stat;
    const bool elementwise =
        stats.ValueOr("", ErrorStat::kElementwise) == ErrorStat::kElementwise ||
        std::ranges::any_of(stats.items(),
                            [](const auto& i) { return i.second == ErrorStat::kElementwise; });
    if (elementwise) {
      return Status(StatusCode::kUsage,
                    "--check-average is not supported with check_error_stat='elemwise' (the "
                    "default). Specify --check-error-stat max, mean, median, or quantile.");
    }
  }
  return OkStatus();
}

}  // namespace

constinit const OptionGroup kComparisonOptions = {"Comparison", "How outputs are compared",
                                                  kOptions};
constinit const OptionGroup kRunComparisonOptions = {"Runs", "What is compared, and when",
                                                     kRunRows};

Result<ComparisonSettings> ReadComparisonOptions(const ParsedOptions& options, LogSink& log) {
  ComparisonSettings settings;
  settings.check_shapes = !options.Has("--no-shape-check");
  settings.fail_fast = options.Has("--fail-fast");
  settings.check_average = options.Has("--check-average");
  settings.validate = options.Has("--validate");
  const auto files = options.Values("--load-outputs");
  settings.load_outputs.assign(files.begin(), files.end());
  settings.save_accuracy_results = options.Value("--save-accuracy-results").value_or("");

  std::vector<std::string> names = {"simple"};
  if (const auto given = options.Values("--compare"); !given.empty()) {
    names.assign(given.begin(), given.end());
  }
  ASSAY_ASSIGN_OR_RETURN(settings.functions, ParseCompareFunctions(names));
  WarnOfIgnoredOptions(options, settings, names, log);
  ASSAY_ASSIGN_OR_RETURN(settings.parameters, ReadCompareFunctionOptions(options));
  ASSAY_RETURN_IF_ERROR(CheckAverage(settings));
  return settings;
}

}  // namespace assay
