#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "ops/evaluate_node.h"
#include "ops/infer_graph.h"
#include "runtime/execution_context.h"

namespace assay {
namespace {

Tensor RandomTensor(Shape shape, int64_t seed) {
  Tensor tensor = Tensor::Allocate(DType::kFloat32, std::move(shape));
  uint64_t state = static_cast<uint64_t>(seed) * 0x9E3779B97F4A7C15U + 1;
  for (float& value : tensor.mutable_data<float>()) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    value = static_cast<float>(static_cast<int32_t>(state >> 33)) / 2147483648.0F - 0.5F;
  }
  return tensor;
}

// A graph under construction; every helper returns the value it adds.
class Builder {
 public:
  Builder() { model_ = std::make_shared<Model>(); }

  ValueId Input(std::string name, SymbolicShape shape) {
    return graph().AddInput(std::move(name),
                            ValueType::TensorOf(DType::kFloat32, std::move(shape)));
  }
  ValueId Weight(Shape shape) {
    const auto seed = static_cast<int64_t>(graph().values.size());
    return graph().AddConstant(fmt::format("w{}", seed), RandomTensor(std::move(shape), seed));
  }
  ValueId Add(std::string op, std::vector<ValueId> inputs, std::vector<Attribute> attributes = {}) {
    const ValueId out = graph().AddValue(fmt::format("v{}", graph().values.size()));
    Node node;
    node.op = std::move(op);
    node.opset = 17;
    node.inputs = std::move(inputs);
    node.outputs = {out};
    node.attributes = std::move(attributes);
    graph().AddNode(std::move(node));
    return out;
  }
  void Output(ValueId id) { graph().outputs.push_back(id); }
  std::shared_ptr<const Model> model() const { return model_; }
  Graph& graph() { return model_->graph; }

 private:
  std::shared_ptr<Model> model_;
};

using Ints = std::vector<int64_t>;

std::shared_ptr<const Model> BranchingNetwork() {
  Builder b;
  const ValueId x = b.Input("x", {Dim::Symbol("N"), 3, Dim::Symbol("H"), Dim::Symbol("W")});
  const ValueId stem =
      b.Add("Relu", {b.Add("Conv", {x, b.Weight({16, 3, 3, 3}), b.Weight({16})},
                           {{"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{2, 2}}})});
  const ValueId left = b.Add("Conv", {stem, b.Weight({16, 16, 1, 1})});
  const ValueId right =
      b.Add("Conv", {stem, b.Weight({32, 4, 3, 3})},
            {{"pads", Ints{2, 2, 2, 2}}, {"dilations", Ints{2, 2}}, {"group", int64_t{4}}});
  const ValueId both = b.Add("Concat", {left, right}, {{"axis", int64_t{1}}});
  const ValueId pooled = b.Add("GlobalAveragePool", {b.Add("Relu", {both})});
  const ValueId flat = b.Add("Flatten", {pooled});
  b.Output(b.Add("Gemm", {flat, b.Weight({10, 48}), b.Weight({10})}, {{"transB", int64_t{1}}}));
  b.Output(both);
  return b.model();
}

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
    EXPECT_FALSE(context.plan()->steps[static_cast<size_t>(timing.step)].origins.empty());
    EXPECT_GE(timing.seconds, 0);
  }
  EXPECT_LE(context.plan()->lower_bound_bytes, context.plan()->arena_bytes);
}

}  // namespace
}  // namespace assay
