#pragma once

#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "ops/elementwise.h"
#include "ops/running_extreme.h"

namespace assay {

// The larger or smaller of two; NaN if either is NaN.
template <typename T>
T Larger(T a, T b) {
  return IsAbove(b, a) ? b : a;
}
template <typename T>
T Smaller(T a, T b) {
  return IsBelow(b, a) ? b : a;
}

// Contents of output 0 where those of all inputs are known numbers: shapes are computed with such
// operators too.
Status InferFoldedContents(InferContext& context, int64_t (*fn)(int64_t, int64_t));

// output = fn(... fn(fn(input0, input1), input2) ...) over the broadcast of all inputs, of element
// type T; finish(T) -> T comes last.
template <typename T, typename Fn, typename Finish>
Status BroadcastFold(ReferenceContext& context, Fn fn, Finish finish) {
  std::vector<int> indices(static_cast<size_t>(context.input_count()));
  std::iota(indices.begin(), indices.end(), 0);
  ASSAY_ASSIGN_OR_RETURN(const BroadcastPlan plan, PlanBroadcast(context, indices));
  std::vector<std::span<const T>> in;
  for (int i : indices) in.push_back(context.Input(i).data<T>());
  const auto out = context.AllocateOutput(0, plan.output).template mutable_data<T>();
  const BroadcastCursor cursor(plan.output, plan.inputs);
  context.threads().ParallelFor(
      plan.output.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        cursor.ForEachRun(begin, end, [&](int64_t at, int64_t count, auto offsets, auto steps) {
          for (int64_t k = 0; k < count; ++k) {
            T value = in[0][static_cast<size_t>(offsets[0] + k * steps[0])];
            for (size_t i = 1; i < in.size(); ++i) {
              value = fn(value, in[i][static_cast<size_t>(offsets[i] + k * steps[i])]);
            }
            out[static_cast<size_t>(at + k)] = finish(value);
          }
        });
      });
  return OkStatus();
}

// BroadcastFold in the inputs' own type: double or an integer.
template <typename Fn>
Status BroadcastFoldNumeric(ReferenceContext& context, Fn fn) {
  Status status;
  const bool known = DispatchReferenceNumeric(context.Input(0).dtype(), [&]<typename T>() {
    status = BroadcastFold<T>(context, fn, [](T value) { return value; });
  });
  if (!known) return OpContext::Unsupported("element type has no arithmetic");
  return status;
}

}  // namespace assay
