#include "ops/skip_normalization.h"

#include <fmt/format.h>

#include "ops/apply_operator.h"
#include "ops/microsoft.h"

namespace assay {
namespace {

Status WrongSkip(const std::string& x, const std::string& skip) {
  return OpContext::Invalid(fmt::format(
      "skip: expected the shape {} or what repeats along its first axis, got {}", x, skip));
}

}  // namespace

Status InferSkipNormalization(InferContext& context, int bias) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  std::optional<SymbolicShape> reduced;
  if (const SymbolicShape* shape = context.InputShape(0)) {
    if (shape->size() != 2 && shape->size() != 3) {
      return OpContext::Invalid("input: expected rank 2 or 3, got shape " + ToString(*shape));
    }
    reduced = *shape;
    reduced->back() = 1;
    for (int i = 2; i <= bias; ++i) ASSAY_RETURN_IF_ERROR(InferLastAxisVector(context, 0, i));
    ASSAY_ASSIGN_OR_RETURN(const auto both, context.BroadcastInputs({0, 1}));
    if (both && both->size() != shape->size()) {
      return WrongSkip(ToString(*shape), ToString(*context.InputShape(1)));
    }
  }
  context.CopyInput(0, 0);
  context.SetOutput(1, DType::kFloat32, reduced);
  context.SetOutput(2, DType::kFloat32, reduced);
  context.CopyInput(0, 3);
  return OkStatus();
}

Result<Tensor> SkipSum(const ReferenceContext& context, int bias) {
  const Shape& shape = context.Input(0).shape();
  if (shape.rank() != 2 && shape.rank() != 3) {
    return OpContext::Invalid("input: expected rank 2 or 3, got shape " + shape.ToString());
  }
  const Shape& skip = context.Input(1).shape();
  // Only the first axis of the input may be missing in the skip, or be 1.
  bool fits = skip.rank() <= shape.rank() && skip.rank() >= shape.rank() - 1 && skip.rank() >= 2;
  for (int i = 1; fits && i < shape.rank(); ++i) {
    fits = skip[skip.rank() - i] == shape[shape.rank() - i];
  }
  fits = fits && (skip.rank() < shape.rank() || skip[0] == 1 || skip[0] == shape[0]);
  if (!fits) return WrongSkip(shape.ToString(), skip.ToString());
  for (int i = 2; i <= bias; ++i) ASSAY_RETURN_IF_ERROR(CheckLastAxisVector(context, 0, i));
  ASSAY_ASSIGN_OR_RETURN(const Tensor sum,
                         ApplyOperator(context, "Add", {&context.Input(0), &context.Input(1)}));
  return AddAlongLastAxis(context, sum, context.HasInput(bias) ? &context.Input(bias) : nullptr);
}

void StoreSkipOutputs(ReferenceContext& context, const Tensor& sum, const std::vector<double>& mean,
                      const std::vector<double>& inverse) {
  Shape reduced = sum.shape();
  reduced[reduced.rank() - 1] = 1;
  if (context.WantsOutput(1)) context.SetOutput(1, Tensor::Of(reduced, mean));
  if (context.WantsOutput(2)) context.SetOutput(2, Tensor::Of(reduced, inverse));
  if (context.WantsOutput(3)) context.SetOutput(3, sum);
}

}  // namespace assay
