// Binding of memory, results and times of steps.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "assay/assay.h"

namespace {

const std::string kModels = std::string(ASSAY_SOURCE_DIR) + "/tests/data/cli/";

assay::Engine LoadEngine(const std::string& name, const assay::Options& options = {}) {
  return std::move(*assay::Engine::Load(kModels + name, options));
}
assay::Context ContextOf(assay::Engine& engine) { return std::move(*engine.CreateContext()); }

std::vector<float> Ramp(size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 1.0F);
  return values;
}

TEST(ApiBinding, NullTakesTheBindingOfAnOutputBack) {
  assay::Engine engine = LoadEngine("dynamic.onnx");
  assay::Context context = ContextOf(engine);
  const std::vector<float> input = Ramp(24);
  std::vector<float> output(24, -1);
  ASSERT_TRUE(context.BindInput(0, input.data(), {1, 3, 2, 2}).ok());
  ASSERT_TRUE(context.BindOutput(0, output.data(), {1, 3, 2, 2}).ok());
  ASSERT_TRUE(context.Run().ok());
  EXPECT_EQ(output[11], 24);
  ASSERT_TRUE(context.BindInput(0, input.data(), {2, 3, 2, 2}).ok());
  EXPECT_FALSE(context.Run().ok());
  ASSERT_TRUE(context.UnbindOutput(0).ok());
  ASSERT_TRUE(context.Run().ok());
  EXPECT_NE(context.Output<float>(0)->data, output.data());
  EXPECT_EQ(context.Output<float>(0)->data[23], 48);
  EXPECT_EQ(output[12], -1);

  // The same with the same shapes: the memory that was bound is not written again.
  ASSERT_TRUE(context.BindOutput(0, output.data(), {2, 3, 2, 2}).ok());
  ASSERT_TRUE(context.Run().ok());
  EXPECT_EQ(output[23], 48);
  ASSERT_TRUE(context.BindOutput<float>(0, nullptr, {2, 3, 2, 2}).ok());
  output.assign(24, -1);
  ASSERT_TRUE(context.Run().ok());
  EXPECT_EQ(context.Output<float>(0)->data[23], 48);
  EXPECT_EQ(output[23], -1);
  EXPECT_FALSE(context.BindOutput<float>(7, nullptr, {}).ok());
}

TEST(ApiBinding, AFailedRunHasNoResults) {
  assay_engine* engine = nullptr;
  assay_context* context = nullptr;
  ASSERT_EQ(assay_load((kModels + "dynamic.onnx").c_str(), nullptr, &engine), nullptr);
  ASSERT_EQ(assay_context_create(engine, &context), nullptr);
  const std::vector<float> input = Ramp(24);
  std::vector<float> output(24);
  const int64_t small[] = {1, 3, 2, 2};
  const int64_t large[] = {2, 3, 2, 2};
  ASSERT_EQ(assay_bind_input(context, 0, ASSAY_FLOAT32, small, 4, input.data()), nullptr);
  ASSERT_EQ(assay_bind_output(context, 0, ASSAY_FLOAT32, small, 4, output.data()), nullptr);
  ASSERT_EQ(assay_run(context), nullptr);
  EXPECT_EQ(assay_result_type(context, 0), ASSAY_FLOAT32);
  EXPECT_EQ(assay_result_bytes(context, 0), 12 * sizeof(float));
  EXPECT_EQ(assay_result_rank(context, 0), 4);
  EXPECT_EQ(assay_result_shape(context, 0)[1], 3);
  ASSERT_EQ(assay_bind_input(context, 0, ASSAY_FLOAT32, large, 4, input.data()), nullptr);
  assay_status* failed = assay_run(context);
  EXPECT_NE(failed, nullptr);
  assay_status_free(failed);
  EXPECT_EQ(assay_result_type(context, 0), ASSAY_UNDEFINED);
  EXPECT_EQ(assay_result_data(context, 0), nullptr);
  EXPECT_EQ(assay_result_bytes(context, 0), 0u);
  EXPECT_EQ(assay_result_rank(context, 0), -1);
  EXPECT_EQ(assay_result_shape(context, 0), nullptr);
  EXPECT_EQ(output[11], 24);
  ASSERT_EQ(assay_bind_input(context, 0, ASSAY_FLOAT32, small, 4, input.data()), nullptr);
  ASSERT_EQ(assay_run(context), nullptr);
  EXPECT_EQ(assay_result_data(context, 0), output.data());
  assay_context_free(context);
  assay_engine_free(engine);
}

TEST(ApiBinding, MemoryOfOutputsOverlapsNothing) {
  assay::Engine engine = LoadEngine("three_outputs.onnx");
  assay::Context context = ContextOf(engine);
  std::vector<float> memory = Ramp(40);
  const std::vector<int64_t> shape = {2, 5};
  ASSERT_TRUE(context.BindInput(0, memory.data(), shape).ok());
  ASSERT_TRUE(context.BindOutput(1, memory.data() + 9, shape).ok());
  assay::Status status = context.Run();
  EXPECT_EQ(status.code(), ASSAY_USAGE);
  EXPECT_EQ(status.message(), "memory of output \"raised\" overlaps that of input \"x\"");
  ASSERT_TRUE(context.BindOutput(1, memory.data() + 10, shape).ok());
  ASSERT_TRUE(context.Run().ok());
  ASSERT_TRUE(context.BindOutput(0, memory.data() + 19, shape).ok());
  EXPECT_EQ(context.Run().message(),
            "memory of output \"raised\" overlaps that of output \"doubled\"");
  ASSERT_TRUE(context.BindOutput(0, memory.data() + 20, shape).ok());
  ASSERT_TRUE(context.Run().ok());
  // A result in memory of the context is written by the next run, so it can be no input of it.
  ASSERT_TRUE(context.BindInput(0, context.Output<float>(2)->data, shape).ok());
  EXPECT_EQ(context.Run().message(), "memory of output \"rectified\" overlaps that of input \"x\"");
}

TEST(ApiBinding, HalfPrecisionIsBoundAndReadUntyped) {
  assay::Engine engine = LoadEngine("kinds.onnx");
  ASSERT_EQ(engine.Outputs()[3].type, ASSAY_FLOAT16);
  assay::Context context = ContextOf(engine);
  const std::vector<float> input(12, 1.0F);
  std::vector<uint16_t> halves(12);
  ASSERT_TRUE(context.BindInput(0, input.data(), {2, 6}).ok());
  EXPECT_FALSE(context.BindOutput(3, halves.data(), {2, 6}).ok());
  ASSERT_TRUE(context.BindOutput(3, ASSAY_FLOAT16, halves.data(), {2, 6}).ok());
  ASSERT_TRUE(context.Run().ok());
  EXPECT_EQ(halves, std::vector<uint16_t>(12, 0x3C00));
  const assay::UntypedTensor tensor = *context.Output(3);
  EXPECT_EQ(tensor.type, ASSAY_FLOAT16);
  EXPECT_EQ(tensor.data, halves.data());
  EXPECT_EQ(tensor.bytes, 24u);
  EXPECT_EQ(tensor.shape, (std::vector<int64_t>{2, 6}));
  EXPECT_EQ(context.Output<double>(4)->data[11], 1.0);
}

TEST(ApiBinding, AModelWithoutInputsRuns) {
  assay::Engine engine = LoadEngine("no_inputs.onnx");
  EXPECT_TRUE(engine.Inputs().empty());
  assay::Context context = ContextOf(engine);
  for (int repeat = 0; repeat < 2; ++repeat) {
    const assay::Status status = context.Run();
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(context.Output<float>(0)->data[1], 3);
  }
}

TEST(ApiBinding, UnknownRanksAreNotScalars) {
  assay::Engine engine = LoadEngine("any_rank.onnx");
  EXPECT_FALSE(engine.Inputs()[0].shape.has_value());
  assay::Context context = ContextOf(engine);
  const std::vector<float> input = Ramp(6);
  for (const std::vector<int64_t>& shape : std::vector<std::vector<int64_t>>{{2, 3}, {6}, {}}) {
    ASSERT_TRUE(context.BindInput(0, input.data(), shape).ok());
    ASSERT_TRUE(context.Run().ok());
    EXPECT_EQ(context.Output<float>(0)->shape, shape);
  }
}

TEST(ApiProfile, NamesTheStepsOfTheLastRun) {
  assay::Engine engine = LoadEngine("classifier.onnx");
  assay::Context context = ContextOf(engine);
  const std::vector<float> input = Ramp(3 * 8 * 8);
  ASSERT_TRUE(context.BindInput(0, input.data(), {1, 3, 8, 8}).ok());
  ASSERT_TRUE(context.Run().ok());
  EXPECT_TRUE(context.Profile().empty());
  ASSERT_TRUE(context.SetProfiling(true).ok());
  ASSERT_TRUE(context.Run().ok());
  const std::vector<assay::StepProfile> steps = context.Profile();
  ASSERT_FALSE(steps.empty());
  std::string nodes;
  for (const assay::StepProfile& step : steps) {
    EXPECT_EQ(step.tactic.rfind("cpu.", 0), 0u) << step.tactic;
    EXPECT_GE(step.seconds, 0);
    EXPECT_FALSE(step.nodes.empty()) << step.tactic;
    for (const std::string& node : step.nodes) nodes += node + "\n";
  }
  EXPECT_NE(nodes.find("/stem/conv"), std::string::npos) << nodes;
  EXPECT_NE(nodes.find("/head/gemm"), std::string::npos) << nodes;
  ASSERT_TRUE(context.SetProfiling(false).ok());
  ASSERT_TRUE(context.Run().ok());
  EXPECT_TRUE(context.Profile().empty());
}

TEST(ApiOptions, SmallPlanCachesWork) {
  assay::Options options;
  ASSERT_TRUE(options.SetPlanCache(1).ok());
  assay::Engine engine = LoadEngine("dynamic.onnx", options);
  assay::Context context = ContextOf(engine);
  const std::vector<float> input = Ramp(24);
  for (const int64_t batch : {1, 2, 1, 2}) {
    ASSERT_TRUE(context.BindInput(0, input.data(), {batch, 3, 2, 2}).ok());
    ASSERT_TRUE(context.Run().ok());
    EXPECT_EQ(context.Output<float>(0)->data[11], 24);
  }
}

}  // namespace
