#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "ir/graph_editor.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "ops/evaluate_node.h"
#include "ops/infer_graph.h"
#include "passes/pass.h"
#include "tensor/random.h"

// Small graphs for the tests of passes, and what every pass has to keep.
namespace assay::test {

using Ints = std::vector<int64_t>;

// Values between -1 and 1 that depend on the seed alone.
inline Tensor RandomDoubles(const Shape& shape, uint64_t seed) {
  Tensor tensor = Tensor::Allocate(DType::kFloat64, shape);
  uint64_t state = seed * 0x9E3779B97F4A7C15U + 1;
  for (double& value : tensor.mutable_data<double>()) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    value = static_cast<double>(static_cast<int64_t>(state)) * 0x1p-63;
  }
  return tensor;
}

// A graph under construction, in float64 so that folded weights lose nothing. Every function
// returns the value that it adds.
class TestGraph {
 public:
  ValueId Input(std::string name, SymbolicShape shape, DType dtype = DType::kFloat64) {
    return graph.AddInput(std::move(name), ValueType::TensorOf(dtype, std::move(shape)));
  }
  ValueId Weight(std::string name, const Shape& shape) {
    const uint64_t seed = graph.values.size();
    return graph.AddConstant(std::move(name), RandomDoubles(shape, seed));
  }
  ValueId Constant(std::string name, Tensor tensor) {
    return graph.AddConstant(std::move(name), std::move(tensor));
  }
  ValueId Number(std::string name, double value) {
    return Constant(std::move(name), Tensor::Scalar<double>(value));
  }
  ValueId IntsOf(std::string name, const Ints& values) {
    return Constant(std::move(name),
                    Tensor::Of<int64_t>(Shape({static_cast<int64_t>(values.size())}), values));
  }
  // A node named "/" + its output.
  ValueId Add(std::string op, std::vector<ValueId> inputs, const std::string& output,
              std::vector<Attribute> attributes = {}, int opset = 0) {
    Node node;
    node.name = "/" + output;
    node.op = std::move(op);
    node.opset = opset != 0 ? opset : 17;
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    node.outputs = {graph.AddValue(output)};
    const ValueId id = node.outputs[0];
    graph.AddNode(std::move(node));
    return id;
  }
  void Output(ValueId id) { graph.outputs.push_back(id); }

  Graph graph;
};

// The nodes as text: what the graph computes, without weights.
inline std::string NodesOf(const Graph& graph) {
  return PrintGraph(graph, {.max_elements = 8, .constants = false});
}

// All outputs in float64, for inputs of shapes in which unknown extents are `extent`.
inline std::vector<Tensor> Evaluate(const Graph& source, int64_t extent) {
  Graph graph = source;
  std::vector<Tensor> values(graph.values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (!graph.values[i].constant) continue;
    const Tensor& constant = *graph.values[i].constant;
    values[i] = IsFloating(constant.dtype()) ? *ConvertTensor(constant, DType::kFloat64) : constant;
  }
  for (size_t i = 0; i < graph.inputs.size(); ++i) {
    const ValueId id = graph.inputs[i];
    std::vector<int64_t> dims;
    for (const Dim& dim : *graph.value(id).type.shape) {
      dims.push_back(dim.IsKnown() ? dim.value() : extent);
    }
    Tensor input = RandomDoubles(Shape(dims), i + 77);
    for (double& value : input.mutable_data<double>()) value *= 4;
    if (!IsFloating(graph.value(id).type.dtype)) {
      input = *ConvertTensor(input, graph.value(id).type.dtype);
    }
    values[static_cast<size_t>(id)] = input;
  }
  ThreadPool threads(1);
  for (const Node& node : graph.nodes) {
    std::vector<const Tensor*> inputs;
    for (ValueId id : node.inputs) {
      inputs.push_back(id == kNoValue ? nullptr : &values[static_cast<size_t>(id)]);
    }
    const Result<std::vector<Tensor>> outputs = EvaluateNode(graph, node, inputs, threads);
    EXPECT_TRUE(outputs.ok()) << node.op << ": " << outputs.status().ToString();
    if (!outputs.ok()) return {};
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] != kNoValue) values[static_cast<size_t>(node.outputs[i])] = (*outputs)[i];
    }
  }
  std::vector<Tensor> results;
  for (ValueId id : graph.outputs) results.push_back(values[static_cast<size_t>(id)]);
  return results;
}

inline void ExpectSame(const Tensor& got, const Tensor& expected, double tolerance) {
  ASSERT_EQ(got.shape(), expected.shape());
  ASSERT_EQ(got.dtype(), expected.dtype());
  if (got.byte_size() == 0) return;
  if (tolerance == 0) {
    EXPECT_EQ(std::memcmp(got.raw(), expected.raw(), got.byte_size()), 0);
    return;
  }
  double largest = 0;
  for (int64_t i = 0; i < got.elements(); ++i) {
    largest = std::max(largest, std::fabs(expected.ValueAsDouble(i)));
  }
  for (int64_t i = 0; i < got.elements(); ++i) {
    ASSERT_NEAR(got.ValueAsDouble(i), expected.ValueAsDouble(i), tolerance * largest)
        << "element " << i;
  }
}

// Runs one pass and checks what holds for each: the graph is sound, its outputs keep names, types
// and values (exactly, or within 1e-12 of the largest where the pass reassociates), and every node
// names nodes that the graph had before. `tolerance` replaces the 1e-12, for attributes that
// float32 cannot hold exactly. Returns the number of changes.
inline int RunPass(std::string_view name, Graph& graph, double tolerance = 1e-12) {
  const Pass* pass = FindPass(name);
  EXPECT_NE(pass, nullptr);
  Status status = InferGraph(graph);
  EXPECT_TRUE(status.ok()) << status.ToString();
  if (pass == nullptr || !status.ok()) return -1;
  const Graph before = graph;
  ThreadPool threads(1);
  PassContext context{threads, NullLog()};
  const Result<int> changes = pass->run(graph, context);
  EXPECT_TRUE(changes.ok()) << changes.status().ToString();
  if (!changes.ok()) return -1;
  status = VerifyGraph(graph);
  EXPECT_TRUE(status.ok()) << status.ToString() << NodesOf(graph);
  status = InferGraph(graph);
  EXPECT_TRUE(status.ok()) << status.ToString() << NodesOf(graph);
  EXPECT_EQ(graph.outputs.size(), before.outputs.size());
  for (const Node& node : graph.nodes) {
    for (const std::string& origin : node.origins) {
      EXPECT_TRUE(std::ranges::any_of(before.nodes, [&](const Node& n) {
        return n.name == origin;
      })) << origin;
    }
  }
  if (pass->effect == PassEffect::kExact) tolerance = 0;
  for (int64_t extent : {5, 8}) {
    const std::vector<Tensor> expected = Evaluate(before, extent);
    const std::vector<Tensor> got = Evaluate(graph, extent);
    EXPECT_EQ(got.size(), expected.size());
    for (size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
      SCOPED_TRACE("output " + std::to_string(i));
      EXPECT_EQ(graph.value(graph.outputs[i]).name, before.value(before.outputs[i]).name);
      ExpectSame(got[i], expected[i], tolerance);
    }
  }
  return *changes;
}

// Expects that the pass leaves the graph alone.
inline void ExpectUnchanged(std::string_view name, Graph& graph) {
  ASSERT_TRUE(InferGraph(graph).ok());
  const std::string before = NodesOf(graph);
  EXPECT_EQ(RunPass(name, graph), 0);
  EXPECT_EQ(NodesOf(graph), before);
}

}  // namespace assay::test
