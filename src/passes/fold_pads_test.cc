#include <limits>

#include "passes/pass_test.h"

namespace assay {
namespace {

using namespace test;

constexpr std::string_view kPass = "fold-pads";

TEST(FoldPads, BecomesThePaddingOfTheWindows) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 2, Dim::Symbol("H"), 6});
  const ValueId sides = t.IntsOf("sides", {0, 0, 1, 2, 0, 0, 1, 0});
  const ValueId a = t.Add("Pad", {x, sides}, "a.pad");
  t.Output(t.Add("Conv", {a, t.Weight("w", {3, 2, 3, 3})}, "a",
                 {{"pads", Ints{0, 1, 0, 1}}, {"strides", Ints{2, 1}}}));
  const ValueId b = t.Add("Pad", {x, sides, t.Number("zero", 0)}, "b.pad");
  t.Output(t.Add("AveragePool", {b}, "b",
                 {{"kernel_shape", Ints{3, 3}}, {"count_include_pad", int64_t{1}}}));
  const ValueId least = t.Number("least", -std::numeric_limits<double>::infinity());
  const ValueId c = t.Add("Pad", {x, sides, least}, "c.pad");
  t.Output(t.Add("MaxPool", {c}, "c", {{"kernel_shape", Ints{3, 3}}}));
  EXPECT_EQ(RunPass(kPass, t.graph), 3);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 2, H, 6)) {
  %a = Conv(%x, %w) {strides=[2, 1], pads=[1, 3, 1, 1]} : float64(N, 3, floor((H - 1)/2) + 1, 8)  # "/a"
  %b = AveragePool(%x) {kernel_shape=[3, 3], count_include_pad=1, pads=[1, 2, 1, 0]} : float64(N, 2, H, 6)  # "/b"
  %c = MaxPool(%x) {kernel_shape=[3, 3], pads=[1, 2, 1, 0]} : float64(N, 2, H, 6)  # "/c"
  return %a, %b, %c
}
)");
}

TEST(FoldPads, LeavesOtherValuesAxesAndModes) {
  TestGraph t;
  const ValueId x = t.Input("x", {1, 2, 5, 6});
  const ValueId sides = t.IntsOf("sides", {0, 0, 1, 1, 0, 0, 1, 1});
  const ValueId w = t.Weight("w", {3, 2, 3, 3});
  const ValueId zeros = t.Add("Pad", {x, sides}, "zeros");
  t.Output(t.Add("MaxPool", {zeros}, "a", {{"kernel_shape", Ints{3, 3}}}));
  const ValueId more = t.Add("Pad", {x, sides}, "more");
  t.Output(t.Add("AveragePool", {more}, "b", {{"kernel_shape", Ints{3, 3}}}));
  const ValueId ones = t.Add("Pad", {x, sides, t.Number("one", 1)}, "ones");
  t.Output(t.Add("Conv", {ones, w}, "c"));
  const ValueId mirrored = t.Add("Pad", {x, sides}, "mirrored", {{"mode", std::string("reflect")}});
  t.Output(t.Add("Conv", {mirrored, w}, "d"));
  const ValueId deeper =
      t.Add("Pad", {x, t.IntsOf("channels", {0, 1, 0, 0, 0, 0, 0, 0})}, "deeper");
  t.Output(t.Add("Conv", {deeper, t.Weight("v", {3, 3, 3, 3})}, "e"));
  const ValueId cut = t.Add("Pad", {x, t.IntsOf("less", {0, 0, -1, 0, 0, 0, 0, 0})}, "cut");
  t.Output(t.Add("Conv", {cut, w}, "f"));
  ExpectUnchanged(kPass, t.graph);
}

TEST(FoldPads, LeavesPaddingThatOthersRead) {
  TestGraph t;
  const ValueId x = t.Input("x", {1, 2, 5, 6});
  const ValueId padded = t.Add("Pad", {x, t.IntsOf("sides", {0, 0, 1, 1, 0, 0, 1, 1})}, "padded");
  t.Output(t.Add("Conv", {padded, t.Weight("w", {3, 2, 3, 3})}, "y"));
  t.Output(t.Add("Relu", {padded}, "z"));
  ExpectUnchanged(kPass, t.graph);
}

}  // namespace
}  // namespace assay
