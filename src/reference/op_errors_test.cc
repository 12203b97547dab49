// Nodes whose inputs or attributes do not fit end in an error that says so: during inference where
// the shapes are known, and when they run where they are not.

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "ops/infer_graph.h"
#include "reference/bad_node.h"

namespace assay {
namespace {

using Ints = std::vector<int64_t>;

Tensor Zeros(Shape shape) { return Tensor::Zeros(DType::kFloat32, std::move(shape)); }
Tensor List(std::vector<int64_t> values) { return Tensor::Vector<int64_t>(values); }

std::vector<BadNode> ProductNodes() {
  return {
      {"MatMul", "inner_extents", {}, {Zeros({2, 3}), Zeros({2, 3})}, "shapes (2, 3) and (2, 3)"},
      {"MatMul", "batches", {}, {Zeros({2, 1, 3}), Zeros({3, 3, 1})}, "cannot be broadcast"},
      {"MatMul", "scalar", {}, {Zeros({}), Zeros({2})}, "got a scalar"},
      {"Gemm", "rank", {}, {Zeros({2, 3, 1}), Zeros({3, 1})}, "expected rank 2"},
      {"Gemm",
       "inner_extents",
       {{"transB", int64_t{1}}},
       {Zeros({2, 3}), Zeros({3, 4})},
       "got 3 and 4"},
      {"Gemm", "bias", {}, {Zeros({2, 3}), Zeros({3, 4}), Zeros({3, 4})}, "got (3, 4)"},
      {"Einsum",
       "letters",
       {{"equation", std::string("ij,jk")}},
       {Zeros({2}), Zeros({2, 2})},
       "2 letters for an operand of rank 1"},
      {"Einsum",
       "terms",
       {{"equation", std::string("ij")}},
       {Zeros({2, 2}), Zeros({2, 2})},
       "expected 2 terms, got 1"},
      {"Einsum", "characters", {{"equation", std::string("i1->i")}}, {Zeros({2, 2})}, "\"i1\""},
      {"Einsum",
       "unknown_output",
       {{"equation", std::string("i->j")}},
       {Zeros({2})},
       "every label of the output"},
      {"Einsum",
       "extents",
       {{"equation", std::string("i,i->")}},
       {Zeros({2}), Zeros({3})},
       "expected equal ones, got 2 and 3"},
      {"Det", "square", {}, {Zeros({2, 3})}, "expected square matrices"},
  };
}

std::vector<BadNode> WindowNodes() {
  const Tensor image = Zeros({1, 4, 5, 5});
  return {
      {"Conv", "rank", {}, {Zeros({1, 4}), Zeros({4, 4})}, "at least 3"},
      {"Conv", "channels", {}, {image, Zeros({2, 3, 1, 1})}, "expected 1 groups of 3"},
      {"Conv",
       "group",
       {{"group", int64_t{3}}},
       {image, Zeros({4, 2, 1, 1})},
       "expected a divisor of the 4 filters, got 3"},
      {"Conv", "zero_groups", {{"group", int64_t{0}}}, {image, Zeros({4, 2, 1, 1})}, "got 0"},
      {"Conv",
       "kernel_shape",
       {{"kernel_shape", Ints{3, 3}}},
       {image, Zeros({2, 4, 1, 3})},
       "expected [1, 3], got [3, 3]"},
      {"Conv",
       "strides",
       {{"strides", Ints{0, 1}}},
       {image, Zeros({2, 4, 1, 1})},
       "\"strides\": expected values of at least 1"},
      {"Conv",
       "pads_count",
       {{"pads", Ints{1, 1}}},
       {image, Zeros({2, 4, 1, 1})},
       "expected 4 values, got 2"},
      {"Conv",
       "negative_pads",
       {{"pads", Ints{-1, 0, 0, 0}}},
       {image, Zeros({2, 4, 1, 1})},
       "at least 0"},
      {"Conv",
       "auto_pad",
       {{"auto_pad", std::string("SAME")}},
       {image, Zeros({2, 4, 1, 1})},
       "SAME_UPPER"},
      {"Conv",
       "huge_dilation",
       {{"dilations", Ints{int64_t{1} << 31, 1}}},
       {image, Zeros({2, 4, 3, 1})},
       "too large"},
      {"Conv",
       "more_groups_than_filters",
       {{"group", int64_t{1} << 60}},
       {Zeros({1, 0, 5}), Zeros({0, 0, 1})},
       "expected a divisor of the 0 filters"},
      {"ConvTranspose", "channels", {}, {image, Zeros({3, 2, 1, 1})}, "got 4"},
      {"ConvTranspose",
       "output_padding",
       {{"output_padding", Ints{1}}},
       {image, Zeros({4, 2, 1, 1})},
       "expected 2 values, got 1"},
      {"MaxPool", "rank", {{"kernel_shape", Ints{2}}}, {Zeros({1, 4})}, "one more axis"},
      {"MaxPool", "kernel_shape", {{"kernel_shape", Ints{2}}}, {image}, "expected 2 values"},
      {"AveragePool",
       "huge_kernel",
       {{"kernel_shape", Ints{1 << 30, 1 << 30}}},
       {image},
       "too large"},
      {"AveragePool", "zero_kernel", {{"kernel_shape", Ints{0, 1}}}, {image}, "at least 1"},
  };
}

// Found when the node runs, whether or not shapes are known.
std::vector<BadNode> DataNodes() {
  const Tensor image = Zeros({1, 1, 2, 2});
  return {
      {"Conv", "bias", {}, {Zeros({1, 1, 5}), Zeros({2, 1, 1}), Zeros({3})}, "expected shape (2,)"},
      {"MaxPool",
       "window_does_not_fit",
       {{"kernel_shape", Ints{3, 1}}},
       {image},
       "window does not fit: expected at most 2"},
      {"MaxUnpool",
       "index",
       {{"kernel_shape", Ints{1, 1}}},
       {image, Tensor::Of<int64_t>({1, 1, 2, 2}, {0, 1, 2, 4})},
       "expected values in [0, 4), got 4"},
      {"Col2Im", "columns", {}, {Zeros({1, 2, 3}), List({5}), List({2})}, "multiple of 2, 4"},
      {"TopK", "too_many", {}, {Zeros({3}), List({4})}, "expected 0 to 3"},
      {"ArgMax", "of_nothing", {}, {Zeros({0, 2})}, "at least one element"},
      {"ReduceSum", "axes", {}, {Zeros({2}), List({1})}, "expected values in [-1, 1), got 1"},
      {"Resize",
       "scales_count",
       {},
       {image, std::nullopt, Tensor::Vector<float>({1, 2})},
       "scales: expected 4 values, got 2"},
      {"Resize",
       "negative_scale",
       {},
       {Zeros({2}), std::nullopt, Tensor::Vector<float>({-1})},
       "got -1"},
      {"Resize", "sizes", {}, {Zeros({2}), std::nullopt, std::nullopt, List({-5})}, "got -5"},
      {"Resize",
       "too_large",
       {},
       {Zeros({2}), std::nullopt, std::nullopt, List({int64_t{1} << 62})},
       "expected an output of at most"},
      {"Resize",
       "from_nothing",
       {},
       {Zeros({0}), std::nullopt, std::nullopt, List({5})},
       "for an axis of 0"},
      {"Resize", "neither", {}, {Zeros({2})}, "expected scales or sizes, got neither"},
      {"GridSample", "grid", {}, {image, Zeros({1, 3, 3, 3})}, "grid (1, 3, 3, 3)"},
      {"AffineGrid",
       "theta",
       {},
       {Zeros({1, 2, 2}), List({1, 1, 2, 2})},
       "expected shape (1, 2, 3), got (1, 2, 2)"},
      {"RoiAlign", "image", {}, {image, Zeros({1, 4}), List({1})}, "expected values in [0, 1)"},
      {"DepthToSpace",
       "channels",
       {{"blocksize", int64_t{2}}},
       {Zeros({1, 6, 1, 1})},
       "expected a multiple of 4, got 6"},
      {"NonMaxSuppression",
       "scores",
       {},
       {Zeros({1, 2, 4}), Zeros({1, 1, 3})},
       "scores (n, classes"},
      {"LSTM",
       "weights",
       {},
       {Zeros({2, 1, 3}), Zeros({1, 8, 2}), Zeros({1, 8, 2})},
       "W: expected shape (1, 8, 3), got (1, 8, 2)"},
      {"GRU",
       "lengths",
       {},
       {Zeros({2, 1, 1}), Zeros({1, 3, 1}), Zeros({1, 3, 1}), std::nullopt,
        Tensor::Vector<int32_t>({3})},
       "expected values in [0, 2], got 3"},
      {"RNN",
       "activations",
       {{"activations", std::vector<std::string>{"Tan"}}},
       {Zeros({2, 1, 1}), Zeros({1, 1, 1}), Zeros({1, 1, 1})},
       "unknown function \"Tan\""},
  };
}

std::vector<BadNode> ElementwiseNodes() {
  const Tensor floats = Zeros({2});
  const Tensor ints = List({1, 2});
  const auto named = [](const char* attribute, const char* value) {
    return std::vector<Attribute>{{attribute, std::string(value)}};
  };
  const auto number = [](const char* attribute, int64_t value) {
    return std::vector<Attribute>{{attribute, value}};
  };
  return {
      {"Add", "types", {}, {floats, ints}, "expected float32 as of input 0, got int64"},
      {"Add", "shapes", {}, {Zeros({2}), Zeros({3})}, "shapes (2,) and (3,) cannot be broadcast"},
      {"Add", "legacy_broadcast", {}, {Zeros({2, 2}), Zeros({2})}, "cannot be broadcast", 6},
      {"Add",
       "legacy_axis",
       {{"axis", int64_t{2}}, {"broadcast", int64_t{1}}},
       {Zeros({2, 2}), Zeros({2})},
       "expected 0 to 1, got 2",
       6},
      {"Max", "shapes", {}, {Zeros({2}), Zeros({1}), Zeros({3})}, "cannot be broadcast"},
      {"Where", "types", {}, {Tensor::Vector<bool>({true, false}), floats, ints}, "got int64"},
      {"Mod", "floating", {}, {floats, floats}, "expected 1 for floating-point inputs"},
      {"Mod", "fmod", number("fmod", 2), {ints, ints}, "expected 0 or 1, got 2"},
      {"BitShift",
       "direction",
       named("direction", "UP"),
       {Tensor::Vector<uint8_t>({1}), Tensor::Vector<uint8_t>({1})},
       "expected LEFT or RIGHT, got UP"},
      {"PRelu", "slope", {}, {Zeros({2}), Zeros({2, 2})}, "fit into (2,), got (2, 2)"},
      {"Clip", "limit", {}, {floats, floats}, "shape of min: expected a scalar, got (2,)"},
      {"Gelu", "approximate", named("approximate", "sigmoid"), {floats}, "got sigmoid"},
      {"Cast", "type", number("to", 99), {floats}, "a type that Cast knows"},
      {"Cast", "complex", number("to", 14), {floats}, "got complex64"},
      {"Cast", "legacy_name", named("to", "REAL"), {floats}, "a type that Cast knows", 1},
      {"Cast", "text", number("to", 1), {Tensor::Vector<std::string>({"1", "x"})}, "got \"x\""},
      {"Cast",
       "round_mode",
       {{"to", int64_t{24}}, {"round_mode", std::string("even")}},
       {floats},
       "up, down or nearest, got even",
       25},
      {"BitCast", "width", number("to", 7), {floats}, "a type of 32 bits, got int64", 26},
      {"Range", "delta", {}, {Zeros({}), Zeros({}), Zeros({})}, "a delta other than 0"},
      {"Range",
       "endless",
       {},
       {Zeros({}), Tensor::Scalar<float>(INFINITY), Tensor::Scalar<float>(1)},
       "expected a finite count"},
      {"Range", "vector", {}, {List({1, 2}), List({1}), List({1})}, "expected a scalar, got (2,)"},
      {"ConstantOfShape", "negative", {}, {List({2, -1})}, "got (2, -1)"},
      {"ConstantOfShape", "rank", {}, {Tensor::Of<int64_t>({1, 1}, {2})}, "hape"},
      {"ConstantOfShape",
       "value",
       {{"value", Zeros({2})}},
       {List({2})},
       "expected one element, got (2,)"},
      {"CumSum", "axis", {}, {floats, List({1})}, "got 1"},
      {"Dropout",
       "ratio",
       {},
       {floats, Tensor::Scalar<float>(1), Tensor::Scalar<bool>(true)},
       "[0, 1), got 1"},
  };
}

std::vector<BadNode> NormalizationNodes() {
  const Tensor image = Zeros({1, 4, 2});
  const Tensor bytes = Tensor::Zeros(DType::kUInt8, {2, 4});
  const auto number = [](const char* attribute, int64_t value) {
    return std::vector<Attribute>{{attribute, value}};
  };
  return {
      {"Softmax", "axis", number("axis", 3), {image}, "got 3"},
      {"LogSoftmax", "scalar", {}, {Zeros({})}, "got -1"},
      {"LayerNormalization", "scale", {}, {image, Zeros({3})}, "(3,)"},
      {"LayerNormalization", "rank_of_scale", {}, {image, Zeros({1, 1, 4, 2})}, "into (1, 4, 2)"},
      {"LayerNormalization", "axis", number("axis", -4), {image, Zeros({2})}, "got -4"},
      {"LayerNormalization", "stash", number("stash_type", 7), {image, Zeros({2})}, "got 7"},
      {"RMSNormalization", "scale", {}, {image, Zeros({4})}, "(4,)", 23},
      {"BatchNormalization",
       "scale",
       {},
       {image, Zeros({3}), Zeros({4}), Zeros({4}), Zeros({4})},
       "scale: expected"},
      {"InstanceNormalization", "bias", {}, {image, Zeros({4}), Zeros({2})}, "expected"},
      {"GroupNormalization",
       "groups",
       number("num_groups", 3),
       {image, Zeros({4}), Zeros({4})},
       "expected a divisor of the 4 channels, got 3",
       18},
      {"MeanVarianceNormalization", "axes", {}, {image}, "got 3"},
      {"LpNormalization", "p", number("p", 3), {image}, "expected 1 or 2, got 3"},
      {"LRN", "size", number("size", 0), {image}, "at least 1, got 0"},
      {"QuantizeLinear", "scale", {}, {Zeros({2, 4}), Zeros({2})}, "a scalar or (4,), got (2,)"},
      {"QuantizeLinear", "legacy", {}, {Zeros({2}), Zeros({2})}, "before opset 13", 10},
      {"QuantizeLinear",
       "type",
       number("output_dtype", 3),
       {Zeros({2}), Zeros({}), Tensor::Scalar<uint8_t>(0)},
       "expected uint8 as of the zero point, got int8"},
      {"DequantizeLinear",
       "blocks",
       {{"axis", int64_t{1}}, {"block_size", int64_t{3}}},
       {bytes, Zeros({2, 4})},
       "expected (2, 2), got (2, 4)"},
      {"DequantizeLinear",
       "zero_point",
       {},
       {bytes, Zeros({4}), Tensor::Zeros(DType::kUInt8, {2})},
       "expected (4,) as the scale, got (2,)"},
      {"DequantizeLinear",
       "scale_type",
       {},
       {bytes, Tensor::Zeros(DType::kFloat8E8M0, {})},
       "expected float32, float16 or bfloat16",
       24},
  };
}

class BadNodes : public testing::TestWithParam<BadNode> {};

TEST_P(BadNodes, SayWhatIsWrong) { ExpectSaysWhatIsWrong(GetParam()); }

std::string NameOf(const testing::TestParamInfo<BadNode>& info) {
  return info.param.op + "_" + info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Products, BadNodes, testing::ValuesIn(ProductNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Windows, BadNodes, testing::ValuesIn(WindowNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Elementwise, BadNodes, testing::ValuesIn(ElementwiseNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Normalization, BadNodes, testing::ValuesIn(NormalizationNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Data, BadNodes, testing::ValuesIn(DataNodes()), NameOf);

TEST(FusedOperators, CannotBeNamedByAModel) {
  Graph graph;
  const ValueType type = ValueType::TensorOf(DType::kFloat32, SymbolicShape{2, 2});
  Node node;
  node.op = "MatMul";
  node.domain = kFusedDomain;
  node.opset = 0;  // as nodes of that domain are read from a file
  node.inputs = {graph.AddInput("a", type), graph.AddInput("b", type)};
  node.outputs = {graph.AddValue("y")};
  graph.AddNode(std::move(node));
  const Status status = InferGraph(graph);
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_EQ(status.ToString(),
            "unknown operator \"MatMul\" of domain \"assay\", opset 0 (node 0 (MatMul) -> \"y\")");
  graph.nodes[0].opset = 1;
  EXPECT_TRUE(InferGraph(graph).ok());
}

}  // namespace
}  // namespace assay
