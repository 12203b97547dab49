#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <memory>

#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = kNumeric | kNarrowIntegers | kBools | kComplexes | kFloat8s |
                            DTypeSet::Of(DType::kFloat4E2M1, DType::kFloat8E8M0);

constexpr OpSchema kSchemas[] = {
    {.since = 26,
     .inputs = {{"input", kTypes}},
     .outputs = {{"output", kTypes}},
     .attributes = {RequiredAttribute("to", AttributeKind::kInt)}},
};

DType Target(const OpContext& context) {
  const int64_t to = context.Int("to");
  return to > 0 && to < kDTypeCount ? static_cast<DType>(to) : DType::kUndefined;
}

Status Infer(InferContext& context) {
  const DType from = context.InputType(0);
  const DType to = Target(context);
  if (!kTypes.Contains(to) || DTypeBits(from) != DTypeBits(to)) {
    return OpContext::Invalid(fmt::format("attribute \"to\": expected a type of {} bits, got {}",
                                          DTypeBits(from), DTypeName(to)));
  }
  const SymbolicShape* shape = context.InputShape(0);
  context.SetOutput(0, to, shape == nullptr ? std::nullopt : std::optional(*shape));
  return OkStatus();
}

// Bits mean something in the declared type alone, so the values are rounded to it first, in either
// truth.
Status Reference(ReferenceContext& context) {
  static_assert(std::endian::native == std::endian::little, "elements are read as little endian");
  const DType to = Target(context);
  ASSAY_ASSIGN_OR_RETURN(Tensor stored, ConvertTensor(context.Input(0), context.DeclaredInput(0)));
  const auto owner = std::make_shared<const Tensor>(std::move(stored));
  Tensor result = Tensor::View(to, owner->shape(), owner->raw(), owner);
  if (to == DType::kBool) {
    // A bool holds 0 or 1 in memory.
    result = Tensor::Allocate(DType::kBool, owner->shape());
    const auto* bytes = static_cast<const uint8_t*>(owner->raw());
    const std::span<bool> out = result.mutable_data<bool>();
    for (size_t i = 0; i < out.size(); ++i) out[i] = bytes[i] != 0;
  } else if (IsFloating(to)) {
    ASSAY_ASSIGN_OR_RETURN(result, ConvertTensor(result, DType::kFloat64));
  }
  context.SetOutput(0, std::move(result));
  return OkStatus();
}

std::vector<Attribute> To(DType dtype) { return {{"to", static_cast<int64_t>(dtype)}}; }

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "float32_to_int32",
       .attributes = To(DType::kInt32),
       .inputs = {Tensor::Of<float>({2, 2}, {1, -2.5F, 0, -0.0F})},
       .expected = {Tensor::Of<int32_t>({2, 2}, {0x3F800000, -1071644672, 0, INT32_MIN})}});
  cases.push_back({.name = "uint16_to_float16",
                   .attributes = To(DType::kFloat16),
                   .inputs = {Tensor::Vector<uint16_t>({0x3C00, 0xFC00, 0x0001})},
                   .expected = {Tensor::Vector<double>({1, -kInfinity, 0x1p-24})}});
  cases.push_back({.name = "float64_to_uint64",
                   .attributes = To(DType::kUInt64),
                   .inputs = {Tensor::Scalar<double>(-1)},
                   .expected = {Tensor::Scalar<uint64_t>(0xBFF0000000000000U)}});
  cases.push_back({.name = "int8_to_bool",
                   .attributes = To(DType::kBool),
                   .inputs = {Tensor::Vector<int8_t>({0, 1})},
                   .expected = {Tensor::Vector<bool>({false, true})}});
  cases.push_back({.name = "bfloat16_to_int16",
                   .attributes = To(DType::kInt16),
                   .inputs = {Tensor::Of<BFloat16>({2}, {{0x3F80}, {0xC000}})},
                   .expected = {Tensor::Vector<int16_t>({0x3F80, -16384})}});
  cases.push_back({.name = "empty",
                   .attributes = To(DType::kInt32),
                   .inputs = {Tensor::Of<float>({0}, {})},
                   .expected = {Tensor::Of<int32_t>({0}, {})}});
}

}  // namespace

extern const OpDef kBitCast;
const OpDef kBitCast = {
    .name = "BitCast", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
