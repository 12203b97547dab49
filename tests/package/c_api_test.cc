// The C and C++ interface, as a program that has nothing but the public headers sees it.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "assay/assay.h"

namespace {

const std::string kModels = std::string(ASSAY_SOURCE_DIR) + "/tests/data/cli/";

assay::Engine LoadEngine(const std::string& name, const assay::Options& options = {}) {
  assay::Result<assay::Engine> engine = assay::Engine::Load(kModels + name, options);
  if (!engine.ok()) throw std::runtime_error(engine.status().message());
  return std::move(*engine);
}

std::vector<float> Ramp(size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i) / 16;
  return values;
}

TEST(Api, TellsWhatGoesInAndComesOut) {
  const assay::Engine engine = LoadEngine("scale_shift.onnx");
  ASSERT_EQ(engine.Inputs().size(), 1u);
  EXPECT_EQ(engine.Inputs()[0].name, "x");
  EXPECT_EQ(engine.Inputs()[0].type, ASSAY_FLOAT32);
  EXPECT_EQ(engine.Inputs()[0].shape, (std::vector<int64_t>{1, 3, 4, 4}));
  EXPECT_EQ(engine.Outputs()[0].name, "y");
  EXPECT_STREQ(assay_version(), "0.1.0");
}

TEST(Api, WritesIntoBoundMemoryWithoutCopies) {
  assay::Engine engine = LoadEngine("scale_shift.onnx");
  assay::Context context = std::move(*engine.CreateContext());
  const std::vector<float> input = Ramp(48);
  std::vector<float> output(48, -1);
  ASSERT_TRUE(context.BindInput(0, input.data(), {1, 3, 4, 4}).ok());
  ASSERT_TRUE(context.BindOutput(0, output.data(), {1, 3, 4, 4}).ok());
  ASSERT_TRUE(context.Run().ok());
  EXPECT_EQ(context.Output<float>(0)->data, output.data());

  assay::Context other = std::move(*engine.CreateContext());
  ASSERT_TRUE(other.BindInput(0, input.data(), {1, 3, 4, 4}).ok());
  ASSERT_TRUE(other.Run().ok());
  const assay::ConstTensor<float> tensor = *other.Output<float>(0);
  EXPECT_EQ(tensor.shape, (std::vector<int64_t>{1, 3, 4, 4}));
  for (size_t i = 0; i < output.size(); ++i) EXPECT_EQ(tensor.data[i], output[i]);
}

TEST(Api, RefusesWhatDoesNotFit) {
  assay::Engine engine = LoadEngine("scale_shift.onnx");
  assay::Context context = std::move(*engine.CreateContext());
  const std::vector<float> input = Ramp(48);
  const std::vector<double> wide(48);
  assay::Status status = context.Run();
  EXPECT_EQ(status.message(), "input \"x\" is not bound");
  status = context.BindInput(0, wide.data(), {1, 3, 4, 4});
  EXPECT_EQ(status.message(), "element type of \"x\": expected float32, got float64");
  EXPECT_EQ(context.BindInput(1, input.data(), {1}).code(), ASSAY_USAGE);
  EXPECT_FALSE(context.BindInput(0, input.data(), {1, -3}).ok());
  EXPECT_FALSE(context.BindInput<float>(0, nullptr, {1, 3, 4, 4}).ok());
  const auto* misaligned =
      reinterpret_cast<const float*>(reinterpret_cast<const char*>(input.data()) + 1);
  EXPECT_FALSE(context.BindInput(0, misaligned, {1, 3, 4, 3}).ok());
  status = context.BindInput(0, input.data(), {1, 3, 4, 3});
  EXPECT_EQ(status.message(), "shape of \"x\": expected (1, 3, 4, 4), got (1, 3, 4, 3)");
  status = context.BindInput(0, input.data(), {48});
  EXPECT_EQ(status.message(), "shape of \"x\": expected (1, 3, 4, 4), got (48,)");
  std::vector<float> output(48);
  EXPECT_FALSE(context.BindOutput(0, output.data(), {1, 3, 16}).ok());
  EXPECT_EQ(context.Run().message(), "input \"x\" is not bound");
}

TEST(Api, SaysWhyAFileIsNoModel) {
  EXPECT_EQ(assay::Engine::Load(kModels + "none.onnx").status().code(), ASSAY_NOT_FOUND);
  EXPECT_FALSE(assay::Engine::Load(kModels + "golden_exact.json").ok());
  EXPECT_EQ(assay_status_code(nullptr), ASSAY_OK);
  EXPECT_STREQ(assay_status_message(nullptr), "");
}

TEST(Api, KeepsToTheProfile) {
  assay::Options options;
  EXPECT_FALSE(options.SetProfile("x", {1}, {1, 2}, {1}).ok());
  assay::Result<assay::Engine> plain = assay::Engine::Load(kModels + "dynamic.onnx");
  ASSERT_TRUE(plain.ok()) << plain.status().message();
  const assay::TensorInfo input = plain->Inputs()[0];
  ASSERT_TRUE(input.shape.has_value());
  std::vector<int64_t> least;
  std::vector<int64_t> most;
  for (const int64_t extent : *input.shape) {
    least.push_back(extent < 0 ? 1 : extent);
    most.push_back(extent < 0 ? 4 : extent);
  }
  ASSERT_TRUE(options.SetProfile(input.name, least, most, most).ok());
  assay::Engine engine = LoadEngine("dynamic.onnx", options);
  const auto path = std::filesystem::temp_directory_path() / "assay_api_test.engine";
  ASSERT_TRUE(engine.Save(path.string()).ok());
  assay::Result<assay::Engine> loaded = assay::Engine::Load(path.string());
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  assay::Context context = std::move(*loaded->CreateContext());
  std::vector<int64_t> outside = most;
  for (size_t axis = 0; axis < outside.size(); ++axis) {
    if (least[axis] != most[axis]) outside[axis] = 5;
  }
  const std::vector<float> data(100000);
  ASSERT_TRUE(context.BindInput(0, data.data(), outside).ok());
  const assay::Status status = context.Run();
  EXPECT_EQ(status.code(), ASSAY_USAGE) << status.message();
  EXPECT_NE(status.message().find("outside the engine's profile"), std::string::npos);
  EXPECT_EQ(status.hint().find("--"), std::string::npos) << status.hint();
  ASSERT_TRUE(context.BindInput(0, data.data(), least).ok());
  EXPECT_TRUE(context.Run().ok());
  std::filesystem::remove(path);
}

TEST(Api, RunsOneEngineInSeveralThreads) {
  assay::Engine engine = LoadEngine("scale_shift.onnx");
  const std::vector<float> input = Ramp(48);
  std::vector<std::vector<float>> outputs(4, std::vector<float>(48));
  std::vector<std::thread> threads;
  for (std::vector<float>& output : outputs) {
    threads.emplace_back([&engine, &input, &output] {
      assay::Context context = std::move(*engine.CreateContext());
      if (!context.BindInput(0, input.data(), {1, 3, 4, 4}).ok()) return;
      if (!context.BindOutput(0, output.data(), {1, 3, 4, 4}).ok()) return;
      for (int repeat = 0; repeat < 50; ++repeat) (void)context.Run();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<float>& output : outputs) EXPECT_EQ(output, outputs[0]);
  EXPECT_NE(outputs[0][1], 0);
}

}  // namespace
