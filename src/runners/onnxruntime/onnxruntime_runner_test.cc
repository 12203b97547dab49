#include "runners/onnxruntime/onnxruntime_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "runners/onnxruntime/onnxruntime_library.h"

namespace assay {
namespace {

class RecordingLog : public LogSink {
 public:
  explicit RecordingLog(Severity least) : least_(least) {}
  bool IsEnabled(Severity severity) const override { return severity >= least_; }
  void Write(Severity severity, std::string_view message) override {
    if (IsEnabled(severity)) lines.emplace_back(severity, message);
  }
  void Indent(int) override {}
  int Count(Severity severity) const {
    return static_cast<int>(std::count_if(
        lines.begin(), lines.end(), [&](const auto& line) { return line.first == severity; }));
  }

  std::vector<std::pair<Severity, std::string>> lines;

 private:
  Severity least_;
};

std::filesystem::path ModelPath(const std::string& name) {
  return std::filesystem::path(ASSAY_SOURCE_DIR) / "tests/data/onnxruntime" / (name + ".onnx");
}

RunnerRequest RequestFor(const std::filesystem::path& path) {
  RunnerRequest request;
  request.model = std::make_shared<ModelSource>(path, ModelSource::Options{});
  return request;
}

std::unique_ptr<Runner> ActiveRunner(const std::string& model) {
  Result<std::unique_ptr<Runner>> runner = CreateOnnxRuntimeRunner(RequestFor(ModelPath(model)));
  EXPECT_TRUE(runner.ok()) << runner.status().ToString();
  Result<RunnerInfo> info = (*runner)->Activate();
  EXPECT_TRUE(info.ok()) << info.status().ToString();
  return *std::move(runner);
}

Status ActivationStatus(const RunnerRequest& request) {
  Result<std::unique_ptr<Runner>> runner = CreateOnnxRuntimeRunner(request);
  if (!runner.ok()) return runner.status();
  return (*runner)->Activate().status();
}

std::string Detail(const RunnerInfo& info, std::string_view name) {
  for (const auto& [key, value] : info.details) {
    if (key == name) return value;
  }
  return "";
}

TEST(OnnxRuntimeRunner, DescribesInputsAndOutputsWithSymbolicDims) {
  const auto runner = ActiveRunner("scale_and_shift");
  ASSERT_EQ(runner->Inputs().size(), 1u);
  EXPECT_EQ(runner->Inputs()[0].name, "x");
  EXPECT_EQ(runner->Inputs()[0].type.ToString(), "float32(N, 3)");
  ASSERT_EQ(runner->Outputs().size(), 1u);
  EXPECT_EQ(runner->Outputs()[0].name, "y");
}

TEST(OnnxRuntimeRunner, ComputesTheModel) {
  const auto runner = ActiveRunner("scale_and_shift");
  const Tensor x = Tensor::Of<float>(Shape{2, 3}, {1, 2, 3, -4, 0, 0.5f});
  for (int repeat = 0; repeat < 2; ++repeat) {
    Result<RunOutput> output = runner->Run({{"x", x}});
    ASSERT_TRUE(output.ok()) << output.status().ToString();
    ASSERT_EQ(output->outputs.size(), 1u);
    const Tensor& y = output->outputs[0].tensor;
    EXPECT_EQ(output->outputs[0].name, "y");
    EXPECT_EQ(y.shape(), (Shape{2, 3}));
    const std::vector<float> expected = {1.5f, 3.75f, 20, -3.5f, -0.25f, 10};
    EXPECT_EQ(std::vector<float>(y.data<float>().begin(), y.data<float>().end()), expected);
    EXPECT_GT(output->seconds, 0);
    EXPECT_LT(output->seconds, 10);
  }
}

TEST(OnnxRuntimeRunner, RunsOnNoElements) {
  const auto runner = ActiveRunner("scale_and_shift");
  Result<RunOutput> output = runner->Run({{"x", Tensor::Allocate(DType::kFloat32, Shape{0, 3})}});
  ASSERT_TRUE(output.ok()) << output.status().ToString();
  EXPECT_EQ(output->outputs[0].tensor.shape(), (Shape{0, 3}));
}

TEST(OnnxRuntimeRunner, KeepsOutputsAfterDeactivation) {
  auto runner = ActiveRunner("scale_and_shift");
  Result<RunOutput> output = runner->Run({{"x", Tensor::Of<float>(Shape{1, 3}, {1, 2, 3})}});
  ASSERT_TRUE(output.ok());
  runner->Deactivate();
  runner.reset();
  EXPECT_EQ(output->outputs[0].tensor.data<float>()[2], 20);
}

TEST(OnnxRuntimeRunner, CanBeActivatedAgain) {
  auto runner = ActiveRunner("scale_and_shift");
  runner->Deactivate();
  EXPECT_EQ(runner->Run({}).status().code(), StatusCode::kInternal);
  ASSERT_TRUE(runner->Activate().ok());
  EXPECT_EQ(runner->Inputs().size(), 1u);
  EXPECT_TRUE(runner->Run({{"x", Tensor::Of<float>(Shape{1, 3}, {1, 2, 3})}}).ok());
}

TEST(OnnxRuntimeRunner, CarriesEveryElementTypeThroughUnchanged) {
  const auto runner = ActiveRunner("identity_of_types");
  TensorMap inputs;
  for (const TensorInfo& input : runner->Inputs()) {
    Tensor tensor = Tensor::Allocate(input.type.dtype, Shape{5});
    if (input.type.dtype == DType::kString) {
      const std::vector<std::string> strings = {"", "one", std::string("nul\0inside", 10),
                                                "\xc3\xa9t\xc3\xa9", "last"};
      tensor = Tensor::Vector(strings);
    } else {
      auto* bytes = static_cast<unsigned char*>(tensor.mutable_raw());
      for (size_t i = 0; i < tensor.byte_size(); ++i) {
        bytes[i] =
            static_cast<unsigned char>(input.type.dtype == DType::kBool ? i % 2 : 37 * i + 5);
      }
    }
    inputs.Add(input.name, tensor);
  }
  ASSERT_EQ(inputs.size(), 18u);

  Result<RunOutput> output = runner->Run(inputs);
  ASSERT_TRUE(output.ok()) << output.status().ToString();
  ASSERT_EQ(output->outputs.size(), 18u);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Tensor& in = inputs[i].tensor;
    const Tensor& out = output->outputs[i].tensor;
    SCOPED_TRACE(inputs[i].name);
    ASSERT_EQ(out.dtype(), in.dtype());
    ASSERT_EQ(out.shape(), in.shape());
    if (in.dtype() == DType::kString) {
      EXPECT_TRUE(std::ranges::equal(out.data<std::string>(), in.data<std::string>()));
    } else {
      EXPECT_TRUE(std::ranges::equal(out.bytes(), in.bytes()));
    }
  }
}

TEST(OnnxRuntimeRunner, RunsAModelWithOtherOutputsThanTheFile) {
  RunnerRequest request;
  request.model = std::make_shared<ModelSource>(ModelPath("scale_and_shift"),
                                                ModelSource::Options{.outputs = {"scaled", "y"}});
  Result<std::unique_ptr<Runner>> runner = CreateOnnxRuntimeRunner(request);
  Result<RunnerInfo> info = (*runner)->Activate();
  ASSERT_TRUE(info.ok()) << info.status().ToString();
  Result<RunOutput> output = (*runner)->Run({{"x", Tensor::Of<float>(Shape{1, 3}, {1, 2, 3})}});
  ASSERT_TRUE(output.ok()) << output.status().ToString();
  ASSERT_EQ(output->outputs.size(), 2u);
  EXPECT_EQ(output->outputs[0].name, "scaled");
  EXPECT_EQ(output->outputs[0].tensor.data<float>()[2], 12);
  EXPECT_EQ(output->outputs[1].tensor.data<float>()[2], 20);
}

TEST(OnnxRuntimeRunner, ReportsLibraryDeviceAndProviders) {
  Result<std::unique_ptr<Runner>> runner =
      CreateOnnxRuntimeRunner(RequestFor(ModelPath("scale_and_shift")));
  Result<RunnerInfo> info = (*runner)->Activate();
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->library, "ONNX Runtime 1.32.0");
  EXPECT_EQ(info->device, "CPU");
  EXPECT_EQ(Detail(*info, "providers"), "CPUExecutionProvider");
  EXPECT_EQ(Detail(*info, "graph optimization"), "all");
  EXPECT_TRUE(Detail(*info, "library").ends_with("libonnxruntime.so.1.32.0"));
}

TEST(OnnxRuntimeRunner, RefusesAnAbsentProvider) {
  RunnerRequest request = RequestFor(ModelPath("scale_and_shift"));
  request.providers = {"CUDAExecutionProvider"};
  const Status status = ActivationStatus(request);
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_NE(status.message().find("available are AzureExecutionProvider, CPUExecutionProvider"),
            std::string::npos)
      << status.message();
}

// The Azure provider is in the library and can be asked for, but has no node that it could run:
// what a device provider does whose device cannot run the model.
TEST(OnnxRuntimeRunner, RefusesToFallBackToTheCpuUnasked) {
  RunnerRequest request = RequestFor(ModelPath("scale_and_shift"));
  request.providers = {"azure"};
  const Status status = ActivationStatus(request);
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(status.message(),
            "ONNX Runtime runs no node on the execution providers asked for: expected "
            "AzureExecutionProvider, got CPUExecutionProvider 2 nodes");
}

TEST(OnnxRuntimeRunner, WarnsIfAnAskedForProviderRunsNothingBesideTheCpu) {
  RecordingLog log(Severity::kWarning);
  RunnerRequest request = RequestFor(ModelPath("scale_and_shift"));
  request.providers = {"azure", "cpu"};
  request.log = &log;
  Result<std::unique_ptr<Runner>> runner = CreateOnnxRuntimeRunner(request);
  Result<RunnerInfo> info = (*runner)->Activate();
  ASSERT_TRUE(info.ok()) << info.status().ToString();
  EXPECT_EQ(Detail(*info, "placement"), "CPUExecutionProvider 2 nodes");
  EXPECT_EQ(info->device, "CPU");
  ASSERT_EQ(log.lines.size(), 1u);
  EXPECT_EQ(log.lines[0].second,
            "ONNX Runtime runs no node on AzureExecutionProvider, which was asked for");
}

TEST(OnnxRuntimeRunner, KeepsTheOrderOfProvidersWithTheCpuFirst) {
  RunnerRequest request = RequestFor(ModelPath("scale_and_shift"));
  request.providers = {"cpu", "azure"};
  EXPECT_TRUE(ActivationStatus(request).ok());
}

TEST(OnnxRuntimeRunner, SaysWithWhichProvidersItStarts) {
  RecordingLog log(Severity::kInfo);
  RunnerRequest request = RequestFor(ModelPath("scale_and_shift"));
  request.log = &log;
  ASSERT_TRUE(ActivationStatus(request).ok());
  ASSERT_EQ(log.lines.size(), 1u);
  EXPECT_EQ(log.lines[0].first, Severity::kStart);
  EXPECT_EQ(log.lines[0].second,
            "Creating ONNX-Runtime Inference Session with providers: ['CPUExecutionProvider']");
}

TEST(OnnxRuntimeRunner, SendsTheLinesOfTheLibraryToVerboseLevelsOnly) {
  RecordingLog log(Severity::kUltraVerbose);
  RunnerRequest request = RequestFor(ModelPath("scale_and_shift"));
  request.log = &log;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  ASSERT_TRUE(ActivationStatus(request).ok());
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_GT(log.Count(Severity::kUltraVerbose), 0);
  EXPECT_GT(log.Count(Severity::kSuperVerbose), 0);
  EXPECT_EQ(log.Count(Severity::kWarning), 0);
}

TEST(OnnxRuntimeRunner, IsSilentOnTheTerminalWhenTheLibraryFails) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const auto runner = ActiveRunner("reshape_to_seven");
  EXPECT_FALSE(runner->Run({{"x", Tensor::Zeros(DType::kFloat32, Shape{6})}}).ok());
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(OnnxRuntimeRunner, AcceptsEveryGraphOptimizationLevel) {
  for (const char* level : {"disable", "basic", "extended", "all"}) {
    RunnerRequest request = RequestFor(ModelPath("scale_and_shift"));
    request.graph_optimization_level = level;
    EXPECT_TRUE(ActivationStatus(request).ok()) << level;
  }
  RunnerRequest request = RequestFor(ModelPath("scale_and_shift"));
  request.graph_optimization_level = "most";
  EXPECT_EQ(ActivationStatus(request).code(), StatusCode::kUsage);
}

TEST(OnnxRuntimeRunner, OptimizesTheGraphUnlessToldNotTo) {
  for (const std::string level : {"", "disable"}) {
    RecordingLog log(Severity::kUltraVerbose);
    RunnerRequest request = RequestFor(ModelPath("scale_and_shift"));
    request.log = &log;
    request.graph_optimization_level = level;
    ASSERT_TRUE(ActivationStatus(request).ok());
    const bool folded = std::ranges::any_of(log.lines, [](const auto& line) {
      return line.second.find("GraphTransformer ConstantFolding") != std::string::npos;
    });
    EXPECT_EQ(folded, level.empty());
  }
}

TEST(OnnxRuntimeRunner, RefusesWrongInputsWithExpectedAndGot) {
  const auto runner = ActiveRunner("scale_and_shift");
  const Tensor x = Tensor::Of<float>(Shape{1, 3}, {1, 2, 3});
  struct Case {
    TensorMap inputs;
    std::string message;
  };
  const Case cases[] = {
      {{}, "no tensor for the model's input \"x\" (float32(N, 3))"},
      {{{"x", x}, {"z", x}}, "the model has no input \"z\": its inputs are x"},
      {{{"x", Tensor::Of<double>(Shape{1, 3}, {1, 2, 3})}},
       "input \"x\": expected float32(N, 3), got float64(1, 3)"},
      {{{"x", Tensor::Of<float>(Shape{1, 4}, {1, 2, 3, 4})}},
       "input \"x\": expected float32(N, 3), got float32(1, 4)"},
      {{{"x", Tensor::Of<float>(Shape{3}, {1, 2, 3})}},
       "input \"x\": expected float32(N, 3), got float32(3,)"},
  };
  for (const Case& c : cases) {
    const Status status = runner->Run(c.inputs).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidInput);
    EXPECT_EQ(status.message(), c.message);
  }
}

TEST(OnnxRuntimeRunner, CarriesTheTextOfTheLibraryInErrors) {
  const auto runner = ActiveRunner("reshape_to_seven");
  const Status status = runner->Run({{"x", Tensor::Zeros(DType::kFloat32, Shape{6})}}).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidInput);
  EXPECT_NE(status.message().find("to_seven"), std::string::npos) << status.message();
  EXPECT_TRUE(runner->Run({{"x", Tensor::Zeros(DType::kFloat32, Shape{7})}}).ok());
}

TEST(OnnxRuntimeRunner, GivesTheElementsOfASequence) {
  const auto runner = ActiveRunner("sequence_output");
  EXPECT_EQ(runner->Outputs()[0].type.kind, ValueType::Kind::kSequence);
  const Result<RunOutput> output = runner->Run({{"x", Tensor::Of<float>(Shape{2}, {1, 2})}});
  ASSERT_TRUE(output.ok()) << output.status().ToString();
  ASSERT_EQ(output->outputs.size(), 2u);
  EXPECT_EQ(output->outputs[1].name, "pair[1]");
  EXPECT_EQ(output->outputs[1].tensor.shape(), Shape{2});
}

TEST(OnnxRuntimeRunner, RefusesModelsThatCannotBeLoaded) {
  EXPECT_EQ(ActivationStatus(RequestFor(ModelPath("no_such_model"))).code(), StatusCode::kNotFound);
  const Status unknown = ActivationStatus(RequestFor(ModelPath("unknown_operator")));
  EXPECT_EQ(unknown.code(), StatusCode::kInvalidInput);
  EXPECT_NE(unknown.message().find("Frobnicate"), std::string::npos) << unknown.message();

  const std::filesystem::path garbage =
      std::filesystem::path(testing::TempDir()) / "onnxruntime_runner_garbage.onnx";
  std::ofstream(garbage) << "this is not a model";
  EXPECT_EQ(ActivationStatus(RequestFor(garbage)).code(), StatusCode::kInvalidInput);
  std::filesystem::remove(garbage);
}

TEST(OnnxRuntimeRunner, StopsAnInferenceThatIsCancelled) {
  std::atomic<bool> cancelled = false;
  RunnerRequest request = RequestFor(ModelPath("endless_loop"));
  request.monitor.cancelled = &cancelled;
  Result<std::unique_ptr<Runner>> runner = CreateOnnxRuntimeRunner(request);
  ASSERT_TRUE((*runner)->Activate().ok());
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    cancelled = true;
  });
  const Status status = (*runner)->Run({{"x", Tensor::Zeros(DType::kFloat32, Shape{1})}}).status();
  canceller.join();
  EXPECT_EQ(status.code(), StatusCode::kInterrupted) << status.ToString();
}

TEST(OnnxRuntimeLibrary, IsLoadedOncePerPath) {
  Result<std::shared_ptr<OnnxRuntime>> first = OnnxRuntime::Load("", NullLog());
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  const std::string path = (*first)->library().path().string();
  Result<std::shared_ptr<OnnxRuntime>> second = OnnxRuntime::Load(path, NullLog());
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(*first, *second);
}

TEST(OnnxRuntimeLibrary, IsFoundInAGivenFolder) {
  Result<std::shared_ptr<OnnxRuntime>> own = OnnxRuntime::Load("", NullLog());
  ASSERT_TRUE(own.ok());
  const std::filesystem::path folder = (*own)->library().path().parent_path();
  Result<std::shared_ptr<OnnxRuntime>> found = OnnxRuntime::Load(folder.string(), NullLog());
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ((*found)->version(), (*own)->version());
}

TEST(OnnxRuntimeLibrary, IsUnavailableIfThePathIsWrong) {
  Result<std::shared_ptr<OnnxRuntime>> own = OnnxRuntime::Load("", NullLog());
  ASSERT_TRUE(own.ok());
  const std::filesystem::path other_library =
      (*own)->library().path().parent_path() / "libonnxruntime_providers_shared.so";
  for (const std::string& path : {std::string("no/such/libonnxruntime.so"), testing::TempDir(),
                                  ModelPath("scale_and_shift").string(), other_library.string()}) {
    const Status status = OnnxRuntime::Load(path, NullLog()).status();
    EXPECT_EQ(status.code(), StatusCode::kUnavailable) << path;
    EXPECT_NE(status.message().find(path), std::string::npos) << status.message();
    EXPECT_FALSE(status.hint().empty()) << path;
  }
}

TEST(RunnerTable, SaysThatTensorRtIsNotAvailable) {
  for (const RunnerDef& runner : AllRunners()) {
    if (runner.flag != "trt") continue;
    const Status status = runner.create(RequestFor(ModelPath("scale_and_shift"))).status();
    EXPECT_EQ(status.code(), StatusCode::kUnavailable);
    EXPECT_EQ(status.message(), "TensorRT is not available in this build");
    EXPECT_FALSE(status.hint().empty());
    return;
  }
  FAIL() << "no row trt";
}

}  // namespace
}  // namespace assay
