#include "passes/pass_test.h"

namespace assay {
namespace {

using namespace test;

constexpr std::string_view kPass = "recognize-softmax";

ValueId Exponentials(TestGraph& t, ValueId x, int64_t axis, const std::string& name) {
  const ValueId most = t.Add("ReduceMax", {x}, name + ".max", {{"axes", Ints{axis}}});
  return t.Add("Exp", {t.Add("Sub", {x, most}, name + ".less")}, name + ".exp");
}

TEST(RecognizeSoftmax, FindsExponentialsOverTheirSum) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3, 4});
  const ValueId e = Exponentials(t, x, 1, "a");
  const ValueId sum = t.Add("ReduceSum", {e, t.IntsOf("axes", {-2})}, "sum");
  t.Output(t.Add("Div", {e, sum}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 3, 4)) {
  %y = Softmax(%x) {axis=1} : float64(N, 3, 4)  # "/y"
  return %y
}
)");
}

TEST(RecognizeSoftmax, LeavesOtherAxesAndExponentialsThatOthersRead) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3, 4});
  const ValueId a = Exponentials(t, x, 1, "a");
  t.Output(t.Add("Div", {a, t.Add("ReduceSum", {a, t.IntsOf("axes", {2})}, "a.sum")}, "y"));
  const ValueId b = Exponentials(t, x, 2, "b");
  t.Output(t.Add("Div", {b, t.Add("ReduceSum", {b, t.IntsOf("last", {2})}, "b.sum")}, "z"));
  t.Output(b);
  const ValueId c = t.Add("Exp", {x}, "c");
  t.Output(t.Add("Div", {c, t.Add("ReduceSum", {c, t.IntsOf("end", {2})}, "c.sum")}, "u"));
  ExpectUnchanged(kPass, t.graph);
}

}  // namespace
}  // namespace assay
