#include "ops/attention_sizes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace assay {
namespace {

Status RequireRank(const SymbolicShape* shape, size_t rank, std::string_view name) {
  if (shape == nullptr || shape->size() == rank) return OkStatus();
  return OpContext::Invalid(
      fmt::format("{}: expected rank {}, got shape {}", name, rank, ToString(*shape)));
}

// Takes the extents of one operand into the sizes that they stand for.
Status TakeOperand(const SymbolicShape* shape, std::string_view name, Dim& batch, Dim& heads,
                   Dim& length, Dim& depth) {
  if (shape == nullptr) return OkStatus();
  const SymbolicShape& dims = *shape;
  ASSAY_RETURN_IF_ERROR(Agree(batch, dims[0], fmt::format("batch of {}", name)));
  if (dims.size() == 4) {
    ASSAY_RETURN_IF_ERROR(Agree(heads, dims[1], fmt::format("heads of {}", name)));
    ASSAY_RETURN_IF_ERROR(Agree(length, dims[2], fmt::format("length of {}", name)));
    return Agree(depth, dims[3], fmt::format("last axis of {}", name));
  }
  ASSAY_RETURN_IF_ERROR(Agree(length, dims[1], fmt::format("length of {}", name)));
  ASSAY_ASSIGN_OR_RETURN(const Dim part, ExtentOfHead(dims[2], heads, name));
  return Agree(depth, part, fmt::format("depth of a head of {}", name));
}

Status CheckRanks(const AttentionShapes& shapes, bool& packed) {
  const SymbolicShape* any = shapes.query;
  if (any == nullptr) any = shapes.key != nullptr ? shapes.key : shapes.value;
  packed = any != nullptr && any->size() == 3;
  const size_t rank = packed ? 3 : 4;
  ASSAY_RETURN_IF_ERROR(RequireRank(shapes.query, rank, "Q"));
  ASSAY_RETURN_IF_ERROR(RequireRank(shapes.key, rank, "K"));
  ASSAY_RETURN_IF_ERROR(RequireRank(shapes.value, rank, "V"));
  ASSAY_RETURN_IF_ERROR(RequireRank(shapes.past_key, 4, "past_key"));
  return RequireRank(shapes.past_value, 4, "past_value");
}

Status TakeHeads(const OpContext& context, bool packed, AttentionSizes& sizes) {
  if (packed || context.HasAttribute("q_num_heads")) {
    ASSAY_ASSIGN_OR_RETURN(sizes.query_heads, HeadCount(context, "q_num_heads"));
  }
  if (packed || context.HasAttribute("kv_num_heads")) {
    ASSAY_ASSIGN_OR_RETURN(sizes.key_heads, HeadCount(context, "kv_num_heads"));
  }
  return OkStatus();
}

Status CheckGroups(const AttentionSizes& sizes) {
  if (!sizes.query_heads.IsKnown() || !sizes.key_heads.IsKnown()) return OkStatus();
  const int64_t query_heads = sizes.query_heads.value();
  const int64_t key_heads = sizes.key_heads.value();
  if (key_heads == 0 ? query_heads == 0 : query_heads % key_heads == 0) return OkStatus();
  return OpContext::Invalid(
      fmt::format("heads of Q: expected a multiple of the {} heads of K and V, got {}", key_heads,
                  query_heads));
}

}  // namespace

Status Agree(Dim& dim, const Dim& other, std::string_view what) {
  if (dim.IsKnown() && other.IsKnown() && dim.value() != other.value()) {
    return OpContext::Invalid(
        fmt::format("{}: expected {}, got {}", what, dim.value(), other.value()));
  }
  if (other.IsKnown() || (!dim.IsKnown() && !dim.IsSymbolic())) dim = other;
  return OkStatus();
}

Status CheckSoftmaxPrecision(const OpContext& context) {
  if (!context.HasAttribute("softmax_precision")) return OkStatus();
  const int64_t precision = context.Int("softmax_precision");
  const bool known =
      std::ranges::any_of(std::initializer_list<DType>{DType::kFloat32, DType::kFloat16,
                                                       DType::kFloat64, DType::kBFloat16},
                          [&](DType type) { return static_cast<int64_t>(type) == precision; });
  if (known) return OkStatus();
  return OpContext::Invalid(
      fmt::format("attribute \"softmax_precision\": expected 1 (float32), 10 (float16), 11 "
                  "(float64) or 16 (bfloat16), got {}",
                  precision));
}

double ScoreScale(const OpContext& context, int64_t depth) {
  if (context.HasAttribute("scale")) return context.Float("scale");
  return 1 / std::sqrt(static_cast<double>(std::max<int64_t>(1, depth)));
}

Result<int64_t> HeadCount(const OpContext& context, std::string_view attribute) {
  if (!context.HasAttribute(attribute)) {
    return OpContext::Invalid(
        fmt::format("attribute \"{}\": operands of rank 3 need it", attribute));
  }
  const int64_t heads = context.Int(attribute);
  if (heads >= 1) return heads;
  return OpContext::Invalid(
      fmt::format("attribute \"{}\": expected at least 1, got {}", attribute, heads));
}

Result<Dim> ExtentOfHead(const Dim& packed, const Dim& heads, std::string_view what) {
  if (packed.IsKnown() && heads.IsKnown() && packed.value() % heads.value() != 0) {
    return OpContext::Invalid(
        fmt::format("last axis of {}: expected a multiple of {} heads, got {}", what, heads.value(),
                    packed.value()));
  }
  return FloorDivide(packed, heads);
}

Result<AttentionSizes> SizesOf(const OpContext& context, const AttentionShapes& shapes) {
  bool packed = false;
  ASSAY_RETURN_IF_ERROR(CheckRanks(shapes, packed));
  AttentionSizes sizes;
  ASSAY_RETURN_IF_ERROR(TakeHeads(context, packed, sizes));
  if (!shapes.has_past) sizes.past_keys = 0;
  ASSAY_RETURN_IF_ERROR(
      TakeOperand(shapes.query, "Q", sizes.batch, sizes.query_heads, sizes.queries, sizes.depth));
  ASSAY_RETURN_IF_ERROR(
      TakeOperand(shapes.key, "K", sizes.batch, sizes.key_heads, sizes.new_keys, sizes.depth));
  ASSAY_RETURN_IF_ERROR(
      TakeOperand(shapes.value, "V", sizes.batch, sizes.key_heads, sizes.new_keys, sizes.columns));
  ASSAY_RETURN_IF_ERROR(TakeOperand(shapes.past_key, "past_key", sizes.batch, sizes.key_heads,
                                    sizes.past_keys, sizes.depth));
  ASSAY_RETURN_IF_ERROR(TakeOperand(shapes.past_value, "past_value", sizes.batch, sizes.key_heads,
                                    sizes.past_keys, sizes.columns));
  ASSAY_RETURN_IF_ERROR(CheckGroups(sizes));
  return sizes;
}

}  // namespace assay
