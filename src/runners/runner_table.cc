#include "runners/runner_table.h"

#include "runners/onnxruntime/onnxruntime_runner.h"

namespace assay {
namespace {

Result<std::unique_ptr<Runner>> CreateTensorRtRunner(const RunnerRequest&) {
  return Status(StatusCode::kUnavailable, "TensorRT is not available in this build",
                "compare with --onnxrt or --reference instead");
}

constexpr RunnerDef kRunners[] = {
    {.flag = "onnxrt",
     .prefix = "onnxrt-runner",
     .help = "Run inference using ONNX Runtime",
     .create = CreateOnnxRuntimeRunner},
    {.flag = "trt",
     .prefix = "trt-runner",
     .help = "Run inference using TensorRT (not available in this build)",
     .create = CreateTensorRtRunner},
};

}  // namespace

std::span<const RunnerDef> AllRunners() { return kRunners; }

}  // namespace assay
