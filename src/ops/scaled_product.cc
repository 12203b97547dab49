#include "ops/scaled_product.h"

#include <algorithm>

#include "ops/matmul_shape.h"
#include "ops/quantized_operand.h"

namespace assay {

Status StoreScaledProduct(ReferenceContext& context, const ScaledOperand& left,
                          const ColumnOperand& right) {
  const Shape& b = context.Input(right.tensor).shape();
  ASSAY_ASSIGN_OR_RETURN(const MatMulShape shape, ResolveMatMul(left.shape, b));
  const int last = b.rank() - 1;
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> values,
                         CenteredOperand(context, right.tensor, right.zero_point, last));
  const Shape columns = {shape.columns};
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> scale,
                         ExpandParameter(context, right.scale, columns, 0));
  std::vector<double> bias(static_cast<size_t>(shape.columns), 0);
  if (context.HasInput(right.bias)) {
    ASSAY_ASSIGN_OR_RETURN(bias, ExpandParameter(context, right.bias, columns, 0));
  }
  const auto out = context.AllocateOutput(0, shape.output).mutable_data<double>();
  MultiplyStacks(shape, left.values.data(), values.data(), out.data(), context.threads());
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t column = i % scale.size();
    out[i] = out[i] * left.scale * scale[column] + bias[column];
  }
  return OkStatus();
}

}  // namespace assay
