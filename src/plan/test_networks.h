#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ir/graph.h"

namespace assay {

inline Tensor RandomTensor(Shape shape, int64_t seed) {
  Tensor tensor = Tensor::Allocate(DType::kFloat32, std::move(shape));
  uint64_t state = static_cast<uint64_t>(seed) * 0x9E3779B97F4A7C15U + 1;
  for (float& value : tensor.mutable_data<float>()) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    value = static_cast<float>(static_cast<int32_t>(state >> 33)) / 2147483648.0F - 0.5F;
  }
  return tensor;
}

// A graph under construction; every helper returns the value it adds.
class NetworkBuilder {
 public:
  NetworkBuilder() { model_ = std::make_shared<Model>(); }

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

inline std::shared_ptr<const Model> BranchingNetwork() {
  NetworkBuilder b;
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

// A depthwise convolution between two others; its result is an output too.
inline std::shared_ptr<const Model> DepthwiseNetwork() {
  NetworkBuilder b;
  const ValueId x = b.Input("x", {1, 3, 9, 10});
  const ValueId stem = b.Add("Conv", {x, b.Weight({21, 3, 1, 1})});
  const ValueId middle = b.Add("Conv", {stem, b.Weight({21, 1, 3, 3}), b.Weight({21})},
                               {{"group", int64_t{21}}, {"pads", Ints{1, 1, 1, 1}}});
  b.Output(b.Add("Conv", {middle, b.Weight({4, 21, 1, 1})}));
  b.Output(middle);
  return b.model();
}

// Plans the convolutions with groups in blocked channels.
inline std::string BlockedDepthwise(const Graph& graph, NodeId id) {
  const Attribute* group = graph.node(id).FindAttribute("group");
  return group == nullptr ? "" : "cpu.conv.depthwise_blocked.f32.portable";
}

}  // namespace assay
