#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/running_extreme.h"
#include "ops/type_sets.h"
#include "tensor/dispatch.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = kBasicTypes | kFloats;

constexpr OpSchema kSchemas[] = {
    {.since = 11,
     .also_since = {28},
     .inputs = {{"X", kTypes}},
     .outputs = {{"Y", kTypes},
                 {"indices", kInt64Only, Arity::kOptional},
                 {"inverse_indices", kInt64Only, Arity::kOptional},
                 {"counts", kInt64Only, Arity::kOptional}},
     .attributes = {OptionalAttribute("axis", AttributeKind::kInt), IntAttribute("sorted", 1)}},
};

Status Infer(InferContext& context) {
  const int64_t sorted = context.Int("sorted");
  if (sorted != 0 && sorted != 1) {
    return OpContext::Invalid(fmt::format("attribute \"sorted\": expected 0 or 1, got {}", sorted));
  }
  std::optional<SymbolicShape> values;
  Dim slices = Dim::Unknown();
  const SymbolicShape* shape = context.InputShape(0);
  if (!context.HasAttribute("axis")) {
    values = SymbolicShape{Dim::Unknown()};
    if (shape != nullptr) {
      slices = Dim(1);
      for (const Dim& dim : *shape) slices = slices * dim;
    }
  } else if (shape != nullptr) {
    ASSAY_ASSIGN_OR_RETURN(const int axis,
                           CheckedAxis(context.Int("axis"), static_cast<int>(shape->size())));
    values = *shape;
    slices = std::exchange((*values)[static_cast<size_t>(axis)], Dim::Unknown());
  }
  context.SetOutput(0, context.InputType(0), std::move(values));
  for (int i = 1; i < context.output_count(); ++i) {
    context.SetOutput(i, DType::kInt64, SymbolicShape{i == 2 ? slices : Dim::Unknown()});
  }
  return OkStatus();
}

// A complex number as it lies in memory, ordered by its real and then its imaginary part.
template <typename T>
struct Complex {
  T real;
  T imaginary;
};

// NaN is one value and the largest, zeros of either sign are one value.
template <typename T>
int Order(const T& a, const T& b) {
  return IsAbove(a, b) ? 1 : IsAbove(b, a) ? -1 : 0;
}
template <typename T>
int Order(const Complex<T>& a, const Complex<T>& b) {
  const int order = Order(a.real, b.real);
  return order != 0 ? order : Order(a.imaginary, b.imaginary);
}
int Order(const std::string& a, const std::string& b) { return a.compare(b); }

// Order of two slices by their elements in row-major order.
template <typename T>
int OrderOfSlices(const T* data, const AxisLines& lines, int64_t a, int64_t b) {
  for (int64_t outer = 0; outer < lines.outer; ++outer) {
    const T* run = data + outer * lines.length * lines.inner;
    for (int64_t i = 0; i < lines.inner; ++i) {
      const int order = Order(run[a * lines.inner + i], run[b * lines.inner + i]);
      if (order != 0) return order;
    }
  }
  return 0;
}

// What is told apart, in the order of the output.
struct Groups {
  std::vector<int64_t> first;    // index of the first slice of each group
  std::vector<int64_t> counts;   // slices of each group
  std::vector<int64_t> inverse;  // group of each slice
};

template <typename T>
Groups SortedGroups(const T* data, const AxisLines& lines) {
  std::vector<int64_t> slices(static_cast<size_t>(lines.length));
  std::iota(slices.begin(), slices.end(), 0);
  std::sort(slices.begin(), slices.end(), [&](int64_t a, int64_t b) {
    const int order = OrderOfSlices(data, lines, a, b);
    return order != 0 ? order < 0 : a < b;
  });
  Groups groups;
  groups.inverse.resize(slices.size());
  for (const int64_t slice : slices) {
    if (groups.first.empty() || OrderOfSlices(data, lines, groups.first.back(), slice) != 0) {
      groups.first.push_back(slice);
      groups.counts.push_back(0);
    }
    ++groups.counts.back();
    groups.inverse[static_cast<size_t>(slice)] = static_cast<int64_t>(groups.first.size()) - 1;
  }
  return groups;
}

Groups InOrderOfOccurrence(const Groups& sorted) {
  std::vector<size_t> order(sorted.first.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return sorted.first[a] < sorted.first[b]; });
  Groups groups;
  std::vector<int64_t> place(order.size());
  for (const size_t group : order) {
    place[group] = static_cast<int64_t>(groups.first.size());
    groups.first.push_back(sorted.first[group]);
    groups.counts.push_back(sorted.counts[group]);
  }
  for (const int64_t group : sorted.inverse) {
    groups.inverse.push_back(place[static_cast<size_t>(group)]);
  }
  return groups;
}

Result<Groups> FindGroups(const Tensor& input, const AxisLines& lines) {
  Groups groups;
  const auto find = [&]<typename T>() {
    groups = SortedGroups(static_cast<const T*>(input.raw()), lines);
  };
  switch (input.dtype()) {
    case DType::kString:
      find.template operator()<std::string>();
      return groups;
    case DType::kBool:
      find.template operator()<bool>();
      return groups;
    case DType::kComplex64:
      find.template operator()<Complex<float>>();
      return groups;
    case DType::kComplex128:
      find.template operator()<Complex<double>>();
      return groups;
    default:
      if (DispatchReferenceNumeric(input.dtype(), find)) return groups;
      return OpContext::Unsupported("element type has no order");
  }
}

Tensor TakeSlices(const Tensor& input, const AxisLines& lines, Shape shape,
                  const std::vector<int64_t>& slices) {
  const ElementBuffer source(input);
  ElementBuffer values(input.dtype(), std::move(shape));
  int64_t to = 0;
  for (int64_t outer = 0; outer < lines.outer; ++outer) {
    for (const int64_t slice : slices) {
      values.Copy(to, source, (outer * lines.length + slice) * lines.inner, lines.inner);
      to += lines.inner;
    }
  }
  return values.Finish();
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  Shape shape{input.elements()};
  int axis = 0;
  if (context.HasAttribute("axis")) {
    shape = input.shape();
    ASSAY_ASSIGN_OR_RETURN(axis, CheckedAxis(context.Int("axis"), shape.rank()));
  }
  const AxisLines lines = LinesAlong(shape, axis);
  ASSAY_ASSIGN_OR_RETURN(Groups groups, FindGroups(input, lines));
  if (context.Int("sorted") == 0) groups = InOrderOfOccurrence(groups);
  shape[axis] = static_cast<int64_t>(groups.first.size());
  context.SetOutput(0, TakeSlices(input, lines, std::move(shape), groups.first));
  if (context.WantsOutput(1)) context.SetOutput(1, Tensor::Vector(groups.first));
  if (context.WantsOutput(2)) context.SetOutput(2, Tensor::Vector(groups.inverse));
  if (context.WantsOutput(3)) context.SetOutput(3, Tensor::Vector(groups.counts));
  return OkStatus();
}

std::vector<Tensor> Expected(Tensor values, const std::vector<int64_t>& first,
                             const std::vector<int64_t>& inverse,
                             const std::vector<int64_t>& counts) {
  return {std::move(values), Tensor::Vector(first), Tensor::Vector(inverse),
          Tensor::Vector(counts)};
}

void Cases(std::vector<OpCase>& cases) {
  // The examples in the standard's text.
  cases.push_back({.name = "in_order_of_occurrence",
                   .attributes = {{"sorted", int64_t{0}}},
                   .inputs = {Tensor::Vector<float>({2, 1, 1, 3, 4, 3})},
                   .expected = Expected(Tensor::Vector<float>({2, 1, 3, 4}), {0, 1, 3, 4},
                                        {0, 1, 1, 2, 3, 2}, {1, 2, 2, 1})});
  cases.push_back({.name = "flattened",
                   .opset = 11,
                   .inputs = {Tensor::Of<int32_t>({2, 2}, {1, 3, 2, 3})},
                   .expected = Expected(Tensor::Vector<int32_t>({1, 2, 3}), {0, 2, 1}, {0, 2, 1, 2},
                                        {1, 1, 2})});
  cases.push_back({.name = "rows",
                   .attributes = {{"axis", int64_t{0}}},
                   .inputs = {Tensor::Of<double>({3, 3}, {1, 0, 0, 1, 0, 0, 2, 3, 4})},
                   .expected = Expected(Tensor::Of<double>({2, 3}, {1, 0, 0, 2, 3, 4}), {0, 2},
                                        {0, 0, 1}, {2, 1})});
  const Tensor cube =
      Tensor::Of<double>({2, 4, 2}, {1, 1, 0, 1, 2, 1, 0, 1, 1, 1, 0, 1, 2, 1, 0, 1});
  cases.push_back(
      {.name = "middle_axis",
       .attributes = {{"axis", int64_t{-2}}},
       .inputs = {cube},
       .expected = Expected(Tensor::Of<double>({2, 3, 2}, {0, 1, 1, 1, 2, 1, 0, 1, 1, 1, 2, 1}),
                            {1, 0, 2}, {1, 0, 2, 0}, {2, 1, 1})});
  cases.push_back(
      {.name = "middle_axis_in_order_of_occurrence",
       .attributes = {{"axis", int64_t{1}}, {"sorted", int64_t{0}}},
       .inputs = {cube},
       .expected = Expected(Tensor::Of<double>({2, 3, 2}, {1, 1, 0, 1, 2, 1, 1, 1, 0, 1, 2, 1}),
                            {0, 1, 2}, {0, 1, 2, 1}, {1, 2, 1})});
  cases.push_back({.name = "strings",
                   .inputs = {Tensor::Vector<std::string>({"b", "", "ab", "b", "a"})},
                   .expected = Expected(Tensor::Vector<std::string>({"", "a", "ab", "b"}),
                                        {1, 4, 2, 0}, {3, 0, 2, 3, 1}, {1, 1, 1, 2})});
  cases.push_back(
      {.name = "bools",
       .inputs = {Tensor::Vector<bool>({true, false, true})},
       .expected = Expected(Tensor::Vector<bool>({false, true}), {1, 0}, {1, 0, 1}, {1, 2})});
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Vector<double>({kNaN, -0.0, 0, -kInfinity, kNaN})},
                   .expected = Expected(Tensor::Vector<double>({-kInfinity, -0.0, kNaN}), {3, 1, 0},
                                        {2, 1, 1, 0, 2}, {1, 2, 2})});
  cases.push_back(
      {.name = "scalar",
       .inputs = {Tensor::Scalar<uint64_t>(18446744073709551615U)},
       .expected = Expected(Tensor::Vector<uint64_t>({18446744073709551615U}), {0}, {0}, {1})});
  cases.push_back({.name = "slices_without_elements",
                   .attributes = {{"axis", int64_t{0}}},
                   .inputs = {Tensor::Of<float>({3, 0}, {})},
                   .expected = Expected(Tensor::Of<float>({1, 0}, {}), {0}, {0, 0, 0}, {3})});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0, 2}, {})},
                   .expected = Expected(Tensor::Vector<float>({}), {}, {}, {})});
}

}  // namespace

extern const OpDef kUnique;
const OpDef kUnique = {
    .name = "Unique", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
