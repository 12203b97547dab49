#include "tests/semantics/both_engines.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ops/infer_graph.h"
#include "passes/pass.h"
#include "runtime/execution_context.h"

namespace assay::test {

Tensor Values(DType dtype, const Shape& shape, const Doubles& values) {
  return *ConvertTensor(Tensor::Of<double>(shape, values), dtype);
}

SharedModel OneNode::model() const {
  ModelBuilder builder(opset);
  std::vector<ValueId> ids;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const std::string name = fmt::format("x{}", i);
    if (!inputs[i].valid()) {
      ids.push_back(kNoValue);
    } else if (std::ranges::find(constant, static_cast<int>(i)) != constant.end()) {
      ids.push_back(builder.Constant(name, inputs[i]));
    } else {
      ids.push_back(builder.Input(name, inputs[i].dtype(), ToSymbolic(inputs[i].shape())));
    }
  }
  std::vector<std::string> names;
  for (int i = 0; i < outputs; ++i) names.push_back(fmt::format("y{}", i));
  for (const ValueId id : builder.Add(op, ids, names, attributes)) builder.Output(id);
  return Shared(std::move(builder));
}

std::vector<Tensor> OneNode::bound() const {
  std::vector<Tensor> tensors;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const bool is_bound = std::ranges::find(constant, static_cast<int>(i)) == constant.end();
    if (is_bound && inputs[i].valid()) {
      tensors.push_back(inputs[i]);
    }
  }
  return tensors;
}

std::vector<Tensor> RunReference(const SharedModel& model, const std::vector<Tensor>& inputs,
                                 TruthKind truth) {
  Graph graph = model->graph;
  const Status status = InferGraph(graph);
  EXPECT_TRUE(status.ok()) << status.ToString();
  if (!status.ok()) return {};
  ThreadPool threads(2);
  Interpreter interpreter(graph, threads, {.truth = truth});
  TensorMap feeds;
  for (size_t i = 0; i < inputs.size(); ++i) {
    feeds.Add(graph.value(graph.inputs[i]).name, inputs[i]);
  }
  const Result<TensorMap> results = interpreter.Run(feeds);
  EXPECT_TRUE(results.ok()) << results.status().ToString();
  std::vector<Tensor> outputs;
  if (!results.ok()) return outputs;
  for (size_t i = 0; i < results->size(); ++i) {
    const DType declared = graph.value(graph.outputs[i]).type.dtype;
    const Tensor& tensor = (*results)[i].tensor;
    outputs.push_back(truth == TruthKind::kTyped ? *ConvertTensor(tensor, declared) : tensor);
  }
  return outputs;
}

std::vector<Tensor> RunEngine(const SharedModel& model, const std::vector<Tensor>& inputs,
                              const EngineOptions& options) {
  const Result<std::shared_ptr<Engine>> engine = Engine::Build(model, options);
  EXPECT_TRUE(engine.ok()) << engine.status().ToString();
  if (!engine.ok()) return {};
  ExecutionContext context(*engine);
  std::vector<Tensor> outputs(model->graph.outputs.size());
  const Status status = context.Run(inputs, outputs);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return status.ok() ? outputs : std::vector<Tensor>();
}

void ExpectEqual(const Tensor& got, const Tensor& expected) {
  ASSERT_EQ(got.dtype(), expected.dtype());
  ASSERT_EQ(got.shape(), expected.shape());
  for (int64_t i = 0; i < expected.elements(); ++i) {
    if (!IsFloating(expected.dtype())) {
      ASSERT_EQ(got.ValueAsInt(i), expected.ValueAsInt(i)) << "element " << i;
      continue;
    }
    const double a = got.ValueAsDouble(i);
    const double b = expected.ValueAsDouble(i);
    if (std::isnan(a) && std::isnan(b)) continue;
    ASSERT_EQ(a, b) << "element " << i;
    ASSERT_EQ(std::signbit(a), std::signbit(b)) << "element " << i;
  }
}

void ExpectNear(const Tensor& got, const Tensor& expected, double tolerance) {
  ASSERT_EQ(got.shape(), expected.shape());
  double largest = 0;
  for (int64_t i = 0; i < expected.elements(); ++i) {
    largest = std::max(largest, std::fabs(expected.ValueAsDouble(i)));
  }
  for (int64_t i = 0; i < expected.elements(); ++i) {
    ASSERT_NEAR(got.ValueAsDouble(i), expected.ValueAsDouble(i), tolerance * largest)
        << "element " << i;
  }
}

std::vector<std::vector<Tensor>> RunEngineInEveryWay(const SharedModel& model,
                                                     const std::vector<Tensor>& inputs) {
  std::vector<std::string> every_pass;
  for (const Pass* pass : AllPasses()) every_pass.emplace_back(pass->name);
  std::vector<std::vector<Tensor>> results;
  for (const auto& disabled : {std::vector<std::string>(), every_pass}) {
    for (const int threads : {1, 2, 3}) {
      SCOPED_TRACE(fmt::format("{} passes disabled, {} threads", disabled.size(), threads));
      std::vector<Tensor> outputs = RunEngine(
          model, inputs,
          {.threads = std::make_shared<ThreadPool>(threads), .disabled_passes = disabled});
      if (threads == 1) {
        results.push_back(std::move(outputs));
        continue;
      }
      EXPECT_EQ(outputs.size(), results.back().size());
      if (outputs.size() != results.back().size()) break;
      for (size_t i = 0; i < outputs.size(); ++i) ExpectEqual(outputs[i], results.back()[i]);
    }
  }
  return results;
}

void ExpectOutputs(const SharedModel& model, const std::vector<Tensor>& inputs,
                   const std::vector<Tensor>& expected) {
  const auto check = [&](const std::vector<Tensor>& got) {
    ASSERT_EQ(got.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      SCOPED_TRACE(fmt::format("output {}", i));
      ExpectEqual(got[i], expected[i]);
    }
  };
  {
    SCOPED_TRACE("reference");
    check(RunReference(model, inputs));
  }
  SCOPED_TRACE("engine");
  for (const std::vector<Tensor>& got : RunEngineInEveryWay(model, inputs)) check(got);
}

void ExpectOutputs(const OneNode& node, const std::vector<Tensor>& expected) {
  ExpectOutputs(node.model(), node.bound(), expected);
}

}  // namespace assay::test
