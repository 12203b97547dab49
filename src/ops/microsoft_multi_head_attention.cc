#include <fmt/format.h>

#include "ops/attention_sizes.h"
#include "ops/head_weights.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = DTypeSet::Of(DType::kFloat32, DType::kFloat16, DType::kBFloat16);
constexpr DTypeSet kMasks = DTypeSet::Of(DType::kInt32);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"query", kTypes},
                {"key", kTypes, Arity::kOptional},
                {"value", kTypes, Arity::kOptional},
                {"bias", kTypes, Arity::kOptional},
                {"key_padding_mask", kMasks, Arity::kOptional},
                {"attention_bias", kTypes, Arity::kOptional},
                {"past_key", kTypes, Arity::kOptional},
                {"past_value", kTypes, Arity::kOptional},
                {"past_sequence_length", kMasks, Arity::kOptional},
                {"cache_indirection", kMasks, Arity::kOptional}},
     .outputs = {{"output", kTypes},
                 {"present_key", kTypes, Arity::kOptional},
                 {"present_value", kTypes, Arity::kOptional},
                 {"qk", kTypes, Arity::kOptional}},
     .attributes = {OptionalAttribute("mask_filter_value", AttributeKind::kFloat),
                    RequiredAttribute("num_heads", AttributeKind::kInt),
                    OptionalAttribute("scale", AttributeKind::kFloat),
                    IntAttribute("unidirectional", 0)}},
};

Status CheckInputs(const OpContext& context) {
  if (context.HasInput(8) || context.HasInput(9)) {
    return OpContext::Unsupported("past and present in one buffer");
  }
  if (context.HasInput(6) != context.HasInput(7)) {
    return OpContext::Invalid("past_key and past_value: expected both or none, got one");
  }
  return OkStatus();
}

// (batch, length, width) of queries, keys or values that may stand packed as (batch, length, heads,
// parts, depth) in one tensor.
SymbolicShape Unpacked(const SymbolicShape& shape) {
  if (shape.size() != 5) return shape;
  return {shape[0], shape[1], shape[2] * shape[4]};
}

Status WrongRank(std::string_view name, const std::string& shape) {
  return OpContext::Invalid(fmt::format("{}: unexpected rank, got shape {}", name, shape));
}

// Queries alone; with keys packed 2 to a token; with keys and values packed 3 to a token.
Status CheckRanks(const InferContext& context) {
  const SymbolicShape* query = context.InputShape(0);
  const SymbolicShape* key = context.InputShape(1);
  const SymbolicShape* value = context.InputShape(2);
  if (query != nullptr && query->size() != (context.HasInput(1) ? 3U : 5U)) {
    return WrongRank("query", ToString(*query));
  }
  if (context.HasInput(2) && !context.HasInput(1)) {
    return OpContext::Invalid("value: expected a key beside it");
  }
  if (key != nullptr) {
    const bool fits = context.HasInput(2) ? key->size() == 3 || key->size() == 4 : key->size() == 5;
    if (!fits) return WrongRank("key", ToString(*key));
    if (value != nullptr && value->size() != key->size()) {
      return WrongRank("value", ToString(*value));
    }
  }
  return OkStatus();
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 1, 2, 3, 5, 6, 7}));
  ASSAY_RETURN_IF_ERROR(CheckInputs(context));
  ASSAY_RETURN_IF_ERROR(CheckRanks(context));
  ASSAY_ASSIGN_OR_RETURN(const int64_t heads, HeadCount(context, "num_heads"));
  Dim batch;
  Dim queries;
  Dim depth;
  if (const SymbolicShape* shape = context.InputShape(0)) {
    const SymbolicShape query = Unpacked(*shape);
    batch = query[0];
    queries = query[1];
    ASSAY_ASSIGN_OR_RETURN(depth, ExtentOfHead(query[2], heads, "query"));
  }
  Dim keys;
  const int key_at = context.HasInput(1) ? 1 : 0;
  if (const SymbolicShape* key = context.InputShape(key_at)) {
    keys = (*key)[key->size() == 4 ? 2 : 1];
  }
  Dim columns;
  const int value_at = context.HasInput(2) ? 2 : key_at;
  if (const SymbolicShape* value = context.InputShape(value_at)) {
    if (value->size() == 4) {
      columns = value->back();
    } else {
      ASSAY_ASSIGN_OR_RETURN(columns, ExtentOfHead(Unpacked(*value)[2], heads, "value"));
    }
  }
  if (context.HasInput(6)) {
    const SymbolicShape* past = context.InputShape(6);
    if (past != nullptr && past->size() != 4) return WrongRank("past_key", ToString(*past));
    keys = past == nullptr ? Dim::Unknown() : (*past)[2] + keys;
  }
  const DType type = context.InputType(0);
  context.SetOutput(0, type, SymbolicShape{batch, queries, Dim(heads) * columns});
  context.SetOutput(1, type, SymbolicShape{batch, heads, keys, depth});
  context.SetOutput(2, type, SymbolicShape{batch, heads, keys, columns});
  context.SetOutput(3, type, SymbolicShape{batch, heads, queries, keys});
  return OkStatus();
}

// Part `part` of (batch, length, heads, parts, depth) as (batch, length, heads * depth).
Tensor TakePart(const Tensor& packed, int64_t part) {
  const Shape& shape = packed.shape();
  const int64_t depth = shape[4];
  const Tensor rows = packed.Reshaped({shape[0] * shape[1] * shape[2], shape[3] * depth});
  return LastAxisPart(rows, part * depth, depth).Reshaped({shape[0], shape[1], shape[2] * depth});
}

struct Operands {
  Tensor query;
  Tensor key;
  Tensor value;
};

Result<Operands> ReadOperands(const ReferenceContext& context, int64_t heads) {
  const Tensor& query = context.Input(0);
  Operands operands = {query, query, query};
  const int64_t parts = !context.HasInput(1) ? 3 : context.HasInput(2) ? 0 : 2;
  const Tensor& packed = context.Input(parts == 2 ? 1 : 0);
  if (parts > 0) {
    const Shape& shape = packed.shape();
    if (shape.rank() != 5 || shape[2] != heads || shape[3] != parts) {
      return WrongRank("packed keys and values", shape.ToString());
    }
    if (parts == 3) operands.query = TakePart(packed, 0);
    operands.key = TakePart(packed, parts - 2);
    operands.value = TakePart(packed, parts - 1);
  } else {
    operands.key = context.Input(1);
    operands.value = context.Input(2);
  }
  return operands;
}

// Adds the parts of the bias; keys and values that come head by head have none.
Status AddBias(const ReferenceContext& context, Operands& operands) {
  if (!context.HasInput(3)) return OkStatus();
  const Tensor& bias = context.Input(3);
  int64_t begin = 0;
  const auto add = [&](Tensor& tensor, int64_t width) {
    if (tensor.shape().rank() == 3) {
      const Tensor part = LastAxisPart(bias, begin, width);
      tensor = AddAlongLastAxis(context, tensor, &part);
    }
    begin += width;
  };
  const auto width = [](const Tensor& tensor) {
    const Shape& shape = tensor.shape();
    return shape.rank() == 3 ? shape[2] : shape[1] * shape[3];
  };
  const int64_t widths[] = {width(operands.query), width(operands.key), width(operands.value)};
  ASSAY_RETURN_IF_ERROR(CheckInputShape(context, 3, {widths[0] + widths[1] + widths[2]}));
  add(operands.query, widths[0]);
  add(operands.key, widths[1]);
  add(operands.value, widths[2]);
  return OkStatus();
}

Status DoNotFit(const Operands& operands) {
  return OpContext::Invalid(fmt::format(
      "queries {}, keys {} and values {} do not fit together", operands.query.shape().ToString(),
      operands.key.shape().ToString(), operands.value.shape().ToString()));
}

// Checks what is not implied by the ranks.
Status CheckOperands(const ReferenceContext& context, const Operands& operands, int64_t heads) {
  const Shape& query = operands.query.shape();
  const Shape& key = operands.key.shape();
  const Shape& value = operands.value.shape();
  bool fits = query.rank() == 3 && (key.rank() == 3 || key.rank() == 4) &&
              key.rank() == value.rank() && query[2] % heads == 0 && query[0] == key[0] &&
              query[0] == value[0];
  if (!fits) return DoNotFit(operands);
  if (key.rank() == 4) {
    fits = key[1] == heads && value[1] == heads && key[2] == value[2] &&
           key[3] * heads == query[2] && !context.HasInput(6);
    return fits ? OkStatus() : DoNotFit(operands);
  }
  fits = key[1] == value[1] && key[2] == query[2] && value[2] % heads == 0;
  if (!fits) return DoNotFit(operands);
  if (!context.HasInput(6)) return OkStatus();
  const Shape& past = context.Input(6).shape();
  const int64_t rows = past.rank() == 4 ? past[2] : 0;
  ASSAY_RETURN_IF_ERROR(CheckInputShape(context, 6, {key[0], heads, rows, key[2] / heads}));
  return CheckInputShape(context, 7, {key[0], heads, rows, value[2] / heads});
}

Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckInputs(context));
  ASSAY_ASSIGN_OR_RETURN(const int64_t heads, HeadCount(context, "num_heads"));
  ASSAY_ASSIGN_OR_RETURN(Operands operands, ReadOperands(context, heads));
  ASSAY_RETURN_IF_ERROR(CheckOperands(context, operands, heads));
  ASSAY_RETURN_IF_ERROR(AddBias(context, operands));
  const bool cached = context.HasInput(6);
  const Tensor key = JoinCache(cached ? &context.Input(6) : nullptr, operands.key, heads);
  const Tensor value = JoinCache(cached ? &context.Input(7) : nullptr, operands.value, heads);
  const AttentionProduct product = PackedProduct(context, operands.query, heads, key, value);
  const int64_t past = cached ? context.Input(6).shape()[2] : 0;
  ASSAY_ASSIGN_OR_RETURN(const KeyMask mask, KeyMask::Create(context, 4, product, past));
  ASSAY_ASSIGN_OR_RETURN(const ScoreBias bias, ScoreBias::Create(context, 5, product));
  HeadWeights weights;
  weights.scale = HeadScale(context, product.depth);
  weights.bias = [&](int64_t sample, int64_t head, int64_t i, std::span<double> row) {
    mask.Fill(sample, i, row);
    bias.Add(sample, head, i, row);
    return true;
  };
  if (context.WantsOutput(3)) {
    weights.shown_scores =
        context.AllocateOutput(3, {product.batch, heads, product.queries, product.keys})
            .mutable_data<double>()
            .data();
  }
  if (context.WantsOutput(1)) context.SetOutput(1, key);
  if (context.WantsOutput(2)) context.SetOutput(2, value);
  return AttendWith(product, weights, context.threads());
}

void Cases(std::vector<OpCase>& cases) {
  const Attribute two_heads{"num_heads", int64_t{2}};
  // Queries of 0 weigh all keys the same.
  const Tensor query = Tensor::Of<float>({1, 1, 2}, {0, 0});
  const Tensor key = Tensor::Of<float>({1, 2, 2}, {1, 2, 3, 4});
  const Tensor value = Tensor::Of<float>({1, 2, 2}, {10, 20, 30, 60});
  cases.push_back({.name = "two_heads",
                   .attributes = {two_heads},
                   .inputs = {query, key, value},
                   .expected = {Tensor::Of<float>({1, 1, 2}, {20, 40})}});
  cases.push_back(
      {.name = "packed_keys_and_values",
       .attributes = {two_heads},
       .inputs = {query, Tensor::Of<float>({1, 2, 2, 2, 1}, {1, 10, 2, 20, 3, 30, 4, 60})},
       .expected = {Tensor::Of<float>({1, 1, 2}, {20, 40})}});
  cases.push_back(
      {.name = "all_packed",
       .attributes = {two_heads, {"unidirectional", int64_t{1}}},
       .inputs = {Tensor::Of<float>({1, 2, 2, 3, 1}, {0, 1, 10, 0, 2, 20, 0, 3, 30, 0, 4, 60})},
       .expected = {Tensor::Of<float>({1, 2, 2}, {10, 20, 20, 40})}});
  cases.push_back(
      {.name = "past_mask_bias_and_scores",
       .attributes = {two_heads, {"mask_filter_value", -1e9F}},
       .inputs = {query, key, value, Tensor::Vector<float>({0, 0, 1, 1, 5, 5}),
                  Tensor::Of<int32_t>({1, 3}, {0, 1, 1}), std::nullopt,
                  Tensor::Of<float>({1, 2, 1, 1}, {7, 8}),
                  Tensor::Of<float>({1, 2, 1, 1}, {70, 80})},
       .output_types = {DType::kFloat32, DType::kFloat32, DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<float>({1, 1, 2}, {25, 45}),
                    Tensor::Of<float>({1, 2, 3, 1}, {7, 2, 4, 8, 3, 5}),
                    Tensor::Of<float>({1, 2, 3, 1}, {70, 15, 35, 80, 25, 65}),
                    Tensor::Of<float>({1, 2, 1, 3}, {-1e9F, 0, 0, -1e9F, 0, 0})}});
  cases.push_back({.name = "heads_apart",
                   .attributes = {two_heads},
                   .inputs = {query, Tensor::Of<float>({1, 2, 2, 1}, {1, 3, 2, 4}),
                              Tensor::Of<float>({1, 2, 2, 1}, {10, 30, 20, 60})},
                   .expected = {Tensor::Of<float>({1, 1, 2}, {20, 40})}});
}

}  // namespace

extern const OpDef kMicrosoftMultiHeadAttention;
const OpDef kMicrosoftMultiHeadAttention = {.name = "MultiHeadAttention",
                                            .domain = kMicrosoftDomain,
                                            .schemas = kSchemas,
                                            .infer = Infer,
                                            .reference = Reference,
                                            .cases = Cases};

}  // namespace assay
