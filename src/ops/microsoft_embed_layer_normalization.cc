#include <fmt/format.h>

#include "ops/apply_operator.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kIds = DTypeSet::Of(DType::kInt32);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"input_ids", kIds},
                {"segment_ids", kIds, Arity::kOptional},
                {"word_embedding", kFloats},
                {"position_embedding", kFloats},
                {"segment_embedding", kFloats, Arity::kOptional},
                {"gamma", kFloats},
                {"beta", kFloats},
                {"mask", kIds, Arity::kOptional},
                {"position_ids", kIds, Arity::kOptional}},
     .outputs = {{"output", kFloats},
                 {"mask_index", kIds, Arity::kOptional},
                 {"embedding_sum", kFloats, Arity::kOptional}},
     .attributes = {FloatAttribute("epsilon", 1e-12F),
                    OptionalAttribute("mask_index_type", AttributeKind::kInt)}},
};

Status WrongIds(const std::string& shape) {
  return OpContext::Invalid("input_ids: expected rank 2, got shape " + shape);
}

Status Infer(InferContext& context) {
  std::optional<SymbolicShape> output;
  std::optional<SymbolicShape> index;
  if (const SymbolicShape* ids = context.InputShape(0)) {
    if (ids->size() != 2) return WrongIds(ToString(*ids));
    ASSAY_RETURN_IF_ERROR(CheckInferredShape(context, 1, *ids));
    ASSAY_RETURN_IF_ERROR(CheckInferredShape(context, 7, *ids));
    index = SymbolicShape{(*ids)[0]};
    const SymbolicShape* gamma = context.InputShape(5);
    output = *ids;
    output->push_back(gamma == nullptr || gamma->size() != 1 ? Dim::Unknown() : gamma->front());
  }
  context.SetOutput(0, context.InputType(2), output);
  context.SetOutput(1, DType::kInt32, index);
  context.SetOutput(2, context.InputType(2), output);
  return OkStatus();
}

Status CheckShapes(const ReferenceContext& context) {
  const Shape& ids = context.Input(0).shape();
  if (ids.rank() != 2) return WrongIds(ids.ToString());
  ASSAY_RETURN_IF_ERROR(CheckInputShape(context, 1, ids));
  ASSAY_RETURN_IF_ERROR(CheckInputShape(context, 7, ids));
  if (context.HasInput(1) != context.HasInput(4)) {
    return OpContext::Invalid("segment_ids and segment_embedding: expected both or none of them");
  }
  if (context.HasInput(8) && context.Input(8).shape() != Shape{1, ids[1]}) {
    ASSAY_RETURN_IF_ERROR(CheckInputShape(context, 8, ids));
  }
  if (context.Input(5).shape().rank() != 1) {
    return OpContext::Invalid("gamma: expected rank 1");
  }
  const int64_t width = context.Input(5).elements();
  ASSAY_RETURN_IF_ERROR(CheckInputShape(context, 6, {width}));
  for (int table : {2, 3, 4}) {
    if (!context.HasInput(table)) continue;
    const Shape& shape = context.Input(table).shape();
    if (shape.rank() != 2 || shape[1] != width) {
      return OpContext::Invalid(fmt::format("shape of input {}: expected (?, {}), got {}", table,
                                            width, shape.ToString()));
    }
  }
  return OkStatus();
}

// One of the three tables and where its rows are chosen.
struct Embedding {
  int table = 0;
  std::vector<int64_t> rows;
};

// sum[i] += table[rows[i]]. Errors: kInvalidInput for rows outside.
Status AddRows(const ReferenceContext& context, const Embedding& embedding, std::span<double> sum) {
  const Shape& shape = context.Input(embedding.table).shape();
  const std::span<const double> table = context.Doubles(embedding.table);
  const int64_t width = shape[1];
  for (size_t i = 0; i < embedding.rows.size(); ++i) {
    const int64_t row = embedding.rows[i];
    if (row < 0 || row >= shape[0]) {
      return OpContext::Invalid(fmt::format("row of input {}: expected 0 to {}, got {}",
                                            embedding.table, shape[0] - 1, row));
    }
    for (int64_t k = 0; k < width; ++k) {
      sum[i * static_cast<size_t>(width) + static_cast<size_t>(k)] +=
          table[static_cast<size_t>(row * width + k)];
    }
  }
  return OkStatus();
}

std::vector<int64_t> Positions(const ReferenceContext& context, const Shape& ids) {
  std::vector<int64_t> positions(static_cast<size_t>(ids.elements()));
  const std::vector<int64_t> given =
      context.HasInput(8) ? context.IntValues(8) : std::vector<int64_t>();
  for (size_t i = 0; i < positions.size(); ++i) {
    positions[i] = given.empty() ? static_cast<int64_t>(i) % ids[1] : given[i % given.size()];
  }
  return positions;
}

// How many words of every sequence the mask keeps; zeros without a mask.
Tensor MaskIndex(const ReferenceContext& context, const Shape& ids) {
  std::vector<int32_t> counts(static_cast<size_t>(ids[0]), 0);
  if (context.HasInput(7)) {
    const std::vector<int64_t> mask = context.IntValues(7);
    for (size_t i = 0; i < mask.size(); ++i) {
      if (mask[i] == 1) ++counts[i / static_cast<size_t>(ids[1])];
    }
  }
  return Tensor::Vector(counts);
}

Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckShapes(context));
  const Shape& ids = context.Input(0).shape();
  Tensor sum = Tensor::Zeros(DType::kFloat64, {ids[0], ids[1], context.Input(5).elements()});
  const std::span<double> values = sum.mutable_data<double>();
  ASSAY_RETURN_IF_ERROR(AddRows(context, {2, context.IntValues(0)}, values));
  ASSAY_RETURN_IF_ERROR(AddRows(context, {3, Positions(context, ids)}, values));
  if (context.HasInput(4)) {
    ASSAY_RETURN_IF_ERROR(AddRows(context, {4, context.IntValues(1)}, values));
  }
  ASSAY_ASSIGN_OR_RETURN(Tensor y, ApplyOperator(context, "LayerNormalization",
                                                 {&sum, &context.Input(5), &context.Input(6)},
                                                 {{"epsilon", context.Float("epsilon")}}));
  context.SetOutput(0, std::move(y));
  if (context.WantsOutput(1)) context.SetOutput(1, MaskIndex(context, ids));
  if (context.WantsOutput(2)) context.SetOutput(2, std::move(sum));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor words = Tensor::Of<float>({3, 2}, {0, 0, 1, -1, 10, 4});
  const Tensor positions = Tensor::Of<float>({2, 2}, {1, 1, 2, -2});
  const Tensor segments = Tensor::Of<float>({2, 2}, {0, 0, 1, -1});
  const Tensor gamma = Tensor::Vector<float>({1, 10});
  const Tensor beta = Tensor::Vector<float>({0, 0.5F});
  const Tensor ids = Tensor::Of<int32_t>({1, 2}, {2, 1});
  cases.push_back(
      {.name = "segments_mask_and_sum",
       .attributes = {{"epsilon", 0.0F}},
       .inputs = {ids, Tensor::Of<int32_t>({1, 2}, {0, 1}), words, positions, segments, gamma, beta,
                  Tensor::Of<int32_t>({1, 2}, {1, 0})},
       .output_types = {DType::kFloat32, DType::kInt32, DType::kFloat32},
       .expected = {Tensor::Of<float>({1, 2, 2}, {1, -9.5F, 1, -9.5F}),
                    Tensor::Vector<int32_t>({1}), Tensor::Of<float>({1, 2, 2}, {11, 5, 4, -4})}});
  cases.push_back(
      {.name = "positions_without_segments",
       .attributes = {{"epsilon", 12.0F}},
       .inputs = {ids, std::nullopt, words, positions, std::nullopt, gamma, beta, std::nullopt,
                  Tensor::Of<int32_t>({1, 2}, {1, 1})},
       .output_types = {DType::kFloat32, DType::kInt32},
       // Sums (12, 2) and (3, -3): deviations 5 and 3.
       .expected = {Tensor::Of<double>({1, 2, 2}, {0.8219949365267865, -7.719949365267865,
                                                   0.6546536707079772, -6.046536707079772}),
                    Tensor::Vector<int32_t>({0})}});
}

}  // namespace

extern const OpDef kMicrosoftEmbedLayerNormalization;
const OpDef kMicrosoftEmbedLayerNormalization = {.name = "EmbedLayerNormalization",
                                                 .domain = kMicrosoftDomain,
                                                 .schemas = kSchemas,
                                                 .infer = Infer,
                                                 .reference = Reference,
                                                 .cases = Cases};

}  // namespace assay
