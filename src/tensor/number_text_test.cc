#include "tensor/number_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace assay {
namespace {

TEST(PythonRepr, LaysOutAsPythonDoes) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(PythonRepr(1.0), "1.0");
  EXPECT_EQ(PythonRepr(-0.0), "-0.0");
  EXPECT_EQ(PythonRepr(0.001), "0.001");
  EXPECT_EQ(PythonRepr(0.0001), "0.0001");
  EXPECT_EQ(PythonRepr(0.00001), "1e-05");
  EXPECT_EQ(PythonRepr(1e15), "1000000000000000.0");
  EXPECT_EQ(PythonRepr(1e16), "1e+16");
  EXPECT_EQ(PythonRepr(123456789012345680.0), "1.2345678901234568e+17");
  EXPECT_EQ(PythonRepr(5e-324), "5e-324");
  EXPECT_EQ(PythonRepr(1e100), "1e+100");
  EXPECT_EQ(PythonRepr(-inf), "-inf");
  EXPECT_EQ(PythonRepr(std::nan("")), "nan");
  EXPECT_EQ(PythonRepr(-std::nan("")), "nan");
}

TEST(ParseDouble, ReadsWhatPythonReads) {
  EXPECT_EQ(ParseDouble("0.001"), 0.001);
  EXPECT_EQ(ParseDouble(" +1e3 "), 1000.0);
  EXPECT_EQ(ParseDouble(".5"), 0.5);
  EXPECT_EQ(ParseDouble("5."), 5.0);
  EXPECT_EQ(ParseDouble("-Infinity"), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(*ParseDouble("NaN")));
}

TEST(ParseDouble, GoesToInfinityOrZeroOutsideTheRange) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(ParseDouble("1e400"), inf);
  EXPECT_EQ(ParseDouble("-1e400"), -inf);
  EXPECT_EQ(ParseDouble("1e-400"), 0.0);
  EXPECT_TRUE(std::signbit(*ParseDouble("-1e-400")));
  EXPECT_EQ(ParseDouble("1e-99999999999999999999"), 0.0);
  EXPECT_EQ(ParseDouble("1e99999999999999999999"), inf);
  EXPECT_EQ(ParseDouble("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(ParseDouble(std::string(400, '1')), inf);
  EXPECT_EQ(ParseDouble(std::string(400, '1') + "e-399"), 1.1111111111111112);
}

TEST(ParseDouble, RefusesTheRest) {
  for (const char* text :
       {"", " ", "+", "-", "--1", "+-1", "1.0f", "1,5", "0x10", "one", "nan(1)", "1 2"}) {
    EXPECT_FALSE(ParseDouble(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace assay
