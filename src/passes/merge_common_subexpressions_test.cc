#include "passes/pass_test.h"

namespace assay {
namespace {

using namespace test;

constexpr std::string_view kPass = "merge-common-subexpressions";

TEST(MergeCommonSubexpressions, FollowsChainsAndEqualConstants) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3});
  const ValueId a = t.Add("Add", {x, t.Number("two", 2)}, "a");
  const ValueId b = t.Add("Add", {x, t.Number("deux", 2)}, "b");
  const ValueId c = t.Add("LeakyRelu", {a}, "c", {{"alpha", 0.5F}});
  const ValueId d = t.Add("LeakyRelu", {b}, "d", {{"alpha", 0.5F}});
  t.Output(t.Add("Mul", {c, d}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 3);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 3)) {
  %a = Add(%x, %two) : float64(N, 3)  # "/a"
  %c = LeakyRelu(%a) {alpha=0.5} : float64(N, 3)  # "/c"
  %y = Mul(%c, %c) : float64(N, 3)  # "/y"
  return %y
}
)");
  EXPECT_EQ(t.graph.node(0).origins, (std::vector<std::string>{"/a", "/b"}));
}

TEST(MergeCommonSubexpressions, KeepsTheNodeThatWritesAGraphOutput) {
  TestGraph t;
  const ValueId x = t.Input("x", {3});
  const ValueId a = t.Add("Exp", {x}, "a");
  const ValueId b = t.Add("Exp", {x}, "b");
  t.Output(b);
  t.Output(t.Add("Relu", {a}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(3,)) {
  %b = Exp(%x) : float64(3,)  # "/b"
  %y = Relu(%b) : float64(3,)  # "/y"
  return %b, %y
}
)");
}

TEST(MergeCommonSubexpressions, LeavesWhatDiffers) {
  TestGraph t;
  const ValueId x = t.Input("x", {3});
  const ValueId a = t.Add("LeakyRelu", {x}, "a", {{"alpha", 0.5F}});
  const ValueId b = t.Add("LeakyRelu", {x}, "b", {{"alpha", 0.25F}});
  const ValueId c = t.Add("Add", {x, t.Number("zero", 0)}, "c");
  const ValueId d = t.Add("Add", {x, t.Number("minus_zero", -0.0)}, "d");
  t.Output(t.Add("Mul", {a, b}, "y"));
  t.Output(t.Add("Div", {c, d}, "z"));
  // Two outputs cannot be one value.
  t.Output(t.Add("Abs", {x}, "u"));
  t.Output(t.Add("Abs", {x}, "v"));
  ExpectUnchanged(kPass, t.graph);
}

TEST(MergeCommonSubexpressions, LeavesRandomNumbers) {
  TestGraph t;
  const ValueId x = t.Input("x", {3});
  const ValueId a = t.Add("Dropout", {x}, "a");
  const ValueId b = t.Add("Dropout", {x}, "b");
  t.Output(t.Add("Mul", {a, b}, "y"));
  ExpectUnchanged(kPass, t.graph);
}

}  // namespace
}  // namespace assay
