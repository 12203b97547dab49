#include <cmath>
#include <limits>

#include "passes/contrib_lowering.h"

namespace assay {
namespace {

// Constant masks of more elements than this are not made.
constexpr int64_t kMostOfMask = int64_t{1} << 20;

const std::vector<int64_t> kHeadsFirst = {0, 2, 1, 3};

// What both operators have, wherever it stands among their inputs.
struct AttentionParts {
  int64_t heads = 0;
  ValueId query = kNoValue;  // (batch, queries, heads * depth)
  ValueId key = kNoValue;    // (batch, keys, heads * depth) or (batch, heads, keys, depth)
  ValueId value = kNoValue;
  int64_t depth = 0;
  int64_t columns = 0;
  bool heads_apart = false;  // keys and values are (batch, heads, keys, ...)
  ValueId mask = kNoValue;
  ValueId added = kNoValue;
  Dim queries;
  Dim keys;
};

ValueId Apart(ContribLowering& lowering, ValueId packed, const AttentionParts& parts,
              int64_t depth) {
  return lowering.Emit("Reshape", 14, {packed, lowering.Ints("heads", {0, 0, parts.heads, depth})});
}

// A padding mask as what is added to the scores; kNoValue where that cannot be said.
ValueId EmitPadding(ContribLowering& lowering, ValueId mask, DType dtype) {
  const std::optional<int> rank = lowering.rewriter().Rank(mask);
  if (!rank || (*rank != 2 && *rank != 3)) return kNoValue;
  const OpContext& attributes = lowering.attributes();
  const double hidden = attributes.HasAttribute("mask_filter_value")
                            ? attributes.Float("mask_filter_value")
                            : -10000.0F;
  const ValueId filter = lowering.Number("filter", hidden, dtype);
  if (filter == kNoValue) return kNoValue;
  const ValueId seen =
      lowering.Emit("Greater", 13, {mask, lowering.Constant("none", Tensor::Scalar<int32_t>(0))},
                    {}, DType::kBool);
  const ValueId padding =
      lowering.Emit("Where", 16, {seen, lowering.Number("zero", 0, dtype), filter}, {}, dtype);
  const std::vector<int64_t> axes =
      *rank == 2 ? std::vector<int64_t>{1, 2} : std::vector<int64_t>{1};
  return lowering.Emit("Unsqueeze", 13, {padding, lowering.Ints("axes", axes)});
}

// Hides the keys behind each query's own position; `padding` may be kNoValue.
ValueId EmitCausal(ContribLowering& lowering, const AttentionParts& parts, ValueId padding,
                   DType dtype) {
  if (!parts.queries.IsKnown() || !parts.keys.IsKnown()) return kNoValue;
  const int64_t queries = parts.queries.value();
  const int64_t keys = parts.keys.value();
  if (queries * keys > kMostOfMask) return kNoValue;
  const double lowest = std::numeric_limits<float>::lowest();
  Tensor hidden = Tensor::Allocate(DType::kBool, {1, 1, queries, keys});
  std::vector<double> bias;
  for (bool& is_hidden : hidden.mutable_data<bool>()) {
    const auto at = static_cast<int64_t>(bias.size());
    is_hidden = at % keys > at / keys + keys - queries;
    bias.push_back(is_hidden ? lowest : 0);
  }
  const std::optional<Tensor> constant = Rounded(bias, hidden.shape(), dtype);
  const ValueId number = lowering.Number("lowest", lowest, dtype);
  if (!constant || number == kNoValue) return kNoValue;
  if (padding == kNoValue) return lowering.Constant("causal", *constant);
  return lowering.Emit("Where", 16, {lowering.Constant("future", hidden), number, padding}, {},
                       dtype);
}

// All that is added to the scores. False where it cannot be said.
bool EmitMask(ContribLowering& lowering, const AttentionParts& parts, ValueId& mask) {
  const DType dtype = lowering.Type(parts.query).dtype;
  mask = kNoValue;
  if (parts.mask != kNoValue) {
    mask = EmitPadding(lowering, parts.mask, dtype);
    if (mask == kNoValue) return false;
  }
  if (lowering.attributes().Int("unidirectional") != 0) {
    mask = EmitCausal(lowering, parts, mask, dtype);
    if (mask == kNoValue) return false;
  }
  if (parts.added == kNoValue) return true;
  const std::optional<SymbolicShape>& shape = lowering.Type(parts.added).shape;
  if (!shape || shape->size() != 4 || !shape->back().SameAs(parts.keys)) return false;
  mask = mask == kNoValue ? parts.added : lowering.Emit("Add", 14, {mask, parts.added});
  return true;
}

// The attention itself, on keys and values that stand head by head if parts.heads_apart.
bool EmitAttention(ContribLowering& lowering, const AttentionParts& parts) {
  ValueId mask = kNoValue;
  if (!EmitMask(lowering, parts, mask)) return false;
  const OpContext& attributes = lowering.attributes();
  const double given = attributes.HasAttribute("scale") ? attributes.Float("scale") : 0;
  const double scale = given != 0 ? given : 1 / std::sqrt(static_cast<double>(parts.depth));
  const ValueId query = Apart(lowering, parts.query, parts, parts.depth);
  ValueId key = parts.key;
  ValueId value = parts.value;
  if (!parts.heads_apart) {
    key = Apart(lowering, key, parts, parts.depth);
    value = Apart(lowering, value, parts, parts.columns);
  }
  std::vector<Attribute> orders = {{"scale", Tensor::Scalar<double>(scale)},
                                   {"query_perm", kHeadsFirst},
                                   {"output_perm", kHeadsFirst}};
  if (parts.heads_apart) {
    orders.push_back({"key_perm", std::vector<int64_t>{0, 1, 3, 2}});
  } else {
    orders.push_back({"key_perm", std::vector<int64_t>{0, 2, 3, 1}});
    orders.push_back({"value_perm", kHeadsFirst});
  }
  std::vector<ValueId> inputs = {query, key, value};
  if (mask != kNoValue) inputs.push_back(mask);
  const ValueId attended = lowering.EmitFused("Attention", std::move(inputs), std::move(orders));
  lowering.EmitLast("Reshape", 14,
                    {attended, lowering.Ints("width", {0, 0, parts.heads * parts.columns})});
  return true;
}

// Puts new keys or values behind those of a cache, which may be kNoValue.
ValueId Join(ContribLowering& lowering, ValueId past, ValueId fresh, const AttentionParts& parts,
             int64_t depth) {
  const ValueId apart = lowering.Emit("Transpose", 13, {Apart(lowering, fresh, parts, depth)},
                                      {{"perm", kHeadsFirst}});
  if (past == kNoValue) return apart;
  return lowering.Emit("Concat", 13, {past, apart}, {{"axis", int64_t{2}}});
}

// The number of elements that a known last extent divides into heads; 0 if it is not known.
int64_t DepthOf(const SymbolicShape& shape, int64_t heads) {
  if (!shape.back().IsKnown() || heads < 1 || shape.back().value() % heads != 0) return 0;
  return shape.back().value() / heads;
}

}  // namespace

bool LowerMultiHeadAttention(ContribLowering& lowering) {
  const SymbolicShape* query = lowering.InputShape(0);
  const SymbolicShape* key = lowering.InputShape(1);
  const SymbolicShape* value = lowering.InputShape(2);
  if (query == nullptr || key == nullptr || value == nullptr || lowering.WantsOutput(3))
    return false;
  AttentionParts parts;
  parts.heads = lowering.attributes().Int("num_heads");
  parts.heads_apart = key->size() == 4;
  parts.depth = DepthOf(*query, parts.heads);
  parts.columns =
      parts.heads_apart ? value->back().MaybeValue().value_or(0) : DepthOf(*value, parts.heads);
  if (parts.depth == 0 || parts.columns == 0) return false;
  parts.query = lowering.Input(0);
  parts.key = lowering.Input(1);
  parts.value = lowering.Input(2);
  parts.mask = lowering.Input(4);
  parts.added = lowering.Input(5);
  parts.queries = (*query)[1];
  parts.keys = (*key)[parts.heads_apart ? 2 : 1];
  if (lowering.HasInput(3)) {
    const std::vector<int64_t> widths = {parts.heads * parts.depth, parts.heads * parts.depth,
                                         parts.heads * parts.columns};
    const std::vector<ValueId> biases = lowering.EmitSplit(lowering.Input(3), 0, widths);
    parts.query = lowering.Emit("Add", 14, {parts.query, biases[0]});
    if (!parts.heads_apart) {
      parts.key = lowering.Emit("Add", 14, {parts.key, biases[1]});
      parts.value = lowering.Emit("Add", 14, {parts.value, biases[2]});
    }
  }
  const bool cached = lowering.HasInput(6);
  if (cached || lowering.WantsOutput(1) || lowering.WantsOutput(2)) {
    if (parts.heads_apart) return false;
    if (cached) {
      const SymbolicShape* past = lowering.InputShape(6);
      // The mask of positions counts from the end, and so from the queries' own keys.
      if (past == nullptr || past->size() != 4 || !parts.queries.SameAs(parts.keys)) return false;
      parts.keys = (*past)[2] + parts.keys;
    }
    parts.key = lowering.Name(Join(lowering, lowering.Input(6), parts.key, parts, parts.depth), 1);
    parts.value =
        lowering.Name(Join(lowering, lowering.Input(7), parts.value, parts, parts.columns), 2);
    parts.heads_apart = true;
  } else if (lowering.attributes().Int("unidirectional") != 0 &&
             !parts.queries.SameAs(parts.keys)) {
    return false;
  }
  return EmitAttention(lowering, parts);
}

bool LowerAttention(ContribLowering& lowering) {
  const SymbolicShape* input = lowering.InputShape(0);
  const SymbolicShape* weights = lowering.InputShape(1);
  if (input == nullptr || weights == nullptr || !weights->back().IsKnown()) return false;
  AttentionParts parts;
  parts.heads = lowering.attributes().Int("num_heads");
  std::vector<int64_t> widths = lowering.attributes().Ints("qkv_hidden_sizes");
  if (widths.empty()) widths.assign(3, weights->back().value() / 3);
  parts.depth = widths[0] / parts.heads;
  parts.columns = widths[2] / parts.heads;
  parts.mask = lowering.Input(3);
  parts.added = lowering.Input(5);
  parts.queries = parts.keys = (*input)[1];
  ValueId projected = lowering.Emit("MatMul", 13, {lowering.Input(0), lowering.Input(1)});
  if (lowering.HasInput(2)) {
    projected = lowering.Emit("Add", 14, {projected, lowering.Input(2)});
  }
  const std::vector<ValueId> split = lowering.EmitSplit(projected, 2, widths);
  parts.query = split[0];
  parts.key = split[1];
  parts.value = split[2];
  if (!lowering.HasInput(4) && !lowering.WantsOutput(1)) return EmitAttention(lowering, parts);
  ValueId past[2] = {kNoValue, kNoValue};
  if (lowering.HasInput(4)) {
    const SymbolicShape* cache = lowering.InputShape(4);
    if (cache == nullptr || cache->size() != 5) return false;
    parts.keys = (*cache)[3] + parts.keys;
    for (int64_t part : {0, 1}) {
      past[part] = lowering.Emit(
          "Gather", 13,
          {lowering.Input(4), lowering.Constant("part", Tensor::Scalar<int64_t>(part))},
          {{"axis", int64_t{0}}});
    }
  }
  parts.key = Join(lowering, past[0], parts.key, parts, parts.depth);
  parts.value = Join(lowering, past[1], parts.value, parts, parts.columns);
  parts.heads_apart = true;
  if (lowering.WantsOutput(1)) {
    const ValueId front = lowering.Ints("front", {0});
    const ValueId key = lowering.Emit("Unsqueeze", 13, {parts.key, front});
    const ValueId value = lowering.Emit("Unsqueeze", 13, {parts.value, front});
    lowering.Name(lowering.Emit("Concat", 13, {key, value}, {{"axis", int64_t{0}}}), 1);
  }
  return EmitAttention(lowering, parts);
}

}  // namespace assay
