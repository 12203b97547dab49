#include "ops/channels_last.h"

#include <numeric>

#include "ops/apply_operator.h"

namespace assay {
namespace {

Result<Tensor> Permuted(const ReferenceContext& context, const Tensor& tensor,
                        std::vector<int64_t> order) {
  return ApplyOperator(context, "Transpose", {&tensor}, {{"perm", std::move(order)}});
}

std::vector<int64_t> Axes(const Tensor& tensor) {
  std::vector<int64_t> axes(static_cast<size_t>(tensor.shape().rank()));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

}  // namespace

Status InferChannelsLast(InferContext& context, Status (*infer)(InferContext& context)) {
  std::vector<InferContext::Input> inputs;
  for (int i = 0; i < context.input_count(); ++i) {
    inputs.push_back({context.InputValueType(i), context.ConstantInput(i), nullptr});
  }
  ValueType first;
  if (const ValueType* type = context.InputValueType(0)) {
    first = *type;
    if (first.shape) first.shape = ChannelsSecond(*first.shape);
    inputs[0] = {&first, nullptr, nullptr};
  }
  InferContext inner(context.node(), context.schema(), std::move(inputs));
  ASSAY_RETURN_IF_ERROR(infer(inner));
  ValueType type = inner.outputs()[0].type;
  if (type.shape) type.shape = ChannelsLast(*type.shape);
  context.SetOutputType(0, std::move(type));
  return OkStatus();
}

Status ComputeChannelsLast(ReferenceContext& context,
                           Status (*reference)(ReferenceContext& context)) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor first, Permuted(context, context.Input(0),
                                                      ChannelsSecond(Axes(context.Input(0)))));
  const RuntimeValue first_value = first;
  std::vector<const RuntimeValue*> inputs = {&first_value};
  std::vector<DType> types = {context.DeclaredInput(0)};
  for (int i = 1; i < context.input_count(); ++i) {
    inputs.push_back(context.HasInput(i) ? &context.InputValue(i) : nullptr);
    types.push_back(context.DeclaredInput(i));
  }
  const BodyRunner no_bodies;
  ReferenceContext inner(context.node(), context.schema(), std::move(inputs), std::move(types),
                         {context.DeclaredOutput(0)}, context.threads(), no_bodies);
  ASSAY_RETURN_IF_ERROR(reference(inner));
  const Tensor& output = inner.outputs()[0].tensor();
  ASSAY_ASSIGN_OR_RETURN(Tensor last, Permuted(context, output, ChannelsLast(Axes(output))));
  context.SetOutput(0, std::move(last));
  return OkStatus();
}

}  // namespace assay
