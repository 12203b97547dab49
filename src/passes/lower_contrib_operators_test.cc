#include "ops/microsoft.h"
#include "passes/pass_test.h"

namespace assay {
namespace {

using namespace test;

constexpr std::string_view kPass = "lower-contrib-operators";

// A node of ONNX Runtime's domain that writes these graph outputs; an empty name leaves one out.
void AddContrib(TestGraph& t, std::string op, std::vector<ValueId> inputs,
                const std::vector<std::string>& outputs, std::vector<Attribute> attributes = {},
                std::string_view domain = kMicrosoftDomain) {
  Node node;
  node.name = "/" + outputs[0];
  node.op = std::move(op);
  node.domain = domain;
  node.opset = 1;
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  for (const std::string& output : outputs) {
    node.outputs.push_back(output.empty() ? kNoValue : t.graph.AddValue(output));
    if (!output.empty()) t.Output(node.outputs.back());
  }
  t.graph.AddNode(std::move(node));
}

TEST(LowerContribOperators, MakesActivationsOfOnnx) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3});
  const ValueId bias = t.Weight("bias", {3});
  AddContrib(t, "Gelu", {x}, {"a"});
  AddContrib(t, "QuickGelu", {x}, {"b"}, {{"alpha", 1.5F}});
  AddContrib(t, "FastGelu", {x}, {"c"});
  AddContrib(t, "FastGelu", {x, bias}, {"d"});
  AddContrib(t, "BiasGelu", {x, bias}, {"e"});
  EXPECT_EQ(RunPass(kPass, t.graph), 5);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 3)) {
  %a = Gelu(%x) : float64(N, 3)  # "/a"
  %b = Swish(%x) {alpha=1.5} : float64(N, 3)  # "/b"
  %c = Gelu(%x) {approximate="tanh"} : float64(N, 3)  # "/c"
  %d/Add = Add(%x, %bias) : float64(N, 3)  # "/d/Add0"
  %d = Gelu(%d/Add) {approximate="tanh"} : float64(N, 3)  # "/d"
  %e/Add = Add(%x, %bias) : float64(N, 3)  # "/e/Add0"
  %e = Gelu(%e/Add) : float64(N, 3)  # "/e"
  return %a, %b, %c, %d, %e
}
)");
}

TEST(LowerContribOperators, TakesProductsApart) {
  TestGraph t;
  const ValueId x = t.Input("x", {2, 3, Dim::Symbol("H"), 5});
  const ValueId z = t.Input("z", {2, 4, Dim::Symbol("H"), 5});
  const ValueId weights = t.Weight("w", {4, 3, 1, 1});
  const ValueId bias = t.Weight("bias", {4});
  AddContrib(t, "FusedConv", {x, weights, bias, z}, {"conv"},
             {{"activation", std::string("LeakyRelu")},
              {"activation_params", std::vector<float>{0.25F}},
              {"kernel_shape", Ints{1, 1}}});
  AddContrib(t, "FusedConv", {x, weights}, {"bare"});
  const ValueId a = t.Input("a", {6, Dim::Symbol("M"), 5});
  AddContrib(t, "FusedMatMul", {a, a}, {"product"},
             {{"transA", int64_t{1}}, {"transBatchB", int64_t{0}}, {"alpha", 0.5F}});
  const ValueId b = t.Input("b", {5, 4});
  AddContrib(t, "FusedMatMul", {a, b}, {"batches"}, {{"transBatchA", int64_t{1}}});
  AddContrib(t, "FusedGemm", {b, b, bias}, {"gemm"},
             {{"transA", int64_t{1}}, {"activation", std::string("Relu")}});
  EXPECT_EQ(RunPass(kPass, t.graph), 5);
  for (const Node& node : t.graph.nodes) EXPECT_EQ(node.domain, "") << node.op;
  EXPECT_EQ(t.graph.nodes.size(), 3u + 1 + 3 + 2 + 2);
}

TEST(LowerContribOperators, TakesNormalizationsApart) {
  TestGraph t;
  const ValueId x = t.Input("x", {2, Dim::Symbol("S"), 4});
  const ValueId skip = t.Input("skip", {Dim::Symbol("S"), 4});
  const ValueId gamma = t.Weight("gamma", {4});
  const ValueId beta = t.Weight("beta", {4});
  const ValueId bias = t.Weight("bias", {4});
  AddContrib(t, "SkipLayerNormalization", {x, skip, gamma, beta, bias},
             {"a", "mean", "deviation", "sum"}, {{"epsilon", 0.5F}});
  AddContrib(t, "SkipLayerNormalization", {x, x, gamma}, {"b"});
  AddContrib(t, "SkipSimplifiedLayerNormalization", {x, skip, gamma, bias}, {"c", "", "", "c_sum"});
  AddContrib(t, "SimplifiedLayerNormalization", {x, gamma}, {"d"}, {}, "");
  EXPECT_EQ(RunPass(kPass, t.graph), 4);
  for (const Node& node : t.graph.nodes) EXPECT_EQ(node.domain, "") << node.op;
}

TEST(LowerContribOperators, MakesTheFusedAttentionOfHeads) {
  TestGraph t;
  const auto input = [&](const std::string& name, SymbolicShape shape,
                         DType type = DType::kFloat32) {
    return t.Input(name, std::move(shape), type);
  };
  const Dim s = Dim::Symbol("S");
  const ValueId q = input("q", {2, s, 6});
  const ValueId k = input("k", {2, s, 6});
  const ValueId v = input("v", {2, s, 8});
  const ValueId mask = input("mask", {2, s}, DType::kInt32);
  const Attribute heads{"num_heads", int64_t{2}};
  AddContrib(t, "MultiHeadAttention", {q, k, v}, {"plain"}, {heads});
  AddContrib(t, "MultiHeadAttention",
             {q, k, v, input("bias", {20}), mask, input("added", {1, 2, s, s})}, {"masked"},
             {heads, {"scale", 0.3F}});
  const ValueId past_key = input("past_key", {2, 2, Dim::Symbol("P"), 3});
  const ValueId past_value = input("past_value", {2, 2, Dim::Symbol("P"), 4});
  AddContrib(t, "MultiHeadAttention", {q, k, v, kNoValue, kNoValue, kNoValue, past_key, past_value},
             {"cached", "present_key", "present_value"}, {heads});
  const ValueId x = input("x", {2, s, 5});
  const ValueId weights = input("weights", {5, 20});
  const Attribute sizes{"qkv_hidden_sizes", Ints{6, 6, 8}};
  AddContrib(t, "Attention", {x, weights, input("qkv_bias", {20}), mask}, {"self"}, {heads, sizes});
  AddContrib(t, "Attention",
             {x, input("square", {5, 18}), kNoValue, kNoValue, input("past", {2, 2, 2, 4, 3})},
             {"cached_self", "present"}, {heads});
  EXPECT_EQ(RunPass(kPass, t.graph), 5);
  int fused = 0;
  for (const Node& node : t.graph.nodes) {
    EXPECT_NE(node.domain, kMicrosoftDomain) << node.op;
    if (node.domain == kFusedDomain) ++fused;
  }
  EXPECT_EQ(fused, 5);
}

TEST(LowerContribOperators, HidesTheFutureWhereLengthsAreKnown) {
  TestGraph t;
  const ValueId x = t.Input("x", {1, 5, 4}, DType::kFloat32);
  const ValueId weights = t.Input("weights", {4, 12}, DType::kFloat32);
  const ValueId mask = t.Input("mask", {1, 5, 5}, DType::kInt32);
  const std::vector<Attribute> attributes = {{"num_heads", int64_t{2}},
                                             {"unidirectional", int64_t{1}}};
  AddContrib(t, "Attention", {x, weights}, {"a"}, attributes);
  AddContrib(t, "Attention", {x, weights, kNoValue, mask}, {"b"}, attributes);
  EXPECT_EQ(RunPass(kPass, t.graph), 2);
}

TEST(LowerContribOperators, LeavesWhatOnnxDoesNotHave) {
  TestGraph t;
  const ValueId x = t.Input("x", {2, Dim::Symbol("S"), 4}, DType::kFloat32);
  const ValueId weights = t.Input("weights", {4, 12}, DType::kFloat32);
  const ValueId lengths = t.Input("lengths", {2}, DType::kInt32);
  const Attribute heads{"num_heads", int64_t{2}};
  AddContrib(t, "Attention", {x, weights}, {"future"}, {heads, {"unidirectional", int64_t{1}}});
  AddContrib(t, "Attention", {x, weights, kNoValue, lengths}, {"lengths_of_keys"}, {heads});
  AddContrib(t, "MultiHeadAttention", {x, x, x}, {"shows", "", "", "scores"}, {heads});
  const ValueId gamma = t.Input("gamma", {4}, DType::kFloat32);
  AddContrib(t, "SkipSimplifiedLayerNormalization", {x, x, gamma}, {"normal", "", "deviation"});
  ExpectUnchanged(kPass, t.graph);
}

}  // namespace
}  // namespace assay
