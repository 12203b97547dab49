#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ops/attention_bias.h"
#include "ops/attention_cases.h"
#include "ops/attention_product.h"
#include "ops/attention_sizes.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/softmax_lines.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr FormalParam kQ = {"Q", kFloats};
constexpr FormalParam kK = {"K", kFloats};
constexpr FormalParam kV = {"V", kFloats};
constexpr FormalParam kMask = {"attn_mask", kNumeric | kBools, Arity::kOptional};
constexpr FormalParam kPastKey = {"past_key", kFloats, Arity::kOptional};
constexpr FormalParam kPastValue = {"past_value", kFloats, Arity::kOptional};
constexpr FormalParam kKeyCounts = {"nonpad_kv_seqlen", kInt64Only, Arity::kOptional};
constexpr InlineList<FormalParam, 6> kOutputs = {{"Y", kFloats},
                                                 {"present_key", kFloats, Arity::kOptional},
                                                 {"present_value", kFloats, Arity::kOptional},
                                                 {"qk_matmul_output", kFloats, Arity::kOptional}};
constexpr AttributeDef kCausal = IntAttribute("is_causal", 0);
constexpr AttributeDef kKeyHeads = OptionalAttribute("kv_num_heads", AttributeKind::kInt);
constexpr AttributeDef kQueryHeads = OptionalAttribute("q_num_heads", AttributeKind::kInt);
constexpr AttributeDef kMode = IntAttribute("qk_matmul_output_mode", 0);
constexpr AttributeDef kScale = OptionalAttribute("scale", AttributeKind::kFloat);
constexpr AttributeDef kSoftcap = FloatAttribute("softcap", 0);
constexpr AttributeDef kPrecision = OptionalAttribute("softmax_precision", AttributeKind::kInt);

constexpr OpSchema kSchemas[] = {
    {.since = 23,
     .inputs = {kQ, kK, kV, kMask, kPastKey, kPastValue},
     .outputs = kOutputs,
     .attributes = {kCausal, kKeyHeads, kQueryHeads, kMode, kScale, kSoftcap, kPrecision}},
    {.since = 24,
     .inputs = {kQ, kK, kV, kMask, kPastKey, kPastValue, kKeyCounts},
     .outputs = kOutputs,
     .attributes = {kCausal, kKeyHeads, kQueryHeads, kMode, kScale, kSoftcap, kPrecision}},
    {.since = 25,
     .inputs = {kQ, kK, kV, kMask, kPastKey, kPastValue, kKeyCounts},
     .outputs = kOutputs,
     .attributes = {kCausal, kKeyHeads, kQueryHeads, kMode, kScale, kSoftcap, kPrecision,
                    IntAttribute("left_window_size", -1), IntAttribute("right_window_size", -1)}},
};

// What the output of scores shows.
enum Stage : int64_t { kProduct = 0, kCapped = 1, kBiased = 2, kWeights = 3 };

Result<AttentionBias::Rules> ReadRules(const OpContext& context) {
  AttentionBias::Rules rules;
  rules.causal = context.Int("is_causal") != 0;
  rules.pads_mask = context.opset() >= 24;
  if (context.opset() < 25) return rules;
  rules.left_window = context.Int("left_window_size");
  rules.right_window = context.Int("right_window_size");
  if (rules.left_window >= -1 && rules.right_window >= -1) return rules;
  return OpContext::Invalid(fmt::format(
      "attributes \"left_window_size\" and \"right_window_size\": expected -1 or more, got {} and "
      "{}",
      rules.left_window, rules.right_window));
}

Status CheckAttributes(const OpContext& context) {
  const int64_t mode = context.Int("qk_matmul_output_mode");
  if (mode < kProduct || mode > kWeights) {
    return OpContext::Invalid(
        fmt::format("attribute \"qk_matmul_output_mode\": expected 0 to 3, got {}", mode));
  }
  return CheckSoftmaxPrecision(context);
}

// Sizes of an attention whose inputs have these shapes, nullptr where they are not known.
Result<AttentionSizes> CheckedSizes(const OpContext& context, const AttentionShapes& shapes,
                                    const SymbolicShape* mask, const SymbolicShape* key_counts) {
  ASSAY_RETURN_IF_ERROR(CheckAttributes(context));
  ASSAY_ASSIGN_OR_RETURN(const AttentionBias::Rules rules, ReadRules(context));
  if (context.HasInput(4) != context.HasInput(5)) {
    return OpContext::Invalid("past_key and past_value: expected both or none, got one");
  }
  if (context.HasInput(4) && context.HasInput(6)) {
    return OpContext::Invalid(
        "nonpad_kv_seqlen: expected either it or past_key and past_value, got both");
  }
  const bool has_heads =
      context.HasAttribute("q_num_heads") || context.HasAttribute("kv_num_heads");
  if (context.opset() >= 25 && shapes.query != nullptr && shapes.query->size() == 4 && has_heads) {
    return OpContext::Invalid(
        "attributes \"q_num_heads\" and \"kv_num_heads\": expected none with Q of rank 4");
  }
  ASSAY_ASSIGN_OR_RETURN(AttentionSizes sizes, SizesOf(context, shapes));
  if (key_counts != nullptr) {
    if (key_counts->size() != 1) {
      return OpContext::Invalid("nonpad_kv_seqlen: expected rank 1, got shape " +
                                ToString(*key_counts));
    }
    ASSAY_RETURN_IF_ERROR(Agree(sizes.batch, (*key_counts)[0], "extent of nonpad_kv_seqlen"));
  }
  if (mask != nullptr) ASSAY_RETURN_IF_ERROR(AttentionBias::CheckMask(*mask, sizes, rules));
  return sizes;
}

std::optional<SymbolicShape> OutputShape(const InferContext& context, const AttentionSizes& sizes) {
  std::optional<int> rank = context.InputRank(0);
  for (int i = 1; i < 3 && !rank; ++i) rank = context.InputRank(i);
  if (!rank) return std::nullopt;
  if (*rank == 4)
    return SymbolicShape{sizes.batch, sizes.query_heads, sizes.queries, sizes.columns};
  Dim packed = sizes.query_heads * sizes.columns;
  const SymbolicShape* value = context.InputShape(2);
  if (value != nullptr && sizes.query_heads.SameAs(sizes.key_heads)) packed = value->back();
  return SymbolicShape{sizes.batch, sizes.queries, packed};
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 1, 4}));
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({2, 5}));
  const AttentionShapes shapes = {context.InputShape(0), context.InputShape(1),
                                  context.InputShape(2), context.InputShape(4),
                                  context.InputShape(5), context.HasInput(4)};
  ASSAY_ASSIGN_OR_RETURN(
      const AttentionSizes sizes,
      CheckedSizes(context, shapes, context.InputShape(3), context.InputShape(6)));
  const DType type = context.InputType(0);
  context.SetOutput(0, type, OutputShape(context, sizes));
  context.SetOutput(1, type,
                    SymbolicShape{sizes.batch, sizes.key_heads, sizes.keys(), sizes.depth});
  context.SetOutput(2, context.InputType(2),
                    SymbolicShape{sizes.batch, sizes.key_heads, sizes.keys(), sizes.columns});
  context.SetOutput(3, type,
                    SymbolicShape{sizes.batch, sizes.query_heads, sizes.queries, sizes.keys()});
  return OkStatus();
}

Result<AttentionSizes> SizesOf(const ReferenceContext& context) {
  std::optional<SymbolicShape> shapes[7];
  const SymbolicShape* known[7] = {};
  for (int i = 0; i < 7; ++i) {
    if (!context.HasInput(i)) continue;
    shapes[i] = ToSymbolic(context.Input(i).shape());
    known[i] = &*shapes[i];
  }
  const AttentionShapes operands = {known[0], known[1], known[2],
                                    known[4], known[5], known[4] != nullptr};
  ASSAY_ASSIGN_OR_RETURN(AttentionSizes sizes, CheckedSizes(context, operands, known[3], known[6]));
  if (!sizes.keys().IsKnown()) return OpContext::Invalid("past_key and K: too many keys");
  return sizes;
}

// By sample: how many keys there are.
Result<std::vector<int64_t>> KeyCounts(const ReferenceContext& context,
                                       const AttentionSizes& sizes) {
  const int64_t keys = sizes.keys().value();
  if (!context.HasInput(6)) {
    return std::vector<int64_t>(static_cast<size_t>(sizes.batch.value()), keys);
  }
  int64_t most = keys;
  std::string_view where = "the keys";
  if (context.HasInput(3) && context.Input(3).shape().rank() > 0) {
    const Shape& mask = context.Input(3).shape();
    most = mask[mask.rank() - 1];
    where = "the keys and the mask";
  }
  std::vector<int64_t> counts = context.IntValues(6);
  for (int64_t count : counts) {
    if (count >= 0 && count <= most) continue;
    return OpContext::Invalid(fmt::format(
        "nonpad_kv_seqlen: expected 0 to {}, the extent of {}, got {}", most, where, count));
  }
  return counts;
}

// By sample: the position of the first query among the keys.
std::vector<int64_t> FirstPositions(const ReferenceContext& context, const AttentionSizes& sizes,
                                    const std::vector<int64_t>& key_counts) {
  std::vector<int64_t> positions(key_counts.size(), sizes.past_keys.value());
  for (size_t i = 0; context.HasInput(6) && i < positions.size(); ++i) {
    positions[i] = key_counts[i] - sizes.queries.value();
  }
  return positions;
}

// Turns scores into weights, query by query.
class Weighing {
 public:
  Weighing(const OpContext& context, const AttentionBias& bias, const AttentionProduct& product,
           double* shown)
      : scale_(ScoreScale(context, product.depth)),
        softcap_(context.Float("softcap")),
        mode_(context.Int("qk_matmul_output_mode")),
        bias_(bias),
        product_(product),
        shown_(shown) {}

  // `row` has the scores of query `query % queries` of head `query / queries`. False if the query
  // sees no key; its weights are zero then.
  bool Apply(int64_t query, std::span<double> row, std::span<double> bias) const {
    const int64_t head = query / product_.queries;
    for (double& score : row) score *= scale_;
    Show(kProduct, query, row);
    if (softcap_ != 0) {
      for (double& score : row) score = softcap_ * std::tanh(score / softcap_);
    }
    Show(kCapped, query, row);
    const bool sees_any = bias_.Fill(head / product_.query_heads, head % product_.query_heads,
                                     query % product_.queries, bias);
    for (size_t i = 0; i < row.size(); ++i) row[i] += bias[i];
    Show(kBiased, query, row);
    if (sees_any) {
      SoftmaxOfLine(row.data(), row.data(), {.length = product_.keys});
    } else {
      std::ranges::fill(row, 0);
    }
    Show(kWeights, query, row);
    return sees_any;
  }

 private:
  void Show(Stage stage, int64_t query, std::span<const double> row) const {
    if (shown_ == nullptr || stage != mode_) return;
    std::ranges::copy(row, shown_ + query * product_.keys);
  }

  double scale_;
  double softcap_;
  int64_t mode_;
  const AttentionBias& bias_;
  const AttentionProduct& product_;
  double* shown_;  // null if nobody wants to see scores
};

// Allocates the outputs and points the product to them and to the inputs.
Result<AttentionProduct> PrepareProduct(ReferenceContext& context, const AttentionSizes& sizes,
                                        const Tensor& key, const Tensor& value) {
  AttentionProduct product = {.batch = sizes.batch.value(),
                              .query_heads = sizes.query_heads.value(),
                              .key_heads = sizes.key_heads.value(),
                              .queries = sizes.queries.value(),
                              .keys = sizes.keys().value(),
                              .depth = sizes.depth.value(),
                              .columns = sizes.columns.value()};
  const bool packed = context.Input(0).shape().rank() == 3;
  Shape output = {product.batch, product.query_heads, product.queries, product.columns};
  if (packed) output = {product.batch, product.queries, product.query_heads * product.columns};
  const Shape scores = {product.batch, product.query_heads, product.queries, product.keys};
  for (const Shape& shape : {output, scores}) {
    if (!shape.CheckedElements()) return OpContext::Invalid("too large: " + shape.ToString());
  }
  product.query = context.Doubles(0).data();
  product.query_strides =
      HeadStrides::Of(product.query_heads, product.queries, product.depth, packed);
  product.key = key.data<double>().data();
  product.value = value.data<double>().data();
  product.output = context.AllocateOutput(0, output).mutable_data<double>().data();
  product.output_strides =
      HeadStrides::Of(product.query_heads, product.queries, product.columns, packed);
  return product;
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const AttentionSizes sizes, SizesOf(context));
  ASSAY_ASSIGN_OR_RETURN(const AttentionBias::Rules rules, ReadRules(context));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int64_t> key_counts, KeyCounts(context, sizes));
  const AttentionBias bias(rules, context.HasInput(3) ? &context.Input(3) : nullptr, sizes,
                           FirstPositions(context, sizes, key_counts), key_counts);
  const bool cached = context.HasInput(4);
  const Tensor key =
      JoinCache(cached ? &context.Input(4) : nullptr, context.Input(1), sizes.key_heads.value());
  const Tensor value =
      JoinCache(cached ? &context.Input(5) : nullptr, context.Input(2), sizes.key_heads.value());
  ASSAY_ASSIGN_OR_RETURN(const AttentionProduct product,
                         PrepareProduct(context, sizes, key, value));
  if (context.WantsOutput(1)) context.SetOutput(1, key);
  if (context.WantsOutput(2)) context.SetOutput(2, value);
  double* shown = nullptr;
  if (context.WantsOutput(3)) {
    const Shape scores = {product.batch, product.query_heads, product.queries, product.keys};
    shown = context.AllocateOutput(3, scores).mutable_data<double>().data();
  }
  const Weighing weighing(context, bias, product, shown);
  return Attend(
      product,
      [&](int64_t query, std::span<double> row, std::span<double> scratch) {
        return weighing.Apply(query, row, scratch);
      },
      context.threads());
}

}  // namespace

extern const OpDef kAttention;
const OpDef kAttention = {.name = "Attention",
                          .schemas = kSchemas,
                          .infer = Infer,
                          .reference = Reference,
                          .cases = AddAttentionCases};

}  // namespace assay
