#include <algorithm>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {11},
     .inputs = {{"data", kAllTypes}},
     .outputs = {{"expanded", kAllTypes}},
     .attributes = {RequiredAttribute("axes", AttributeKind::kInts)}},
    {.since = 13,
     .also_since = {21, 23, 24, 25},
     .inputs = {{"data", kAllTypes}, {"axes", kInt64Only}},
     .outputs = {{"expanded", kAllTypes}}},
};

// Inserts `one` at every axis, counted in the result.
template <typename T>
Result<std::vector<T>> Insert(const std::vector<T>& dims, const std::vector<int64_t>& wanted,
                              T one) {
  const size_t rank = dims.size() + wanted.size();
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int> axes,
                         NormalizeAxes(wanted, static_cast<int>(rank)));
  std::vector<T> result;
  size_t next = 0;
  for (size_t i = 0; i < rank; ++i) {
    const bool added = std::binary_search(axes.begin(), axes.end(), static_cast<int>(i));
    result.push_back(added ? one : dims[next++]);
  }
  return result;
}

Status Infer(InferContext& context) {
  const SymbolicShape* shape = context.InputShape(0);
  const AxesArgument argument = InferAxes(context);
  if (shape == nullptr || !argument.known) {
    context.SetOutput(0, context.InputType(0), std::nullopt);
    return OkStatus();
  }
  ASSAY_ASSIGN_OR_RETURN(SymbolicShape result, Insert(*shape, argument.axes, Dim(1)));
  const bool vector = result.size() <= 1;
  context.SetOutput(0, context.InputType(0), std::move(result));
  if (vector) ForwardContents(context);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  ASSAY_ASSIGN_OR_RETURN(std::vector<int64_t> dims,
                         Insert(input.shape().dims(), ReferenceAxes(context).axes, int64_t{1}));
  context.SetOutput(0, input.Reshaped(Shape(std::move(dims))));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({2}, {1, 2});
  cases.push_back({.name = "two_axes",
                   .inputs = {data, Tensor::Vector<int64_t>({0, -1})},
                   .expected = {Tensor::Of<float>({1, 2, 1}, {1, 2})}});
  cases.push_back({.name = "attribute",
                   .opset = 11,
                   .attributes = {{"axes", std::vector<int64_t>{1}}},
                   .inputs = {data},
                   .expected = {Tensor::Of<float>({2, 1}, {1, 2})}});
  cases.push_back({.name = "scalar",
                   .inputs = {Tensor::Scalar<int64_t>(4), Tensor::Vector<int64_t>({0})},
                   .expected = {Tensor::Of<int64_t>({1}, {4})}});
}

}  // namespace

extern const OpDef kUnsqueeze;
const OpDef kUnsqueeze = {.name = "Unsqueeze",
                          .schemas = kSchemas,
                          .infer = Infer,
                          .reference = Reference,
                          .cases = Cases};

}  // namespace assay
