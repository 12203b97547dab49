#include "passes/pass_test.h"

namespace assay {
namespace {

using namespace test;

constexpr std::string_view kPass = "recognize-layer-normalization";

// As PyTorch writes it before opset 17, up to the division.
ValueId Normalize(TestGraph& t, ValueId x, const Ints& axes, const std::string& name,
                  double epsilon = 0x1p-17) {
  const ValueId mean = t.Add("ReduceMean", {x}, name + ".mean", {{"axes", axes}});
  const ValueId d = t.Add("Sub", {x, mean}, name + ".d");
  const ValueId square = t.Add("Pow", {d, t.Number(name + ".two", 2)}, name + ".square");
  const ValueId variance = t.Add("ReduceMean", {square}, name + ".variance", {{"axes", axes}});
  const ValueId shifted =
      t.Add("Add", {variance, t.Number(name + ".epsilon", epsilon)}, name + ".shifted");
  return t.Add("Div", {d, t.Add("Sqrt", {shifted}, name + ".root")}, name);
}

TEST(RecognizeLayerNormalization, TakesScaleAndOffset) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), Dim::Symbol("L"), 6});
  const ValueId normal = Normalize(t, x, {-1}, "normal");
  const ValueId scaled = t.Add("Mul", {normal, t.Weight("scale", {6})}, "scaled");
  t.Output(t.Add("Add", {t.Weight("offset", {6}), scaled}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, L, 6)) {
  %y = LayerNormalization(%x, %scale, %offset) {axis=-1, epsilon=7.6293945e-06} : float64(N, L, 6)  # "/y"
  return %y
}
)");
}

TEST(RecognizeLayerNormalization, WorksOverSeveralAxesWithoutScale) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3, 4});
  t.Output(Normalize(t, x, {1, 2}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 3, 4)) {
  %y = LayerNormalization(%x, %y_ones) {axis=-2, epsilon=7.6293945e-06} : float64(N, 3, 4)  # "/y"
  return %y
}
)");
}

TEST(RecognizeLayerNormalization, LeavesOtherAxesAndUnknownExtents) {
  TestGraph t;
  const ValueId x = t.Input("x", {2, 3, Dim::Symbol("L")});
  t.Output(Normalize(t, x, {1}, "y"));
  t.Output(Normalize(t, x, {2}, "z"));
  ExpectUnchanged(kPass, t.graph);
}

TEST(RecognizeLayerNormalization, LeavesDifferencesThatOthersRead) {
  TestGraph t;
  const ValueId x = t.Input("x", {2, 3});
  const ValueId y = Normalize(t, x, {1}, "y");
  t.Output(y);
  t.Output(t.graph.FindValue("y.d"));
  // 0.1 is no float32, which the attribute would have to hold.
  t.Output(Normalize(t, x, {1}, "z", 0.1));
  ExpectUnchanged(kPass, t.graph);
}

}  // namespace
}  // namespace assay
