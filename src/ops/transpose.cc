#include <fmt/format.h>

#include <numeric>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {13, 21, 23, 24, 25},
     .inputs = {{"data", kAllTypes}},
     .outputs = {{"transposed", kAllTypes}},
     .attributes = {OptionalAttribute("perm", AttributeKind::kInts)}},
};

// The permutation, reversed axes by default; an error unless it is one of `rank` axes.
Result<std::vector<int64_t>> Permutation(const OpContext& context, int rank) {
  std::vector<int64_t> perm = context.Ints("perm");
  if (!context.HasAttribute("perm")) {
    perm.resize(static_cast<size_t>(rank));
    std::iota(perm.rbegin(), perm.rend(), 0);
  }
  std::vector<char> seen(static_cast<size_t>(rank), 0);
  for (int64_t axis : perm) {
    if (axis < 0 || axis >= rank || seen[static_cast<size_t>(axis)]++ != 0) {
      return OpContext::Invalid(fmt::format("perm: expected a permutation of 0..{}, got [{}]",
                                            rank - 1, fmt::join(perm, ", ")));
    }
  }
  if (perm.size() != static_cast<size_t>(rank)) {
    return OpContext::Invalid(fmt::format("perm: expected {} axes, got {}", rank, perm.size()));
  }
  return perm;
}

Status Infer(InferContext& context) {
  const SymbolicShape* shape = context.InputShape(0);
  if (shape == nullptr) {
    context.SetOutput(0, context.InputType(0), std::nullopt);
    return OkStatus();
  }
  ASSAY_ASSIGN_OR_RETURN(const auto perm, Permutation(context, static_cast<int>(shape->size())));
  SymbolicShape result;
  for (int64_t axis : perm) result.push_back((*shape)[static_cast<size_t>(axis)]);
  context.SetOutput(0, context.InputType(0), std::move(result));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  ASSAY_ASSIGN_OR_RETURN(const auto perm, Permutation(context, input.shape().rank()));
  const std::vector<int64_t> strides = input.shape().Strides();
  std::vector<int64_t> dims;
  std::vector<int64_t> permuted;
  for (int64_t axis : perm) {
    dims.push_back(input.shape()[static_cast<int>(axis)]);
    permuted.push_back(strides[static_cast<size_t>(axis)]);
  }
  context.SetOutput(0, CopyStridedView(input, Shape(dims), 0, permuted, context.threads()));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "default_reverses",
                   .inputs = {Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6})},
                   .expected = {Tensor::Of<float>({3, 2}, {1, 4, 2, 5, 3, 6})}});
  cases.push_back({.name = "perm",
                   .attributes = {{"perm", std::vector<int64_t>{1, 0, 2}}},
                   .inputs = {Tensor::Of<int64_t>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})},
                   .expected = {Tensor::Of<int64_t>({2, 2, 2}, {1, 2, 5, 6, 3, 4, 7, 8})}});
  cases.push_back({.name = "strings",
                   .inputs = {Tensor::Of<std::string>({1, 2}, {"a", "b"})},
                   .expected = {Tensor::Of<std::string>({2, 1}, {"a", "b"})}});
  cases.push_back({.name = "scalar",
                   .inputs = {Tensor::Scalar<float>(3)},
                   .expected = {Tensor::Scalar<float>(3)}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<float>({2, 0}, {})}});
}

}  // namespace

extern const OpDef kTranspose;
const OpDef kTranspose = {.name = "Transpose",
                          .schemas = kSchemas,
                          .infer = Infer,
                          .reference = Reference,
                          .cases = Cases};

}  // namespace assay
