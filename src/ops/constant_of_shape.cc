#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = kNumeric | kBools | kFloat8s | kNarrowIntegers |
                            DTypeSet::Of(DType::kFloat4E2M1, DType::kFloat8E8M0);

constexpr OpSchema kSchemas[] = {
    {.since = 9,
     .also_since = {20, 21, 23, 24, 25},
     .inputs = {{"input", kInt64Only}},
     .outputs = {{"output", kTypes}},
     .attributes = {OptionalAttribute("value", AttributeKind::kTensor)}},
};

// Longer outputs than this are no shapes.
constexpr int64_t kMostContents = 64;

Result<Tensor> FillValue(const OpContext& context) {
  const Tensor* value = context.TensorAttribute("value");
  if (value == nullptr) return Tensor::Vector<float>({0});
  if (value->elements() != 1) {
    return OpContext::Invalid(fmt::format("attribute \"value\": expected one element, got {}",
                                          value->shape().ToString()));
  }
  if (!kTypes.Contains(value->dtype())) {
    return OpContext::Invalid(fmt::format("attribute \"value\": element type {} is not permitted",
                                          DTypeName(value->dtype())));
  }
  return *value;
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor value, FillValue(context));
  const SymbolicShape* input = context.InputShape(0);
  if (input != nullptr && input->size() != 1) {
    return OpContext::Invalid(
        fmt::format("shape of input: expected rank 1, got {}", ToString(*input)));
  }
  std::optional<SymbolicShape> shape = context.InputContents(0);
  if (!shape && input != nullptr && (*input)[0].IsKnown()) {
    const int64_t rank = (*input)[0].value();
    if (rank >= 0 && rank <= kMostContents) shape.emplace(static_cast<size_t>(rank));
  }
  context.SetOutput(0, value.dtype(), shape);
  if (!shape) return OkStatus();
  for (const Dim& dim : *shape) {
    if (!dim.IsKnown() || dim.value() >= 0) continue;
    return OpContext::Invalid(
        fmt::format("shape to fill: expected no negative extent, got {}", ToString(*shape)));
  }
  if (!IsInteger(value.dtype()) || shape->size() > 1) return OkStatus();
  const Dim length = shape->empty() ? Dim(1) : (*shape)[0];
  if (length.IsKnown() && length.value() <= kMostContents) {
    context.SetOutputContents(
        0, std::vector<Dim>(static_cast<size_t>(length.value()), value.ValueAsInt(0)));
  }
  return OkStatus();
}

// Copies the one element of `value` to every element of `out`, of the same type.
void Fill(const Tensor& value, Tensor& out) {
  const int bits = DTypeBits(value.dtype());
  auto* to = static_cast<std::byte*>(out.mutable_raw());
  if (bits < 8) {
    int pattern = 0;
    for (int at = 0; at < 8; at += bits) {
      pattern |= static_cast<int>(value.ValueAsInt(0) & ((1 << bits) - 1)) << at;
    }
    std::memset(to, pattern, out.byte_size());
    return;
  }
  const auto width = static_cast<size_t>(bits / 8);
  for (size_t at = 0; at < out.byte_size(); at += width) std::memcpy(to + at, value.raw(), width);
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor value, FillValue(context));
  const Shape shape(context.IntValues(0));
  if (context.Input(0).shape().rank() != 1 || !shape.CheckedElements()) {
    return OpContext::Invalid(fmt::format(
        "shape to fill: expected extents >= 0 with a product that fits, got {}", shape.ToString()));
  }
  Tensor& out = context.AllocateOutput(0, shape);
  if (IsFloating(value.dtype())) {
    const std::span<double> elements = out.mutable_data<double>();
    std::fill(elements.begin(), elements.end(), value.ValueAsDouble(0));
  } else {
    Fill(value, out);
  }
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "default_value",
                   .inputs = {Tensor::Vector<int64_t>({2, 3})},
                   .output_types = {DType::kFloat32},
                   .expected = {Tensor::Of<float>({2, 3}, {0, 0, 0, 0, 0, 0})}});
  cases.push_back({.name = "scalar",
                   .attributes = {{"value", Tensor::Vector<int32_t>({-7})}},
                   .inputs = {Tensor::Vector<int64_t>({})},
                   .expected = {Tensor::Scalar<int32_t>(-7)}});
  cases.push_back({.name = "empty",
                   .attributes = {{"value", Tensor::Vector<int64_t>({1})}},
                   .inputs = {Tensor::Vector<int64_t>({0, 3})},
                   .expected = {Tensor::Of<int64_t>({0, 3}, {})}});
  cases.push_back({.name = "float16",
                   .attributes = {{"value", Tensor::Of<Float16>({1}, {{0x3E00}})}},
                   .inputs = {Tensor::Vector<int64_t>({2})},
                   .output_types = {DType::kFloat16},
                   .expected = {Tensor::Vector<double>({1.5, 1.5})}});
  cases.push_back({.name = "bool",
                   .opset = 9,
                   .attributes = {{"value", Tensor::Vector<bool>({true})}},
                   .inputs = {Tensor::Vector<int64_t>({1, 2})},
                   .expected = {Tensor::Of<bool>({1, 2}, {true, true})}});
  cases.push_back({.name = "int4",
                   .attributes = {{"value", TensorAs(DType::kInt4, {1}, {-3})}},
                   .inputs = {Tensor::Vector<int64_t>({3})},
                   .expected = {TensorAs(DType::kInt4, {3}, {-3, -3, -3})}});
}

}  // namespace

extern const OpDef kConstantOfShape;
const OpDef kConstantOfShape = {.name = "ConstantOfShape",
                                .schemas = kSchemas,
                                .infer = Infer,
                                .reference = Reference,
                                .cases = Cases};

}  // namespace assay
