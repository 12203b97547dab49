#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/running_extreme.h"
#include "ops/type_sets.h"
#include "tensor/dispatch.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFloats}},
     .outputs = {{"Values", kFloats}, {"Indices", kInt64Only}},
     .attributes = {IntAttribute("axis", -1), RequiredAttribute("k", AttributeKind::kInt)}},
    {.since = 10,
     .inputs = {{"X", kFloats}, {"K", kInt64Only}},
     .outputs = {{"Values", kFloats}, {"Indices", kInt64Only}},
     .attributes = {IntAttribute("axis", -1)}},
    {.since = 11,
     .also_since = {24},
     .inputs = {{"X", kNumeric}, {"K", kInt64Only}},
     .outputs = {{"Values", kNumeric}, {"Indices", kInt64Only}},
     .attributes = {IntAttribute("axis", -1), IntAttribute("largest", 1),
                    IntAttribute("sorted", 1)}},
};

Status Infer(InferContext& context) {
  std::optional<SymbolicShape> output;
  if (const SymbolicShape* shape = context.InputShape(0)) {
    ASSAY_ASSIGN_OR_RETURN(const int axis,
                           CheckedAxis(context.Int("axis"), static_cast<int>(shape->size())));
    output = *shape;
    Dim count = Dim::Unknown();
    if (context.opset() < 10) {
      count = context.Int("k");
    } else if (const auto contents = context.InputContents(1); contents && contents->size() == 1) {
      count = contents->front();
    }
    (*output)[static_cast<size_t>(axis)] = count;
  }
  context.SetOutput(0, context.InputType(0), output);
  context.SetOutput(1, DType::kInt64, std::move(output));
  return OkStatus();
}

// The axis seen from one line of elements.
struct Lines {
  int64_t extent = 0;
  int64_t count = 0;  // k
  int64_t inner = 1;  // distance of neighbours in the line
};

// The order is total: NaN counts as the largest value, ties go by index. Results come sorted
// whether or not the node asks for it.
template <typename T>
void TopOfLine(const Lines& lines, bool largest, const T* in, std::vector<int64_t>& order,
               T* values, int64_t* indices) {
  std::iota(order.begin(), order.end(), 0);
  const auto before = [&](int64_t i, int64_t j) {
    const T a = in[i * lines.inner];
    const T b = in[j * lines.inner];
    if (largest ? IsAbove(a, b) : IsAbove(b, a)) return true;
    if (largest ? IsAbove(b, a) : IsAbove(a, b)) return false;
    return i < j;
  };
  std::partial_sort(order.begin(), order.begin() + lines.count, order.end(), before);
  for (int64_t k = 0; k < lines.count; ++k) {
    values[k * lines.inner] = in[order[static_cast<size_t>(k)] * lines.inner];
    indices[k * lines.inner] = order[static_cast<size_t>(k)];
  }
}

template <typename T>
void Compute(ReferenceContext& context, const Lines& lines, const Shape& output) {
  const bool largest = context.opset() < 11 || context.Int("largest") != 0;
  const T* in = context.Input(0).data<T>().data();
  T* values = context.AllocateOutput(0, output).mutable_data<T>().data();
  int64_t* indices = context.AllocateOutput(1, output).mutable_data<int64_t>().data();
  if (lines.count == 0) return;
  const int64_t total = output.elements() / lines.count;
  std::vector<int64_t> order(static_cast<size_t>(lines.extent));
  for (int64_t line = 0; line < total; ++line) {
    const int64_t outer = line / lines.inner;
    const int64_t column = line % lines.inner;
    TopOfLine(lines, largest, in + outer * lines.extent * lines.inner + column, order,
              values + outer * lines.count * lines.inner + column,
              indices + outer * lines.count * lines.inner + column);
  }
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(context.Int("axis"), input.shape().rank()));
  Lines lines = {.extent = input.shape()[axis],
                 .inner = input.shape().elements(axis + 1, input.shape().rank())};
  if (context.opset() < 10) {
    lines.count = context.Int("k");
  } else if (context.Input(1).elements() == 1) {
    lines.count = context.IntValues(1)[0];
  } else {
    return OpContext::Invalid(
        fmt::format("K: expected one value, got {}", context.Input(1).elements()));
  }
  if (lines.count < 0 || lines.count > lines.extent) {
    return OpContext::Invalid(fmt::format("K: expected 0 to {} (the extent of axis {}), got {}",
                                          lines.extent, axis, lines.count));
  }
  Shape output = input.shape();
  output[axis] = lines.count;
  const bool known = DispatchReferenceNumeric(
      input.dtype(), [&]<typename T>() { Compute<T>(context, lines, output); });
  if (!known) return OpContext::Unsupported("element type has no order");
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor data = Tensor::Of<float>({2, 4}, {0, 1, 3, 2, 11, 8, 9, 10});
  cases.push_back({.name = "largest_opset1",
                   .opset = 1,
                   .attributes = {{"k", int64_t{3}}},
                   .inputs = {data},
                   .output_types = {DType::kFloat32, DType::kInt64},
                   .expected = {Tensor::Of<float>({2, 3}, {3, 2, 1, 11, 10, 9}),
                                Tensor::Of<int64_t>({2, 3}, {2, 3, 1, 0, 3, 2})}});
  cases.push_back({.name = "outer_axis_opset10",
                   .opset = 10,
                   .attributes = {{"axis", int64_t{0}}},
                   .inputs = {data, Tensor::Vector<int64_t>({1})},
                   .output_types = {DType::kFloat32, DType::kInt64},
                   .expected = {Tensor::Of<float>({1, 4}, {11, 8, 9, 10}),
                                Tensor::Of<int64_t>({1, 4}, {1, 1, 1, 1})}});
  cases.push_back({.name = "smallest",
                   .attributes = {{"largest", int64_t{0}}},
                   .inputs = {data, Tensor::Vector<int64_t>({2})},
                   .output_types = {DType::kFloat32, DType::kInt64},
                   .expected = {Tensor::Of<float>({2, 2}, {0, 1, 8, 9}),
                                Tensor::Of<int64_t>({2, 2}, {0, 1, 1, 2})}});
  cases.push_back(
      {.name = "ties_go_by_index",
       .inputs = {Tensor::Of<float>({5}, {1, 2, 1, 2, 2}), Tensor::Vector<int64_t>({4})},
       .output_types = {DType::kFloat32, DType::kInt64},
       .expected = {Tensor::Of<float>({4}, {2, 2, 2, 1}), Tensor::Vector<int64_t>({1, 3, 4, 0})}});
  cases.push_back(
      {.name = "smallest_ties_go_by_index",
       .attributes = {{"largest", int64_t{0}}},
       .inputs = {Tensor::Of<float>({4}, {2, 1, 2, 1}), Tensor::Vector<int64_t>({3})},
       .output_types = {DType::kFloat32, DType::kInt64},
       .expected = {Tensor::Of<float>({3}, {1, 1, 2}), Tensor::Vector<int64_t>({1, 3, 0})}});
  cases.push_back(
      {.name = "nan_is_largest",
       .inputs = {Tensor::Of<double>({4}, {1, nan, inf, nan}), Tensor::Vector<int64_t>({3})},
       .output_types = {DType::kFloat64, DType::kInt64},
       .expected = {Tensor::Of<double>({3}, {nan, nan, inf}), Tensor::Vector<int64_t>({1, 3, 2})}});
  cases.push_back(
      {.name = "nan_is_not_smallest",
       .attributes = {{"largest", int64_t{0}}, {"sorted", int64_t{0}}},
       .inputs = {Tensor::Of<double>({4}, {1, nan, -inf, nan}), Tensor::Vector<int64_t>({3})},
       .output_types = {DType::kFloat64, DType::kInt64},
       .expected = {Tensor::Of<double>({3}, {-inf, 1, nan}), Tensor::Vector<int64_t>({2, 0, 1})}});
  cases.push_back({.name = "uint64",
                   .inputs = {Tensor::Of<uint64_t>({2}, {1, 18446744073709551615U}),
                              Tensor::Vector<int64_t>({1})},
                   .output_types = {DType::kUInt64, DType::kInt64},
                   .expected = {Tensor::Of<uint64_t>({1}, {18446744073709551615U}),
                                Tensor::Vector<int64_t>({1})}});
  cases.push_back({.name = "of_nothing",
                   .inputs = {Tensor::Of<float>({0, 3}, {}), Tensor::Vector<int64_t>({2})},
                   .output_types = {DType::kFloat32, DType::kInt64},
                   .expected = {Tensor::Of<float>({0, 2}, {}), Tensor::Of<int64_t>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kTopK;
const OpDef kTopK = {
    .name = "TopK", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
