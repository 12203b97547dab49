#include "passes/pass_test.h"

namespace assay {
namespace {

using namespace test;

constexpr std::string_view kPass = "remove-no-ops";

TEST(RemoveNoOps, DropsWhatGivesBackItsInput) {
  TestGraph t;
  ValueId x = t.Input("x", {Dim::Symbol("N"), 3, Dim::Symbol("L")});
  x = t.Add("Identity", {x}, "a");
  x = t.Add("Dropout", {x}, "b");
  x = t.Add("Cast", {x}, "c", {{"to", int64_t{11}}});
  x = t.Add("Reshape", {x, t.IntsOf("shape", {0, 3, -1})}, "d");
  x = t.Add("Transpose", {x}, "e", {{"perm", Ints{0, 1, 2}}});
  x = t.Add("Pad", {x, t.IntsOf("pads", {0, 0, 0, 0, 0, 0})}, "f");
  x = t.Add("Slice", {x, t.IntsOf("begin", {0}), t.IntsOf("end", {3}), t.IntsOf("axis", {1})}, "g");
  x = t.Add("Expand", {x, t.IntsOf("extents", {1, 3, 1})}, "h");
  x = t.Add("Concat", {x}, "i", {{"axis", int64_t{1}}});
  x = t.Add("Mul", {t.Constant("ones", Tensor::Of<double>({3, 1}, {1, 1, 1})), x}, "j");
  x = t.Add("Div", {x, t.Number("one", 1)}, "k");
  x = t.Add("Sub", {x, t.Number("zero", 0)}, "l");
  x = t.Add("Add", {x, t.Number("minus_zero", -0.0)}, "m");
  x = t.Add("Tile", {x, t.IntsOf("repeats", {1, 1, 1})}, "n");
  t.Output(t.Add("Relu", {x}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 14);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 3, L)) {
  %y = Relu(%x) : float64(N, 3, L)  # "/y"
  return %y
}
)");
}

TEST(RemoveNoOps, KeepsClipsWithoutBoundsWhereThereAreInfinities) {
  for (const DType type : {DType::kFloat32, DType::kInt32}) {
    TestGraph t;
    const ValueId x =
        t.graph.AddInput("x", ValueType::TensorOf(type, SymbolicShape{Dim::Symbol("N")}));
    t.Output(t.Add("Relu", {t.Add("Clip", {x}, "clipped")}, "y"));
    EXPECT_EQ(RunPass(kPass, t.graph), type == DType::kInt32 ? 1 : 0);
  }
}

TEST(RemoveNoOps, DropsResizesByOne) {
  TestGraph t;
  const ValueId x = t.Input("x", {1, 2, 3, 4});
  const ValueId scales = t.Constant("scales", Tensor::Of<float>({4}, {1, 1, 1, 1}));
  const ValueId same = t.Add("Resize", {x, kNoValue, scales}, "same");
  const ValueId sized =
      t.Add("Resize", {same, kNoValue, kNoValue, t.IntsOf("sizes", {1, 2, 3, 4})}, "sized");
  t.Output(t.Add("Relu", {sized}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 2);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(1, 2, 3, 4)) {
  %y = Relu(%x) : float64(1, 2, 3, 4)  # "/y"
  return %y
}
)");
}

TEST(RemoveNoOps, LetsTheProducerWriteAGraphOutput) {
  TestGraph t;
  const ValueId x = t.Input("x", {2});
  const ValueId relu = t.Add("Relu", {x}, "relu");
  t.Output(t.Add("Identity", {relu}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(2,)) {
  %y = Relu(%x) : float64(2,)  # "/relu"
  return %y
}
)");
}

TEST(RemoveNoOps, LeavesWhatChangesSomething) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3, 4});
  // -0 + 0 is +0.
  t.Output(t.Add("Add", {x, t.Number("zero", 0)}, "a"));
  t.Output(t.Add("Cast", {x}, "b", {{"to", int64_t{1}}}));
  t.Output(t.Add("Mul", {x, t.Constant("wide", Tensor::Of<double>({1, 1, 1, 1}, {1}))}, "c"));
  t.Output(t.Add("Div", {t.Number("one", 1), x}, "d"));
  const ValueId square = t.Input("square", {3, 3});
  t.Output(t.Add("Transpose", {square}, "e"));
  t.Output(t.Add("Pad", {square, t.IntsOf("pads", {1, 0, -1, 0})}, "f"));
  t.Output(t.Add("Slice",
                 {square, t.IntsOf("begin", {2}), t.IntsOf("end", {-4}), t.IntsOf("axis", {1}),
                  t.IntsOf("step", {-1})},
                 "g"));
  // 3 * 1.2 is 3 elements that are other ones.
  const ValueId line = t.Input("line", {1, 1, 3});
  const ValueId scales = t.Constant("scales", Tensor::Of<float>({3}, {1, 1, 1.2F}));
  t.Output(t.Add("Resize", {line, kNoValue, scales}, "h"));
  ExpectUnchanged(kPass, t.graph);
}

TEST(RemoveNoOps, LeavesOutputsThatWouldBeInputsOrOtherOutputs) {
  TestGraph t;
  const ValueId x = t.Input("x", {2});
  t.Output(t.Add("Identity", {x}, "y"));
  const ValueId relu = t.Add("Relu", {x}, "relu");
  t.Output(relu);
  t.Output(t.Add("Identity", {relu}, "z"));
  ExpectUnchanged(kPass, t.graph);
}

}  // namespace
}  // namespace assay
