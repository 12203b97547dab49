#include "ops/qlinear.h"

#include <fmt/format.h>

#include "ops/apply_operator.h"
#include "ops/elementwise.h"
#include "ops/quantized_operand.h"

namespace assay {

Result<double> QuantizationValue(const ReferenceContext& context, int index, double otherwise) {
  if (!context.HasInput(index)) return otherwise;
  const Tensor& value = context.Input(index);
  if (value.elements() == 1) return value.ValueAsDouble(0);
  return OpContext::Invalid(
      fmt::format("input {}: expected one element, got shape {}", index, value.shape().ToString()));
}

Result<Tensor> Dequantized(const ReferenceContext& context, QuantizedAt at) {
  ASSAY_ASSIGN_OR_RETURN(const double scale, QuantizationValue(context, at.scale, 1));
  ASSAY_ASSIGN_OR_RETURN(const double zero_point, QuantizationValue(context, at.zero_point, 0));
  const Tensor& input = context.Input(at.tensor);
  Tensor result = Tensor::Allocate(DType::kFloat64, input.shape());
  const std::span<double> out = result.mutable_data<double>();
  DispatchInteger(input.dtype(), [&]<typename T>() {
    const std::span<const T> in = input.data<T>();
    context.threads().ParallelFor(
        input.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
          for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
            out[i] = (static_cast<double>(in[i]) - zero_point) * scale;
          }
        });
  });
  return result;
}

Status StoreRequantized(ReferenceContext& context, const Tensor& values, QuantizedAt at) {
  ASSAY_ASSIGN_OR_RETURN(const double scale, QuantizationValue(context, at.scale, 1));
  ASSAY_ASSIGN_OR_RETURN(const double zero_point, QuantizationValue(context, at.zero_point, 0));
  std::vector<double> scaled(static_cast<size_t>(values.elements()));
  const std::span<const double> in = values.data<double>();
  for (size_t i = 0; i < scaled.size(); ++i) scaled[i] = in[i] / scale;
  const std::vector<double> zero_points(scaled.size(), zero_point);
  return StoreQuantized(scaled, zero_points, context.AllocateOutput(0, values.shape()));
}

Status InferQLinearBinary(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 2, 3, 5, 7}));
  ASSAY_ASSIGN_OR_RETURN(std::optional<SymbolicShape> shape, context.BroadcastInputs({0, 3}));
  context.SetOutput(0, context.InputType(0), std::move(shape));
  return OkStatus();
}

Status ComputeQLinearBinary(ReferenceContext& context, std::string_view op) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor a, Dequantized(context, {0, 1, 2}));
  ASSAY_ASSIGN_OR_RETURN(const Tensor b, Dequantized(context, {3, 4, 5}));
  ASSAY_ASSIGN_OR_RETURN(const Tensor c, ApplyOperator(context, op, {&a, &b}));
  return StoreRequantized(context, c, {-1, 6, 7});
}

Status InferQLinearUnary(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 2, 4}));
  return InferSameAsInput(context);
}

Status ComputeQLinearUnary(ReferenceContext& context, std::string_view op,
                           std::vector<Attribute> attributes, int opset) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor x, Dequantized(context, kUnaryInput));
  ASSAY_ASSIGN_OR_RETURN(const Tensor y,
                         ApplyOperator(context, op, {&x}, std::move(attributes), opset));
  return StoreRequantized(context, y, kUnaryOutput);
}

}  // namespace assay
