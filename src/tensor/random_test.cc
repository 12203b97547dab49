#include "tensor/random.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <limits>

namespace assay {
namespace {

// Made by tests/data/tensor/make_random_values.py with Polygraphy 0.53.6 and numpy 2.4.6.
struct PolygraphyCase {
  const char* dtype;
  const char* range;
  int64_t seed;
  int64_t iteration;
  uint32_t crc;
};
constexpr PolygraphyCase kPolygraphy[] = {
    // clang-format off
    {"float16", "[0.0,1.0]", 1, 0, 0x823e7f40},
    {"float16", "[0,1]", 4294967295, 0, 0x59cda7bd},
    {"float16", "[0,1]", 0, 3, 0xb8c68c17},
    {"float32", "[0.0,1.0]", 1, 0, 0xf8b7152b},
    {"float32", "[0,1]", 4294967295, 0, 0x6bc4c71e},
    {"float32", "[0,1]", 0, 3, 0xb13e6a3b},
    {"float64", "[0.0,1.0]", 1, 0, 0x093bdaba},
    {"float64", "[0,1]", 4294967295, 0, 0x99d79293},
    {"float64", "[0,1]", 0, 3, 0xebc1c312},
    {"int8", "[0.0,1.0]", 1, 0, 0x14a55d98},
    {"int8", "[0,1]", 4294967295, 0, 0x48780408},
    {"int8", "[0,1]", 0, 3, 0x644b80a6},
    {"int16", "[0.0,1.0]", 1, 0, 0xccdb7a8c},
    {"int16", "[0,1]", 4294967295, 0, 0x4a144b39},
    {"int16", "[0,1]", 0, 3, 0xcc8d265f},
    {"int32", "[0.0,1.0]", 1, 0, 0x2150e9c4},
    {"int32", "[0,1]", 4294967295, 0, 0x765e6a40},
    {"int32", "[0,1]", 0, 3, 0xa35af957},
    {"int64", "[0.0,1.0]", 1, 0, 0x3e7ed45e},
    {"int64", "[0,1]", 4294967295, 0, 0x9a1733b8},
    {"int64", "[0,1]", 0, 3, 0xf556277b},
    {"uint8", "[0.0,1.0]", 1, 0, 0x14a55d98},
    {"uint8", "[0,1]", 4294967295, 0, 0x48780408},
    {"uint8", "[0,1]", 0, 3, 0x644b80a6},
    {"uint16", "[0.0,1.0]", 1, 0, 0xccdb7a8c},
    {"uint16", "[0,1]", 4294967295, 0, 0x4a144b39},
    {"uint16", "[0,1]", 0, 3, 0xcc8d265f},
    {"uint32", "[0.0,1.0]", 1, 0, 0x2150e9c4},
    {"uint32", "[0,1]", 4294967295, 0, 0x765e6a40},
    {"uint32", "[0,1]", 0, 3, 0xa35af957},
    {"uint64", "[0.0,1.0]", 1, 0, 0x3e7ed45e},
    {"uint64", "[0,1]", 4294967295, 0, 0x9a1733b8},
    {"uint64", "[0,1]", 0, 3, 0xf556277b},
    {"bool", "[0.0,1.0]", 1, 0, 0xcb38a542},
    {"bool", "[0,1]", 4294967295, 0, 0xb88892f7},
    {"bool", "[0,1]", 0, 3, 0xe0202288},
    {"float16", "[-1,1]", 1, 0, 0x53da622c},
    {"float16", "[-3.5,10000.0]", 1, 0, 0xc4fbdcba},
    {"float16", "[-inf,inf]", 1, 0, 0x95107598},
    {"float16", "[2,inf]", 1, 0, 0x95107598},
    {"float16", "[-inf,2]", 1, 0, 0x27a21556},
    {"float16", "[5,-5]", 1, 0, 0xf6326554},
    {"float16", "[0,1e+300]", 1, 0, 0x95107598},
    {"float32", "[-1,1]", 1, 0, 0x2889c1db},
    {"float32", "[-3.5,10000.0]", 1, 0, 0xd6620ca1},
    {"float32", "[-inf,inf]", 1, 0, 0x89cd636d},
    {"float32", "[2,inf]", 1, 0, 0x89cd636d},
    {"float32", "[-inf,2]", 1, 0, 0xafd304dc},
    {"float32", "[5,-5]", 1, 0, 0x2c825560},
    {"float32", "[0,1e+300]", 1, 0, 0x89cd636d},
    {"float64", "[-1,1]", 1, 0, 0xabbd208c},
    {"float64", "[-3.5,10000.0]", 1, 0, 0x87e88bb6},
    {"float64", "[-inf,inf]", 1, 0, 0xcf2d1d75},
    {"float64", "[2,inf]", 1, 0, 0xcf2d1d75},
    {"float64", "[-inf,2]", 1, 0, 0x802fa5bc},
    {"float64", "[5,-5]", 1, 0, 0xd28ae7ca},
    {"float64", "[0,1e+300]", 1, 0, 0xe49b9999},
    {"int8", "[-128,127]", 1, 0, 0xf6cab9b4},
    {"int8", "[-5,100]", 1, 0, 0x2bc91ab4},
    {"int8", "[-3.9,3.9]", 1, 0, 0x32bf276b},
    {"int8", "[7,7]", 1, 0, 0x0e006f08},
    {"int16", "[-32768,32767]", 1, 0, 0x4b7a22ab},
    {"int16", "[-5,100]", 1, 0, 0x97407479},
    {"int16", "[-3.9,3.9]", 1, 0, 0xfb2b9106},
    {"int16", "[7,7]", 1, 0, 0xea3d49a7},
    {"int32", "[-2147483648,2147483647]", 1, 0, 0x0d74c281},
    {"int32", "[-5,100]", 1, 0, 0xb552e045},
    {"int32", "[-3.9,3.9]", 1, 0, 0x2997de4e},
    {"int32", "[7,7]", 1, 0, 0x5df0f201},
    {"int64", "[-9223372036854775808,9223372036854775807]", 1, 0, 0x1327fa62},
    {"int64", "[-5,100]", 1, 0, 0xdad8b87c},
    {"int64", "[-3.9,3.9]", 1, 0, 0x64024005},
    {"int64", "[7,7]", 1, 0, 0xebb77316},
    {"uint8", "[0,255]", 1, 0, 0xd40183d4},
    {"uint8", "[1,255]", 1, 0, 0x6cedd56b},
    {"uint8", "[3,9]", 1, 0, 0xc0ec7be9},
    {"uint8", "[200,200]", 1, 0, 0x4886d920},
    {"uint16", "[0,65535]", 1, 0, 0xf9c84265},
    {"uint16", "[1,65535]", 1, 0, 0xd31bb2a5},
    {"uint16", "[3,9]", 1, 0, 0x7e86c109},
    {"uint16", "[200,200]", 1, 0, 0x86fc92f6},
    {"uint32", "[0,4294967295]", 1, 0, 0x2b6aa530},
    {"uint32", "[1,4294967295]", 1, 0, 0xf5504a77},
    {"uint32", "[3,9]", 1, 0, 0x3254a769},
    {"uint32", "[200,200]", 1, 0, 0x6d3c1c9d},
    {"uint64", "[0,18446744073709551615]", 1, 0, 0x5c2542ab},
    {"uint64", "[1,18446744073709551615]", 1, 0, 0xdd81ceab},
    {"uint64", "[3,9]", 1, 0, 0x2b250ad9},
    {"uint64", "[200,200]", 1, 0, 0x9f3c2ce7},
    {"int64", "[-2147483648,2147483647]", 1, 0, 0xc5ef51e6},
    {"int64", "[0,4294967296]", 1, 0, 0xea77df0a},
    {"int64", "[-4611686018427387904,4611686018427387904]", 1, 0, 0x834e944e},
    {"uint64", "[9223372036854775808,9223372045444710400]", 1, 0, 0xf3a928d2},
    {"bool", "[0,0]", 1, 0, 0x7904cdd6},
    {"bool", "[1,1]", 1, 0, 0xe2259912},
    {"bool", "[-5,5]", 1, 0, 0xe2259912},
    // clang-format on
};

uint32_t Crc(const TensorMap& map) {
  uLong crc = crc32(0, nullptr, 0);
  for (const NamedTensor& item : map) {
    crc = crc32_z(crc, static_cast<const Bytef*>(item.tensor.raw()), item.tensor.byte_size());
  }
  return static_cast<uint32_t>(crc);
}

TEST(RandomInputs, AreBitIdenticalToPolygraphys) {
  for (const PolygraphyCase& c : kPolygraphy) {
    const Result<ValueRange> range = ParseValueRange(c.range);
    ASSERT_TRUE(range.ok()) << range.status().ToString();
    const RandomInputSpec input{"x", *DTypeFromName(c.dtype), Shape{3, 5, 7}};
    const RandomInputOptions options{c.seed, {{"", *range}}};
    const Result<TensorMap> map = RandomInputs({&input, 1}, options, c.iteration);
    ASSERT_TRUE(map.ok()) << map.status().ToString();
    EXPECT_EQ(Crc(*map), c.crc) << c.dtype << " " << c.range << " seed " << c.seed;
  }
}

TEST(RandomInputs, ComeInOrderFromOneGenerator) {
  const std::vector<RandomInputSpec> inputs = {
      {"a", DType::kFloat32, Shape{2, 3}}, {"b", DType::kInt8, Shape{5}},
      {"c", DType::kBool, Shape{33}},      {"d", DType::kUInt16, Shape{3}},
      {"e", DType::kInt64, Shape{}},       {"f", DType::kFloat16, Shape{0, 4}},
      {"g", DType::kFloat64, Shape{7}},
  };
  const RandomInputOptions options{
      1, {{"b", {0.0, 9.0}}, {"", {-2.0, 2.0}}, {"c", {0.0, 1.0}}, {"d", {0.0, 65535.0}}}};
  const Result<TensorMap> map = RandomInputs(inputs, options, 2);
  ASSERT_TRUE(map.ok()) << map.status().ToString();
  ASSERT_EQ(map->size(), 7U);
  EXPECT_EQ((*map)[4].name, "e");
  EXPECT_EQ(Crc(*map), 0xb8bbf58bU);
}

TEST(RandomInputs, AShapeTensorIsFixedAndTakesNothingFromTheStream) {
  const std::vector<RandomInputSpec> with = {
      {"shape", DType::kInt32, Shape{2}, std::vector<int64_t>{8, 16}},
      {"x", DType::kFloat32, Shape{4}}};
  const std::vector<RandomInputSpec> without = {{"x", DType::kFloat32, Shape{4}}};
  const Result<TensorMap> a = RandomInputs(with, {}, 0);
  const Result<TensorMap> b = RandomInputs(without, {}, 0);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ((*a)[0].tensor.data<int32_t>()[1], 16);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ((*a)[1].tensor.data<float>()[i], (*b)[0].tensor.data<float>()[i]);
  }
}

TEST(RandomInputs, TheLastRangeOfANameCountsAndNamesBeatTheDefault) {
  const RandomInputSpec input{"x", DType::kInt32, Shape{50}};
  const RandomInputOptions options{1, {{"x", {1.0, 2.0}}, {"x", {7.0, 7.0}}, {"", {3.0, 3.0}}}};
  const Result<TensorMap> map = RandomInputs({&input, 1}, options, 0);
  ASSERT_TRUE(map.ok());
  for (int32_t value : (*map)[0].tensor.data<int32_t>()) EXPECT_EQ(value, 7);
}

TEST(RandomInputs, SeedsThatNumpyRefusesAreRefused) {
  const RandomInputSpec input{"x", DType::kFloat32, Shape{1}};
  EXPECT_TRUE(RandomInputs({&input, 1}, {.seed = 4294967295}, 0).ok());
  for (const auto& [seed, iteration] : {std::pair<int64_t, int64_t>{4294967295, 1},
                                        {-1, 0},
                                        {std::numeric_limits<int64_t>::max(), 1}}) {
    const Result<TensorMap> map = RandomInputs({&input, 1}, {.seed = seed}, iteration);
    ASSERT_FALSE(map.ok());
    EXPECT_EQ(map.status().code(), StatusCode::kUsage);
    EXPECT_NE(map.status().message().find("[0, 4294967295]"), std::string::npos);
  }
}

TEST(RandomInputs, ARangeOutsideTheTypeNamesInputTypeAndLimits) {
  const RandomInputSpec input{"ids", DType::kUInt8, Shape{1}};
  const Result<TensorMap> map = RandomInputs({&input, 1}, {1, {{"", {0.0, 300.0}}}}, 0);
  ASSERT_FALSE(map.ok());
  EXPECT_EQ(map.status().code(), StatusCode::kUsage);
  EXPECT_EQ(map.status().message(),
            "range of values: expected ends in [0, 255] for uint8, got [0.0, 300.0] "
            "(input \"ids\")");
}

TEST(RandomInputs, IntegersRefuseInfiniteAndInvertedRanges) {
  const RandomInputSpec input{"x", DType::kInt64, Shape{1}};
  const double inf = std::numeric_limits<double>::infinity();
  for (const ValueRange& range :
       {ValueRange{0.0, inf}, ValueRange{-inf, 0.0}, ValueRange{std::nan(""), 0.0},
        ValueRange{2.0, 1.0}, ValueRange{0.0, 0x1p63}}) {
    EXPECT_EQ(RandomInputs({&input, 1}, {1, {{"", range}}}, 0).status().code(), StatusCode::kUsage)
        << range.min.ToString() << " " << range.max.ToString();
  }
}

TEST(RandomInputs, StringsAreTheTextOfTheDouble) {
  const RandomInputSpec input{"x", DType::kString, Shape{3}};
  const Result<TensorMap> map = RandomInputs({&input, 1}, {.seed = 3}, 0);
  ASSERT_TRUE(map.ok());
  EXPECT_EQ((*map)[0].tensor.data<std::string>()[0], "0.5507979025745755");
  EXPECT_EQ((*map)[0].tensor.data<std::string>()[2], "0.2909047389129443");
}

TEST(RandomInputs, TypesWithoutNumpyAreRoundedFloat32) {
  const RandomInputSpec wide{"x", DType::kFloat32, Shape{100}};
  const RandomInputOptions options{1, {{"", {-2.0, 2.0}}}};
  const Result<TensorMap> reference = RandomInputs({&wide, 1}, options, 0);
  ASSERT_TRUE(reference.ok());
  for (DType dtype : {DType::kBFloat16, DType::kFloat8E4M3FN, DType::kFloat8E5M2,
                      DType::kFloat6E2M3, DType::kFloat4E2M1}) {
    const RandomInputSpec narrow{"x", dtype, Shape{100}};
    const Result<TensorMap> map = RandomInputs({&narrow, 1}, options, 0);
    ASSERT_TRUE(map.ok());
    for (int64_t i = 0; i < 100; ++i) {
      EXPECT_EQ((*map)[0].tensor.ValueAsDouble(i),
                RoundToDType(dtype, (*reference)[0].tensor.ValueAsDouble(i)));
    }
  }
}

TEST(RandomInputs, NarrowFloatsStopAtTheirLargestFiniteValue) {
  const RandomInputSpec input{"x", DType::kFloat8E4M3FN, Shape{200}};
  const Result<TensorMap> map = RandomInputs({&input, 1}, {1, {{"", {-1000.0, 1000.0}}}}, 0);
  ASSERT_TRUE(map.ok());
  double largest = 0;
  for (int64_t i = 0; i < 200; ++i) {
    const double value = (*map)[0].tensor.ValueAsDouble(i);
    ASSERT_FALSE(std::isnan(value));
    largest = std::fmax(largest, value);
  }
  EXPECT_EQ(largest, 448.0);
}

TEST(RandomInputs, FourBitIntegersAreDrawnLikeBytes) {
  const RandomInputOptions options{1, {{"", {-8.0, 7.0}}}};
  const RandomInputSpec packed{"x", DType::kInt4, Shape{33}};
  const RandomInputSpec bytes{"x", DType::kInt8, Shape{33}};
  const Result<TensorMap> a = RandomInputs({&packed, 1}, options, 0);
  const Result<TensorMap> b = RandomInputs({&bytes, 1}, options, 0);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ((*a)[0].tensor.byte_size(), 17U);
  for (int64_t i = 0; i < 33; ++i) {
    EXPECT_EQ((*a)[0].tensor.ValueAsInt(i), (*b)[0].tensor.ValueAsInt(i));
  }
  EXPECT_FALSE(RandomInputs({&packed, 1}, {1, {{"", {-9.0, 7.0}}}}, 0).ok());
}

TEST(RandomState, DrawsNumpysFirstDoubles) {
  Result<RandomState> random = RandomState::Create(1);
  ASSERT_TRUE(random.ok());
  EXPECT_EQ(random->NextDouble(), 0x1.ab07d0ffa3c06p-2);
  EXPECT_EQ(random->NextDouble(), 0x1.70ce5f3baf051p-1);
  EXPECT_EQ(random->NextDouble(), 0x1.dfb906661c000p-14);
}

TEST(RandomState, AShapeThatCannotBeHeldIsAnError) {
  Result<RandomState> random = RandomState::Create(1);
  ASSERT_TRUE(random.ok());
  EXPECT_EQ(random->Floats(DType::kFloat32, Shape{-1, 3}, {}).status().code(),
            StatusCode::kInvalidInput);
  EXPECT_EQ(random->Floats(DType::kComplex64, Shape{1}, {}).status().code(),
            StatusCode::kUnsupported);
}

TEST(ParseValueRange, KeepsIntegersExact) {
  const Result<ValueRange> range = ParseValueRange("[-9223372036854775808, 18446744073709551615]");
  ASSERT_TRUE(range.ok());
  EXPECT_EQ(range->min.AsInteger()->magnitude, uint64_t{1} << 63);
  EXPECT_TRUE(range->min.AsInteger()->negative);
  EXPECT_EQ(range->max.AsInteger()->magnitude, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(range->max.AsDouble(), 0x1p64);
  EXPECT_FALSE(RangeEnd(0x1p64).AsInteger().has_value());
}

TEST(ParseValueRange, RefusesWhatIsNotTwoNumbers) {
  for (const char* text :
       {"", "[]", "[1]", "[1,2,3]", "1,2", "[1,2", "[a,b]", "[1,]", "[1,0x10]", "]["}) {
    EXPECT_EQ(ParseValueRange(text).status().code(), StatusCode::kUsage) << text;
  }
}

}  // namespace
}  // namespace assay
