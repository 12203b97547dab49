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
    // The text says that extents of 1 do not expand; the package's models rely on it that they do.
    const bool expands = broadcast && b[i].IsKnown() && b[i].value() == 1;
    if (!expands && !MayBeEqual(a[static_cast<size_t>(axis) + i], b[i])) {
      return CannotBroadcast(a, b);
    }
    aligned[i] = b[i];
  }
  return aligned;
}

std::span<const uint8_t> BoolBytes(const Tensor& tensor) {
  return {static_cast<const uint8_t*>(tensor.raw()), static_cast<size_t>(tensor.elements())};
}

BroadcastCursor::BroadcastCursor(const Shape& output, std::span<const Shape> inputs)
    : inputs_(inputs.size()) {
  std::vector<std::vector<int64_t>> own;
  for (const Shape& input : inputs) own.push_back(input.Strides());
  // Innermost axis first, turned around at the end.
  std::vector<int64_t> strides(inputs_);
  std::vector<std::vector<int64_t>> by_axis;
  for (int axis = output.rank() - 1; axis >= 0; --axis) {
    if (output[axis] == 1) continue;
    bool goes_on = !extents_.empty();
    for (size_t i = 0; i < inputs_; ++i) {
      const int at = inputs[i].rank() - output.rank() + axis;
      const bool repeats = at < 0 || inputs[i][at] == 1;
      strides[i] = repeats ? 0 : own[i][static_cast<size_t>(at)];
      goes_on = goes_on && strides[i] == by_axis.back()[i] * extents_.back();
    }
    if (goes_on) {
      extents_.back() *= output[axis];
    } else {
      extents_.push_back(output[axis]);
      by_axis.push_back(strides);
    }
  }
  if (extents_.empty()) {
    extents_ = {1};
    by_axis = {std::vector<int64_t>(inputs_, 0)};
  }
  std::reverse(extents_.begin(), extents_.end());
  for (size_t axis = by_axis.size(); axis-- > 0;) {
    strides_.insert(strides_.end(), by_axis[axis].begin(), by_axis[axis].end());
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
