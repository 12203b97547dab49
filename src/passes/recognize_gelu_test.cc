#include "passes/pass_test.h"

namespace assay {
namespace {

using namespace test;

constexpr std::string_view kPass = "recognize-gelu";

constexpr double kSqrt2 = 1.4142135623730951;

ValueId ErfPlusOne(TestGraph& t, ValueId x, const std::string& name, double divisor = kSqrt2) {
  const ValueId scaled = t.Add("Div", {x, t.Number(name + ".divisor", divisor)}, name + ".scaled");
  const ValueId erf = t.Add("Erf", {scaled}, name + ".erf");
  return t.Add("Add", {erf, t.Number(name + ".one", 1)}, name + ".sum");
}

TEST(RecognizeGelu, FindsTheFormWithErfInEveryOrder) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3});
  const ValueId a = t.Add("Mul", {x, ErfPlusOne(t, x, "a")}, "a.product");
  t.Output(t.Add("Mul", {a, t.Number("a.half", 0.5)}, "a"));
  const ValueId half = t.Add("Mul", {x, t.Number("b.half", 0.5)}, "b.halved");
  t.Output(t.Add("Mul", {half, ErfPlusOne(t, x, "b")}, "b"));
  const ValueId c = t.Add("Mul", {t.Number("c.half", 0.5), ErfPlusOne(t, x, "c")}, "c.product");
  t.Output(t.Add("Mul", {c, x}, "c"));
  EXPECT_EQ(RunPass(kPass, t.graph), 3);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 3)) {
  %a = Gelu(%x) {approximate="none"} : float64(N, 3)  # "/a"
  %b = Gelu(%x) {approximate="none"} : float64(N, 3)  # "/b"
  %c = Gelu(%x) {approximate="none"} : float64(N, 3)  # "/c"
  return %a, %b, %c
}
)");
}

TEST(RecognizeGelu, FindsTheFormWithTanh) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3});
  const ValueId cube = t.Add("Pow", {x, t.Number("three", 3)}, "cube");
  const ValueId weighed = t.Add("Mul", {t.Number("weight", 0.044715), cube}, "weighed");
  const ValueId sum = t.Add("Add", {x, weighed}, "sum");
  const ValueId scaled = t.Add("Mul", {sum, t.Number("scale", 0.7978845608028654)}, "scaled");
  const ValueId tanh = t.Add("Tanh", {scaled}, "tanh");
  const ValueId one = t.Add("Add", {t.Number("one", 1), tanh}, "one_more");
  const ValueId half = t.Add("Mul", {x, t.Number("half", 0.5)}, "halved");
  t.Output(t.Add("Mul", {half, one}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 3)) {
  %y = Gelu(%x) {approximate="tanh"} : float64(N, 3)  # "/y"
  return %y
}
)");
}

TEST(RecognizeGelu, LeavesOtherConstantsOtherFactorsAndSharedValues) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3});
  const ValueId a = t.Add("Mul", {x, ErfPlusOne(t, x, "a", 1.41)}, "a.product");
  t.Output(t.Add("Mul", {a, t.Number("a.half", 0.5)}, "a"));
  const ValueId other = t.Input("other", {Dim::Symbol("N"), 3});
  const ValueId b = t.Add("Mul", {other, ErfPlusOne(t, x, "b")}, "b.product");
  t.Output(t.Add("Mul", {b, t.Number("b.half", 0.5)}, "b"));
  const ValueId c = t.Add("Mul", {x, ErfPlusOne(t, x, "c")}, "c.product");
  t.Output(c);
  t.Output(t.Add("Mul", {c, t.Number("c.half", 0.5)}, "c"));
  ExpectUnchanged(kPass, t.graph);
}

}  // namespace
}  // namespace assay
