// M16: Cast of NaN, infinities and values out of range.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/semantics/both_engines.h"

namespace assay {
namespace {

using namespace test;

OneNode Cast(const Tensor& x, DType to, std::vector<Attribute> attributes = {}, int opset = 24) {
  attributes.push_back({"to", static_cast<int64_t>(to)});
  return {.opset = opset, .op = "Cast", .inputs = {x}, .attributes = std::move(attributes)};
}

// The standard leaves these open. Assay gives 0 for NaN, the nearer end of a type of 32 and 64
// bits, and the low bits of the whole number in shorter ones.
TEST(CastToInteger, OfWhatNoIntegerHolds) {
  const Doubles values = {kNaN, kInfinity, -kInfinity, 1e30, -1e30, 300.7, -129.9, 70000};
  const auto expect = [&](const Tensor& expected) {
    SCOPED_TRACE(DTypeName(expected.dtype()));
    for (const DType from : {DType::kFloat32, DType::kFloat64}) {
      ExpectOutputs(Cast(Values(from, {8}, values), expected.dtype()), {expected});
    }
  };
  expect(
      Tensor::Vector<int64_t>({0, INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN, 300, -129, 70000}));
  expect(Tensor::Vector<uint64_t>({0, UINT64_MAX, 0, UINT64_MAX, 0, 300, 0, 70000}));
  expect(
      Tensor::Vector<int32_t>({0, INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN, 300, -129, 70000}));
  expect(Tensor::Vector<uint32_t>({0, UINT32_MAX, 0, UINT32_MAX, 0, 300, 0, 70000}));
  expect(Tensor::Vector<int16_t>({0, -1, 0, -1, 0, 300, -129, 4464}));
  expect(Tensor::Vector<uint16_t>({0, 65535, 0, 65535, 0, 300, 65407, 4464}));
  expect(Tensor::Vector<int8_t>({0, -1, 0, -1, 0, 44, 127, 112}));
  expect(Tensor::Vector<uint8_t>({0, 255, 0, 255, 0, 44, 127, 112}));
}

TEST(CastToInteger, OfShortFloats) {
  for (const DType from : {DType::kFloat16, DType::kBFloat16}) {
    SCOPED_TRACE(DTypeName(from));
    const Tensor x = Values(from, {5}, {kNaN, kInfinity, -kInfinity, 2.75, -2.75});
    ExpectOutputs(Cast(x, DType::kInt32),
                  {Tensor::Vector<int32_t>({0, INT32_MAX, INT32_MIN, 2, -2})});
    ExpectOutputs(Cast(x, DType::kUInt8), {Tensor::Vector<uint8_t>({0, 255, 0, 2, 254})});
  }
}

TEST(CastToInteger, RoundsTowardZero) {
  const Tensor x = Floats({2.9999998, -2.9999998, 0.99999994, -0.5, 16777216, 2147483520});
  ExpectOutputs(Cast(x, DType::kInt32),
                {Tensor::Vector<int32_t>({2, -2, 0, 0, 16777216, 2147483520})});
}

TEST(CastToInteger, OfIntegersKeepsTheLowBits) {
  const Tensor x = Tensor::Vector<int64_t>({INT64_MAX, INT64_MIN, 300, -129, 4294967297});
  ExpectOutputs(Cast(x, DType::kInt32), {Tensor::Vector<int32_t>({-1, 0, 300, -129, 1})});
  ExpectOutputs(Cast(x, DType::kUInt8), {Tensor::Vector<uint8_t>({255, 0, 44, 127, 1})});
  ExpectOutputs(Cast(x, DType::kInt16), {Tensor::Vector<int16_t>({-1, 0, 300, -129, 1})});
  ExpectOutputs(Cast(x, DType::kUInt64),
                {Tensor::Vector<uint64_t>({9223372036854775807U, 9223372036854775808U, 300,
                                           18446744073709551487U, 4294967297U})});
}

TEST(CastToBool, IsWhetherAValueDiffersFromZero) {
  for (const DType from : {DType::kFloat16, DType::kBFloat16, DType::kFloat32, DType::kFloat64}) {
    SCOPED_TRACE(DTypeName(from));
    const Tensor x = Values(from, {7}, {0, -0.0, kNaN, kInfinity, -kInfinity, 0.25, 6e-8});
    ExpectOutputs(Cast(x, DType::kBool),
                  {Tensor::Vector<bool>({false, false, true, true, true, true, true})});
  }
  ExpectOutputs(Cast(Tensor::Vector<int32_t>({0, 256, -1}), DType::kBool),
                {Tensor::Vector<bool>({false, true, true})});
}

// The table of the standard for values that the types cannot hold.
TEST(CastToFloat8, SaturatesOrNot) {
  const Doubles x = {1e9, -1e9, kInfinity, -kInfinity, kNaN, 1};
  const auto expect = [&](DType to, bool saturate, const Doubles& expected) {
    SCOPED_TRACE(DTypeName(to));
    for (const DType from : {DType::kFloat32, DType::kBFloat16}) {
      ExpectOutputs(Cast(Values(from, {6}, x), to, {{"saturate", int64_t{saturate ? 1 : 0}}}),
                    {Values(to, {6}, expected)});
    }
  };
  expect(DType::kFloat8E4M3FN, true, {448, -448, 448, -448, kNaN, 1});
  expect(DType::kFloat8E4M3FN, false, {kNaN, kNaN, kNaN, kNaN, kNaN, 1});
  expect(DType::kFloat8E4M3FNUZ, true, {240, -240, 240, -240, kNaN, 1});
  expect(DType::kFloat8E4M3FNUZ, false, {kNaN, kNaN, kNaN, kNaN, kNaN, 1});
  expect(DType::kFloat8E5M2, true, {57344, -57344, 57344, -57344, kNaN, 1});
  expect(DType::kFloat8E5M2, false, {kInfinity, -kInfinity, kInfinity, -kInfinity, kNaN, 1});
  expect(DType::kFloat8E5M2FNUZ, true, {57344, -57344, 57344, -57344, kNaN, 1});
  expect(DType::kFloat8E5M2FNUZ, false, {kNaN, kNaN, kNaN, kNaN, kNaN, 1});
}

TEST(CastToFloat8, RoundsHalvesToEvenAndKeepsSubnormals) {
  // float8_e4m3fn: steps of 1/8 from 1 on, smallest subnormal 2^-9.
  ExpectOutputs(Cast(Floats({1.0625, 1.1875, 0.001953125, 0.0009765625, 0.00146484375, -0.0}),
                     DType::kFloat8E4M3FN),
                {Values(DType::kFloat8E4M3FN, {6}, {1, 1.25, 0.001953125, 0, 0.001953125, -0.0})});
}

TEST(CastToFloat, RoundsToTheNearestAndOverflowsToInfinity) {
  ExpectOutputs(
      Cast(Floats({65519, 65520, 2049, 2051, 5.9604645e-8, 2.9802322e-8}), DType::kFloat16),
      {Tensor::Of<Float16>({6}, {{0x7BFF}, {0x7C00}, {0x6800}, {0x6802}, {1}, {0}})});
  ExpectOutputs(Cast(Tensor::Vector<double>({16777217, 16777219, 1e39, 0.1}), DType::kFloat32),
                {Tensor::Vector<float>({16777216, 16777220, INFINITY, 0.1F})});
  ExpectOutputs(Cast(Tensor::Vector<int64_t>({16777217, INT64_MAX}), DType::kFloat32),
                {Tensor::Vector<float>({16777216, 9223372036854775808.0F})});
  ExpectOutputs(Cast(Tensor::Vector<int32_t>({257, 70001}), DType::kBFloat16),
                {Values(DType::kBFloat16, {2}, {256, 70144})});
}

// The model asks for float16: 70000 does not survive, whatever the engine computes in.
TEST(CastToFloat, RoundTripThroughAShorterTypeIsNotRemoved) {
  ModelBuilder builder(19);
  const ValueId x = builder.Input("x", DType::kFloat32, {4});
  const ValueId narrow =
      builder.Add("Cast", {x}, "narrow", {{"to", static_cast<int64_t>(DType::kFloat16)}});
  builder.Output(
      builder.Add("Cast", {narrow}, "y", {{"to", static_cast<int64_t>(DType::kFloat32)}}));
  ExpectOutputs(Shared(std::move(builder)), {Floats({70000, 2049, 0.1, -1})},
                {Tensor::Vector<float>({INFINITY, 2048, 0.0999755859375F, -1})});
}

}  // namespace
}  // namespace assay
