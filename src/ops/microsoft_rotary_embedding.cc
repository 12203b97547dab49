#include <fmt/format.h>

#include "ops/microsoft.h"
#include "ops/microsoft_rotary.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = DTypeSet::Of(DType::kFloat32, DType::kFloat16, DType::kBFloat16);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"input", kTypes},
                {"position_ids", kInt64Only},
                {"cos_cache", kTypes},
                {"sin_cache", kTypes}},
     .outputs = {{"output", kTypes}},
     .attributes = {OptionalAttribute("interleaved", AttributeKind::kInt),
                    OptionalAttribute("is_packed_batching", AttributeKind::kInt),
                    OptionalAttribute("num_heads", AttributeKind::kInt),
                    OptionalAttribute("rotary_embedding_dim", AttributeKind::kInt),
                    OptionalAttribute("scale", AttributeKind::kFloat)}},
};

int64_t IntOrZero(const OpContext& context, std::string_view name) {
  return context.HasAttribute(name) ? context.Int(name) : 0;
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 2, 3}));
  if (context.HasAttribute("scale") && context.Float("scale") != 1) {
    return OpContext::Unsupported("attribute \"scale\" other than 1");
  }
  if (IntOrZero(context, "is_packed_batching") != 0) {
    return OpContext::Unsupported("ragged batches (is_packed_batching)");
  }
  context.CopyInput(0, 0);
  return OkStatus();
}

// The position of every token: as given, or from the one position that is given on.
Result<Tensor> Positions(const ReferenceContext& context, int64_t batch, int64_t length) {
  const Tensor& given = context.Input(1);
  if (given.shape() == Shape{batch, length}) return given;
  if (given.elements() != 1 || given.shape().rank() > 1) {
    return OpContext::Invalid(fmt::format("position_ids: expected shape (1,) or ({}, {}), got {}",
                                          batch, length, given.shape().ToString()));
  }
  return PositionsFrom(given.ValueAsInt(0), batch, length);
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  const Shape& cache = context.Input(2).shape();
  if ((shape.rank() != 3 && shape.rank() != 4) || cache.rank() != 2) {
    return OpContext::Invalid(
        fmt::format("input and cos_cache: expected rank 3 or 4 and rank 2, got shapes {} and {}",
                    shape.ToString(), cache.ToString()));
  }
  const int64_t length = shape[shape.rank() - 2];
  ASSAY_ASSIGN_OR_RETURN(const Tensor positions, Positions(context, shape[0], length));
  int64_t heads = IntOrZero(context, "num_heads");
  if (shape.rank() == 3 && heads == 0 && cache[1] > 0) heads = shape[2] / (2 * cache[1]);
  ASSAY_ASSIGN_OR_RETURN(Tensor y,
                         Rotate(context, {.input = &context.Input(0),
                                          .cosines = &context.Input(2),
                                          .sines = &context.Input(3),
                                          .positions = &positions,
                                          .heads = shape.rank() == 3 ? heads : 0,
                                          .turned = IntOrZero(context, "rotary_embedding_dim"),
                                          .interleaved = IntOrZero(context, "interleaved") != 0}));
  context.SetOutput(0, std::move(y));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  // One head of depth 4; rows 1 and 2 of the caches.
  const Tensor x = Tensor::Of<float>({1, 2, 4}, {5, 10, 15, 20, 1, 2, 3, 4});
  const Tensor cosines = Tensor::Of<float>({3, 2}, {9, 9, 0.5F, 0, 1, 0});
  const Tensor sines = Tensor::Of<float>({3, 2}, {9, 9, 0.25F, 1, 0, 1});
  cases.push_back(
      {.name = "from_a_position_on",
       .inputs = {x, Tensor::Vector<int64_t>({1}), cosines, sines},
       .expected = {Tensor::Of<float>({1, 2, 4}, {-1.25F, -20, 8.75F, 10, 1, -4, 3, 2})}});
  cases.push_back({.name = "interleaved_with_positions",
                   .attributes = {{"interleaved", int64_t{1}}, {"num_heads", int64_t{1}}},
                   .inputs = {x, Tensor::Of<int64_t>({1, 2}, {1, 2}), cosines, sines},
                   .expected = {Tensor::Of<float>({1, 2, 4}, {0, 6.25F, -20, 15, 1, 2, -4, 3})}});
}

}  // namespace

extern const OpDef kMicrosoftRotaryEmbedding;
const OpDef kMicrosoftRotaryEmbedding = {.name = "RotaryEmbedding",
                                         .domain = kMicrosoftDomain,
                                         .schemas = kSchemas,
                                         .infer = Infer,
                                         .reference = Reference,
                                         .cases = Cases};

}  // namespace assay
