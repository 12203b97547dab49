#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "ops/apply_operator.h"
#include "ops/attention_sizes.h"
#include "ops/head_weights.h"
#include "ops/microsoft.h"
#include "ops/microsoft_rotary.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {

void GroupQueryAttentionCases(std::vector<OpCase>& cases);

namespace {

constexpr DTypeSet kTypes = DTypeSet::Of(DType::kFloat32, DType::kFloat16, DType::kBFloat16);
constexpr DTypeSet kCaches =
    kTypes | DTypeSet::Of(DType::kUInt8, DType::kInt8, DType::kFloat8E4M3FN);
constexpr DTypeSet kScales = DTypeSet::Of(DType::kFloat32);
constexpr DTypeSet kCounts = DTypeSet::Of(DType::kInt32);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"query", kTypes},
                {"key", kTypes, Arity::kOptional},
                {"value", kTypes, Arity::kOptional},
                {"past_key", kCaches, Arity::kOptional},
                {"past_value", kCaches, Arity::kOptional},
                {"seqlens_k", kCounts},
                {"total_sequence_length", kCounts},
                {"cos_cache", kTypes, Arity::kOptional},
                {"sin_cache", kTypes, Arity::kOptional},
                {"position_ids", kInt64Only, Arity::kOptional},
                {"attention_bias", kTypes, Arity::kOptional},
                {"head_sink", kTypes, Arity::kOptional},
                {"k_scale", kScales, Arity::kOptional},
                {"v_scale", kScales, Arity::kOptional},
                {"q_norm_weight", kTypes, Arity::kOptional},
                {"k_norm_weight", kTypes, Arity::kOptional},
                {"query_seqlens", kCounts, Arity::kOptional}},
     .outputs = {{"output", kTypes},
                 {"present_key", kCaches, Arity::kOptional},
                 {"present_value", kCaches, Arity::kOptional},
                 {"output_qk", kTypes, Arity::kOptional}},
     .attributes = {IntAttribute("causal", 1), OptionalAttribute("do_rotary", AttributeKind::kInt),
                    OptionalAttribute("k_norm_epsilon", AttributeKind::kFloat),
                    StringAttribute("k_quant_type", "NONE"),
                    OptionalAttribute("kv_cache_bit_width", AttributeKind::kInt),
                    RequiredAttribute("kv_num_heads", AttributeKind::kInt),
                    IntAttribute("local_window_size", -1),
                    RequiredAttribute("num_heads", AttributeKind::kInt),
                    OptionalAttribute("q_norm_epsilon", AttributeKind::kFloat),
                    FloatAttribute("qk_norm_epsilon", 1e-6F), IntAttribute("qk_output", 0),
                    OptionalAttribute("rotary_interleaved", AttributeKind::kInt),
                    OptionalAttribute("scale", AttributeKind::kFloat),
                    IntAttribute("sliding_window_cache", 0), IntAttribute("smooth_softmax", -1),
                    OptionalAttribute("softcap", AttributeKind::kFloat),
                    StringAttribute("v_quant_type", "NONE")}},
};

bool IsSet(const OpContext& context, std::string_view attribute) {
  return context.HasAttribute(attribute) && context.Int(attribute) != 0;
}

Status CheckAttributes(const OpContext& context) {
  if (context.String("k_quant_type") != "NONE" || context.String("v_quant_type") != "NONE" ||
      IsSet(context, "kv_cache_bit_width") || context.HasInput(12) || context.HasInput(13)) {
    return OpContext::Unsupported("a cache of quantized keys and values");
  }
  if (context.Int("sliding_window_cache") != 0) {
    return OpContext::Unsupported("a cache of the window alone (sliding_window_cache)");
  }
  const bool pairs = context.HasInput(1) == context.HasInput(2) &&
                     context.HasInput(3) == context.HasInput(4) &&
                     context.HasInput(14) == context.HasInput(15);
  if (!pairs) {
    return OpContext::Invalid(
        "key and value, past_key and past_value, q_norm_weight and k_norm_weight: expected both or "
        "none of each pair");
  }
  if (IsSet(context, "do_rotary") && (!context.HasInput(7) || !context.HasInput(8))) {
    return OpContext::Invalid("do_rotary: expected cos_cache and sin_cache");
  }
  if (context.Int("causal") == 0 && context.Int("local_window_size") != -1) {
    return OpContext::Invalid("attribute \"local_window_size\": expected -1 without causal");
  }
  return OkStatus();
}

struct Heads {
  int64_t queries = 0;
  int64_t keys = 0;
};

Result<Heads> HeadsOf(const OpContext& context) {
  Heads heads;
  ASSAY_ASSIGN_OR_RETURN(heads.queries, HeadCount(context, "num_heads"));
  ASSAY_ASSIGN_OR_RETURN(heads.keys, HeadCount(context, "kv_num_heads"));
  if (heads.queries % heads.keys == 0) return heads;
  return OpContext::Invalid(
      fmt::format("attribute \"num_heads\": expected a multiple of kv_num_heads {}, got {}",
                  heads.keys, heads.queries));
}

// Rows of the cache that comes out.
Dim PresentRows(const InferContext& context) {
  const auto total = context.ConstantInts(6);
  if (!total || total->size() != 1) return {};
  if (!context.HasInput(3)) return total->front();
  const SymbolicShape* past = context.InputShape(3);
  if (past == nullptr || past->size() != 4 || !(*past)[2].IsKnown()) return {};
  return std::max(total->front(), (*past)[2].value());
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckAttributes(context));
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 1, 2, 3, 4, 7, 8, 10, 11, 14, 15}));
  ASSAY_ASSIGN_OR_RETURN(const Heads heads, HeadsOf(context));
  Dim batch;
  Dim queries;
  Dim depth;
  if (const SymbolicShape* query = context.InputShape(0)) {
    if (query->size() != 3) {
      return OpContext::Invalid("query: expected rank 3, got shape " + ToString(*query));
    }
    batch = (*query)[0];
    queries = (*query)[1];
    const int64_t parts = heads.queries + (context.HasInput(1) ? 0 : 2 * heads.keys);
    ASSAY_ASSIGN_OR_RETURN(depth, ExtentOfHead((*query)[2], parts, "query"));
  }
  const SymbolicShape present = {batch, heads.keys, PresentRows(context), depth};
  const DType type = context.InputType(0);
  context.SetOutput(0, type, SymbolicShape{batch, queries, Dim(heads.queries) * depth});
  context.SetOutput(1, type, present);
  context.SetOutput(2, type, present);
  const auto total = context.ConstantInts(6);
  context.SetOutput(3, type,
                    SymbolicShape{batch, heads.queries, queries,
                                  total && total->size() == 1 ? Dim(total->front()) : Dim()});
  return OkStatus();
}

// Where the tokens of each sample stand.
struct Positions {
  int64_t total = 0;            // the most keys that a sample has
  std::vector<int64_t> past;    // keys of the cache
  std::vector<int64_t> tokens;  // valid new tokens
};

Result<Positions> PositionsOf(const ReferenceContext& context, int64_t batch, int64_t length) {
  Positions positions;
  if (context.Input(6).elements() != 1 || context.Input(5).elements() != batch ||
      (context.HasInput(16) && context.Input(16).elements() != batch)) {
    return OpContext::Invalid(
        fmt::format("seqlens_k, total_sequence_length and query_seqlens: expected {}, 1 and {} "
                    "elements",
                    batch, batch));
  }
  positions.total = context.Input(6).ValueAsInt(0);
  for (int64_t i = 0; i < batch; ++i) {
    const int64_t keys = context.Input(5).ValueAsInt(i) + 1;
    const int64_t tokens =
        context.HasInput(16) ? context.Input(16).ValueAsInt(i) : std::min(length, keys);
    if (keys < 1 || keys > positions.total || tokens < 0 || tokens > std::min(length, keys)) {
      return OpContext::Invalid(
          fmt::format("sample {}: expected at most {} keys and no more new tokens than that or {}, "
                      "got {} keys and {} tokens",
                      i, positions.total, length, keys, tokens));
    }
    positions.past.push_back(keys - tokens);
    positions.tokens.push_back(tokens);
  }
  return positions;
}

struct Operands {
  Tensor query;  // (batch, length, heads * depth)
  Tensor key;
  Tensor value;
};

Result<Operands> ReadOperands(const ReferenceContext& context, const Heads& heads) {
  const Tensor& query = context.Input(0);
  const Shape& shape = query.shape();
  const bool packed = !context.HasInput(1);
  const int64_t parts = heads.queries + (packed ? 2 * heads.keys : 0);
  if (shape.rank() != 3 || shape[2] % parts != 0 || shape[2] == 0) {
    return OpContext::Invalid(fmt::format("query: expected a last axis of {} heads, got shape {}",
                                          parts, shape.ToString()));
  }
  const int64_t depth = shape[2] / parts;
  const int64_t width = heads.keys * depth;
  if (packed) {
    return Operands{LastAxisPart(query, 0, heads.queries * depth),
                    LastAxisPart(query, heads.queries * depth, width),
                    LastAxisPart(query, heads.queries * depth + width, width)};
  }
  ASSAY_RETURN_IF_ERROR(CheckInputShape(context, 1, {shape[0], shape[1], width}));
  ASSAY_RETURN_IF_ERROR(CheckInputShape(context, 2, {shape[0], shape[1], width}));
  return Operands{query, context.Input(1), context.Input(2)};
}

// Normalizes every head by its root mean square.
Status Normalize(const ReferenceContext& context, Tensor& heads, int weight,
                 std::string_view epsilon) {
  if (!context.HasInput(weight)) return OkStatus();
  const Shape shape = heads.shape();
  const int64_t depth = context.Input(weight).elements();
  if (context.Input(weight).shape().rank() != 1 || depth == 0 || shape[2] % depth != 0) {
    return OpContext::Invalid(
        fmt::format("input {}: expected one value per element of a head", weight));
  }
  const Tensor apart = heads.Reshaped({shape[0], shape[1], shape[2] / depth, depth});
  const float value =
      context.Float(context.HasAttribute(epsilon) ? epsilon : std::string_view("qk_norm_epsilon"));
  ASSAY_ASSIGN_OR_RETURN(const Tensor normalized,
                         ApplyOperator(context, "RMSNormalization",
                                       {&apart, &context.Input(weight)}, {{"epsilon", value}}));
  heads = normalized.Reshaped(shape);
  return OkStatus();
}

// Positions for the rotation; those of padding, which nobody looks at, are 0.
Result<Tensor> RotaryPositions(const ReferenceContext& context, const Positions& positions,
                               const Shape& query) {
  if (context.HasInput(9)) {
    ASSAY_RETURN_IF_ERROR(CheckInputShape(context, 9, {query[0], query[1]}));
    return context.Input(9);
  }
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < query[0] * query[1]; ++i) {
    const auto sample = static_cast<size_t>(i / query[1]);
    const int64_t token = i % query[1];
    rows.push_back(token < positions.tokens[sample] ? positions.past[sample] + token : 0);
  }
  return Tensor::Of({query[0], query[1]}, rows);
}

Status RotateOperands(const ReferenceContext& context, const Positions& positions,
                      const Heads& heads, Operands& operands) {
  if (!IsSet(context, "do_rotary")) return OkStatus();
  ASSAY_ASSIGN_OR_RETURN(const Tensor rows,
                         RotaryPositions(context, positions, operands.query.shape()));
  if (context.Input(7).shape().rank() != 2) {
    return OpContext::Invalid("cos_cache: expected rank 2, got shape " +
                              context.Input(7).shape().ToString());
  }
  for (Tensor* operand : {&operands.query, &operands.key}) {
    ASSAY_ASSIGN_OR_RETURN(
        *operand, Rotate(context, {.input = operand,
                                   .cosines = &context.Input(7),
                                   .sines = &context.Input(8),
                                   .positions = &rows,
                                   .heads = operand == &operands.query ? heads.queries : heads.keys,
                                   .turned = 2 * context.Input(7).shape()[1],
                                   .interleaved = IsSet(context, "rotary_interleaved")}));
  }
  return OkStatus();
}

// (batch, heads, rows, depth): what the cache in input `index` holds of each sample, then its new
// tokens, then zeros.
Result<Tensor> JoinTokens(const ReferenceContext& context, int index, const Tensor& fresh,
                          int64_t heads, const Positions& positions, int64_t rows) {
  const Shape& shape = fresh.shape();
  const int64_t depth = shape[2] / heads;
  int64_t past_rows = 0;
  if (context.HasInput(index)) {
    const Shape& past = context.Input(index).shape();
    past_rows = past.rank() == 4 ? past[2] : 0;
    ASSAY_RETURN_IF_ERROR(CheckInputShape(context, index, {shape[0], heads, past_rows, depth}));
  }
  Tensor joined = Tensor::Zeros(DType::kFloat64, {shape[0], heads, rows, depth});
  double* out = joined.mutable_data<double>().data();
  for (int64_t head = 0; head < shape[0] * heads; ++head) {
    const auto sample = static_cast<size_t>(head / heads);
    const int64_t past = positions.past[sample];
    if (past > past_rows) {
      return OpContext::Invalid(
          fmt::format("input {}: expected at least {} rows, got {}", index, past, past_rows));
    }
    double* begin = out + head * rows * depth;
    if (past > 0) {
      std::copy_n(context.Doubles(index).data() + head * past_rows * depth, past * depth, begin);
    }
    for (int64_t token = 0; token < positions.tokens[sample]; ++token) {
      const int64_t row = head / heads * shape[1] + token;
      std::copy_n(fresh.data<double>().data() + row * shape[2] + head % heads * depth, depth,
                  begin + (past + token) * depth);
    }
  }
  return joined;
}

std::vector<double> Sinks(const ReferenceContext& context, int64_t heads) {
  if (context.HasInput(11)) {
    const std::span<const double> sinks = context.Doubles(11);
    return {sinks.begin(), sinks.end()};
  }
  if (context.Int("smooth_softmax") != 1) return {};
  return std::vector<double>(static_cast<size_t>(heads), 0);
}

// Reads the keys that a query sees: those up to its own position and inside the window.
class Visibility {
 public:
  Visibility(const OpContext& context, const Positions& positions)
      : positions_(positions),
        causal_(context.Int("causal") != 0),
        window_(context.Int("local_window_size")) {}

  bool Fill(int64_t sample, int64_t query, std::span<double> bias) const {
    const auto at = static_cast<size_t>(sample);
    const int64_t position = positions_.past[at] + query;
    const int64_t keys = positions_.past[at] + positions_.tokens[at];
    for (int64_t key = 0; key < static_cast<int64_t>(bias.size()); ++key) {
      const bool seen =
          key < keys && (!causal_ || key <= position) && (window_ <= 0 || position - key < window_);
      bias[static_cast<size_t>(key)] = seen ? 0 : -std::numeric_limits<double>::infinity();
    }
    return query < positions_.tokens[at];
  }

 private:
  const Positions& positions_;
  bool causal_;
  int64_t window_;
};

Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckAttributes(context));
  ASSAY_ASSIGN_OR_RETURN(const Heads heads, HeadsOf(context));
  ASSAY_ASSIGN_OR_RETURN(Operands operands, ReadOperands(context, heads));
  const Shape shape = operands.query.shape();
  ASSAY_ASSIGN_OR_RETURN(const Positions positions, PositionsOf(context, shape[0], shape[1]));
  ASSAY_RETURN_IF_ERROR(Normalize(context, operands.query, 14, "q_norm_epsilon"));
  ASSAY_RETURN_IF_ERROR(Normalize(context, operands.key, 15, "k_norm_epsilon"));
  ASSAY_RETURN_IF_ERROR(RotateOperands(context, positions, heads, operands));
  ASSAY_RETURN_IF_ERROR(CheckInputShape(context, 11, {heads.queries}));

  const auto join = [&](int past, const Tensor& fresh, int64_t rows) {
    return JoinTokens(context, past, fresh, heads.keys, positions, rows);
  };
  ASSAY_ASSIGN_OR_RETURN(const Tensor key, join(3, operands.key, positions.total));
  ASSAY_ASSIGN_OR_RETURN(const Tensor value, join(4, operands.value, positions.total));
  const int64_t capacity = context.HasInput(3)
                               ? std::max(positions.total, context.Input(3).shape()[2])
                               : positions.total;
  for (int output : {1, 2}) {
    if (!context.WantsOutput(output)) continue;
    ASSAY_ASSIGN_OR_RETURN(Tensor present,
                           join(output + 2, output == 1 ? operands.key : operands.value, capacity));
    context.SetOutput(output, std::move(present));
  }
  const AttentionProduct product =
      PackedProduct(context, operands.query, heads.queries, key, value);
  ASSAY_ASSIGN_OR_RETURN(const ScoreBias added, ScoreBias::Create(context, 10, product));
  const Visibility visibility(context, positions);
  HeadWeights weights;
  weights.scale = HeadScale(context, product.depth);
  weights.softcap = context.HasAttribute("softcap") ? context.Float("softcap") : 0;
  weights.sinks = Sinks(context, heads.queries);
  weights.bias = [&](int64_t sample, int64_t head, int64_t query, std::span<double> bias) {
    const bool sees = visibility.Fill(sample, query, bias);
    added.Add(sample, head, query, bias);
    return sees;
  };
  if (context.WantsOutput(3)) {
    double* shown = context.AllocateOutput(3, {shape[0], heads.queries, shape[1], positions.total})
                        .mutable_data<double>()
                        .data();
    (context.Int("qk_output") == 1 ? weights.shown_scores : weights.shown_weights) = shown;
  }
  return AttendWith(product, weights, context.threads());
}

}  // namespace

extern const OpDef kMicrosoftGroupQueryAttention;
const OpDef kMicrosoftGroupQueryAttention = {.name = "GroupQueryAttention",
                                             .domain = kMicrosoftDomain,
                                             .schemas = kSchemas,
                                             .infer = Infer,
                                             .reference = Reference,
                                             .cases = GroupQueryAttentionCases};

}  // namespace assay
