#pragma once

#include <cstdint>

#include "ops/axis_lines.h"
#include "ops/infer_context.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"
#include "tensor/dispatch.h"

namespace assay {

// What CumSum and CumProd share: input 1 is the axis, the attributes are "exclusive" (an element
// does not take part in its own result) and "reverse" (from the end).

inline constexpr DTypeSet kCumulativeTypes =
    kFloats | DTypeSet::Of(DType::kInt32, DType::kInt64, DType::kUInt32, DType::kUInt64);

Status InferCumulative(InferContext& context);
Result<AxisLines> CumulativeLines(const ReferenceContext& context);

// Writes the running value along every line. Running<T> starts with the value of no elements and
// has Add(x) and value().
template <template <typename> typename Running>
Status MapCumulative(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const AxisLines lines, CumulativeLines(context));
  const Tensor& input = context.Input(0);
  const bool exclusive = context.Int("exclusive") != 0;
  const bool reverse = context.Int("reverse") != 0;
  const bool known = DispatchReferenceNumeric(input.dtype(), [&]<typename T>() {
    const T* in = input.data<T>().data();
    T* out = context.AllocateOutput(0, input.shape()).template mutable_data<T>().data();
    ForEachLine(context.threads(), lines, [&](int64_t line) {
      Running<T> running;
      for (int64_t i = 0; i < lines.length; ++i) {
        const int64_t along = reverse ? lines.length - 1 - i : i;
        const int64_t at = lines.Start(line) + along * lines.inner;
        if (exclusive) out[at] = running.value();
        running.Add(in[at]);
        if (!exclusive) out[at] = running.value();
      }
    });
  });
  if (!known) return OpContext::Unsupported("element type has no arithmetic");
  return OkStatus();
}

}  // namespace assay
