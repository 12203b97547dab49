#include "passes/pass_test.h"

namespace assay {
namespace {

using namespace test;

constexpr std::string_view kPass = "recognize-attention";

ValueId Softmax(TestGraph& t, ValueId scores, const std::string& name, int64_t axis = -1) {
  return t.Add("Softmax", {scores}, name, {{"axis", axis}});
}

// (batch, length, heads, width), as a projection gives it.
ValueId Projected(TestGraph& t, const std::string& name, const Dim& length, int64_t width) {
  return t.Input(name, {Dim::Symbol("N"), length, 2, width});
}

TEST(RecognizeAttention, FindsScoresThatAreDividedAndMasked) {
  TestGraph t;
  const Dim length = Dim::Symbol("L");
  const ValueId x = Projected(t, "x", length, 3);
  const ValueId y = Projected(t, "y", length, 3);
  const ValueId z = Projected(t, "z", length, 4);
  const ValueId mask = t.Input("mask", {Dim::Symbol("N"), 1, 1, length});
  const ValueId q = t.Add("Transpose", {x}, "q", {{"perm", Ints{0, 2, 1, 3}}});
  const ValueId k = t.Add("Transpose", {y}, "k", {{"perm", Ints{0, 2, 3, 1}}});
  const ValueId v = t.Add("Transpose", {z}, "v", {{"perm", Ints{0, 2, 1, 3}}});
  const ValueId scores = t.Add("MatMul", {q, k}, "scores");
  const ValueId divided = t.Add("Div", {scores, t.Number("c", 4)}, "divided");
  const ValueId masked = t.Add("Add", {divided, mask}, "masked");
  const ValueId attended = t.Add("MatMul", {Softmax(t, masked, "weights"), v}, "attended");
  t.Output(t.Add("Transpose", {attended}, "out", {{"perm", Ints{0, 2, 1, 3}}}));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph),
            R"(graph "" (%x: float64(N, L, 2, 3), %y: float64(N, L, 2, 3), )"
            R"(%z: float64(N, L, 2, 4), %mask: float64(N, 1, 1, L)) {
  %out = assay.Attention(%x, %y, %z, %mask) {scale=float64() [0.25], )"
            R"(query_perm=[0, 2, 1, 3], key_perm=[0, 2, 3, 1], value_perm=[0, 2, 1, 3], )"
            R"(output_perm=[0, 2, 1, 3]} : float64(N, L, 2, 4)  # "/attended"
  return %out
}
)");
}

TEST(RecognizeAttention, FindsQueriesAndKeysThatAreBothScaled) {
  TestGraph t;
  const ValueId q = t.Input("q", {2, Dim::Symbol("L"), 3});
  const ValueId k = t.Input("k", {2, Dim::Symbol("M"), 3});
  const ValueId v = t.Input("v", {2, Dim::Symbol("M"), 5});
  const ValueId scaled = t.Add("Mul", {t.Number("a", 0.75), q}, "scaled");
  const ValueId transposed = t.Add("Transpose", {k}, "transposed", {{"perm", Ints{0, 2, 1}}});
  const ValueId both = t.Add("Mul", {transposed, t.Number("b", 0.7)}, "both");
  const ValueId scores = t.Add("MatMul", {scaled, both}, "scores");
  t.Output(t.Add("MatMul", {Softmax(t, scores, "weights", 2), v}, "out"));
  t.Output(scaled);
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph),
            R"(graph "" (%q: float64(2, L, 3), %k: float64(2, M, 3), %v: float64(2, M, 5)) {
  %scaled = Mul(%a, %q) : float64(2, L, 3)  # "/scaled"
  %out = assay.Attention(%q, %k, %v) {scale=float64() [0.5249999999999999], key_perm=[0, 2, 1]} )"
            R"(: float64(2, L, 5)  # "/out"
  return %out, %scaled
}
)");
}

TEST(RecognizeAttention, FindsPlainMatricesAndAMaskInFront) {
  TestGraph t;
  const ValueId q = t.Input("q", {4, 3});
  const ValueId k = t.Input("k", {3, 6});
  const ValueId v = t.Input("v", {6, 2});
  const ValueId mask = t.Add("MatMul", {t.Input("a", {4, 1}), t.Input("b", {1, 6})}, "mask");
  const ValueId scores = t.Add("MatMul", {q, k}, "scores");
  t.Output(mask);
  const ValueId masked = t.Add("Add", {mask, scores}, "masked");
  t.Output(t.Add("MatMul", {t.Add("Softmax", {masked}, "weights", {}, 11), v}, "out"));
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph), R"(graph "" (%q: float64(4, 3), %k: float64(3, 6), )"
                              R"(%v: float64(6, 2), %a: float64(4, 1), %b: float64(1, 6)) {
  %mask = MatMul(%a, %b) : float64(4, 6)  # "/mask"
  %out = assay.Attention(%q, %k, %v, %mask) : float64(4, 2)  # "/out"
  return %mask, %out
}
)");
}

// Operands of an attention over two heads, each test with its own way to spoil it.
struct Parts {
  explicit Parts(TestGraph& t)
      : q(t.Input("q", {2, 5, 3})), k(t.Input("k", {2, 3, 6})), v(t.Input("v", {2, 6, 4})) {}
  ValueId q;
  ValueId k;
  ValueId v;
};

TEST(RecognizeAttention, LeavesScoresAndWeightsThatOthersSee) {
  for (const std::string seen : {"scores", "scaled", "masked", "weights"}) {
    SCOPED_TRACE(seen);
    TestGraph t;
    const Parts p(t);
    const ValueId scores = t.Add("MatMul", {p.q, p.k}, "scores");
    const ValueId scaled = t.Add("Mul", {scores, t.Number("c", 0.5)}, "scaled");
    const ValueId masked = t.Add("Add", {scaled, t.Input("mask", {5, 6})}, "masked");
    t.Output(t.Add("MatMul", {Softmax(t, masked, "weights"), p.v}, "out"));
    TestGraph read = t;
    t.Output(t.graph.FindValue(seen));
    ExpectUnchanged(kPass, t.graph);
    read.Output(read.Add("Relu", {read.graph.FindValue(seen)}, "relu"));
    ExpectUnchanged(kPass, read.graph);
  }
}

TEST(RecognizeAttention, LeavesMasksThatMayBeLargerThanTheScores) {
  struct Shapes {
    SymbolicShape q, k, v, mask;
  };
  const Dim keys = Dim::Symbol("K");
  const Shapes cases[] = {
      {{2, 5, 3}, {2, 3, 6}, {2, 6, 4}, {3, 2, 5, 6}},
      {{2, 5, 3}, {2, 3, keys}, {2, keys, 4}, {5, Dim::Symbol("M")}},
      {{1, 5, 3}, {1, 3, 6}, {1, 6, 4}, {Dim::Symbol("B"), 1, 1}},
  };
  for (const Shapes& shapes : cases) {
    SCOPED_TRACE(ToString(shapes.mask));
    TestGraph t;
    const ValueId scores =
        t.Add("MatMul", {t.Input("q", shapes.q), t.Input("k", shapes.k)}, "scores");
    const ValueId masked = t.Add("Add", {scores, t.Input("mask", shapes.mask)}, "masked");
    t.Output(t.Add("MatMul", {Softmax(t, masked, "weights"), t.Input("v", shapes.v)}, "out"));
    ExpectUnchanged(kPass, t.graph);
  }
}

TEST(RecognizeAttention, LeavesOtherAxesAndSidesOfTheProduct) {
  TestGraph t;
  const Parts p(t);
  const ValueId down = Softmax(t, t.Add("MatMul", {p.q, p.k}, "a"), "down", 1);
  t.Output(t.Add("MatMul", {down, p.v}, "x"));
  const ValueId flat =
      t.Add("Softmax", {t.Add("MatMul", {p.q, p.k}, "b")}, "flat", {{"axis", int64_t{1}}}, 11);
  t.Output(t.Add("MatMul", {flat, p.v}, "y"));
  const ValueId right = Softmax(t, t.Add("MatMul", {p.q, p.k}, "d"), "right");
  t.Output(t.Add("MatMul", {t.Input("left", {2, 4, 5}), right}, "z"));
  const ValueId twice = Softmax(t, t.Add("MatMul", {p.q, t.Input("w", {2, 3, 5})}, "e"), "twice");
  t.Output(t.Add("MatMul", {twice, twice}, "u"));
  ExpectUnchanged(kPass, t.graph);
}

TEST(RecognizeAttention, LeavesScalesThatAreNoNumber) {
  TestGraph t;
  const Parts p(t);
  const ValueId s = t.Input("s", {});
  const ValueId computed = t.Add("Mul", {t.Add("MatMul", {p.q, p.k}, "a"), s}, "computed");
  t.Output(t.Add("MatMul", {Softmax(t, computed, "w1"), p.v}, "x"));
  const ValueId weights = t.Weight("row", Shape({6}));
  const ValueId each = t.Add("Mul", {t.Add("MatMul", {p.q, p.k}, "b"), weights}, "each");
  t.Output(t.Add("MatMul", {Softmax(t, each, "w2"), p.v}, "y"));
  const ValueId under = t.Add("Div", {t.Number("c", 2), t.Add("MatMul", {p.q, p.k}, "d")}, "under");
  t.Output(t.Add("MatMul", {Softmax(t, under, "w3"), p.v}, "z"));
  ExpectUnchanged(kPass, t.graph);
}

TEST(RecognizeAttention, LeavesLeadingAxesThatDiffer) {
  TestGraph t;
  const Parts p(t);
  const ValueId one = t.Input("one", {1, 6, 4});
  t.Output(t.Add("MatMul", {Softmax(t, t.Add("MatMul", {p.q, p.k}, "a"), "w1"), one}, "x"));
  const ValueId matrix = t.Input("matrix", {3, 6});
  t.Output(t.Add("MatMul", {Softmax(t, t.Add("MatMul", {p.q, matrix}, "b"), "w2"), p.v}, "y"));
  ExpectUnchanged(kPass, t.graph);
}

TEST(RecognizeAttention, KeepsTransposedValuesThatOthersRead) {
  TestGraph t;
  const Parts p(t);
  const ValueId x = t.Input("x", {2, 6, 3});
  const ValueId k = t.Add("Transpose", {x}, "keys", {{"perm", Ints{0, 2, 1}}});
  const ValueId scores = t.Add("MatMul", {p.q, k}, "scores");
  const ValueId attended = t.Add("MatMul", {Softmax(t, scores, "weights"), p.v}, "attended");
  t.Output(attended);
  t.Output(t.Add("Transpose", {attended}, "other"));
  t.Output(k);
  EXPECT_EQ(RunPass(kPass, t.graph), 1);
  EXPECT_EQ(NodesOf(t.graph),
            R"(graph "" (%q: float64(2, 5, 3), %k: float64(2, 3, 6), %v: float64(2, 6, 4), )"
            R"(%x: float64(2, 6, 3)) {
  %keys = Transpose(%x) {perm=[0, 2, 1]} : float64(2, 3, 6)  # "/keys"
  %attended = assay.Attention(%q, %x, %v) {key_perm=[0, 2, 1]} : float64(2, 5, 4)  # "/attended"
  %other = Transpose(%attended) : float64(4, 5, 2)  # "/other"
  return %attended, %other, %keys
}
)");
}

}  // namespace
}  // namespace assay
