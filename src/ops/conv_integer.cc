#include "ops/convolution.h"
#include "ops/op_def.h"
#include "ops/quantized_operand.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kBytes = DTypeSet::Of(DType::kInt8, DType::kUInt8);

constexpr OpSchema kSchemas[] = {
    {.since = 10,
     .inputs = {{"x", kBytes},
                {"w", kBytes},
                {"x_zero_point", kBytes, Arity::kOptional},
                {"w_zero_point", kBytes, Arity::kOptional}},
     .outputs = {{"y", DTypeSet::Of(DType::kInt32)}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"),
                    OptionalAttribute("dilations", AttributeKind::kInts), IntAttribute("group", 1),
                    OptionalAttribute("kernel_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
};

Status Infer(InferContext& context) { return InferConvolution(context, 0, 1, DType::kInt32); }

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(
      const Convolution convolution,
      ResolveConvolution(context, context.Input(0).shape(), context.Input(1).shape()));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> input, CenteredOperand(context, 0, 2, 0));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> weights, CenteredOperand(context, 1, 3, 0));
  const Shape output = convolution.OutputShape();
  std::vector<double> sums(static_cast<size_t>(output.elements()));
  Convolve(convolution, input.data(), weights.data(), sums.data(), context.threads());
  StoreWrapped(sums, context.AllocateOutput(0, output).mutable_data<int32_t>());
  return OkStatus();
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const Tensor square = Tensor::Of<uint8_t>({1, 1, 3, 3}, {2, 3, 4, 5, 6, 7, 8, 9, 10});
  const Tensor ones = Tensor::Of<uint8_t>({1, 1, 2, 2}, {1, 1, 1, 1});
  cases.push_back({.name = "zero_point",
                   .inputs = {square, ones, Tensor::Scalar<uint8_t>(1)},
                   .expected = {Tensor::Of<int32_t>({1, 1, 2, 2}, {12, 16, 24, 28})}});
  cases.push_back({.name = "padding_has_the_value_of_the_zero_point",
                   .attributes = {{"pads", Ints{1, 1, 1, 1}}},
                   .inputs = {square, ones, Tensor::Scalar<uint8_t>(1)},
                   .expected = {Tensor::Of<int32_t>(
                       {1, 1, 4, 4}, {1, 3, 5, 3, 5, 12, 16, 9, 11, 24, 28, 15, 7, 15, 17, 9})}});
  cases.push_back({.name = "zero_point_per_filter",
                   .inputs = {Tensor::Of<uint8_t>({1, 1, 2}, {3, 5}),
                              Tensor::Of<int8_t>({4, 1, 1}, {1, 2, 3, -128}), std::nullopt,
                              Tensor::Vector<int8_t>({1, 1, 0, 127})},
                   .expected = {Tensor::Of<int32_t>({1, 4, 2}, {0, 0, 3, 5, 9, 15, -765, -1275})}});
}

}  // namespace

extern const OpDef kConvInteger;
const OpDef kConvInteger = {.name = "ConvInteger",
                            .schemas = kSchemas,
                            .infer = Infer,
                            .reference = Reference,
                            .cases = Cases};

}  // namespace assay
