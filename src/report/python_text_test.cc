#include "report/python_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace assay {
namespace {

TEST(GeneralNumber, IsLaidOutAsPythonDoes) {
  EXPECT_EQ(GeneralNumber(0.0001), "0.0001");
  EXPECT_EQ(GeneralNumber(1e-5), "1e-05");
  EXPECT_EQ(GeneralNumber(123456), "1.2346e+05");
  EXPECT_EQ(GeneralNumber(-0.0), "-0");
  EXPECT_EQ(GeneralNumber(1.0 / 3, 3), "0.333");
  EXPECT_EQ(GeneralNumber(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(GeneralNumber(-std::numeric_limits<double>::quiet_NaN()), "nan");
}

TEST(PythonString, QuotesAsReprDoes) {
  EXPECT_EQ(PythonString("y"), "'y'");
  EXPECT_EQ(PythonString("it's"), "\"it's\"");
  EXPECT_EQ(PythonString("'\""), "'\\'\"'");
  EXPECT_EQ(PythonString("a\nb\\"), "'a\\nb\\\\'");
  EXPECT_EQ(PythonString("\x01"), "'\\x01'");
}

TEST(PythonTuple, ShowsNumbersSymbolsAndUnknownExtents) {
  EXPECT_EQ(PythonTuple({}), "()");
  EXPECT_EQ(PythonTuple({Dim(4)}), "(4,)");
  EXPECT_EQ(PythonTuple({Dim::Symbol("N"), Dim(3), Dim::Unknown()}), "('N', 3, None)");
}

TEST(IndexTuple, CountsInRowMajorOrder) {
  EXPECT_EQ(IndexTuple(0, Shape{2, 3, 4}), "(0, 0, 0)");
  EXPECT_EQ(IndexTuple(23, Shape{2, 3, 4}), "(1, 2, 3)");
  EXPECT_EQ(IndexTuple(0, Shape{}), "()");
  EXPECT_EQ(IndexTuple(-1, Shape{0}), "0");
}

TEST(TensorList, LeavesOutWhatIsNotKnown) {
  const TensorLine lines[] = {{"x", DType::kFloat32, SymbolicShape{Dim(1), Dim(3)}},
                              {"y"},
                              {"z", DType::kInt64},
                              {"w", DType::kUndefined, SymbolicShape{}}};
  EXPECT_EQ(TensorList(lines),
            "{x [dtype=float32, shape=(1, 3)],\n y,\n z [dtype=int64],\n w [shape=()]}");
}

TEST(IndentBlock, IndentsEveryLine) {
  EXPECT_EQ(IndentBlock("a\n\nb\n"), "    a\n    \n    b");
  EXPECT_EQ(IndentBlock("a", 2), "        a");
}

}  // namespace
}  // namespace assay
