#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 9, .also_since = {13}, .inputs = {{"X", kAllTypes}}, .outputs = {{"Y", kInt64Only}}},
};

Status Infer(InferContext& context) {
  const std::optional<int> rank = context.InputRank(0);
  context.SetOutput(0, DType::kInt64,
                    SymbolicShape{rank ? Dim(*rank) : Dim::Unknown(), Dim::Unknown()});
  return OkStatus();
}

bool IsNonZero(const Tensor& tensor, int64_t i) {
  if (tensor.dtype() == DType::kString) {
    return !tensor.data<std::string>()[static_cast<size_t>(i)].empty();
  }
  // NaN counts as non-zero, as it compares unequal to zero.
  return IsFloating(tensor.dtype()) ? tensor.ValueAsDouble(i) != 0 : tensor.ValueAsInt(i) != 0;
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  std::vector<int64_t> found;
  for (int64_t i = 0; i < input.elements(); ++i) {
    if (IsNonZero(input, i)) found.push_back(i);
  }
  const int rank = input.shape().rank();
  const std::vector<int64_t> strides = input.shape().Strides();
  const auto count = static_cast<int64_t>(found.size());
  const auto out = context.AllocateOutput(0, {rank, count}).mutable_data<int64_t>();
  for (int axis = 0; axis < rank; ++axis) {
    for (int64_t k = 0; k < count; ++k) {
      out[static_cast<size_t>(axis * count + k)] =
          found[static_cast<size_t>(k)] / strides[static_cast<size_t>(axis)] % input.shape()[axis];
    }
  }
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "matrix",
                   .inputs = {Tensor::Of<float>({2, 2}, {1, 0, -2, 3})},
                   .expected = {Tensor::Of<int64_t>({2, 3}, {0, 1, 1, 0, 0, 1})}});
  cases.push_back({.name = "nothing",
                   .inputs = {Tensor::Of<bool>({2}, {false, false})},
                   .expected = {Tensor::Of<int64_t>({1, 0}, {})}});
  cases.push_back({.name = "scalar",
                   .inputs = {Tensor::Scalar<float>(2)},
                   .expected = {Tensor::Of<int64_t>({0, 1}, {})}});
}

}  // namespace

extern const OpDef kNonZero;
const OpDef kNonZero = {
    .name = "NonZero", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
