#include "ops/cumulative.h"

#include <fmt/format.h>

#include <vector>

#include "ops/data_movement.h"

namespace assay {

Status InferCumulative(InferContext& context) {
  context.CopyInput(0, 0);
  const auto axis = context.ConstantInts(1);
  const auto rank = context.InputRank(0);
  if (!axis || !rank || axis->size() != 1) return OkStatus();
  return CheckedAxis((*axis)[0], *rank).status();
}

Result<AxisLines> CumulativeLines(const ReferenceContext& context) {
  const std::vector<int64_t> axis = context.IntValues(1);
  if (axis.size() != 1) {
    return OpContext::Invalid(fmt::format("shape of axis: expected a scalar, got {}",
                                          context.Input(1).shape().ToString()));
  }
  const Shape& shape = context.Input(0).shape();
  ASSAY_ASSIGN_OR_RETURN(const int along, CheckedAxis(axis[0], shape.rank()));
  return LinesAlong(shape, along);
}

}  // namespace assay
