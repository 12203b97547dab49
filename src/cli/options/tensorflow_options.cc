#include "cli/options/tensorrt_options.h"

namespace assay {
namespace {

constexpr OptionDef Row(InlineList<std::string_view, 3> names, Arity arity, std::string_view value,
                        std::string_view help) {
  return {.names = names,
          .arity = arity,
          .value = value,
          .help = help,
          .handling = Handling::kIdle,
          .note = "it concerns TensorFlow, which no runner of Assay uses"};
}

constexpr OptionDef kOptions[] = {
    Row({"--tftrt", "--use-tftrt"}, Arity::kFlag, "", "TensorFlow with TensorRT"),
    Row({"--minimum-segment-size"}, Arity::kOne, "N", "Smallest segment for TensorRT"),
    Row({"--dynamic-op"}, Arity::kFlag, "", "Build engines at run time"),
    Row({"--ckpt"}, Arity::kOne, "NAME", "Checkpoint to load"),
    Row({"--tf-outputs"}, Arity::kOneOrMore, "NAME", "Outputs of the graph"),
    Row({"--save-pb"}, Arity::kOne, "PATH", "Save the frozen graph"),
    Row({"--save-tensorboard"}, Arity::kOne, "PATH", "Save for TensorBoard"),
    Row({"--freeze-graph"}, Arity::kFlag, "", "Freeze the graph"),
    Row({"--gpu-memory-fraction"}, Arity::kOne, "FRACTION", "Part of the GPU's memory"),
    Row({"--allow-growth"}, Arity::kFlag, "", "Let GPU memory grow"),
    Row({"--xla"}, Arity::kFlag, "", "Use XLA"),
    Row({"--save-timeline"}, Arity::kOne, "PATH", "Save a profile"),
    Row({"--opset"}, Arity::kOne, "N", "Opset for the conversion to ONNX"),
};

}  // namespace

constinit const OptionGroup kTensorFlowOptions = {
    "TensorFlow", "Accepted for compatibility; without effect", kOptions};

}  // namespace assay
