#include <limits>

#include "passes/pass_test.h"

namespace assay {
namespace {

using namespace test;

constexpr std::string_view kPass = "fuse-bias-activation";

TEST(FuseBiasActivation, JoinsConvolutionBiasResidualAndActivation) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 4, Dim::Symbol("H"), 6});
  const ValueId product =
      t.Add("Conv", {x, t.Weight("w", {4, 4, 3, 3})}, "product", {{"pads", Ints{1, 1, 1, 1}}});
  const ValueId biased = t.Add("Add", {product, t.Weight("b", {1, 4, 1, 1})}, "biased");
  t.Output(t.Add("Relu", {t.Add("Add", {x, biased}, "sum")}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 4, H, 6)) {
  %y = assay.Conv(%x, %w, %b_bias, %x) {pads=[1, 1, 1, 1], activation="Relu"} : float64(N, 4, H, 6)  # "/product"
  return %y
}
)");
}

TEST(FuseBiasActivation, GivesTheSumOfTwoProductsToTheLaterOne) {
  TestGraph t;
  const ValueId x = t.Input("x", {2, Dim::Symbol("N"), 3});
  const ValueId left = t.Add("MatMul", {x, t.Weight("v", {3, 4})}, "left");
  const ValueId right = t.Add("MatMul", {x, t.Weight("w", {3, 4})}, "right");
  const ValueId biased = t.Add("Add", {t.Weight("b", {4}), right}, "biased");
  const ValueId sum = t.Add("Add", {left, biased}, "sum");
  t.Output(t.Add("Clip", {sum, t.Number("least", -0.5), t.Number("most", 6)}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(2, N, 3)) {
  %left = MatMul(%x, %v) : float64(2, N, 4)  # "/left"
  %y = assay.MatMul(%x, %w, %b, %left) {activation="Clip", activation_alpha=-0.5, activation_beta=6.0} : float64(2, N, 4)  # "/right"
  return %y
}
)");
}

TEST(FuseBiasActivation, GivesClipsTheBoundsOfTheirType) {
  TestGraph t;
  const ValueId x =
      t.graph.AddInput("x", ValueType::TensorOf(DType::kFloat32, SymbolicShape{2, 3}));
  const ValueId w = t.Constant("w", Tensor::Zeros(DType::kFloat32, {3, 4}));
  const ValueId zero = t.Constant("zero", Tensor::Scalar<float>(0));
  t.Output(t.Add("Clip", {t.Add("MatMul", {x, w}, "product"), zero}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  const Attribute* most = t.graph.node(0).FindAttribute("activation_beta");
  ASSERT_NE(most, nullptr);
  EXPECT_EQ(std::get<float>(most->value), std::numeric_limits<float>::max());
}

// Attributes hold float32: the bounds of float64 do not fit.
TEST(FuseBiasActivation, LeavesWideClipsWithoutABoundAlone) {
  TestGraph t;
  const ValueId x = t.Input("x", {2, 3});
  const ValueId product = t.Add("MatMul", {x, t.Weight("w", {3, 4})}, "product");
  t.Output(t.Add("Clip", {product, t.Number("least", 0)}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 0);
}

TEST(FuseBiasActivation, JoinsGemmAndTransposedConvolution) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3});
  const ValueId product = t.Add("Gemm", {x, t.Weight("w", {4, 3})}, "product",
                                {{"transB", int64_t{1}}, {"alpha", 0.5F}, {"beta", 3.0F}});
  const ValueId biased = t.Add("Add", {product, t.Weight("b", {1, 4})}, "biased");
  t.Output(t.Add("LeakyRelu", {biased}, "y", {{"alpha", 0.25F}}));
  const ValueId image = t.Input("image", {1, 3, 4, 4});
  const ValueId up =
      t.Add("ConvTranspose", {image, t.Weight("v", {3, 2, 2, 2})}, "up", {{"strides", Ints{2, 2}}});
  t.Output(t.Add("HardSigmoid", {up}, "z", {{"alpha", 0.25F}}));
  EXPECT_EQ(RunPass(kPass, t.graph), 2);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 3), %image: float64(1, 3, 4, 4)) {
  %y = assay.Gemm(%x, %w, %b_bias) {transB=1, alpha=0.5, activation="LeakyRelu", activation_alpha=0.25} : float64(N, 4)  # "/product"
  %z = assay.ConvTranspose(%image, %v) {strides=[2, 2], activation="HardSigmoid", activation_alpha=0.25, activation_beta=0.5} : float64(1, 2, 8, 8)  # "/up"
  return %y, %z
}
)");
}

TEST(FuseBiasActivation, LeavesIntermediateResultsThatAreRead) {
  TestGraph t;
  const ValueId x = t.Input("x", {1, 3, 4, 4});
  const ValueId shared = t.Add("Conv", {x, t.Weight("w", {3, 3, 1, 1})}, "shared");
  t.Output(t.Add("Relu", {shared}, "y"));
  t.Output(t.Add("Sigmoid", {shared}, "z"));
  const ValueId shown = t.Add("Conv", {x, t.Weight("v", {3, 3, 1, 1})}, "shown");
  t.Output(shown);
  t.Output(t.Add("Relu", {shown}, "u"));
  ExpectUnchanged(kPass, t.graph);
}

TEST(FuseBiasActivation, LeavesWhatIsNoBiasNoResidualAndNoActivation) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3, 4, 4});
  const ValueId y = t.Add("Conv", {x, t.Weight("w", {3, 3, 1, 1})}, "product");
  // Another batch than the product's, for all that is known.
  const ValueId other = t.Input("other", {1, 3, 4, 4});
  t.Output(t.Add("Add", {y, other}, "sum"));
  const ValueId z = t.Add("Conv", {x, t.Weight("v", {3, 3, 1, 1})}, "second");
  t.Output(t.Add("Add", {z, t.Weight("per_row", {4, 1})}, "shifted"));
  const ValueId u = t.Add("Conv", {x, t.Weight("u", {3, 3, 1, 1})}, "third");
  t.Output(t.Add("Gelu", {u}, "approximate", {{"approximate", std::string("tanh")}}, 20));
  const ValueId v = t.Add("Conv", {x, t.Weight("t", {3, 3, 1, 1})}, "fourth");
  t.Output(t.Add("Add", {v, v}, "twice"));
  ExpectUnchanged(kPass, t.graph);
}

TEST(FuseBiasActivation, KeepsABiasThatIsThere) {
  TestGraph t;
  const ValueId x = t.Input("x", {1, 3, 4, 4});
  const ValueId product =
      t.Add("Conv", {x, t.Weight("w", {3, 3, 1, 1}), t.Weight("b", {3})}, "product");
  t.Output(t.Add("Add", {product, t.Weight("c", {3, 1, 1})}, "y"));
  ExpectUnchanged(kPass, t.graph);
}

}  // namespace
}  // namespace assay
