#include "cli/options/tensorrt_options.h"

namespace assay {
namespace {

constexpr OptionDef Row(InlineList<std::string_view, 3> names, ArgumentCount arity,
                        std::string_view value, std::string_view help) {
  return {.names = names,
          .arity = arity,
          .value = value,
          .help = help,
          .handling = Handling::kIdle,
          .note = "it concerns TensorFlow, which no runner of Assay uses"};
}

constexpr OptionDef kOptions[] = {
    Row({"--tftrt", "--use-tftrt"}, ArgumentCount::kFlag, "", "TensorFlow with TensorRT"),
    Row({"--minimum-segment-size"}, ArgumentCount::kOne, "N", "Smallest segment for TensorRT"),
    Row({"--dynamic-op"}, ArgumentCount::kFlag, "", "Build engines at run time"),
    Row({"--ckpt"}, ArgumentCount::kOne, "NAME", "Checkpoint to load"),
    Row({"--tf-outputs"}, ArgumentCount::kOneOrMore, "NAME", "Outputs of the graph"),
    Row({"--save-pb"}, ArgumentCount::kOne, "PATH", "Save the frozen graph"),
    Row({"--save-tensorboard"}, ArgumentCount::kOne, "PATH", "Save for TensorBoard"),
    Row({"--freeze-graph"}, ArgumentCount::kFlag, "", "Freeze the graph"),
    Row({"--gpu-memory-fraction"}, ArgumentCount::kOne, "FRACTION", "Part of the GPU's memory"),
    Row({"--allow-growth"}, ArgumentCount::kFlag, "", "Let GPU memory grow"),
    Row({"--xla"}, ArgumentCount::kFlag, "", "Use XLA"),
    Row({"--save-timeline"}, ArgumentCount::kOne, "PATH", "Save a profile"),
    Row({"--opset"}, ArgumentCount::kOne, "N", "Opset for the conversion to ONNX"),
};

}  // namespace

constinit const OptionGroup kTensorFlowOptions = {
    "TensorFlow", "Accepted for compatibility; without effect", kOptions};

}  // namespace assay
