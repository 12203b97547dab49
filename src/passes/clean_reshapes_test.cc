#include "passes/pass_test.h"

namespace assay {
namespace {

using namespace test;

constexpr std::string_view kPass = "clean-reshapes";

TEST(CleanReshapes, JoinsThoseThatFollowEachOther) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 4, 1, 6});
  ValueId v = t.Add("Squeeze", {x, t.IntsOf("axes", {2})}, "a");
  v = t.Add("Flatten", {v}, "b", {{"axis", int64_t{1}}});
  v = t.Add("Unsqueeze", {v, t.IntsOf("last", {2})}, "c");
  v = t.Add("Reshape", {v, t.IntsOf("shape", {0, 8, 3})}, "d");
  t.Output(t.Add("Relu", {v}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 3);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 4, 1, 6)) {
  %d = Reshape(%x, %d_shape) : float64(N, 8, 3)  # "/d"
  %y = Relu(%d) : float64(N, 8, 3)  # "/y"
  return %y
}
)");
}

TEST(CleanReshapes, GivesComputedExtentsAsConstants) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), Dim::Symbol("L"), 6});
  const ValueId shape = t.Add("Shape", {x}, "shape");
  const ValueId two = t.IntsOf("two", {0, 1});
  const ValueId head = t.Add("Gather", {shape, two}, "head");
  const ValueId whole =
      t.Add("Concat", {head, t.IntsOf("rest", {2, 3})}, "whole", {{"axis", int64_t{0}}});
  t.Output(t.Add("Reshape", {x, whole}, "y"));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, L, 6)) {
  %shape = Shape(%x) : int64(3,)  # "/shape"
  %head = Gather(%shape, %two) : int64(2,)  # "/head"
  %whole = Concat(%head, %rest) {axis=0} : int64(4,)  # "/whole"
  %y = Reshape(%x, %y_shape) : float64(N, L, 2, 3)  # "/y"
  return %y
}
)");
}

TEST(CleanReshapes, ComposesTransposes) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3, 4});
  const ValueId a = t.Add("Transpose", {x}, "a", {{"perm", Ints{0, 2, 1}}});
  const ValueId b = t.Add("Transpose", {a}, "b", {{"perm", Ints{2, 0, 1}}});
  const ValueId c = t.Add("Transpose", {a}, "c", {{"perm", Ints{0, 2, 1}}});
  t.Output(t.Add("Relu", {b}, "y"));
  t.Output(t.Add("Exp", {c}, "z"));
  EXPECT_EQ(RunPass(kPass, t.graph), 2);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 3, 4)) {
  %a = Transpose(%x) {perm=[0, 2, 1]} : float64(N, 4, 3)  # "/a"
  %b = Transpose(%x) {perm=[1, 0, 2]} : float64(3, N, 4)  # "/b"
  %y = Relu(%b) : float64(3, N, 4)  # "/y"
  %z = Exp(%x) : float64(N, 3, 4)  # "/z"
  return %y, %z
}
)");
}

TEST(CleanReshapes, MakesReshapesOfTransposesThatMoveNothing) {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 1, 4});
  t.Output(t.Add("Transpose", {x}, "y", {{"perm", Ints{1, 0, 2}}}));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(N, 1, 4)) {
  %y = Reshape(%x, %y_shape) : float64(1, N, 4)  # "/y"
  return %y
}
)");
}

TEST(CleanReshapes, TakesTransposesIntoProducts) {
  TestGraph t;
  const ValueId x = t.Input("x", {3, Dim::Symbol("N")});
  const ValueId w = t.Input("w", {4, 3});
  const ValueId left = t.Add("Transpose", {x}, "left");
  const ValueId right = t.Add("Transpose", {w}, "right", {{"perm", Ints{1, 0}}});
  const ValueId product = t.Add("MatMul", {left, right}, "product");
  const ValueId back = t.Add("Transpose", {product}, "back");
  t.Output(t.Add("Gemm", {back, right}, "y", {{"transA", int64_t{1}}, {"transB", int64_t{1}}}));
  EXPECT_EQ(RunPass(kPass, t.graph), 2);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%x: float64(3, N), %w: float64(4, 3)) {
  %product = Gemm(%x, %w) {transA=1, transB=1} : float64(N, 4)  # "/product"
  %y = Gemm(%product, %w) {transA=0, transB=0} : float64(N, 3)  # "/y"
  return %y
}
)");
}

TEST(CleanReshapes, LeavesWhatItCannotWriteDown) {
  TestGraph t;
  // Neither extent is the input's at its place.
  const ValueId x = t.Input("x", {Dim::Symbol("N"), Dim::Symbol("L")});
  const ValueId shape = t.Add("Shape", {x}, "shape");
  const ValueId swapped = t.Add("Gather", {shape, t.IntsOf("order", {1, 0})}, "swapped");
  t.Output(t.Add("Reshape", {x, swapped}, "y"));
  const ValueId stack = t.Input("stack", {2, 3, 4});
  const ValueId turned = t.Add("Transpose", {stack}, "turned", {{"perm", Ints{0, 2, 1}}});
  t.Output(t.Add("MatMul", {stack, turned}, "z"));
  const ValueId integers = t.Input("integers", {3, 3}, DType::kInt32);
  const ValueId flipped = t.Add("Transpose", {integers}, "flipped");
  t.Output(t.Add("MatMul", {integers, flipped}, "v"));
  ExpectUnchanged(kPass, t.graph);
}

TEST(CleanReshapes, LeavesValuesThatAreOutputs) {
  TestGraph t;
  const ValueId x = t.Input("x", {2, 6});
  const ValueId a = t.Add("Reshape", {x, t.IntsOf("to", {3, 4})}, "a");
  t.Output(a);
  t.Output(t.Add("Reshape", {a, t.IntsOf("back", {2, 6})}, "y"));
  ExpectUnchanged(kPass, t.graph);
}

}  // namespace
}  // namespace assay
