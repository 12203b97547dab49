#include "runners/runner_table.h"

#include "runners/native/native_runner.h"
#include "runners/onnxruntime/onnxruntime_runner.h"
#include "runners/reference/reference_runner.h"

namespace assay {
namespace {

Result<std::unique_ptr<Runner>> CreateTensorRtRunner(const RunnerRequest&) {
  return Status(StatusCode::kUnavailable, "TensorRT is not available in this build",
                "compare with --onnxrt or --reference instead");
}

constexpr RunnerDef kRunners[] = {
    {.flag = "reference",
     .prefix = "reference-runner",
     .help = "Run inference in float64: the truth that errors are measured against",
     .create = CreateReferenceRunner,
     .is_truth = true},
    {.flag = "onnxrt",
     .prefix = "onnxrt-runner",
     .help = "Run inference using ONNX Runtime",
     .create = CreateOnnxRuntimeRunner},
    {.flag = "native",
     .prefix = "native-runner",
     .help = "Run inference using Assay's own engine, or an engine file",
     .create = CreateNativeRunner,
     .runs_engine_files = true},
    {.flag = "trt",
     .prefix = "trt-runner",
     .help = "Run inference using TensorRT (not available in this build)",
     .create = CreateTensorRtRunner},
};

}  // namespace

std::span<const RunnerDef> AllRunners() { return kRunners; }

}  // namespace assay
