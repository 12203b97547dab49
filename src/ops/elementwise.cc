#include "ops/elementwise.h"

#include <fmt/format.h>

namespace assay {
namespace {

// The opset that replaced the attributes `axis` and `broadcast` by numpy's rule.
constexpr int kNumpyBroadcastOpset = 7;

Status RequireAllInputs(const InferContext& context) {
  for (int i = 0; i < context.input_count(); ++i) {
    if (context.HasInput(i)) continue;
    return OpContext::Invalid(fmt::format("input {}: expected a value, got none", i));
  }
  return OkStatus();
}

Result<std::optional<SymbolicShape>> InferredShape(const InferContext& context) {
  if (context.opset() >= kNumpyBroadcastOpset) return context.BroadcastInputs();
  const SymbolicShape* first = context.InputShape(0);
  if (first == nullptr) return std::optional<SymbolicShape>();
  for (int i = 1; i < context.input_count(); ++i) {
    const SymbolicShape* other = context.InputShape(i);
    if (other == nullptr) continue;
    if (auto aligned = AlignSecondOperand(context, *first, *other); !aligned.ok()) {
      return aligned.status();
    }
  }
  return std::optional<SymbolicShape>(*first);
}

Status InferBroadcastAs(InferContext& context, DType dtype) {
  ASSAY_RETURN_IF_ERROR(RequireAllInputs(context));
  ASSAY_ASSIGN_OR_RETURN(std::optional<SymbolicShape> shape, InferredShape(context));
  context.SetOutput(0, dtype, std::move(shape));
  return OkStatus();
}

Status CannotBroadcast(const SymbolicShape& a, const SymbolicShape& b) {
  return OpContext::Invalid(
      fmt::format("shapes {} and {} cannot be broadcast together", ToString(a), ToString(b)));
}

bool MayBeEqual(const Dim& a, const Dim& b) {
  return !a.IsKnown() || !b.IsKnown() || a.value() == b.value();
}

}  // namespace

Status InferSameAsInput(InferContext& context) {
  context.CopyInput(0, 0);
  return OkStatus();
}

Status InferBroadcast(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  return InferBroadcastAs(context, context.InputType(0));
}

Status InferBroadcastBool(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  return InferBroadcastAs(context, DType::kBool);
}

Status InferBroadcastMixed(InferContext& context) {
  return InferBroadcastAs(context, context.InputType(0));
}

Result<SymbolicShape> AlignSecondOperand(const OpContext& context, const SymbolicShape& a,
                                         const SymbolicShape& b) {
  if (context.opset() >= kNumpyBroadcastOpset) return b;
  const bool broadcast = context.HasAttribute("broadcast") && context.Int("broadcast") != 0;
  const bool one_element = std::all_of(
      b.begin(), b.end(), [](const Dim& dim) { return dim.IsKnown() && dim.value() == 1; });
  if (broadcast && one_element) return SymbolicShape{};
  const auto rank_a = static_cast<int64_t>(a.size());
  const auto rank_b = static_cast<int64_t>(b.size());
  int64_t axis = rank_a - rank_b;
  if (broadcast && context.HasAttribute("axis")) axis = context.Int("axis");
  if (!broadcast && axis != 0) return CannotBroadcast(a, b);
  if (axis < 0 || axis > rank_a - rank_b) {
    return OpContext::Invalid(
        fmt::format("attribute \"axis\": expected 0 to {}, got {}", rank_a - rank_b, axis));
  }
  SymbolicShape aligned(static_cast<size_t>(rank_a - axis), Dim(1));
  for (size_t i = 0; i < b.size(); ++i) {
    if (!MayBeEqual(a[static_cast<size_t>(axis) + i], b[i])) return CannotBroadcast(a, b);
    aligned[i] = b[i];
  }
  return aligned;
}

std::span<const uint8_t> BoolBytes(const Tensor& tensor) {
  return {static_cast<const uint8_t*>(tensor.raw()), static_cast<size_t>(tensor.elements())};
}

BroadcastCursor::BroadcastCursor(const Shape& output, std::span<const Shape> inputs)
    : output_(output) {
  for (const Shape& input : inputs) {
    const std::vector<int64_t> own = input.Strides();
    std::vector<int64_t> strides(static_cast<size_t>(output.rank()), 0);
    for (int axis = 0; axis < input.rank(); ++axis) {
      const int at = output.rank() - input.rank() + axis;
      if (input[axis] != 1) strides[static_cast<size_t>(at)] = own[static_cast<size_t>(axis)];
    }
    strides_.push_back(std::move(strides));
  }
}

Result<BroadcastPlan> PlanBroadcast(const ReferenceContext& context, std::span<const int> indices) {
  BroadcastPlan plan;
  for (size_t i = 0; i < indices.size(); ++i) {
    Shape shape = context.Input(indices[i]).shape();
    if (i == 0) {
      plan.output = shape;
    } else {
      if (context.opset() < kNumpyBroadcastOpset) {
        ASSAY_ASSIGN_OR_RETURN(
            const SymbolicShape aligned,
            AlignSecondOperand(context, ToSymbolic(plan.output), ToSymbolic(shape)));
        shape = *ToConcrete(aligned);
      }
      const std::optional<Shape> next = BroadcastShapes(plan.output, shape);
      if (!next) return CannotBroadcast(ToSymbolic(plan.output), ToSymbolic(shape));
      plan.output = *next;
    }
    plan.inputs.push_back(std::move(shape));
  }
  return plan;
}

}  // namespace assay
