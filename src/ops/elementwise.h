#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/status.h"
#include "ops/infer_context.h"
#include "ops/reference_context.h"
#include "tensor/dispatch.h"

namespace assay {

// Indices that one parallel block of an element-wise kernel handles.
inline constexpr int64_t kElementwiseGrain = int64_t{1} << 15;

// Output 0 has the type and shape of input 0.
Status InferSameAsInput(InferContext& context);
// Inputs have one type; output 0 has it too, and their broadcast shape.
Status InferBroadcast(InferContext& context);
// As InferBroadcast, but the output is of type bool (comparisons and logic).
Status InferBroadcastBool(InferContext& context);
// As InferBroadcast for two inputs whose types may differ; the output has the type of input 0.
Status InferBroadcastMixed(InferContext& context);

// Shape under which the second operand broadcasts by numpy's rule. From opset 7 on that is its own
// shape `b`. Before, shapes must be equal unless the attribute `broadcast` is set; then `b` has one
// element, or lies within the axes of `a` from the attribute `axis` on (default: the last ones).
// Errors: kInvalidInput.
Result<SymbolicShape> AlignSecondOperand(const OpContext& context, const SymbolicShape& a,
                                         const SymbolicShape& b);

// Bytes of a bool tensor. Read these and not bool itself: a model file may hold any non-zero byte
// for true.
std::span<const uint8_t> BoolBytes(const Tensor& tensor);

// Walks the elements [begin, end) of an output shape and keeps the matching offset of every
// broadcast input. Inputs have strides in elements, 0 along axes that they repeat.
class BroadcastCursor {
 public:
  BroadcastCursor(const Shape& output, std::span<const Shape> inputs);

  // Calls body(output_begin, count, offsets, steps): a run of `count` consecutive output elements,
  // where input i starts at offsets[i] and advances by steps[i] (0 or its innermost stride).
  template <typename Body>
  void ForEachRun(int64_t begin, int64_t end, Body&& body) const {
    const int64_t inner = extents_.back();
    std::vector<int64_t> offsets(inputs_);
    const std::span<const int64_t> steps = std::span(strides_).last(inputs_);
    while (begin < end) {
      const int64_t column = begin % inner;
      for (size_t i = 0; i < inputs_; ++i) offsets[i] = column * steps[i];
      int64_t rest = begin / inner;
      for (size_t axis = extents_.size() - 1; axis-- > 0;) {
        const int64_t index = rest % extents_[axis];
        rest /= extents_[axis];
        for (size_t i = 0; i < inputs_; ++i) offsets[i] += index * strides_[axis * inputs_ + i];
      }
      const int64_t count = std::min(end - begin, inner - column);
      body(begin, count, std::span<const int64_t>(offsets), steps);
      begin += count;
    }
  }

 private:
  size_t inputs_;
  // Axes of the output, outermost first, at least one; neighbours along which every input goes on
  // as along one axis are merged, so that runs are long.
  std::vector<int64_t> extents_;
  std::vector<int64_t> strides_;  // axis by axis, one per input
};

// output[i] = fn(input0[i]) in double. For operators on floating types only.
template <typename Fn>
Status MapDoubles(ReferenceContext& context, Fn fn) {
  const std::span<const double> in = context.Doubles(0);
  const std::span<double> out =
      context.AllocateOutput(0, context.Input(0).shape()).mutable_data<double>();
  context.threads().ParallelFor(
      static_cast<int64_t>(in.size()), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
          out[i] = fn(in[i]);
        }
      });
  return OkStatus();
}

// output[i] = fn(input0[i]); fn(double) -> bool.
template <typename Fn>
Status MapToBool(ReferenceContext& context, Fn fn) {
  const std::span<const double> in = context.Doubles(0);
  const std::span<bool> out =
      context.AllocateOutput(0, context.Input(0).shape()).mutable_data<bool>();
  context.threads().ParallelFor(
      static_cast<int64_t>(in.size()), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
          out[i] = fn(in[i]);
        }
      });
  return OkStatus();
}

// output[i] = fn(input0[i]) in the tensor's own type: double or an integer. fn is called with T and
// its result converted to T.
template <typename Fn>
Status MapNumeric(ReferenceContext& context, Fn fn) {
  const Tensor& input = context.Input(0);
  const bool known = DispatchReferenceNumeric(input.dtype(), [&]<typename T>() {
    const auto in = input.data<T>();
    const auto out = context.AllocateOutput(0, input.shape()).template mutable_data<T>();
    context.threads().ParallelFor(
        input.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
          for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
            out[i] = static_cast<T>(fn(in[i]));
          }
        });
  });
  if (!known) return OpContext::Unsupported("element type has no arithmetic");
  return OkStatus();
}

// Shapes of a broadcast at run time: of the output, and of the inputs aligned to it.
struct BroadcastPlan {
  Shape output;
  std::vector<Shape> inputs;
};
// Plans the broadcast of the inputs `indices`, the second of two aligned (AlignSecondOperand).
// Errors: kInvalidInput with the shapes.
Result<BroadcastPlan> PlanBroadcast(const ReferenceContext& context, std::span<const int> indices);

// output = fn(a, b) over a broadcast of two lists of elements, written to output 0 of element type
// R.
template <typename R, typename A, typename B, typename Fn>
void BroadcastElements(ReferenceContext& context, const BroadcastPlan& plan, std::span<const A> a,
                       std::span<const B> b, Fn fn) {
  const auto out = context.AllocateOutput(0, plan.output).template mutable_data<R>();
  const BroadcastCursor cursor(plan.output, plan.inputs);
  context.threads().ParallelFor(
      plan.output.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        cursor.ForEachRun(begin, end, [&](int64_t at, int64_t count, auto offsets, auto steps) {
          for (int64_t k = 0; k < count; ++k) {
            out[static_cast<size_t>(at + k)] =
                fn(a[static_cast<size_t>(offsets[0] + k * steps[0])],
                   b[static_cast<size_t>(offsets[1] + k * steps[1])]);
          }
        });
      });
}

// output = fn(a, b) with broadcasting, a and b of element type T, output of R.
template <typename T, typename R, typename Fn>
Status BroadcastBinary(ReferenceContext& context, Fn fn) {
  ASSAY_ASSIGN_OR_RETURN(const BroadcastPlan plan, PlanBroadcast(context, std::array{0, 1}));
  BroadcastElements<R>(context, plan, context.Input(0).data<T>(), context.Input(1).data<T>(), fn);
  return OkStatus();
}

// As BroadcastBinary for bool inputs and a bool output; fn(bool, bool) -> bool.
template <typename Fn>
Status BroadcastBools(ReferenceContext& context, Fn fn) {
  ASSAY_ASSIGN_OR_RETURN(const BroadcastPlan plan, PlanBroadcast(context, std::array{0, 1}));
  BroadcastElements<bool>(context, plan, BoolBytes(context.Input(0)), BoolBytes(context.Input(1)),
                          [&](uint8_t a, uint8_t b) { return fn(a != 0, b != 0); });
  return OkStatus();
}

// As BroadcastBinary for double and every integer type; fn(T, T) -> T.
template <typename Fn>
Status BroadcastNumeric(ReferenceContext& context, Fn fn) {
  Status status;
  const bool known = DispatchReferenceNumeric(context.Input(0).dtype(), [&]<typename T>() {
    status = BroadcastBinary<T, T>(context, [&](T a, T b) { return static_cast<T>(fn(a, b)); });
  });
  if (!known) return OpContext::Unsupported("element type has no arithmetic");
  return status;
}

// As BroadcastNumeric for integers alone.
template <typename Fn>
Status BroadcastIntegers(ReferenceContext& context, Fn fn) {
  Status status;
  const bool known = DispatchInteger(context.Input(0).dtype(), [&]<typename T>() {
    status = BroadcastBinary<T, T>(context, [&](T a, T b) { return static_cast<T>(fn(a, b)); });
  });
  if (!known) return OpContext::Unsupported("element type is no integer");
  return status;
}

// output = fn(a, b) for double and every integer type; fn(T, T) -> bool.
template <typename Fn>
Status BroadcastComparison(ReferenceContext& context, Fn fn) {
  Status status;
  const bool known = DispatchReferenceNumeric(context.Input(0).dtype(), [&]<typename T>() {
    status = BroadcastBinary<T, bool>(context, [&](T a, T b) -> bool { return fn(a, b); });
  });
  if (!known) return OpContext::Unsupported("element type has no order");
  return status;
}

}  // namespace assay
