// Models whose shapes data decide, and values that are no tensors, through the engine and the
// reference.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "ops/infer_graph.h"
#include "reference/interpreter.h"
#include "runtime/engine.h"
#include "runtime/execution_context.h"
#include "runtime/test_models.h"

namespace assay {
namespace {

std::vector<float> Floats(const Tensor& tensor) {
  const auto values = tensor.data<float>();
  return {values.begin(), values.end()};
}

TEST(DynamicShapes, WhatDataDecideIsPlannedWhenItIsKnown) {
  const Result<std::shared_ptr<Engine>> engine = Engine::Build(Selection(), {});
  ASSERT_TRUE(engine.ok()) << engine.status().ToString();
  ExecutionContext context(*engine);
  const std::vector<std::vector<float>> inputs = {{0, 3, 0, 5}, {1, 2, 3, 4}, {0, 0, 0, 0}};
  const std::vector<std::vector<float>> expected = {{6, 10}, {2, 4, 6, 8}, {}};
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::vector<Tensor> outputs(2);
    const std::vector<Tensor> bound = {Tensor::Vector<float>(inputs[i])};
    const Status status = context.Run(bound, outputs);
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(Floats(outputs[1]), expected[i]);
  }
}

// A table that is given the shape that another input says.
TEST(DynamicShapes, ComputedExtentsAreOfNoHarmToTheTactic) {
  auto model = std::make_shared<Model>();
  Graph& graph = model->graph;
  const ValueId x = graph.AddInput("x", FloatsOf({Dim(64), Dim(64)}));
  const ValueId extents =
      graph.AddInput("extents", ValueType::TensorOf(DType::kInt64, SymbolicShape{Dim(2)}));
  const ValueId y = graph.AddValue("y");
  graph.AddNode(
      {.name = "reshape", .op = "Reshape", .opset = 14, .inputs = {x, extents}, .outputs = {y}});
  graph.outputs = {y};
  const Result<std::shared_ptr<Engine>> engine = Engine::Build(model, {});
  ASSERT_TRUE(engine.ok()) << engine.status().ToString();
  ExecutionContext context(*engine);
  Tensor table = Tensor::Allocate(DType::kFloat32, {64, 64});
  for (size_t i = 0; i < 4096; ++i) table.mutable_data<float>()[i] = static_cast<float>(i);
  Tensor shape = Tensor::Vector<int64_t>({0, -1});
  for (const int64_t rows : {16, 512, 16}) {
    shape.mutable_data<int64_t>()[0] = rows;  // in the same memory
    const std::vector<Tensor> inputs = {table, shape};
    std::vector<Tensor> outputs(1);
    const Status status = context.Run(inputs, outputs);
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(outputs[0].shape(), (Shape{rows, 4096 / rows}));
    EXPECT_EQ(Floats(outputs[0]), Floats(table));
    ASSERT_EQ(context.ExecutedSteps().size(), 1u);
    EXPECT_EQ(context.ExecutedSteps()[0].tactic, "cpu.reshape.move");
    EXPECT_FALSE(context.ExecutedSteps()[0].runs_reference_kernel);
  }
  const std::vector<Tensor> wrong = {table, Tensor::Vector<int64_t>({3, -1})};
  std::vector<Tensor> outputs(1);
  EXPECT_EQ(context.Run(wrong, outputs).code(), StatusCode::kInvalidInput);
}

TEST(DynamicShapes, BoundOutputsOfOtherShapesAreAnError) {
  const Result<std::shared_ptr<Engine>> engine = Engine::Build(Selection(), {});
  ASSERT_TRUE(engine.ok());
  ExecutionContext context(*engine);
  std::vector<Tensor> outputs = {Tensor(), Tensor::Zeros(DType::kFloat32, {3})};
  const std::vector<Tensor> input = {Tensor::Vector<float>({0, 1, 2})};
  const Status status = context.Run(input, outputs);
  EXPECT_EQ(status.code(), StatusCode::kInvalidInput);
  EXPECT_NE(status.ToString().find("expected (2,), got (3,)"), std::string::npos)
      << status.ToString();
}

TEST(DynamicShapes, EveryStepIsReported) {
  const Result<std::shared_ptr<Engine>> engine = Engine::Build(Selection(), {});
  ASSERT_TRUE(engine.ok());
  ExecutionContext context(*engine);
  std::vector<Tensor> outputs(2);
  std::vector<StepTiming> timings;
  const std::vector<Tensor> input = {Tensor::Vector<float>({0, 1, 2})};
  ASSERT_TRUE(context.Run(input, outputs, &timings).ok());
  std::vector<std::string> origins;
  for (const ExecutedStep& step : context.ExecutedSteps()) {
    origins.insert(origins.end(), step.origins.begin(), step.origins.end());
  }
  EXPECT_EQ(origins, (std::vector<std::string>{"find", "flatten", "pick", "double"}));
  EXPECT_EQ(timings.size(), 4u);
}

TEST(DynamicShapes, LoopsCarryWhatGrowsAndCaptureWhatIsOutside) {
  const std::shared_ptr<Model> model = GrowingLoop();
  const Result<std::shared_ptr<Engine>> engine = Engine::Build(model, {});
  ASSERT_TRUE(engine.ok()) << engine.status().ToString();
  ExecutionContext context(*engine);
  for (const int64_t trips : {3, 0, 5}) {
    const std::vector<Tensor> inputs = {Tensor::Scalar<int64_t>(trips), Tensor::Scalar<float>(2),
                                        Tensor::Vector<float>({-1})};
    std::vector<Tensor> outputs(3);
    const Status status = context.Run(inputs, outputs);
    ASSERT_TRUE(status.ok()) << status.ToString();
    std::vector<float> expected = {-1};
    std::vector<float> numbers;
    float sum = -1;
    for (int64_t i = 0; i < trips; ++i) {
      numbers.push_back(static_cast<float>(i));
      expected.push_back(static_cast<float>(2 * i));
      sum += expected.back();
    }
    EXPECT_EQ(Floats(outputs[0]), expected);
    EXPECT_EQ(Floats(outputs[1]), numbers);
    EXPECT_EQ(Floats(outputs[2]), std::vector<float>{sum});
  }
}

TEST(DynamicShapes, LoopsWithoutEndCanBeInterrupted) {
  const Result<std::shared_ptr<Engine>> engine = Engine::Build(GrowingLoop(), {});
  ASSERT_TRUE(engine.ok());
  const std::atomic<bool> cancelled = true;
  ExecutionContext context(*engine, {.progress = nullptr, .cancelled = &cancelled});
  const std::vector<Tensor> inputs = {Tensor::Scalar<int64_t>(1000000), Tensor::Scalar<float>(2),
                                      Tensor::Vector<float>({-1})};
  std::vector<Tensor> outputs(3);
  EXPECT_EQ(context.Run(inputs, outputs).code(), StatusCode::kInterrupted);
}

TEST(DynamicShapes, TheReferenceRunsTheSameLoop) {
  Graph graph = GrowingLoop()->graph;
  ASSERT_TRUE(InferGraph(graph).ok());
  ThreadPool threads(2);
  Interpreter interpreter(graph, threads);
  const Result<TensorMap> outputs = interpreter.Run({{"trips", Tensor::Scalar<int64_t>(3)},
                                                     {"factor", Tensor::Scalar<float>(0.1F)},
                                                     {"start", Tensor::Vector<float>({7})}});
  ASSERT_TRUE(outputs.ok()) << outputs.status().ToString();
  ASSERT_EQ((*outputs)[0].tensor.shape(), (Shape{4}));
  EXPECT_EQ((*outputs)[0].tensor.ValueAsDouble(3), 2 * static_cast<double>(0.1F));
}

TEST(DynamicShapes, WeightsThatWereNotReadAreNamed) {
  for (const bool in_a_body : {false, true}) {
    std::shared_ptr<Model> model = in_a_body ? GrowingLoop() : Selection();
    Graph& graph = model->graph;
    const ValueId absent = in_a_body ? graph.FindValue("factor") : graph.FindValue("x");
    std::erase(graph.inputs, absent);
    graph.value(absent).type.shape = in_a_body ? SymbolicShape{} : SymbolicShape{4};
    graph.value(absent).weights_absent = true;
    // Where all shapes are fixed the engine plans when it is built, else when it runs.
    const Result<std::shared_ptr<Engine>> engine = Engine::Build(model, {});
    Status status = engine.status();
    if (engine.ok()) {
      std::vector<Tensor> outputs(model->graph.outputs.size());
      status = ExecutionContext(*engine).Run({}, outputs);
    }
    EXPECT_EQ(status.code(), StatusCode::kUnsupported);
    EXPECT_NE(status.ToString().find("were not read"), std::string::npos) << status.ToString();
  }
}

TEST(DynamicShapes, SequencesAreNoTensorsForTheCaller) {
  auto model = std::make_shared<Model>();
  Graph& graph = model->graph;
  const ValueId x = graph.AddInput("x", FloatsOf({Dim(2)}));
  const ValueId pair = graph.AddValue("pair");
  graph.AddNode({.name = "both",
                 .op = "SequenceConstruct",
                 .opset = 11,
                 .inputs = {x, x},
                 .outputs = {pair}});
  graph.outputs = {pair};
  const Result<std::shared_ptr<Engine>> engine = Engine::Build(model, {});
  ASSERT_TRUE(engine.ok()) << engine.status().ToString();
  ExecutionContext context(*engine);
  const std::vector<Tensor> input = {Tensor::Vector<float>({1, 2})};
  std::vector<Tensor> outputs(1);
  EXPECT_EQ(context.Run(input, outputs).code(), StatusCode::kUnsupported);
  const std::vector<RuntimeValue> values = {input[0]};
  const Result<std::vector<RuntimeValue>> results = context.RunValues(values);
  ASSERT_TRUE(results.ok());
  EXPECT_EQ((*results)[0].sequence().size(), 2u);
}

}  // namespace
}  // namespace assay
