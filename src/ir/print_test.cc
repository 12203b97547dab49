#include "ir/print.h"

#include <gtest/gtest.h>

#include <limits>

#include "ir/model_builder.h"

namespace assay {
namespace {

TEST(PrintGraph, ShowsOneLinePerConstantAndNode) {
  ModelBuilder builder(17);
  const ValueId x = builder.Input("x", DType::kFloat32, {Dim::Symbol("N"), 3, Dim::Unknown(), 8});
  const ValueId w = builder.Constant("conv.weight", Tensor::Zeros(DType::kFloat32, {4, 3, 3, 3}));
  const ValueId axes = builder.Constant("axes", Tensor::Vector<int64_t>({2, 3}));
  builder.graph().value(axes).constant_node = "/Constant_1";
  const ValueId conv = builder.Add("Conv", {x, w, kNoValue}, "conv out",
                                   {{"kernel_shape", std::vector<int64_t>{3, 3}, ""},
                                    {"auto_pad", std::string("SAME_UPPER"), ""}});
  builder.graph().value(conv).type = ValueType::TensorOf(DType::kFloat32, SymbolicShape{1, 4});
  const auto split = builder.Add("Split", {conv, axes}, {"a", ""}, {{"alpha", 1.0f, ""}});
  builder.graph().nodes[1].domain = "com.example";
  builder.graph().nodes[1].name = "";
  builder.Output(split[0]);

  EXPECT_EQ(PrintGraph(builder.graph()), R"(graph "main" (%x: float32(N, 3, ?, 8)) {
  %conv.weight: float32(4, 3, 3, 3) = constant
  %axes: int64(2,) = [2, 3]  # "/Constant_1"
  %"conv out" = Conv(%x, %conv.weight, _) {kernel_shape=[3, 3], auto_pad="SAME_UPPER"} : float32(1, 4)  # "/conv out"
  %a, _ = com.example.Split(%"conv out", %axes) {alpha=1.0} : undefined(?...), _
  return %a
}
)");
}

TEST(PrintGraph, ShowsSubgraphsIndented) {
  auto body = std::make_shared<Graph>();
  body->name = "then";
  const ValueId inner = body->AddValue("x", ValueType::TensorOf(DType::kFloat32, SymbolicShape{}));
  body->captures.emplace_back(inner, "x");
  body->outputs = {inner};
  ModelBuilder builder(17);
  const ValueId condition = builder.Input("c", DType::kBool, {});
  builder.Input("x", DType::kFloat32, {});
  builder.Output(builder.Add("If", {condition}, "y",
                             {{"then_branch", std::shared_ptr<const Graph>(body), ""}}));
  EXPECT_EQ(PrintGraph(builder.graph()), R"(graph "main" (%c: bool(), %x: float32()) {
  %y = If(%c) {then_branch=graph "then" () {
    capture %x: float32()
    return %x
  }} : undefined(?...)  # "/y"
  return %y
}
)");
}

TEST(PrintModel, ShowsVersionsMetadataAndFunctions) {
  ModelBuilder builder(17);
  builder.model().ir_version = 9;
  builder.model().producer_name = "pytorch";
  builder.model().producer_version = "2.1";
  builder.model().metadata = {{"task", "ocr"}};
  auto body = std::make_shared<Graph>();
  body->outputs = {body->AddInput("x", {})};
  builder.model().functions.push_back({.domain = "local",
                                       .name = "f",
                                       .attribute_names = {"alpha"},
                                       .attribute_defaults = {{"beta", int64_t{2}, ""}},
                                       .opsets = {{"", 17}},
                                       .body = body});
  builder.Output(builder.Input("x", DType::kInt4, {2}));
  EXPECT_EQ(PrintModel(builder.model()), R"(model ir 9, opset ai.onnx 17
producer "pytorch" "2.1"
metadata "task"="ocr"
function local.f (%x: undefined(?...)) opset ai.onnx 17 attributes (alpha, beta=2) {
  return %x
}
graph "main" (%x: int4(2,)) {
  return %x
}
)");
}

TEST(PrintElements, ShowsEveryKindAndStopsAtTheLimit) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(PrintElements(Tensor::Vector<float>({1, -0.0f, 0.1f, 1e-30f, infinity}), 8),
            "[1.0, -0.0, 0.1, 1e-30, inf]");
  EXPECT_EQ(PrintElements(Tensor::Vector<int64_t>({1, 2, 3}), 2), "[1, 2, ...]");
  EXPECT_EQ(PrintElements(Tensor::Vector<std::string>({"a\n"}), 8), "[\"a\\n\"]");
  EXPECT_EQ(PrintElements(Tensor::Vector<uint64_t>({~uint64_t{0}}), 8), "[18446744073709551615]");
  EXPECT_EQ(PrintElements(Tensor::Scalar(true), 8), "[true]");
}

}  // namespace
}  // namespace assay
