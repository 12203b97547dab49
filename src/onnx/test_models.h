#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ir/model_builder.h"

// Models for tests of the reader and the writer, and for the fuzzer to start from.
namespace assay::test {

// 0, 0.5, 1...
inline Tensor Ramp(Shape shape) {
  Tensor tensor = Tensor::Allocate(DType::kFloat32, std::move(shape));
  auto data = tensor.mutable_data<float>();
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>(i) * 0.5f;
  return tensor;
}

inline Attribute Make(std::string name, AttributeValue value) {
  return {std::move(name), std::move(value), ""};
}

// Every feature of the ir once.
inline Model ModelWithEverything() {
  ModelBuilder builder(17);
  Model& model = builder.model();
  model.ir_version = 10;
  model.producer_name = "assay";
  model.producer_version = "0.1";
  model.domain = "org.example";
  model.model_version = 3;
  model.doc = "all of it";
  model.metadata = {{"a", "1"}, {"b", ""}};
  model.opsets["local"] = 1;
  const ValueId x = builder.Input("x", DType::kFloat32,
                                  {Dim::Symbol("N"), 4, Dim::Unknown(), Dim::Symbol("H/2")});
  const ValueId flag = builder.Input("flag", DType::kBool, {});
  const ValueId w = builder.Constant("w", Ramp({2, 4, 3, 3}));
  const ValueId one = builder.Constant("one", Tensor::Scalar<float>(1));
  builder.graph().value(one).constant_node = "/Constant";
  const ValueId conv = builder.Add(
      "Conv", {x, w, kNoValue}, "conv",
      {Make("kernel_shape", std::vector<int64_t>{3, 3}), Make("auto_pad", std::string("VALID"))});
  builder.graph().value(conv).type = ValueType::TensorOf(
      DType::kFloat32, SymbolicShape{Dim::Symbol("N"), 2, Dim::Unknown(), Dim::Unknown()});
  builder.graph().nodes[0].metadata = {{"scope", "model.conv"}};

  auto branch = std::make_shared<Graph>();
  branch->name = "branch";
  const ValueId captured = branch->AddValue("conv", builder.graph().value(conv).type);
  branch->captures.emplace_back(captured, "conv");
  const ValueId offset = branch->AddConstant("offset", Tensor::Scalar<float>(0.25f));
  const ValueId shifted = branch->AddValue("shifted");
  branch->AddNode({.name = "/add",
                   .op = "Add",
                   .opset = 17,
                   .inputs = {captured, offset},
                   .outputs = {shifted}});
  branch->outputs = {shifted};
  const std::shared_ptr<const Graph> shared = branch;
  const ValueId chosen = builder.Add("If", {flag}, "chosen",
                                     {Make("then_branch", shared), Make("else_branch", shared)});

  auto sequence_type = std::make_shared<ValueType>(ValueType::TensorOf(DType::kInt64));
  const ValueId custom = builder.Add(
      "Custom", {chosen, one}, "custom",
      {Make("f", 0.1f), Make("i", int64_t{-3}), Make("fs", std::vector<float>{1, 2}),
       Make("ss", std::vector<std::string>{"a", ""}), Make("t", Ramp({3})),
       Make("ts", std::vector<Tensor>{Tensor::Vector<std::string>({"x", "y"})}),
       Make("gs", std::vector<std::shared_ptr<const Graph>>{shared}),
       Make("tp", ValueType{.kind = ValueType::Kind::kSequence, .element = sequence_type}),
       Make("tps", std::vector<ValueType>{ValueType::TensorOf(DType::kInt4, SymbolicShape{1})})},
      "local");
  builder.graph().nodes.back().overload = "v2";
  builder.graph().value(custom).type = {.kind = ValueType::Kind::kOptional,
                                        .element = sequence_type};
  const auto split = builder.Add("Split", {chosen}, {"first", "", "third"});
  builder.Output(split[0]);
  builder.Output(custom);
  builder.Output(x);

  auto body = std::make_shared<Graph>();
  body->name = "Custom";
  const ValueId a = body->AddInput("a", {});
  const ValueId half = body->AddConstant("half", Tensor::Scalar<float>(0.5f));
  body->value(half).constant_node = "";
  const ValueId b = body->AddValue("b", ValueType::TensorOf(DType::kFloat32));
  Node node{.op = "Act", .opset = 15, .inputs = {a, half}, .outputs = {b}};
  node.attributes = {{"alpha", 0.0f, "slope"}};
  body->AddNode(std::move(node));
  body->outputs = {b};
  model.functions.push_back({.domain = "local",
                             .name = "Custom",
                             .overload = "v2",
                             .attribute_names = {"slope"},
                             .attribute_defaults = {Make("beta", int64_t{2})},
                             .opsets = {{"", 15}},
                             .body = body});
  return std::move(builder).Build();
}

}  // namespace assay::test
