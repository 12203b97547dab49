#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "base/status.h"
#include "ops/arithmetic.h"
#include "ops/compensated_sum.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"
#include "tensor/dispatch.h"

namespace assay {

// Element types of the arithmetic reductions.
inline constexpr DTypeSet kReducible =
    kFloats | DTypeSet::Of(DType::kInt32, DType::kInt64, DType::kUInt32, DType::kUInt64);

// Schemas of the Reduce* operators: axes were an attribute first and an input later.
constexpr OpSchema ReduceWithAxesAttribute(int since, InlineList<int, 8> also_since,
                                           DTypeSet types = kReducible) {
  return {
      .since = since,
      .also_since = also_since,
      .inputs = {{"data", types}},
      .outputs = {{"reduced", types}},
      .attributes = {OptionalAttribute("axes", AttributeKind::kInts), IntAttribute("keepdims", 1)}};
}
constexpr OpSchema ReduceWithAxesInput(int since, InlineList<int, 8> also_since,
                                       DTypeSet types = kReducible) {
  return {.since = since,
          .also_since = also_since,
          .inputs = {{"data", types}, {"axes", kInt64Only, Arity::kOptional}},
          .outputs = {{"reduced", types}},
          .attributes = {IntAttribute("keepdims", 1), IntAttribute("noop_with_empty_axes", 0)}};
}

// Output 0 of a Reduce* node.
Status InferReduction(InferContext& context);

// Which axes of a tensor are reduced, and where the terms of every output lie.
class Reduction {
 public:
  Reduction(const Shape& input, const std::vector<char>& reduced, bool keep_dims);

  const Shape& output() const { return output_; }
  // Number of terms of every output; 1 if no axis is reduced.
  int64_t term_count() const { return term_count_; }

  // Calls visit(offset) for every term of output `at` (row-major), in row-major order.
  template <typename Visit>
  void ForEachTerm(int64_t at, Visit&& visit) const {
    if (term_count_ == 0) return;
    int64_t base = 0;
    for (size_t i = kept_.size(); i-- > 0;) {
      base += at % kept_[i].extent * kept_[i].stride;
      at /= kept_[i].extent;
    }
    VisitAxes(0, base, visit);
  }

 private:
  struct Axis {
    int64_t extent = 1;
    int64_t stride = 0;
  };

  template <typename Visit>
  void VisitAxes(size_t axis, int64_t base, Visit&& visit) const {
    const Axis& own = reduced_[axis];
    for (int64_t i = 0; i < own.extent; ++i, base += own.stride) {
      if (axis + 1 == reduced_.size()) {
        visit(base);
      } else {
        VisitAxes(axis + 1, base, visit);
      }
    }
  }

  static void Append(std::vector<Axis>& axes, Axis axis);

  Shape output_;
  int64_t term_count_ = 1;
  std::vector<Axis> kept_;
  std::vector<Axis> reduced_;  // never empty
};

// The reduction that a Reduce* node asks for. Errors: kInvalidInput for axes out of range.
Result<Reduction> ResolveReduction(const ReferenceContext& context);

// The terms of one output.
template <typename T>
class Terms {
 public:
  Terms(const Reduction& reduction, std::span<const T> data, int64_t at)
      : reduction_(reduction), data_(data), at_(at) {}

  int64_t count() const { return reduction_.term_count(); }
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    reduction_.ForEachTerm(at_, [&](int64_t offset) { visit(data_[static_cast<size_t>(offset)]); });
  }

 private:
  const Reduction& reduction_;
  std::span<const T> data_;
  int64_t at_;
};

// output[i] = reduce(terms of i) for elements of type T.
template <typename T, typename Reduce>
void ReduceAs(ReferenceContext& context, const Reduction& reduction, Reduce reduce) {
  const std::span<const T> in = context.Input(0).data<T>();
  const std::span<T> out = context.AllocateOutput(0, reduction.output()).mutable_data<T>();
  // About 2^15 terms per parallel block.
  const int64_t grain = std::max<int64_t>(1, (int64_t{1} << 15) / (reduction.term_count() + 1));
  context.threads().ParallelFor(
      static_cast<int64_t>(out.size()), grain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          out[static_cast<size_t>(i)] = static_cast<T>(reduce(Terms<T>(reduction, in, i)));
        }
      });
}

// A whole Reduce* node on doubles and integers: reduce(Terms<T>) -> T.
template <typename Reduce>
Status ReduceNumeric(ReferenceContext& context, Reduce reduce) {
  ASSAY_ASSIGN_OR_RETURN(const Reduction reduction, ResolveReduction(context));
  const bool known = DispatchReferenceNumeric(
      context.Input(0).dtype(), [&]<typename T>() { ReduceAs<T>(context, reduction, reduce); });
  if (!known) return OpContext::Unsupported("element type has no arithmetic");
  return OkStatus();
}

// Sum of map(term): compensated for doubles, wrapping for integers. map is called with T.
template <typename T, typename Map>
T SumOf(const Terms<T>& terms, Map map) {
  if constexpr (std::is_floating_point_v<T>) {
    CompensatedSum sum;
    terms.ForEach([&](T x) { sum.Add(map(x)); });
    return sum.value();
  } else {
    T sum = 0;
    terms.ForEach([&](T x) { sum = WrappingAdd(sum, map(x)); });
    return sum;
  }
}

}  // namespace assay
