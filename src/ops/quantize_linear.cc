#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/op_def.h"
#include "ops/quantization.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kBytes = DTypeSet::Of(DType::kInt8, DType::kUInt8);
constexpr DTypeSet kFirstInputs = DTypeSet::Of(DType::kFloat32, DType::kInt32);
constexpr DTypeSet kInputs = kFirstInputs | DTypeSet::Of(DType::kFloat16, DType::kBFloat16);
constexpr DTypeSet kScales = kInputs | DTypeSet::Of(DType::kFloat8E8M0);
constexpr DTypeSet kInteger16 = DTypeSet::Of(DType::kInt16, DType::kUInt16);
constexpr DTypeSet kNarrowTargets =
    DTypeSet::Of(DType::kFloat4E2M1, DType::kFloat6E2M3, DType::kFloat6E3M2);

constexpr OpSchema Schema(int since, InlineList<int, 8> also_since, DTypeSet inputs,
                          DTypeSet scales, DTypeSet outputs,
                          InlineList<AttributeDef, 24> attributes) {
  return {since,
          also_since,
          {{"x", inputs}, {"y_scale", scales}, {"y_zero_point", outputs, Arity::kOptional}},
          {{"y", outputs}},
          attributes};
}

constexpr AttributeDef kAxis = IntAttribute("axis", 1);
constexpr AttributeDef kSaturate = IntAttribute("saturate", 1);
constexpr AttributeDef kBlockSize = IntAttribute("block_size", 0);
constexpr AttributeDef kOutputType = IntAttribute("output_dtype", 0);

constexpr OpSchema kSchemas[] = {
    Schema(10, {}, kFirstInputs, DTypeSet::Of(DType::kFloat32), kBytes, {}),
    Schema(13, {}, kFirstInputs, DTypeSet::Of(DType::kFloat32), kBytes, {kAxis}),
    Schema(19, {}, kInputs, kInputs, kBytes | kFloat8s, {kAxis, kSaturate}),
    Schema(21, {}, kInputs, kInputs, kBytes | kFloat8s | kInteger16 | kInteger4s,
           {kAxis, kBlockSize, kOutputType, kSaturate}),
    Schema(23, {24, 25, 28}, kInputs, kScales,
           kBytes | kFloat8s | kInteger16 | kNarrowIntegers | kNarrowTargets,
           {kAxis, kBlockSize, kOutputType, IntAttribute("precision", 0), kSaturate}),
};

Status Infer(InferContext& context) {
  const bool has_zero_point = context.HasInput(2);
  const DType otherwise = has_zero_point ? context.InputType(2) : DType::kUInt8;
  const DType to = RequestedOutputType(context, 21, otherwise);
  if (!kSchemas[4].outputs[0].types.Contains(to) || (has_zero_point && to != otherwise)) {
    return OpContext::Invalid(
        fmt::format("output type: expected {}, got {}",
                    has_zero_point ? fmt::format("{} as of the zero point", DTypeName(otherwise))
                                   : std::string("a type to quantize to"),
                    DTypeName(to)));
  }
  const SymbolicShape* shape = context.InputShape(0);
  context.SetOutput(0, to, shape == nullptr ? std::nullopt : std::optional(*shape));
  return OkStatus();
}

// quantize(x, scale, zero_point) for every element.
template <typename T, typename Quantize>
void QuantizeAll(ReferenceContext& context, const ScaleGrid& grid, std::span<const double> x,
                 std::span<T> out, Quantize quantize) {
  const std::vector<double> scales = ScalesOf(context);
  const std::vector<double> zero_points = ZeroPointsOf(context);
  context.threads().ParallelFor(
      static_cast<int64_t>(x.size()), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const auto at = static_cast<size_t>(grid.ScaleOf(i));
          out[static_cast<size_t>(i)] =
              quantize(x[static_cast<size_t>(i)], scales[at], zero_points[at]);
        }
      });
}

// round(steps) + zero_point, ties to even, held within the type. NaN gives the zero point.
double QuantizeToInteger(double steps, double zero_point, IntegerRange range) {
  const double units = std::isnan(steps) ? 0 : std::nearbyint(steps);
  return std::clamp(units + zero_point, static_cast<double>(range.min),
                    static_cast<double>(range.max));
}

// The type that the attribute `precision` names, or else that of the scale.
DType DivisionType(const ReferenceContext& context) {
  const int64_t named = context.opset() < 23 ? 0 : context.Int("precision");
  return named == 0 ? context.DeclaredInput(1) : static_cast<DType>(named);
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const ScaleGrid grid, ScaleGridOf(context));
  ASSAY_ASSIGN_OR_RETURN(const Tensor x, AsDoubles(context.Input(0)));
  const DType to = context.DeclaredOutput(0);
  const std::span<const double> values = x.data<double>();
  const DType precision = DivisionType(context);
  if (IsFloating(to)) {
    const bool saturate = context.opset() < 19 || context.Int("saturate") != 0;
    QuantizeAll(
        context, grid, values, context.AllocateOutput(0, x.shape()).mutable_data<double>(),
        [&](double value, double scale, double zero_point) {
          return DecodeNarrowFloat(
              to, EncodeNarrowFloat(to, StepsOf(value, scale, precision) + zero_point, saturate));
        });
    return OkStatus();
  }
  const IntegerRange range = IntegerRangeOf(to);
  Tensor whole = Tensor::Allocate(DType::kInt32, x.shape());
  QuantizeAll(context, grid, values, whole.mutable_data<int32_t>(),
              [&](double value, double scale, double zero_point) {
                return static_cast<int32_t>(
                    QuantizeToInteger(StepsOf(value, scale, precision), zero_point, range));
              });
  ASSAY_ASSIGN_OR_RETURN(Tensor result, ConvertTensor(whole, to));
  context.SetOutput(0, std::move(result));
  return OkStatus();
}

void GranularityCases(std::vector<OpCase>& cases) {
  const Tensor matrix = Tensor::Of<float>({2, 4}, {1, 2, 3, 4, -5, 6, 7, 8});
  cases.push_back(
      {.name = "per_axis",
       .attributes = {{"axis", int64_t{0}}},
       .inputs = {matrix, Tensor::Vector<float>({1, 2}), Tensor::Vector<uint8_t>({10, 100})},
       .expected = {Tensor::Of<uint8_t>({2, 4}, {11, 12, 13, 14, 98, 103, 104, 104})}});
  cases.push_back({.name = "opset_13_default_axis",
                   .opset = 13,
                   .inputs = {matrix, Tensor::Vector<float>({1, 2, 0.5F, 4}),
                              Tensor::Vector<int8_t>({0, 1, 2, 3})},
                   .expected = {Tensor::Of<int8_t>({2, 4}, {1, 2, 8, 4, -5, 4, 16, 5})}});
  cases.push_back({.name = "blocked_last_block_is_short",
                   .attributes = {{"axis", int64_t{1}},
                                  {"block_size", int64_t{3}},
                                  {"output_dtype", int64_t{3}}},
                   .inputs = {matrix, Tensor::Of<float>({2, 2}, {1, 2, 0.5F, 4})},
                   .expected = {Tensor::Of<int8_t>({2, 4}, {1, 2, 3, 2, -10, 12, 14, 2})}});
  cases.push_back({.name = "blocked_first_axis",
                   .attributes = {{"axis", int64_t{0}}, {"block_size", int64_t{2}}},
                   .inputs = {matrix, Tensor::Of<float>({1, 4}, {1, 2, 1, 4}),
                              Tensor::Of<int16_t>({1, 4}, {0, 1, 2, 3})},
                   .expected = {Tensor::Of<int16_t>({2, 4}, {1, 2, 5, 4, -5, 4, 9, 5})}});
  cases.push_back({.name = "rank_1_ignores_the_axis",
                   .inputs = {Tensor::Vector<float>({1, 2}), Tensor::Vector<float>({0.5F}),
                              Tensor::Vector<uint8_t>({1})},
                   .expected = {Tensor::Vector<uint8_t>({3, 5})}});
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "uint8_ties_and_saturation",
       .opset = 10,
       .inputs = {Tensor::Vector<float>({0, 1, 3, 5, -1, 1000, -1000, NAN, INFINITY}),
                  Tensor::Scalar<float>(2), Tensor::Scalar<uint8_t>(128)},
       .expected = {Tensor::Vector<uint8_t>({128, 128, 130, 130, 128, 255, 0, 128, 255})}});
  // The scale is just above 5 / 255, and in float32 the quotient is the tie 25.5.
  cases.push_back({.name = "ties_are_those_of_float32",
                   .inputs = {Tensor::Vector<float>({0.5F}), Tensor::Scalar<float>(5.0F / 255)},
                   .expected = {Tensor::Vector<uint8_t>({26})}});
  cases.push_back(
      {.name = "zero_point_left_out",
       .inputs = {Tensor::Of<float>({1, 3}, {-1, 0.75F, 1000}), Tensor::Scalar<float>(0.5F)},
       .output_types = {DType::kUInt8},
       .expected = {Tensor::Of<uint8_t>({1, 3}, {0, 2, 255})}});
  cases.push_back({.name = "int32_input",
                   .inputs = {Tensor::Vector<int32_t>({-300, 5, 2147483647}),
                              Tensor::Scalar<float>(2), Tensor::Scalar<int8_t>(-1)},
                   .expected = {Tensor::Vector<int8_t>({-128, 1, 127})}});
  cases.push_back({.name = "uint16",
                   .opset = 21,
                   .inputs = {Tensor::Vector<float>({-1, 70000, 3}), Tensor::Scalar<float>(1),
                              Tensor::Scalar<uint16_t>(2)},
                   .expected = {Tensor::Vector<uint16_t>({1, 65535, 5})}});
  cases.push_back({.name = "int4",
                   .inputs = {Tensor::Vector<float>({-20, -3, 5, 20, 2.5F}),
                              Tensor::Scalar<float>(1), TensorAs(DType::kInt4, {}, {1})},
                   .expected = {TensorAs(DType::kInt4, {5}, {-8, -2, 6, 7, 3})}});
  cases.push_back({.name = "uint2_by_output_dtype",
                   .attributes = {{"output_dtype", static_cast<int64_t>(DType::kUInt2)}},
                   .inputs = {Tensor::Vector<float>({-1, 0, 2, 9}), Tensor::Scalar<float>(1)},
                   .expected = {TensorAs(DType::kUInt2, {4}, {0, 0, 2, 3})}});
  cases.push_back(
      {.name = "float8_saturates",
       .attributes = {{"output_dtype", static_cast<int64_t>(DType::kFloat8E4M3FN)}},
       .inputs = {Tensor::Vector<float>({0.956F, 1000, -2000}), Tensor::Scalar<float>(2)},
       .expected = {Tensor::Vector<double>({0.46875, 448, -448})}});
  cases.push_back({.name = "float8_without_saturation",
                   .opset = 19,
                   .attributes = {{"saturate", int64_t{0}}},
                   .inputs = {Tensor::Vector<float>({1, 2e5F}), Tensor::Scalar<float>(2),
                              TensorAs(DType::kFloat8E5M2, {}, {0})},
                   .expected = {Tensor::Vector<double>({0.5, kInfinity})}});
  cases.push_back(
      {.name = "float4_scale_is_a_power_of_two",
       .attributes = {{"output_dtype", static_cast<int64_t>(DType::kFloat4E2M1)},
                      {"precision", int64_t{1}}},
       .inputs = {Tensor::Vector<float>({1, 5, 100}), TensorAs(DType::kFloat8E8M0, {}, {2})},
       .expected = {Tensor::Vector<double>({0.5, 2, 6})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0, 2}, {}), Tensor::Vector<float>({1, 2})},
                   .expected = {Tensor::Of<uint8_t>({0, 2}, {})}});
  GranularityCases(cases);
}

}  // namespace

extern const OpDef kQuantizeLinear;
const OpDef kQuantizeLinear = {.name = "QuantizeLinear",
                               .schemas = kSchemas,
                               .infer = Infer,
                               .reference = Reference,
                               .cases = Cases};

}  // namespace assay
