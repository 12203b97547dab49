#include <fmt/format.h>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/op_def.h"
#include "ops/quantization.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kFirstInputs = DTypeSet::Of(DType::kInt8, DType::kUInt8, DType::kInt32);
constexpr DTypeSet kInteger16 = DTypeSet::Of(DType::kInt16, DType::kUInt16);
constexpr DTypeSet kNarrowInputs =
    DTypeSet::Of(DType::kFloat4E2M1, DType::kFloat6E2M3, DType::kFloat6E3M2);
constexpr DTypeSet kFloat32Only = DTypeSet::Of(DType::kFloat32);
constexpr DTypeSet kOutputs = DTypeSet::Of(DType::kFloat32, DType::kFloat16, DType::kBFloat16);

constexpr OpSchema Schema(int since, InlineList<int, 8> also_since, DTypeSet inputs,
                          DTypeSet scales, DTypeSet outputs,
                          InlineList<AttributeDef, 24> attributes) {
  return {since,
          also_since,
          {{"x", inputs}, {"x_scale", scales}, {"x_zero_point", inputs, Arity::kOptional}},
          {{"y", outputs}},
          attributes};
}

constexpr AttributeDef kAxis = IntAttribute("axis", 1);
constexpr AttributeDef kBlockSize = IntAttribute("block_size", 0);

constexpr OpSchema kSchemas[] = {
    Schema(10, {}, kFirstInputs, kFloat32Only, kFloat32Only, {}),
    Schema(13, {}, kFirstInputs, kFloat32Only, kFloat32Only, {kAxis}),
    Schema(19, {}, kFirstInputs | kFloat8s, kOutputs, kOutputs, {kAxis}),
    Schema(21, {}, kFirstInputs | kFloat8s | kInteger16 | kInteger4s, kOutputs, kOutputs,
           {kAxis, kBlockSize}),
    Schema(23, {24, 25, 28}, kFirstInputs | kFloat8s | kInteger16 | kNarrowIntegers | kNarrowInputs,
           kOutputs | DTypeSet::Of(DType::kFloat8E8M0), kOutputs,
           {kAxis, kBlockSize, IntAttribute("output_dtype", 0)}),
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 2}));
  const DType to = RequestedOutputType(context, 23, context.InputType(1));
  if (!kOutputs.Contains(to)) {
    return OpContext::Invalid(
        fmt::format("output type: expected float32, float16 or bfloat16, got {}", DTypeName(to)),
        "set output_dtype");
  }
  const SymbolicShape* shape = context.InputShape(0);
  context.SetOutput(0, to, shape == nullptr ? std::nullopt : std::optional(*shape));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const ScaleGrid grid, ScaleGridOf(context));
  ASSAY_ASSIGN_OR_RETURN(const Tensor input, AsDoubles(context.Input(0)));
  const std::vector<double> scales = ScalesOf(context);
  const std::vector<double> zero_points = ZeroPointsOf(context);
  const std::span<const double> x = input.data<double>();
  const std::span<double> y = context.AllocateOutput(0, input.shape()).mutable_data<double>();
  context.threads().ParallelFor(
      input.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const auto at = static_cast<size_t>(grid.ScaleOf(i));
          y[static_cast<size_t>(i)] = (x[static_cast<size_t>(i)] - zero_points[at]) * scales[at];
        }
      });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "uint8",
                   .opset = 10,
                   .inputs = {Tensor::Vector<uint8_t>({0, 128, 255}), Tensor::Scalar<float>(0.5F),
                              Tensor::Scalar<uint8_t>(128)},
                   .expected = {Tensor::Vector<float>({-64, 0, 63.5F})}});
  cases.push_back(
      {.name = "int32_without_zero_point",
       .inputs = {Tensor::Vector<int32_t>({-2147483647 - 1, 3}), Tensor::Scalar<float>(2)},
       .expected = {Tensor::Vector<double>({-4294967296.0, 6})}});
  cases.push_back({.name = "per_axis",
                   .opset = 13,
                   .attributes = {{"axis", int64_t{-2}}},
                   .inputs = {Tensor::Of<int8_t>({2, 3}, {1, 2, 3, -4, 5, 6}),
                              Tensor::Vector<float>({2, 0.5F}), Tensor::Vector<int8_t>({0, 1})},
                   .expected = {Tensor::Of<float>({2, 3}, {2, 4, 6, -2.5F, 2, 2.5F})}});
  cases.push_back({.name = "blocked",
                   .attributes = {{"axis", int64_t{1}}, {"block_size", int64_t{2}}},
                   .inputs = {TensorAs(DType::kUInt4, {1, 3, 2}, {1, 2, 3, 4, 5, 15}),
                              Tensor::Of<float>({1, 2, 2}, {1, 10, 100, 1000}),
                              TensorAs(DType::kUInt4, {1, 2, 2}, {0, 1, 2, 3})},
                   .expected = {Tensor::Of<float>({1, 3, 2}, {1, 10, 3, 30, 300, 12000})}});
  cases.push_back({.name = "float8",
                   .opset = 19,
                   .inputs = {TensorAs(DType::kFloat8E4M3FN, {2}, {0.5, -448}),
                              Tensor::Of<Float16>({}, {{0x4000}})},
                   .output_types = {DType::kFloat16},
                   .expected = {Tensor::Vector<double>({1, -896})}});
  cases.push_back({.name = "int2_with_power_of_two_scale",
                   .attributes = {{"output_dtype", static_cast<int64_t>(DType::kBFloat16)}},
                   .inputs = {TensorAs(DType::kInt2, {5}, {-2, -1, 0, 1, 1}),
                              TensorAs(DType::kFloat8E8M0, {}, {0.25})},
                   .output_types = {DType::kBFloat16},
                   .expected = {Tensor::Vector<double>({-0.5, -0.25, 0, 0.25, 0.25})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<int8_t>({0}, {}), Tensor::Scalar<float>(1)},
                   .expected = {Tensor::Of<float>({0}, {})}});
}

}  // namespace

extern const OpDef kDequantizeLinear;
const OpDef kDequantizeLinear = {.name = "DequantizeLinear",
                                 .schemas = kSchemas,
                                 .infer = Infer,
                                 .reference = Reference,
                                 .cases = Cases};

}  // namespace assay
