#include "ops/arg_extreme.h"

#include <cmath>

#include "ops/data_movement.h"
#include "ops/reduction.h"
#include "ops/running_extreme.h"

namespace assay {
namespace {

// beats(x, y): x is more extreme than y. Elements of which neither beats the other are ties.
template <typename Beats>
Status ArgExtreme(ReferenceContext& context, Beats beats) {
  const Tensor& input = context.Input(0);
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(context.Int("axis"), input.shape().rank()));
  std::vector<char> reduced(static_cast<size_t>(input.shape().rank()), 0);
  reduced[static_cast<size_t>(axis)] = 1;
  const Reduction reduction(input.shape(), reduced, context.Int("keepdims") != 0);
  const bool last =
      context.HasAttribute("select_last_index") && context.Int("select_last_index") != 0;
  const std::span<int64_t> out =
      context.AllocateOutput(0, reduction.output()).mutable_data<int64_t>();
  if (reduction.term_count() == 0 && !out.empty()) {
    return OpContext::Invalid("axis: expected at least one element to choose from, got none");
  }
  const bool known = DispatchReferenceNumeric(input.dtype(), [&]<typename T>() {
    const std::span<const T> in = input.data<T>();
    context.threads().ParallelFor(
        static_cast<int64_t>(out.size()), 256, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) {
            T extreme{};
            int64_t best = -1;
            int64_t index = 0;
            Terms<T>(reduction, in, i).ForEach([&](T x) {
              if (best < 0 || beats(x, extreme) || (last && !beats(extreme, x))) {
                extreme = x;
                best = index;
              }
              ++index;
            });
            out[static_cast<size_t>(i)] = best;
          }
        });
  });
  if (!known) return OpContext::Unsupported("element type has no order");
  return OkStatus();
}

}  // namespace

Status InferArgExtreme(InferContext& context) {
  std::optional<SymbolicShape> output;
  if (const SymbolicShape* shape = context.InputShape(0)) {
    ASSAY_ASSIGN_OR_RETURN(const int axis,
                           CheckedAxis(context.Int("axis"), static_cast<int>(shape->size())));
    output = *shape;
    if (context.Int("keepdims") != 0) {
      (*output)[static_cast<size_t>(axis)] = 1;
    } else {
      output->erase(output->begin() + axis);
    }
  }
  context.SetOutput(0, DType::kInt64, std::move(output));
  return OkStatus();
}

Status ArgMaxReference(ReferenceContext& context) {
  return ArgExtreme(context, [](auto x, auto y) { return IsAbove(x, y); });
}

Status ArgMinReference(ReferenceContext& context) {
  return ArgExtreme(context, [](auto x, auto y) { return IsBelow(x, y); });
}

}  // namespace assay
