#include "ops/cosine_window.h"

#include <limits>
#include <span>

#include "ops/axis_lines.h"
#include "ops/cast_values.h"
#include "ops/scalar_input.h"
#include "ops/type_attribute.h"
#include "ops/unit_root.h"

namespace assay {

Status InferCosineWindow(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const DType dtype,
                         TypeAttribute(context, "output_datatype", kWindowTypes));
  ASSAY_ASSIGN_OR_RETURN(const Dim size, InferIntegerScalar(context, 0));
  if (size.IsKnown()) ASSAY_RETURN_IF_ERROR(RequireAtLeast("size", size.value(), 0));
  context.SetOutput(0, dtype, SymbolicShape{size});
  return OkStatus();
}

Status EvaluateCosineWindow(ReferenceContext& context, const CosineWindow& window) {
  ASSAY_ASSIGN_OR_RETURN(const int64_t size, IntegerScalar(context, 0));
  ASSAY_RETURN_IF_ERROR(RequireAtLeast("size", size, 0));
  const int64_t n = context.Int("periodic") != 0 ? size : size - 1;
  ASSAY_ASSIGN_OR_RETURN(Tensor values, Tensor::TryAllocate(DType::kFloat64, {size}));
  const std::span<double> out = values.mutable_data<double>();
  ForEachSlice(context.threads(), size, 1, [&](int64_t k) {
    double& value = out[static_cast<size_t>(k)];
    if (n == 0) {
      value = std::numeric_limits<double>::quiet_NaN();
      return;
    }
    const int64_t twice = k < n - k ? 2 * k : 2 * k - n;
    // In this order 0.42, 0.5 and 0.08 add up to 0 and 1 at the ends of their range, exactly.
    value = window.a0 + window.a2 * UnitRoot(twice, n).real() - window.a1 * UnitRoot(k, n).real();
  });
  ASSAY_ASSIGN_OR_RETURN(
      Tensor cast,
      CastElements(values, DType::kFloat64, context.DeclaredOutput(0), {}, context.threads()));
  context.SetOutput(0, std::move(cast));
  return OkStatus();
}

}  // namespace assay
