#include "cli/options/runner_options.h"

#include <algorithm>

namespace assay {
namespace {

constexpr std::string_view kKinds[] = {"exact", "typed"};

constexpr OptionDef kReferenceRows[] = {
    {.names = {"--reference-kind"},
     .arity = ArgumentCount::kOne,
     .value = "KIND",
     .help = "Which truth --reference gives. exact: float64 throughout (default); typed: every "
             "tensor rounded to the element type that the model declares for it",
     .choices = kKinds,
     .assay_only = true},
};

// Runners of other tools that Assay does not have.
constexpr OptionDef kForeignRunners[] = {
    {.names = {"--tf"},
     .arity = ArgumentCount::kCount,
     .help = "TensorFlow",
     .handling = Handling::kRefused,
     .note = "TensorFlow is not supported: convert the model to ONNX (tf2onnx) and run it with "
             "--onnxrt or --reference"},
    {.names = {"--pluginref"},
     .arity = ArgumentCount::kCount,
     .help = "Reference implementations of TensorRT plugins",
     .handling = Handling::kRefused,
     .note = "use --reference: it computes every operator of the model in float64"},
};

// The rows have to live as long as the group that refers to them.
struct RunnerRows {
  std::vector<std::string> flags;
  std::vector<OptionDef> rows;
  OptionGroup group{
      "Runners", "What computes the outputs; the order counts, one may stand twice", {}, {}};

  RunnerRows() {
    const auto runners = AllRunners();
    for (const RunnerDef& runner : runners) flags.push_back("--" + std::string(runner.flag));
    for (size_t i = 0; i < runners.size(); ++i) {
      rows.push_back(
          {.names = {flags[i]}, .arity = ArgumentCount::kCount, .help = runners[i].help});
    }
    rows.insert(rows.end(), std::begin(kForeignRunners), std::end(kForeignRunners));
    group.options = rows;
  }
};

}  // namespace

constinit const OptionGroup kReferenceOptions = {"Reference", "The float64 truth of --reference",
                                                 kReferenceRows, "reference"};

const OptionGroup& RunnerOptions() {
  static const RunnerRows rows;
  return rows.group;
}

Result<std::vector<const RunnerDef*>> ReadRunnerOptions(const ParsedOptions& options) {
  std::vector<const RunnerDef*> selected;
  for (const OptionUse& use : options.uses()) {
    for (const RunnerDef& runner : AllRunners()) {
      if (use.option->names[0].substr(2) == runner.flag) selected.push_back(&runner);
    }
  }
  return selected;
}

bool ReadTypedReference(const ParsedOptions& options) {
  return options.Value("--reference-kind") == "typed";
}

}  // namespace assay
