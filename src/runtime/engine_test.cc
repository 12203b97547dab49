#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "ops/evaluate_node.h"
#include "ops/infer_graph.h"
#include "plan/test_networks.h"
#include "runtime/execution_context.h"

namespace assay {
namespace {

std::vector<Tensor> RunEngine(const std::shared_ptr<const Model>& model, const Tensor& input,
                              int threads) {
  EngineOptions options;
  options.threads = std::make_shared<ThreadPool>(threads);
  Result<std::shared_ptr<Engine>> engine = Engine::Build(model, options);
  EXPECT_TRUE(engine.ok()) << engine.status().ToString();
  if (!engine.ok()) return {};
  ExecutionContext context(*engine);
  std::vector<Tensor> outputs(model->graph.outputs.size());
  for (int repeat = 0; repeat < 2; ++repeat) {
    const Status status = context.Run(std::vector<Tensor>{input}, outputs);
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  return outputs;
}

// Every node by the portable tactic: float64 kernels rounded to declared types.
std::vector<Tensor> Expected(const std::shared_ptr<const Model>& model, const Tensor& input) {
  Graph graph = model->graph;
  EXPECT_TRUE(InferGraph(graph).ok());
  std::vector<Tensor> values(graph.values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (graph.values[i].constant) {
      values[i] = *ConvertTensor(*graph.values[i].constant, DType::kFloat64);
    }
  }
  values[static_cast<size_t>(graph.inputs[0])] = *ConvertTensor(input, DType::kFloat64);
  ThreadPool threads(1);
  for (const Node& node : graph.nodes) {
    std::vector<const Tensor*> inputs;
    for (ValueId id : node.inputs) inputs.push_back(&values[static_cast<size_t>(id)]);
    Result<std::vector<Tensor>> outputs = EvaluateNode(graph, node, inputs, threads);
    EXPECT_TRUE(outputs.ok()) << outputs.status().ToString();
    values[static_cast<size_t>(node.outputs[0])] = (*outputs)[0];
  }
  std::vector<Tensor> results;
  for (ValueId id : graph.outputs) results.push_back(values[static_cast<size_t>(id)]);
  return results;
}

double RelativeL2(const Tensor& got, const Tensor& truth) {
  double difference = 0;
  double norm = 0;
  for (int64_t i = 0; i < truth.elements(); ++i) {
    const double d = got.ValueAsDouble(i) - truth.ValueAsDouble(i);
    difference += d * d;
    norm += truth.ValueAsDouble(i) * truth.ValueAsDouble(i);
  }
  return std::sqrt(difference / norm);
}

TEST(Engine, StaysWithinSinglePrecisionOfTheTruth) {
  const auto model = BranchingNetwork();
  for (const Shape& shape : {Shape{1, 3, 32, 32}, Shape{2, 3, 17, 45}}) {
    const Tensor input = RandomTensor(shape, 99);
    const std::vector<Tensor> truth = Expected(model, input);
    const std::vector<Tensor> got = RunEngine(model, input, 2);
    ASSERT_EQ(got.size(), truth.size());
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].shape(), truth[i].shape());
      EXPECT_LT(RelativeL2(got[i], truth[i]), 3e-7) << "output " << i;
    }
  }
}

TEST(Engine, GivesTheSameBitsForAnyNumberOfThreads) {
  const auto model = BranchingNetwork();
  const Tensor input = RandomTensor({2, 3, 64, 48}, 5);
  const std::vector<Tensor> one = RunEngine(model, input, 1);
  for (int threads : {2, 3, 5}) {
    const std::vector<Tensor> many = RunEngine(model, input, threads);
    for (size_t i = 0; i < one.size(); ++i) {
      EXPECT_EQ(std::memcmp(one[i].raw(), many[i].raw(), one[i].byte_size()), 0)
          << threads << " threads, output " << i;
    }
  }
}

TEST(Engine, RefusesTensorsThatDoNotFit) {
  Result<std::shared_ptr<Engine>> engine = Engine::Build(BranchingNetwork(), {});
  ASSERT_TRUE(engine.ok());
  ExecutionContext context(*engine);
  std::vector<Tensor> outputs(2);
  EXPECT_EQ(context.Run({}, outputs).message(),
            "bound tensors: expected 1 inputs and 2 outputs, got 0 and 2");
  const std::vector<Tensor> wrong_type = {Tensor::Zeros(DType::kInt64, {1, 3, 8, 8})};
  EXPECT_EQ(context.Run(wrong_type, outputs).message(),
            "element type of input \"x\": expected float32, got int64");
  const std::vector<Tensor> wrong_shape = {Tensor::Zeros(DType::kFloat32, {1, 4, 8, 8})};
  EXPECT_EQ(context.Run(wrong_shape, outputs).message(),
            "shape of input \"x\": expected (N, 3, H, W), got (1, 4, 8, 8)");
  std::vector<Tensor> wrong_output = {Tensor::Zeros(DType::kFloat32, {1, 11}), Tensor()};
  const std::vector<Tensor> input = {Tensor::Zeros(DType::kFloat32, {1, 3, 8, 8})};
  EXPECT_FALSE(context.Run(input, wrong_output).ok());
}

TEST(Engine, RefusesOutputsThatOverlapInputsOrEachOther) {
  Result<std::shared_ptr<Engine>> engine = Engine::Build(BranchingNetwork(), {});
  ASSERT_TRUE(engine.ok());
  ExecutionContext context(*engine);
  const std::vector<Tensor> inputs = {Tensor::Zeros(DType::kFloat32, {1, 3, 8, 8})};
  const auto* memory = static_cast<const float*>(inputs[0].raw());
  const Tensor spare = Tensor::Zeros(DType::kFloat32, {1024});
  const auto scores = [](const void* at) {
    return Tensor::View(DType::kFloat32, {1, 10}, at, nullptr);
  };
  std::vector<Tensor> outputs = {scores(memory + 191), Tensor()};
  EXPECT_EQ(context.Run(inputs, outputs).code(), StatusCode::kUsage);
  outputs[0] = scores(spare.raw());
  ASSERT_TRUE(context.Run(inputs, outputs).ok());
  outputs[0] = scores(static_cast<const float*>(outputs[1].raw()) + 1);
  EXPECT_EQ(context.Run(inputs, outputs).code(), StatusCode::kUsage);
}

TEST(Engine, ReportsTheTimeOfEveryStepByTheModelsNames) {
  Result<std::shared_ptr<Engine>> engine = Engine::Build(BranchingNetwork(), {});
  ASSERT_TRUE(engine.ok());
  ExecutionContext context(*engine);
  std::vector<Tensor> outputs(2);
  std::vector<StepTiming> timings;
  const std::vector<Tensor> input = {RandomTensor({1, 3, 16, 16}, 3)};
  ASSERT_TRUE(context.Run(input, outputs, &timings).ok());
  ASSERT_EQ(timings.size(), context.plan()->steps.size());
  for (const StepTiming& timing : timings) {
    EXPECT_FALSE(timing.origins.empty());
    EXPECT_GE(timing.seconds, 0);
  }
  EXPECT_LE(context.plan()->lower_bound_bytes, context.plan()->arena_bytes);
}

}  // namespace
}  // namespace assay
