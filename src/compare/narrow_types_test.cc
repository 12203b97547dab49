#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "compare/comparison.h"
#include "compare/element_reader.h"
#include "compare/test_data.h"
#include "tensor/narrow_float.h"

namespace assay {
namespace {

using test::Compare;

Tensor Codes16(DType dtype, const std::vector<uint16_t>& codes) {
  Tensor tensor = Tensor::Allocate(dtype, {static_cast<int64_t>(codes.size())});
  std::copy(codes.begin(), codes.end(), static_cast<uint16_t*>(tensor.mutable_raw()));
  return tensor;
}

Tensor Codes8(DType dtype, const std::vector<uint8_t>& codes) {
  Tensor tensor = Tensor::Allocate(dtype, {static_cast<int64_t>(codes.size())});
  std::copy(codes.begin(), codes.end(), static_cast<uint8_t*>(tensor.mutable_raw()));
  return tensor;
}

TEST(ElementReader, ReadsEveryCodeOfEveryNarrowType) {
  for (const DType dtype : {DType::kFloat16, DType::kBFloat16}) {
    std::vector<uint16_t> codes(65536);
    for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<uint16_t>(i);
    const Tensor tensor = Codes16(dtype, codes);
    const ElementReader<float> reader(tensor);
    std::vector<float> buffer(65536);
    const float* values = reader.Read(0, 65536, buffer.data());
    for (size_t i = 0; i < codes.size(); ++i) {
      const double expected = DecodeNarrowFloat(dtype, codes[i]);
      if (std::isnan(expected)) {
        ASSERT_TRUE(std::isnan(values[i])) << i;
      } else {
        ASSERT_EQ(static_cast<double>(values[i]), expected) << i;
        ASSERT_EQ(std::signbit(values[i]), std::signbit(expected)) << i;
      }
    }
  }
  for (const DType dtype : {DType::kFloat8E4M3FN, DType::kFloat8E4M3FNUZ, DType::kFloat8E5M2,
                            DType::kFloat8E5M2FNUZ, DType::kFloat8E8M0}) {
    std::vector<uint8_t> codes(256);
    for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<uint8_t>(i);
    const Tensor tensor = Codes8(dtype, codes);
    const ElementReader<double> reader(tensor);
    std::vector<double> buffer(256);
    const double* values = reader.Read(0, 256, buffer.data());
    for (size_t i = 0; i < codes.size(); ++i) {
      const double expected = DecodeNarrowFloat(dtype, codes[i]);
      if (std::isnan(expected)) {
        ASSERT_TRUE(std::isnan(values[i]));
      } else {
        ASSERT_EQ(values[i], expected);
      }
    }
  }
}

TEST(CompareTensors, ComparesPackedTypes) {
  Tensor output = Tensor::Zeros(DType::kInt4, {3});
  Tensor reference = Tensor::Zeros(DType::kInt4, {3});
  static_cast<uint8_t*>(output.mutable_raw())[0] = 0x87;     // 7, -8
  static_cast<uint8_t*>(reference.mutable_raw())[0] = 0x78;  // -8, 7
  const OutputComparison c = Compare(output, reference);
  EXPECT_EQ(c.absolute_difference.max.value, 15);
  EXPECT_EQ(c.absolute_difference.max.index, 0);
  EXPECT_EQ(c.mismatches.polygraphy, 2);
}

TEST(UlpDistance, CrossesZeroMonotonically) {
  const OutputComparison c =
      Compare(Tensor::Vector<float>({1e-45f, 0.0f, 1.0f, -0.0f}),
              Tensor::Vector<float>({-1e-45f, -0.0f, std::nextafter(1.0f, 2.0f), 1e-45f}));
  EXPECT_EQ(c.ulp.max, 2u);
  EXPECT_EQ(c.ulp.max_index, 0);
  EXPECT_EQ(c.ulp.count, 4);
  EXPECT_EQ(c.ulp.within[0], 1);
  EXPECT_EQ(c.ulp.within[1], 3);
  EXPECT_EQ(c.ulp.within[2], 4);
}

TEST(UlpDistance, ReachesFromEndToEnd) {
  constexpr float kMax = std::numeric_limits<float>::max();
  const OutputComparison c =
      Compare(Tensor::Vector<float>({1, kMax, kMax}), Tensor::Vector<float>({1, -kMax, 0}));
  EXPECT_EQ(c.ulp.max, 2u * 0x7f7fffffu);
  EXPECT_EQ(c.ulp.max_index, 1);
  EXPECT_EQ(c.ulp.within.back(), 1);
}

TEST(UlpDistance, LeavesNanOut) {
  const float nan = std::nanf("");
  const OutputComparison c =
      Compare(Tensor::Vector<float>({nan, 1, 2}), Tensor::Vector<float>({1, nan, 2}));
  EXPECT_EQ(c.ulp.count, 1);
  EXPECT_EQ(c.ulp.max, 0u);
  EXPECT_EQ(c.ulp.max_index, 2);
}

TEST(UlpDistance, CountsInTheOutputsOwnType) {
  // 1 and the next float16, 1 + 2^-10.
  const Tensor output = Codes16(DType::kFloat16, {0x3c00, 0x8001});
  const Tensor reference = Codes16(DType::kFloat16, {0x3c01, 0x0001});
  const OutputComparison same = Compare(output, reference);
  EXPECT_EQ(same.ulp.dtype, DType::kFloat16);
  EXPECT_EQ(same.ulp.max, 2u);
  EXPECT_EQ(same.ulp.within[1], 1);
  // A float64 reference is rounded to float16 first: 1 + 3 * 2^-11 lies between codes 1 and 2, ties
  // to 2.
  const Tensor wide = Tensor::Vector<double>({1 + 3 * 0x1p-11, 0x1p-24});
  EXPECT_EQ(Compare(output, wide).ulp.within[2], 2);
  EXPECT_EQ(
      Compare(Codes16(DType::kBFloat16, {0x3f80}), Tensor::Vector<float>({1.015625f})).ulp.max, 2u);
  EXPECT_EQ(
      Compare(Codes8(DType::kFloat8E4M3FN, {0x38}), Codes8(DType::kFloat8E4M3FN, {0x3b})).ulp.max,
      3u);
  EXPECT_FALSE(Compare(Tensor::Vector<int32_t>({1}), Tensor::Vector<int32_t>({2})).ulp.applicable);
}

// Halfway cases, their neighbours, subnormals and overflow of every code, against the library's
// rounding.
TEST(UlpKeys, RoundAsTheTypeDoes) {
  for (const DType dtype : {DType::kFloat16, DType::kBFloat16}) {
    std::vector<double> values;
    const int last = dtype == DType::kFloat16 ? 0x7bff : 0x7f7f;
    for (int code = 0; code < last; code += 7) {
      const double low = DecodeNarrowFloat(dtype, static_cast<uint16_t>(code));
      const double high = DecodeNarrowFloat(dtype, static_cast<uint16_t>(code + 1));
      const double middle = (low + high) / 2;
      values.insert(values.end(), {low, -low, middle, -std::nextafter(middle, low),
                                   std::nextafter(middle, high), low + (high - low) * 0.3});
    }
    const double end = DecodeNarrowFloat(dtype, static_cast<uint16_t>(last));
    values.insert(values.end(), {end, end * 1.0001, end * 1.01, 1e300, -INFINITY});
    const Tensor wide = Tensor::Vector<double>(values);
    std::vector<uint16_t> codes;
    for (const double value : values) codes.push_back(EncodeNarrowFloat(dtype, value));
    const OutputComparison c = Compare(Codes16(dtype, codes), wide);
    EXPECT_EQ(c.ulp.dtype, dtype);
    EXPECT_EQ(c.ulp.count, static_cast<int64_t>(values.size()));
    EXPECT_EQ(c.ulp.max, 0u) << values[static_cast<size_t>(c.ulp.max_index)];
    std::vector<float> floats(values.begin(), values.end());
    codes.clear();
    for (const float value : floats) codes.push_back(EncodeNarrowFloat(dtype, value));
    EXPECT_EQ(Compare(Codes16(dtype, codes), Tensor::Vector<float>(floats)).ulp.max, 0u);
  }
}

TEST(UlpDistance, BoundsQuantiles) {
  std::vector<float> output(100, 1.0f);
  for (size_t i = 90; i < 100; ++i) output[i] = std::nextafter(1.0f, 2.0f);
  output[99] = 2.0f;
  const OutputComparison c =
      Compare(Tensor::Vector<float>(output), Tensor::Vector<float>(std::vector<float>(100, 1.0f)));
  EXPECT_EQ(c.ulp.QuantileBound(0.9), 0u);
  EXPECT_EQ(c.ulp.QuantileBound(0.99), 1u);
  EXPECT_EQ(c.ulp.QuantileBound(1.0), std::nullopt);
}

// Expected: numpy 2.4 on float16(output), see AgreesWithNumpyOnSeededData for the data.
TEST(CompareTensors, TakesPercentilesOfFloat16InFloat16) {
  test::Uniform first(1);
  test::Uniform second(2);
  std::vector<uint16_t> codes;
  for (int i = 0; i < 1000; ++i) {
    const float reference = (first.Next() - 0.5f) * 8.0f;
    const float noise = (second.Next() - 0.5f) * 1e-3f;
    codes.push_back(EncodeNarrowFloat(DType::kFloat16, reference + noise));
  }
  const Tensor tensor = Codes16(DType::kFloat16, codes);
  CompareOptions options;
  options.quantiles = {0.37};
  const OutputComparison c = Compare(tensor, tensor, options);
  EXPECT_EQ(c.output.median, 0.109832763671875);
  EXPECT_EQ(c.output.p90, 3.244140625);
  EXPECT_EQ(c.output.p95, 3.72265625);
  EXPECT_EQ(c.output.p99, 3.947265625);
  EXPECT_EQ(c.output.quantiles[0].value, -0.9140625);
  EXPECT_EQ(c.output_histogram.counts,
            (std::array<int64_t, 10>{103, 95, 77, 111, 102, 82, 119, 105, 98, 108}));
  EXPECT_EQ(c.output_histogram.edges[4], -0.79736328125);
}

TEST(CompareTensors, CountsSubnormalsOfTheDeclaredType) {
  const Tensor halves = Codes16(DType::kFloat16, {0x0001, 0x03ff, 0x0400, 0x8000, 0x3c00});
  const OutputComparison c = Compare(halves, halves);
  EXPECT_EQ(c.output_special.subnormal, 2);
  EXPECT_EQ(c.output_special.zero, 1);
}

TEST(ReadExactDistances, AgreesForEveryPairOfIntegerTypes) {
  const Tensor wide = Tensor::Vector<int64_t>({INT64_MIN, 5, -7, INT64_MAX});
  const Tensor other = Tensor::Vector<int64_t>({INT64_MAX, -7, 5, INT64_MAX});
  std::vector<uint64_t> distances(3);
  ReadExactDistances(wide, other, 0, 3, distances.data());
  EXPECT_EQ(distances, (std::vector<uint64_t>{UINT64_MAX, 12, 12}));
  ReadExactDistances(wide, other, 1, 3, distances.data());
  EXPECT_EQ(distances, (std::vector<uint64_t>{12, 12, 0}));
  ReadExactDistances(wide, Tensor::Vector<uint8_t>({0, 255, 3}), 0, 3, distances.data());
  EXPECT_EQ(distances, (std::vector<uint64_t>{uint64_t{1} << 63, 250, 10}));
}

TEST(ExactDistance, CoversAllOfInt64AndUint64) {
  const auto of = [](int64_t value) {
    return WideInteger{static_cast<uint64_t>(value), value < 0};
  };
  EXPECT_EQ(ExactDistance(of(INT64_MIN), of(INT64_MAX)), UINT64_MAX);
  EXPECT_EQ(ExactDistance(of(-3), of(-10)), 7u);
  EXPECT_EQ(ExactDistance(of(-1), WideInteger{UINT64_MAX, false}), UINT64_MAX);
  EXPECT_EQ(ExactDistance(of(-1), WideInteger{5, false}), 6u);
  EXPECT_EQ(ExactDistance(WideInteger{UINT64_MAX, false}, WideInteger{0, false}), UINT64_MAX);
}

}  // namespace
}  // namespace assay
