#include "passes/pass_test.h"

namespace assay {
namespace {

using namespace test;

constexpr std::string_view kPass = "fold-batch-normalization";

ValueId Normalize(TestGraph& t, ValueId x, int64_t channels, const std::string& output) {
  Tensor variance = RandomDoubles({channels}, 3);
  for (double& value : variance.mutable_data<double>()) value = 0.5 + value * value;
  return t.Add(
      "BatchNormalization",
      {x, t.Weight(output + ".scale", {channels}), t.Weight(output + ".offset", {channels}),
       t.Weight(output + ".mean", {channels}), t.Constant(output + ".variance", variance)},
      output);
}

TEST(FoldBatchNormalization, TakesAllThatFollowsAConvolutionIntoItsWeights) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 4, Dim::Symbol("H"), 6});
  const ValueId product = t.Add("Conv", {x, t.Weight("w", {6, 2, 3, 3}), t.Weight("b", {6})},
                                "product", {{"group", int64_t{2}}});
  const ValueId scaled = t.Add("Mul", {t.Weight("s", {1, 6, 1, 1}), product}, "scaled");
  const ValueId normal = Normalize(t, scaled, 6, "normal");
  const ValueId half = t.Add("Div", {normal, t.Number("two", 2)}, "half");
  t.Output(t.Add("Sub", {t.Weight("d", {6, 1, 1}), half}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 4, H, 6)) {
  %y = Conv(%x, %w_folded, %w_bias) {group=2} : float64(N, 6, H - 2, 4)  # "/product"
  return %y
}
)");
}

TEST(FoldBatchNormalization, KnowsTheChannelsOfEveryProduct) {
  TestGraph t;
  const ValueId image = t.Input("image", {1, 4, 3, 3});
  const ValueId up = t.Add("ConvTranspose", {image, t.Weight("w", {4, 3, 2, 2})}, "up",
                           {{"group", int64_t{2}}, {"strides", Ints{2, 2}}});
  t.Output(Normalize(t, up, 6, "y"));
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3});
  const ValueId transposed = t.Add("Gemm", {x, t.Weight("v", {4, 3}), t.Weight("c", {4})},
                                   "transposed", {{"transB", int64_t{1}}, {"beta", 2.0F}});
  t.Output(Normalize(t, transposed, 4, "z"));
  const ValueId product = t.Add("MatMul", {x, t.Weight("u", {3, 4})}, "product");
  const ValueId scaled = t.Add("Mul", {product, t.Weight("s", {4})}, "scaled");
  t.Output(t.Add("Add", {scaled, t.Weight("a", {4})}, "v"));
  EXPECT_EQ(RunPass(kPass, t.graph), 3);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%image: float64(1, 4, 3, 3), %x: float64(N, 3)) {
  %y = ConvTranspose(%image, %w_folded, %w_bias) {group=2, strides=[2, 2]} : float64(1, 6, 6, 6)  # "/up"
  %z = Gemm(%x, %v_folded, %v_bias) {transB=1} : float64(N, 4)  # "/transposed"
  %v = assay.MatMul(%x, %u_folded, %u_bias) : float64(N, 4)  # "/product"
  return %y, %z, %v
}
)");
}

TEST(FoldBatchNormalization, BecomesScaleAndShiftWhereNoProductStandsBefore) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3, Dim::Symbol("L")});
  t.Output(Normalize(t, x, 3, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 3, L)) {
  %y_scaled = Mul(%x, %y_scale) : float64(N, 3, L)  # "/y"
  %y = Add(%y_scaled, %y_shift) : float64(N, 3, L)  # "/y"
  return %y
}
)");
}

TEST(FoldBatchNormalization, LeavesProductsThatAreReadOrComputeTheirWeights) {
  TestGraph t;
  const ValueId x = t.Input("x", {1, 3, 4, 4});
  const ValueId shared = t.Add("Conv", {x, t.Weight("w", {3, 3, 1, 1})}, "shared");
  t.Output(t.Add("Mul", {shared, t.Weight("s", {3, 1, 1})}, "y"));
  t.Output(shared);
  const ValueId weights = t.Input("weights", {3, 3, 1, 1});
  const ValueId computed = t.Add("Conv", {x, weights}, "computed");
  t.Output(t.Add("Mul", {computed, t.Weight("r", {3, 1, 1})}, "z"));
  ExpectUnchanged(kPass, t.graph);
}

TEST(FoldBatchNormalization, LeavesFactorsThatAreNotPerChannel) {
  TestGraph t;
  const ValueId x = t.Input("x", {1, 3, 4, 3});
  const ValueId product = t.Add("Conv", {x, t.Weight("w", {3, 3, 1, 1})}, "product");
  t.Output(t.Add("Mul", {product, t.Weight("per_column", {3})}, "y"));
  const ValueId second = t.Add("Conv", {x, t.Weight("v", {3, 3, 1, 1})}, "second");
  t.Output(t.Add("Div", {t.Number("one", 1), second}, "z"));
  const ValueId third = t.Add("Conv", {x, t.Weight("third_w", {3, 3, 1, 1})}, "third");
  // Broadcasts the product to another rank.
  t.Output(t.Add("Mul", {third, t.Weight("wide", {1, 1, 3, 1, 1})}, "u"));
  ExpectUnchanged(kPass, t.graph);
}

}  // namespace
}  // namespace assay
