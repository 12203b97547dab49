#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
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
// Output 0 has the broadcast shape of all inputs and the type of input 0.
Status InferBroadcast(InferContext& context);
// As InferBroadcast, but of type bool (comparisons and logic).
Status InferBroadcastBool(InferContext& context);

// Walks the elements [begin, end) of an output shape and keeps the matching offset of every
// broadcast input. Inputs have strides in elements, 0 along axes that they repeat.
class BroadcastCursor {
 public:
  BroadcastCursor(const Shape& output, std::span<const Shape> inputs);

  // Calls body(output_begin, count, offsets, steps): a run of `count` consecutive output elements,
  // where input i starts at offsets[i] and advances by steps[i] (0 or its innermost stride).
  template <typename Body>
  void ForEachRun(int64_t begin, int64_t end, Body&& body) const {
    const int rank = output_.rank();
    const int64_t inner = rank == 0 ? 1 : output_[rank - 1];
    std::vector<int64_t> offsets(strides_.size());
    std::vector<int64_t> steps(strides_.size());
    for (size_t i = 0; i < strides_.size(); ++i) steps[i] = rank == 0 ? 0 : strides_[i].back();
    while (begin < end) {
      int64_t rest = begin;
      const int64_t column = rank == 0 ? 0 : rest % inner;
      for (size_t i = 0; i < offsets.size(); ++i) offsets[i] = column * steps[i];
      rest = rank == 0 ? 0 : rest / inner;
      for (int axis = rank - 2; axis >= 0; --axis) {
        const int64_t index = rest % output_[axis];
        rest /= output_[axis];
        for (size_t i = 0; i < offsets.size(); ++i) {
          offsets[i] += index * strides_[i][static_cast<size_t>(axis)];
        }
      }
      const int64_t count = std::min(end - begin, inner - column);
      body(begin, count, std::span<const int64_t>(offsets), std::span<const int64_t>(steps));
      begin += count;
    }
  }

 private:
  Shape output_;
  std::vector<std::vector<int64_t>> strides_;
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

// output[i] = fn(input0[i]) in the tensor's own type: double or an integer. fn is called with T and
// returns T.
template <typename Fn>
Status MapNumeric(ReferenceContext& context, Fn fn) {
  const Tensor& input = context.Input(0);
  const bool known = DispatchReferenceNumeric(input.dtype(), [&]<typename T>() {
    const auto in = input.data<T>();
    const auto out = context.AllocateOutput(0, input.shape()).mutable_data<T>();
    for (size_t i = 0; i < in.size(); ++i) out[i] = static_cast<T>(fn(in[i]));
  });
  if (!known) return OpContext::Unsupported("element type has no arithmetic");
  return OkStatus();
}

// output = fn(a, b) with broadcasting, a and b of element type T, output of R.
template <typename T, typename R, typename Fn>
Status BroadcastBinary(ReferenceContext& context, Fn fn) {
  const Tensor& a = context.Input(0);
  const Tensor& b = context.Input(1);
  const std::optional<Shape> shape = BroadcastShapes(a.shape(), b.shape());
  if (!shape) {
    return OpContext::Invalid("shapes " + a.shape().ToString() + " and " + b.shape().ToString() +
                              " cannot be broadcast together");
  }
  const auto pa = a.data<T>();
  const auto pb = b.data<T>();
  const auto out = context.AllocateOutput(0, *shape).mutable_data<R>();
  const std::array<Shape, 2> shapes = {a.shape(), b.shape()};
  const BroadcastCursor cursor(*shape, shapes);
  context.threads().ParallelFor(
      shape->elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        cursor.ForEachRun(begin, end, [&](int64_t at, int64_t count, auto offsets, auto steps) {
          for (int64_t k = 0; k < count; ++k) {
            out[static_cast<size_t>(at + k)] =
                fn(pa[static_cast<size_t>(offsets[0] + k * steps[0])],
                   pb[static_cast<size_t>(offsets[1] + k * steps[1])]);
          }
        });
      });
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

}  // namespace assay
