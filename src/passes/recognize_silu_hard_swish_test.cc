#include "passes/pass_test.h"

namespace assay {
namespace {

using namespace test;

constexpr std::string_view kPass = "recognize-silu-hard-swish";

ValueId Clipped(TestGraph& t, ValueId x, const std::string& name, double most = 6) {
  const ValueId shifted = t.Add("Add", {x, t.Number(name + ".three", 3)}, name + ".shifted");
  return t.Add("Clip", {shifted, t.Number(name + ".zero", 0), t.Number(name + ".six", most)},
               name + ".clipped");
}

TEST(RecognizeSiluHardSwish, FindsGates) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3});
  t.Output(t.Add("Mul", {x, t.Add("Sigmoid", {x}, "s")}, "silu"));
  const ValueId gate = t.Add("HardSigmoid", {x}, "g", {{"alpha", 1.0F / 6.0F}, {"beta", 0.5F}});
  t.Output(t.Add("Mul", {gate, x}, "hard"));
  // The attribute of HardSigmoid is the float32 next to 1/6.
  EXPECT_EQ(RunPass(kPass, t.graph, 1e-7), 2);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 3)) {
  %silu = Swish(%x) : float64(N, 3)  # "/silu"
  %hard = HardSwish(%x) : float64(N, 3)  # "/hard"
  return %silu, %hard
}
)");
}

TEST(RecognizeSiluHardSwish, FindsClips) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3});
  const ValueId product = t.Add("Mul", {x, Clipped(t, x, "a")}, "a.product");
  t.Output(t.Add("Div", {product, t.Number("a.six_more", 6)}, "a"));
  const ValueId sixth = t.Add("Mul", {Clipped(t, x, "b"), t.Number("b.sixth", 1.0 / 6)}, "b.gate");
  t.Output(t.Add("Mul", {sixth, x}, "b"));
  EXPECT_EQ(RunPass(kPass, t.graph), 2);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 3)) {
  %a = HardSwish(%x) : float64(N, 3)  # "/a"
  %b = HardSwish(%x) : float64(N, 3)  # "/b"
  return %a, %b
}
)");
}

TEST(RecognizeSiluHardSwish, FindsHardSigmoidWhereFloat32HoldsASixthAsWellAsItCan) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3}, DType::kFloat32);
  const auto number = [&](const char* name, float value) {
    return t.Constant(name, Tensor::Scalar<float>(value));
  };
  const ValueId shifted = t.Add("Add", {x, number("three", 3)}, "shifted");
  const ValueId clipped = t.Add("Clip", {shifted, number("zero", 0), number("six", 6)}, "clipped");
  t.Output(t.Add("Div", {clipped, number("divisor", 6)}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph, 1e-7), 1);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float32(N, 3)) {
  %y = HardSigmoid(%x) {alpha=0.16666667, beta=0.5} : float32(N, 3)  # "/y"
  return %y
}
)");
}

TEST(RecognizeSiluHardSwish, LeavesOtherGates) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3});
  const ValueId other = t.Input("other", {Dim::Symbol("N"), 3});
  t.Output(t.Add("Mul", {other, t.Add("Sigmoid", {x}, "s")}, "a"));
  const ValueId shared = t.Add("Sigmoid", {x}, "shared");
  t.Output(t.Add("Mul", {x, shared}, "b"));
  t.Output(t.Add("Relu", {shared}, "c"));
  t.Output(t.Add("Mul", {x, t.Add("HardSigmoid", {x}, "h")}, "d"));
  const ValueId product = t.Add("Mul", {x, Clipped(t, x, "e", 5)}, "e.product");
  t.Output(t.Add("Div", {product, t.Number("e.six_more", 6)}, "e"));
  ExpectUnchanged(kPass, t.graph);
}

}  // namespace
}  // namespace assay
