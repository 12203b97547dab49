#include "tensor/narrow_float.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace assay {
namespace {

constexpr DType kNarrow[] = {DType::kFloat16,        DType::kBFloat16,   DType::kFloat8E4M3FN,
                             DType::kFloat8E4M3FNUZ, DType::kFloat8E5M2, DType::kFloat8E5M2FNUZ,
                             DType::kFloat4E2M1,     DType::kFloat6E2M3, DType::kFloat6E3M2};

int CodeCount(DType dtype) {
  switch (dtype) {
    case DType::kFloat4E2M1:
      return 16;
    case DType::kFloat6E2M3:
    case DType::kFloat6E3M2:
      return 64;
    default:
      return 1 << DTypeBits(dtype);
  }
}

TEST(NarrowFloat, EveryCodeSurvivesDecodeAndEncode) {
  for (DType dtype : kNarrow) {
    for (int code = 0; code < CodeCount(dtype); ++code) {
      const double value = DecodeNarrowFloat(dtype, static_cast<uint16_t>(code));
      if (std::isnan(value)) continue;
      EXPECT_EQ(EncodeNarrowFloat(dtype, value), code) << DTypeName(dtype) << " " << code;
    }
  }
}

TEST(NarrowFloat, TiesGoToTheEvenNeighbour) {
  EXPECT_EQ(RoundToDType(DType::kFloat16, 2049.0), 2048.0);
  EXPECT_EQ(RoundToDType(DType::kFloat16, 2051.0), 2052.0);
  EXPECT_EQ(RoundToDType(DType::kBFloat16, 257.0), 256.0);
  EXPECT_EQ(RoundToDType(DType::kFloat4E2M1, 2.5), 2.0);
}

TEST(NarrowFloat, OverflowFollowsTheType) {
  EXPECT_TRUE(std::isinf(RoundToDType(DType::kFloat16, 65520.0)));
  EXPECT_EQ(RoundToDType(DType::kFloat16, 65519.0), 65504.0);
  EXPECT_TRUE(std::isnan(RoundToDType(DType::kFloat8E4M3FN, 1e9)));
  EXPECT_EQ(
      DecodeNarrowFloat(DType::kFloat8E4M3FN, EncodeNarrowFloat(DType::kFloat8E4M3FN, 1e9, true)),
      448.0);
  EXPECT_EQ(RoundToDType(DType::kFloat4E2M1, 100.0), 6.0);
  EXPECT_TRUE(std::isinf(RoundToDType(DType::kBFloat16, 1e39)));
}

TEST(NarrowFloat, LargestFiniteOfEveryFloatingType) {
  EXPECT_EQ(LargestFinite(DType::kFloat64), std::numeric_limits<double>::max());
  EXPECT_EQ(LargestFinite(DType::kFloat32), 3.4028234663852886e38);
  EXPECT_EQ(LargestFinite(DType::kFloat16), 65504.0);
  EXPECT_EQ(LargestFinite(DType::kBFloat16), 3.3895313892515355e38);
  EXPECT_EQ(LargestFinite(DType::kFloat8E4M3FN), 448.0);
  EXPECT_EQ(LargestFinite(DType::kFloat8E4M3FNUZ), 240.0);
  EXPECT_EQ(LargestFinite(DType::kFloat8E5M2), 57344.0);
  EXPECT_EQ(LargestFinite(DType::kFloat8E5M2FNUZ), 57344.0);
  EXPECT_EQ(LargestFinite(DType::kFloat8E8M0), std::ldexp(1.0, 127));
  EXPECT_EQ(LargestFinite(DType::kFloat4E2M1), 6.0);
  EXPECT_EQ(LargestFinite(DType::kFloat6E2M3), 7.5);
  EXPECT_EQ(LargestFinite(DType::kFloat6E3M2), 28.0);
  EXPECT_TRUE(std::isinf(LargestFinite(DType::kInt8)));
}

TEST(NarrowFloat, SubnormalsAndSignedZero) {
  EXPECT_EQ(RoundToDType(DType::kFloat16, std::ldexp(1.0, -24)), std::ldexp(1.0, -24));
  EXPECT_EQ(RoundToDType(DType::kFloat16, std::ldexp(1.0, -26)), 0.0);
  EXPECT_TRUE(std::signbit(RoundToDType(DType::kFloat16, -0.0)));
  EXPECT_FALSE(std::signbit(RoundToDType(DType::kFloat8E4M3FNUZ, -0.0)));
  EXPECT_TRUE(std::isnan(RoundToDType(DType::kFloat16, std::numeric_limits<double>::quiet_NaN())));
}

}  // namespace
}  // namespace assay
