#include "cli/options/tensorrt_options.h"

namespace assay {
namespace {

constexpr std::string_view kPrecisionModes[] = {"prefer", "obey", "none"};
constexpr std::string_view kAllocationStrategies[] = {"static", "profile", "runtime"};

constexpr OptionDef Row(InlineList<std::string_view, 3> names, Arity arity, std::string_view value,
                        std::string_view help, std::span<const std::string_view> choices = {}) {
  return {.names = names,
          .arity = arity,
          .value = value,
          .help = help,
          .choices = choices,
          .handling = Handling::kIdle,
          .note = "it concerns TensorRT, which no runner of this build uses"};
}

constexpr OptionDef kOptions[] = {
    Row({"--fp16"}, Arity::kFlag, "", "Allow fp16 in engines"),
    Row({"--bf16"}, Arity::kFlag, "", "Allow bf16 in engines"),
    Row({"--fp8"}, Arity::kFlag, "", "Allow fp8 in engines"),
    Row({"--int8"}, Arity::kFlag, "", "Allow int8 in engines"),
    Row({"--precision-constraints"}, Arity::kOne, "MODE",
        "How strictly precisions of layers are kept", kPrecisionModes),
    Row({"--sparse-weights"}, Arity::kFlag, "", "Allow tactics for sparse weights"),
    Row({"--version-compatible"}, Arity::kFlag, "", "Build version-compatible engines"),
    Row({"--exclude-lean-runtime"}, Arity::kFlag, "", "Leave the lean runtime out of engines"),
    Row({"--calibration-cache"}, Arity::kOne, "PATH", "int8 calibration cache"),
    Row({"--calib-base-cls", "--calibration-base-class"}, Arity::kOne, "NAME", "int8 calibrator"),
    Row({"--quantile"}, Arity::kOne, "Q", "Quantile of the int8 calibrator"),
    Row({"--regression-cutoff"}, Arity::kOne, "Q", "Cutoff of the int8 calibrator"),
    Row({"--load-timing-cache"}, Arity::kOne, "PATH", "Timing cache to read"),
    Row({"--error-on-timing-cache-miss"}, Arity::kFlag, "", "Fail on a miss of the timing cache"),
    Row({"--disable-compilation-cache"}, Arity::kFlag, "", "Do not cache compiled kernels"),
    Row({"--save-tactics", "--save-tactic-replay"}, Arity::kOne, "PATH", "Record the tactics"),
    Row({"--load-tactics", "--load-tactic-replay"}, Arity::kOne, "PATH", "Replay recorded tactics"),
    Row({"--tactic-sources"}, Arity::kAny, "NAME", "Libraries to take tactics from"),
    Row({"--trt-config-script"}, Arity::kOne, "PATH", "Python script that makes the configuration"),
    Row({"--trt-config-func-name"}, Arity::kOne, "NAME", "Function in that script (deprecated)"),
    Row({"--trt-config-postprocess-script", "--trt-cpps"}, Arity::kOne, "PATH",
        "Python script that changes the configuration"),
    Row({"--trt-safety-restricted"}, Arity::kFlag, "", "Safety scope"),
    Row({"--refittable"}, Arity::kFlag, "", "Build refittable engines"),
    Row({"--strip-plan"}, Arity::kFlag, "", "Build engines without weights"),
    Row({"--use-dla"}, Arity::kFlag, "", "Use the deep learning accelerator"),
    Row({"--allow-gpu-fallback"}, Arity::kFlag, "", "Run on the GPU what the accelerator cannot"),
    Row({"--pool-limit", "--memory-pool-limit"}, Arity::kOneOrMore, "POOL:SIZE",
        "Limits of memory pools"),
    Row({"--preview-features"}, Arity::kAny, "NAME", "Preview features to switch on"),
    Row({"--builder-optimization-level"}, Arity::kOne, "N", "Effort of the builder"),
    Row({"--hardware-compatibility-level"}, Arity::kOne, "NAME",
        "Hardware compatibility of engines"),
    Row({"--max-aux-streams"}, Arity::kOne, "N", "Auxiliary streams"),
    Row({"--quantization-flags"}, Arity::kAny, "NAME", "Flags of int8 quantization"),
    Row({"--profiling-verbosity"}, Arity::kOne, "NAME", "Detail of profiles"),
    Row({"--weight-streaming"}, Arity::kFlag, "", "Build engines that stream weights"),
    Row({"--runtime-platform"}, Arity::kOne, "NAME", "Platform that engines are for"),
    Row({"--direct-io"}, Arity::kFlag, "", "Do not reformat inputs and outputs"),
    Row({"--tiling-optimization-level"}, Arity::kOne, "NAME", "Effort of tiling"),
    Row({"--plugins"}, Arity::kOneOrMore, "LIBRARY", "Plugin libraries to load"),
    Row({"--onnx-flags"}, Arity::kOneOrMore, "NAME", "Flags of the ONNX parser"),
    Row({"--plugin-instancenorm"}, Arity::kFlag, "", "Use the plugin for instance normalization"),
    Row({"--enable-uint8-asymmetric-quantization-dla"}, Arity::kFlag, "",
        "uint8 quantization on the accelerator"),
    Row({"--trt-outputs"}, Arity::kOneOrMore, "NAME", "Outputs of the network"),
    Row({"--trt-exclude-outputs"}, Arity::kOneOrMore, "NAME",
        "Outputs of the network to leave out"),
    Row({"--trt-outputs-by-type"}, Arity::kOneOrMore, "TYPE",
        "Outputs of the network by layer type"),
    Row({"--layer-precisions"}, Arity::kOneOrMore, "LAYER:TYPE", "Precision of single layers"),
    Row({"--decomposable-attentions"}, Arity::kFlag, "", "Let attention layers be decomposed"),
    Row({"--tensor-dtypes", "--tensor-datatypes"}, Arity::kOneOrMore, "TENSOR:TYPE",
        "Types of network inputs and outputs"),
    Row({"--all-tensor-dtypes", "--all-tensor-datatypes"}, Arity::kOne, "TYPE",
        "Type of all network inputs and outputs"),
    Row({"--tensor-formats"}, Arity::kOneOrMore, "TENSOR:FORMATS",
        "Formats of network inputs and outputs"),
    Row({"--all-tensor-formats"}, Arity::kOneOrMore, "FORMAT",
        "Formats of all network inputs and outputs"),
    Row({"--trt-network-func-name"}, Arity::kOne, "NAME",
        "Function in the network script (deprecated)"),
    Row({"--trt-network-postprocess-script", "--trt-npps"}, Arity::kOneOrMore, "PATH",
        "Python script that changes the network"),
    Row({"--strongly-typed"}, Arity::kFlag, "", "Strongly typed network"),
    Row({"--mark-debug"}, Arity::kOneOrMore, "TENSOR", "Debug tensors"),
    Row({"--mark-unfused-tensors-as-debug-tensors"}, Arity::kFlag, "",
        "All unfused tensors as debug tensors"),
    Row({"--save-timing-cache"}, Arity::kOne, "PATH", "Save the timing cache"),
    Row({"--load-runtime"}, Arity::kOne, "PATH", "Lean runtime library"),
    Row({"--dla-workspace-allocation-strategy"}, Arity::kOne, "NAME",
        "Memory strategy of the accelerator"),
    Row({"--optimization-profile"}, Arity::kOne, "N", "Profile to run with"),
    Row({"--allocation-strategy"}, Arity::kOne, "NAME", "When device memory is allocated",
        kAllocationStrategies),
    Row({"--weight-streaming-budget"}, Arity::kOne, "BYTES", "Memory for streamed weights"),
};

}  // namespace

constinit const OptionGroup kTensorRtOptions = {
    "TensorRT", "Accepted for compatibility; without effect", kOptions};

}  // namespace assay
