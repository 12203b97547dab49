#include <fmt/format.h>

#include "ops/cases.h"
#include "ops/cast_values.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"

namespace assay {
namespace {

constexpr DTypeSet kFirstTypes = kBasicFloats | kIntegers | kBools;

constexpr DTypeSet kTypesOfOpset23 =
    kNumeric | kBools | kStrings | kFloat8s | kInteger4s | DTypeSet::Of(DType::kFloat4E2M1);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"input", kFirstTypes}},
     .outputs = {{"output", kFirstTypes}},
     .attributes = {RequiredAttribute("to", AttributeKind::kString)}},
    {.since = 6,
     .also_since = {9, 13},
     .inputs = {{"input", kNumeric | kBools | kStrings}},
     .outputs = {{"output", kNumeric | kBools | kStrings}},
     .attributes = {RequiredAttribute("to", AttributeKind::kInt)}},
    {.since = 19,
     .also_since = {21, 23},
     .inputs = {{"input", kTypesOfOpset23}},
     .outputs = {{"output", kTypesOfOpset23}},
     .attributes = {IntAttribute("saturate", 1), RequiredAttribute("to", AttributeKind::kInt)}},
    {.since = 24,
     .also_since = {25, 28},
     .inputs = {{"input", kCastable}},
     .outputs = {{"output", kCastable}},
     .attributes = {StringAttribute("round_mode", "up"), IntAttribute("saturate", 1),
                    RequiredAttribute("to", AttributeKind::kInt)}},
};

DType Target(const OpContext& context) {
  if (context.opset() < 6) return DTypeFromOnnxName(context.String("to"));
  const int64_t to = context.Int("to");
  return to > 0 && to < kDTypeCount ? static_cast<DType>(to) : DType::kUndefined;
}

Status Infer(InferContext& context) {
  if (auto options = CastOptionsOf(context); !options.ok()) return options.status();
  return InferCast(context, Target(context));
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const CastOptions options, CastOptionsOf(context));
  ASSAY_ASSIGN_OR_RETURN(Tensor result, CastElements(context.Input(0), context.DeclaredInput(0),
                                                     Target(context), options, context.threads()));
  context.SetOutput(0, std::move(result));
  return OkStatus();
}

std::vector<Attribute> To(DType dtype, std::vector<Attribute> more = {}) {
  more.push_back({"to", static_cast<int64_t>(dtype)});
  return more;
}

void IntegerCases(std::vector<OpCase>& cases) {
  const Tensor floats =
      Tensor::Vector<double>({1.9, -1.9, 300, -300, 1e10, -1e10, 1e30, kNaN, -kInfinity});
  cases.push_back({.name = "float_to_int32",
                   .attributes = To(DType::kInt32),
                   .inputs = {floats},
                   .expected = {Tensor::Vector<int32_t>(
                       {1, -1, 300, -300, INT32_MAX, INT32_MIN, INT32_MAX, 0, INT32_MIN})}});
  cases.push_back({.name = "float_to_uint8_keeps_low_bits",
                   .opset = 6,
                   .attributes = To(DType::kUInt8),
                   .inputs = {Tensor::Vector<float>({1.9F, -1.9F, 300, 255.5F, NAN})},
                   .expected = {Tensor::Vector<uint8_t>({1, 255, 44, 255, 0})}});
  cases.push_back({.name = "float_to_uint64",
                   .attributes = To(DType::kUInt64),
                   .inputs = {Tensor::Vector<double>({1.8e19, 1e20, -1, 9223372036854775808.0})},
                   .expected = {Tensor::Vector<uint64_t>(
                       {18000000000000000000U, 18446744073709551615U, 0, 9223372036854775808U})}});
  cases.push_back({.name = "int16_to_int8_keeps_low_bits",
                   .attributes = To(DType::kInt8),
                   .inputs = {Tensor::Vector<int16_t>({200, -129, 127})},
                   .expected = {Tensor::Vector<int8_t>({-56, 127, 127})}});
  cases.push_back({.name = "int64_to_uint32",
                   .attributes = To(DType::kUInt32),
                   .inputs = {Tensor::Vector<int64_t>({-1, 4294967296, INT64_MIN})},
                   .expected = {Tensor::Vector<uint32_t>({4294967295U, 0, 0})}});
  cases.push_back({.name = "uint64_to_float",
                   .attributes = To(DType::kFloat64),
                   .inputs = {Tensor::Vector<uint64_t>({18446744073709551615U, 3})},
                   .expected = {Tensor::Vector<double>({18446744073709551616.0, 3})}});
  cases.push_back({.name = "empty",
                   .attributes = To(DType::kInt8),
                   .inputs = {Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<int8_t>({0, 2}, {})}});
}

void BoolCases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "float_to_bool",
                   .attributes = To(DType::kBool),
                   .inputs = {Tensor::Vector<double>({0, -0.0, 0.25, kNaN, -kInfinity, 5e-324})},
                   .expected = {Tensor::Vector<bool>({false, false, true, true, true, true})}});
  cases.push_back({.name = "int_to_bool",
                   .attributes = To(DType::kBool),
                   .inputs = {Tensor::Vector<int32_t>({0, 36, -256})},
                   .expected = {Tensor::Vector<bool>({false, true, true})}});
  cases.push_back({.name = "bool_to_float",
                   .opset = 1,
                   .attributes = {{"to", "FLOAT"}},
                   .inputs = {Tensor::Of<bool>({1, 2}, {true, false})},
                   .expected = {Tensor::Of<float>({1, 2}, {1, 0})}});
  cases.push_back({.name = "bool_scalar_to_int64",
                   .attributes = To(DType::kInt64),
                   .inputs = {Tensor::Scalar<bool>(true)},
                   .expected = {Tensor::Scalar<int64_t>(1)}});
}

void TextCases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "float32_to_text",
                   .attributes = To(DType::kString),
                   .inputs = {Tensor::Vector<float>(
                       {0.1F, 314.15926F, 1, -0.0F, 1e-5F, 3e20F, NAN, -INFINITY})},
                   .expected = {Tensor::Vector<std::string>(
                       {"0.1", "314.15927", "1.0", "-0.0", "1e-05", "3e+20", "nan", "-inf"})}});
  cases.push_back({.name = "float16_to_text",
                   .attributes = To(DType::kString),
                   .inputs = {Tensor::Of<Float16>({2}, {{0x2E66}, {0x7BFF}})},
                   .expected = {Tensor::Vector<std::string>({"0.1", "65500.0"})}});
  cases.push_back({.name = "uint64_to_text",
                   .attributes = To(DType::kString),
                   .inputs = {Tensor::Vector<uint64_t>({18446744073709551615U, 0})},
                   .expected = {Tensor::Vector<std::string>({"18446744073709551615", "0"})}});
  cases.push_back(
      {.name = "text_to_float",
       .opset = 9,
       .attributes = To(DType::kFloat64),
       .inputs = {Tensor::Vector<std::string>(
           {"3.14", "1e-5", "1E8", " +INF", "-inf", "NaN", "-0"})},
       .expected = {Tensor::Vector<double>({3.14, 1e-5, 1e8, kInfinity, -kInfinity, kNaN, -0.0})}});
  cases.push_back(
      {.name = "text_to_int64_is_exact",
       .attributes = To(DType::kInt64),
       .inputs = {Tensor::Vector<std::string>({"9007199254740993", "-3", "+5", "100.5", "1e3"})},
       .expected = {Tensor::Vector<int64_t>({9007199254740993, -3, 5, 100, 1000})}});
  cases.push_back({.name = "text_to_uint8",
                   .attributes = To(DType::kUInt8),
                   .inputs = {Tensor::Scalar<std::string>("300")},
                   .expected = {Tensor::Scalar<uint8_t>(44)}});
  cases.push_back({.name = "text_to_bool",
                   .attributes = To(DType::kBool),
                   .inputs = {Tensor::Vector<std::string>({"1", "0", "0.5"})},
                   .expected = {Tensor::Vector<bool>({true, false, true})}});
}

void NarrowCases(std::vector<OpCase>& cases) {
  const Tensor values =
      Tensor::Vector<double>({0.478, 1e6, -1e6, 1e-9, kInfinity, kNaN, -0.0, 464, 465});
  cases.push_back(
      {.name = "float8_e4m3fn",
       .attributes = To(DType::kFloat8E4M3FN),
       .inputs = {values},
       .expected = {Tensor::Vector<double>({0.46875, 448, -448, 0, 448, kNaN, -0.0, 448, 448})}});
  cases.push_back({.name = "float8_e4m3fn_without_saturation",
                   .attributes = To(DType::kFloat8E4M3FN, {{"saturate", int64_t{0}}}),
                   .inputs = {values},
                   .expected = {Tensor::Vector<double>(
                       {0.46875, kNaN, kNaN, 0, kNaN, kNaN, -0.0, 448, kNaN})}});
  cases.push_back({.name = "float8_e5m2_without_saturation",
                   .opset = 19,
                   .attributes = To(DType::kFloat8E5M2, {{"saturate", int64_t{0}}}),
                   .inputs = {values},
                   .expected = {Tensor::Vector<double>(
                       {0.5, kInfinity, -kInfinity, 0, kInfinity, kNaN, -0.0, 448, 448})}});
  cases.push_back({.name = "float8_e5m2fnuz_before_opset_24",
                   .opset = 23,
                   .attributes = To(DType::kFloat8E5M2FNUZ),
                   .inputs = {Tensor::Vector<double>({1e6, kInfinity, -kInfinity})},
                   .expected = {Tensor::Vector<double>({57344, kNaN, kNaN})}});
  cases.push_back({.name = "float8_e5m2fnuz",
                   .attributes = To(DType::kFloat8E5M2FNUZ),
                   .inputs = {Tensor::Vector<double>({1e6, kInfinity, -kInfinity})},
                   .expected = {Tensor::Vector<double>({57344, 57344, -57344})}});
  cases.push_back({.name = "float4_e2m1",
                   .attributes = To(DType::kFloat4E2M1),
                   .inputs = {Tensor::Vector<double>({0.25, 0.75, 2.5, -5, 100})},
                   .expected = {Tensor::Vector<double>({0, 1, 2, -4, 6})}});
  cases.push_back({.name = "float6_e2m3",
                   .attributes = To(DType::kFloat6E2M3),
                   .inputs = {Tensor::Vector<int32_t>({3, -100})},
                   .expected = {Tensor::Vector<double>({3, -7.5})}});
  cases.push_back({.name = "int4_keeps_low_bits",
                   .attributes = To(DType::kInt4),
                   .inputs = {Tensor::Vector<float>({-9, 7.9F, 8})},
                   .expected = {TensorAs(DType::kInt4, {3}, {7, 7, -8})}});
  cases.push_back({.name = "uint2_to_float",
                   .attributes = To(DType::kFloat32),
                   .inputs = {TensorAs(DType::kUInt2, {5}, {0, 3, 1, 2, 3})},
                   .expected = {Tensor::Vector<float>({0, 3, 1, 2, 3})}});
  cases.push_back({.name = "float16_range_is_left_to_typed_truth",
                   .attributes = To(DType::kFloat16),
                   .inputs = {Tensor::Vector<double>({1e6, 0.1})},
                   .expected = {Tensor::Vector<double>({1e6, 0.1})}});
}

void PowerOfTwoCases(std::vector<OpCase>& cases) {
  const Tensor values = Tensor::Vector<double>({1, 1.25, 1.5, 0, 1e-40, 1e39, kInfinity, kNaN});
  const double low = 0x1p-127;
  const double high = 0x1p127;
  cases.push_back({.name = "float8_e8m0_up",
                   .attributes = To(DType::kFloat8E8M0),
                   .inputs = {values},
                   .expected = {Tensor::Vector<double>({1, 2, 2, low, low, high, high, kNaN})}});
  cases.push_back({.name = "float8_e8m0_down",
                   .attributes = To(DType::kFloat8E8M0, {{"round_mode", "down"}}),
                   .inputs = {values},
                   .expected = {Tensor::Vector<double>({1, 1, 1, low, low, high, high, kNaN})}});
  cases.push_back(
      {.name = "float8_e8m0_nearest_without_saturation",
       .attributes = To(DType::kFloat8E8M0, {{"round_mode", "nearest"}, {"saturate", int64_t{0}}}),
       .inputs = {values},
       .expected = {Tensor::Vector<double>({1, 1, 2, kNaN, kNaN, kNaN, kNaN, kNaN})}});
}

void Cases(std::vector<OpCase>& cases) {
  IntegerCases(cases);
  BoolCases(cases);
  TextCases(cases);
  NarrowCases(cases);
  PowerOfTwoCases(cases);
}

}  // namespace

extern const OpDef kCast;
const OpDef kCast = {
    .name = "Cast", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
