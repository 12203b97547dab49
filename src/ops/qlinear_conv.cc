#include "ops/convolution.h"
#include "ops/op_def.h"
#include "ops/quantized_operand.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kBytes = DTypeSet::Of(DType::kInt8, DType::kUInt8);
constexpr DTypeSet kScale = DTypeSet::Of(DType::kFloat32);

constexpr OpSchema kSchemas[] = {
    {.since = 10,
     .inputs = {{"x", kBytes},
                {"x_scale", kScale},
                {"x_zero_point", kBytes},
                {"w", kBytes},
                {"w_scale", kScale},
                {"w_zero_point", kBytes},
                {"y_scale", kScale},
                {"y_zero_point", kBytes},
                {"B", DTypeSet::Of(DType::kInt32), Arity::kOptional}},
     .outputs = {{"y", kBytes}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"),
                    OptionalAttribute("dilations", AttributeKind::kInts), IntAttribute("group", 1),
                    OptionalAttribute("kernel_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
};

Status Infer(InferContext& context) {
  return InferConvolution(context, 0, 3, context.InputType(7));
}

Status Reference(ReferenceContext& context) {
  const Shape& w = context.Input(3).shape();
  ASSAY_ASSIGN_OR_RETURN(const Convolution convolution,
                         ResolveConvolution(context, context.Input(0).shape(), w));
  ASSAY_RETURN_IF_ERROR(CheckFilterBias(context, 8, convolution.filters));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> input, CenteredOperand(context, 0, 2, 0));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> weights, CenteredOperand(context, 3, 5, 0));
  const Shape per_filter = {convolution.filters};
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> filter_scale,
                         ExpandParameter(context, 4, per_filter, 0));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> input_scale,
                         ExpandParameter(context, 1, Shape{1}, 0));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> output_scale,
                         ExpandParameter(context, 6, Shape{1}, 0));
  const Shape output = convolution.OutputShape();
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> zero, ExpandParameter(context, 7, output, 1));
  std::vector<double> sums(static_cast<size_t>(output.elements()));
  Convolve(convolution, input.data(), weights.data(), sums.data(), context.threads());
  if (context.HasInput(8)) {
    ASSAY_ASSIGN_OR_RETURN(const std::vector<double> bias,
                           ExpandParameter(context, 8, per_filter, 0));
    AddFilterBias(bias, convolution.batch, convolution.output_count(), sums, context.threads());
  }
  const int64_t plane = convolution.output_count();
  for (size_t i = 0; i < sums.size(); ++i) {
    const auto filter = static_cast<size_t>(static_cast<int64_t>(i) / plane % convolution.filters);
    sums[i] *= input_scale[0] * filter_scale[filter] / output_scale[0];
  }
  return StoreQuantized(sums, zero, context.AllocateOutput(0, output));
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const Tensor one = Tensor::Scalar<float>(1);
  cases.push_back(
      {.name = "scale_per_filter_bias_and_pads",
       .attributes = {{"pads", Ints{1, 0}}},
       .inputs = {Tensor::Of<uint8_t>({1, 1, 2}, {12, 14}), Tensor::Scalar<float>(0.5F),
                  Tensor::Scalar<uint8_t>(10), Tensor::Of<int8_t>({2, 1, 2}, {1, 2, -3, 4}),
                  Tensor::Vector<float>({1, 2}), Tensor::Vector<int8_t>({0, 1}),
                  Tensor::Scalar<float>(0.25F), Tensor::Scalar<uint8_t>(100),
                  Tensor::Vector<int32_t>({1, -2})},
       // Filter 0: (4 + 1, 10 + 1) times 2; filter 1 centred is (-4, 3): (6 - 2, 4 - 2)
       // times 4.
       .output_types = {DType::kUInt8},
       .expected = {Tensor::Of<uint8_t>({1, 2, 2}, {110, 122, 116, 108})}});
  cases.push_back({.name = "saturates_and_rounds_ties_to_even",
                   .inputs = {Tensor::Of<int8_t>({1, 1, 4}, {1, 3, -128, 127}), one,
                              Tensor::Scalar<int8_t>(0), Tensor::Of<int8_t>({1, 1, 1}, {1}),
                              Tensor::Scalar<float>(0.5F), Tensor::Scalar<int8_t>(0),
                              Tensor::Scalar<float>(1), Tensor::Scalar<int8_t>(-100)},
                   .expected = {Tensor::Of<int8_t>({1, 1, 4}, {-100, -98, -128, -36})}});
}

}  // namespace

extern const OpDef kQLinearConv;
const OpDef kQLinearConv = {.name = "QLinearConv",
                            .schemas = kSchemas,
                            .infer = Infer,
                            .reference = Reference,
                            .cases = Cases};

}  // namespace assay
