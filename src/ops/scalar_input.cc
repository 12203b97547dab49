#include "ops/scalar_input.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

namespace assay {
namespace {

Status NotScalar(const OpContext& context, int i, const std::string& shape) {
  return OpContext::Invalid(fmt::format("shape of {}: expected a scalar, got {}",
                                        context.schema().inputs[static_cast<size_t>(i)].name,
                                        shape));
}

Status CheckScalarShape(const ReferenceContext& context, int i) {
  const Tensor& input = context.Input(i);
  return input.elements() == 1 ? OkStatus() : NotScalar(context, i, input.shape().ToString());
}

}  // namespace

Status CheckScalarInput(const InferContext& context, int i) {
  const SymbolicShape* shape = context.InputShape(i);
  if (shape == nullptr) return OkStatus();
  for (const Dim& dim : *shape) {
    if (dim.IsKnown() && dim.value() != 1) return NotScalar(context, i, ToString(*shape));
  }
  return OkStatus();
}

Result<Dim> InferIntegerScalar(const InferContext& context, int i) {
  ASSAY_RETURN_IF_ERROR(CheckScalarInput(context, i));
  const std::optional<std::vector<Dim>> contents = context.InputContents(i);
  return contents && contents->size() == 1 ? contents->front() : Dim::Unknown();
}

Result<int64_t> IntegerScalar(const ReferenceContext& context, int i) {
  ASSAY_RETURN_IF_ERROR(CheckScalarShape(context, i));
  return context.Input(i).ValueAsInt(0);
}

Result<double> DoubleScalar(const ReferenceContext& context, int i) {
  ASSAY_RETURN_IF_ERROR(CheckScalarShape(context, i));
  return context.Input(i).ValueAsDouble(0);
}

Status RequireAtLeast(std::string_view what, int64_t value, int64_t least) {
  if (value >= least) return OkStatus();
  return OpContext::Invalid(fmt::format("{}: expected at least {}, got {}", what, least, value));
}

}  // namespace assay
