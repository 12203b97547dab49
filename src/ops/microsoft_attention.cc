#include <fmt/format.h>

#include <algorithm>

#include "ops/apply_operator.h"
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
     .inputs = {{"input", kTypes},
                {"weights", kTypes},
                {"bias", kTypes, Arity::kOptional},
                {"mask_index", kMasks, Arity::kOptional},
                {"past", kTypes, Arity::kOptional},
                {"attention_bias", kTypes, Arity::kOptional},
                {"past_sequence_length", kMasks, Arity::kOptional}},
     .outputs = {{"output", kTypes}, {"present", kTypes, Arity::kOptional}},
     .attributes = {OptionalAttribute("do_rotary", AttributeKind::kInt),
                    OptionalAttribute("mask_filter_value", AttributeKind::kFloat),
                    RequiredAttribute("num_heads", AttributeKind::kInt),
                    OptionalAttribute("past_present_share_buffer", AttributeKind::kInt),
                    OptionalAttribute("qkv_hidden_sizes", AttributeKind::kInts),
                    OptionalAttribute("rotary_embedding_dim", AttributeKind::kInt),
                    OptionalAttribute("scale", AttributeKind::kFloat),
                    IntAttribute("unidirectional", 0)}},
};

bool IsSet(const OpContext& context, std::string_view attribute) {
  return context.HasAttribute(attribute) && context.Int(attribute) != 0;
}

Status CheckSupported(const OpContext& context) {
  if (IsSet(context, "do_rotary")) return OpContext::Unsupported("rotary positions in Attention");
  if (IsSet(context, "past_present_share_buffer") || context.HasInput(6)) {
    return OpContext::Unsupported("past and present in one buffer");
  }
  return OkStatus();
}

// Widths of queries, keys and values within a projection of `width` columns.
struct Widths {
  int64_t heads = 0;
  int64_t depth_total = 0;    // of the queries, and of the keys
  int64_t columns_total = 0;  // of the values
};

Result<Widths> WidthsOf(const OpContext& context, int64_t width) {
  ASSAY_ASSIGN_OR_RETURN(const int64_t heads, HeadCount(context, "num_heads"));
  std::vector<int64_t> sizes = context.Ints("qkv_hidden_sizes");
  if (sizes.empty()) sizes.assign(3, width / 3);
  const bool fits = sizes.size() == 3 && sizes[0] == sizes[1] && sizes[0] > 0 && sizes[2] > 0 &&
                    sizes[0] <= width && sizes[2] <= width && sizes[0] % heads == 0 &&
                    sizes[2] % heads == 0 && 2 * sizes[0] + sizes[2] == width;
  if (fits) return Widths{heads, sizes[0], sizes[2]};
  return OpContext::Invalid(fmt::format(
      "widths of queries, keys and values [{}]: expected multiples of {} heads, the first two "
      "equal, that make up the {} columns of the weights",
      fmt::join(sizes, ", "), heads, width));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckSupported(context));
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 1, 2, 4, 5}));
  SymbolicShape output(3);
  SymbolicShape present(5);
  present[0] = 2;
  present[2] = context.Int("num_heads");
  const SymbolicShape* input = context.InputShape(0);
  const SymbolicShape* weights = context.InputShape(1);
  if (input != nullptr) {
    if (input->size() != 3) return OpContext::Invalid("input: expected rank 3");
    output[0] = present[1] = (*input)[0];
    output[1] = (*input)[1];
  }
  if (weights != nullptr) {
    if (weights->size() != 2) return OpContext::Invalid("weights: expected rank 2");
    if (weights->back().IsKnown()) {
      ASSAY_ASSIGN_OR_RETURN(const Widths widths, WidthsOf(context, weights->back().value()));
      output[2] = widths.columns_total;
      present[4] = widths.depth_total / widths.heads;
    }
  }
  present[3] = output[1];
  if (context.HasInput(4)) {
    const SymbolicShape* past = context.InputShape(4);
    if (past != nullptr && past->size() != 5) return OpContext::Invalid("past: expected rank 5");
    present[3] = past == nullptr ? Dim::Unknown() : present[3] + (*past)[3];
  }
  context.SetOutput(0, context.InputType(0), std::move(output));
  context.SetOutput(1, context.InputType(0), std::move(present));
  return OkStatus();
}

// Keys (part 0) or values (part 1) of the cache, if there is one.
Result<std::optional<Tensor>> PastPart(const ReferenceContext& context, int64_t part,
                                       const Shape& input, int64_t heads, int64_t depth) {
  if (!context.HasInput(4)) return std::optional<Tensor>();
  const Shape& past = context.Input(4).shape();
  const int64_t rows = past.rank() == 5 ? past[3] : 0;
  ASSAY_RETURN_IF_ERROR(CheckInputShape(context, 4, {2, input[0], heads, rows, depth}));
  Tensor half = Tensor::Allocate(DType::kFloat64, {input[0], heads, rows, depth});
  std::copy_n(context.Doubles(4).begin() + part * half.elements(), half.elements(),
              half.mutable_data<double>().begin());
  return std::optional<Tensor>(std::move(half));
}

// Input times weights plus bias: queries, keys and values side by side.
Result<Tensor> Project(const ReferenceContext& context) {
  const Shape& input = context.Input(0).shape();
  const Shape& weights = context.Input(1).shape();
  if (input.rank() != 3 || weights.rank() != 2) {
    return OpContext::Invalid(
        fmt::format("input and weights: expected ranks 3 and 2, got shapes {} and {}",
                    input.ToString(), weights.ToString()));
  }
  ASSAY_RETURN_IF_ERROR(CheckLastAxisVector(context, 1, 2));
  ASSAY_ASSIGN_OR_RETURN(const Tensor product,
                         ApplyOperator(context, "MatMul", {&context.Input(0), &context.Input(1)}));
  return AddAlongLastAxis(context, product, context.HasInput(2) ? &context.Input(2) : nullptr);
}

Tensor Joined(const Tensor& key, const Tensor& value) {
  Shape shape = key.shape();
  shape.dims().insert(shape.dims().begin(), 2);
  Tensor present = Tensor::Allocate(DType::kFloat64, shape);
  const auto out = present.mutable_data<double>();
  std::ranges::copy(key.data<double>(), out.begin());
  std::ranges::copy(value.data<double>(), out.begin() + key.elements());
  return present;
}

Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckSupported(context));
  ASSAY_ASSIGN_OR_RETURN(const Tensor projected, Project(context));
  const Shape& shape = projected.shape();
  ASSAY_ASSIGN_OR_RETURN(const Widths widths, WidthsOf(context, shape[2]));
  const bool cached = context.HasInput(4) || context.WantsOutput(1);
  if (cached && widths.depth_total != widths.columns_total) {
    return OpContext::Invalid("past and present: expected keys and values of one width");
  }
  const int64_t heads = widths.heads;
  const int64_t depth = widths.depth_total / heads;
  ASSAY_ASSIGN_OR_RETURN(const auto past_key, PastPart(context, 0, shape, heads, depth));
  ASSAY_ASSIGN_OR_RETURN(const auto past_value, PastPart(context, 1, shape, heads, depth));
  const Tensor query = LastAxisPart(projected, 0, widths.depth_total);
  const Tensor key =
      JoinCache(past_key ? &*past_key : nullptr,
                LastAxisPart(projected, widths.depth_total, widths.depth_total), heads);
  const Tensor value =
      JoinCache(past_value ? &*past_value : nullptr,
                LastAxisPart(projected, 2 * widths.depth_total, widths.columns_total), heads);
  const AttentionProduct product = PackedProduct(context, query, heads, key, value);
  const int64_t past = product.keys - product.queries;
  ASSAY_ASSIGN_OR_RETURN(const KeyMask mask, KeyMask::Create(context, 3, product, past));
  ASSAY_ASSIGN_OR_RETURN(const ScoreBias bias, ScoreBias::Create(context, 5, product));
  HeadWeights weights;
  weights.scale = HeadScale(context, product.depth);
  weights.bias = [&](int64_t sample, int64_t head, int64_t i, std::span<double> row) {
    mask.Fill(sample, i, row);
    bias.Add(sample, head, i, row);
    return true;
  };
  if (context.WantsOutput(1)) context.SetOutput(1, Joined(key, value));
  return AttendWith(product, weights, context.threads());
}

void Cases(std::vector<OpCase>& cases) {
  // Two tokens 1 and 2: queries t, keys t ln 2 and values 10 t; weights 1, 2 of 3 and 1, 4 of 5.
  const Tensor tokens = Tensor::Of<float>({1, 2, 1}, {1, 2});
  const Attribute one_head{"num_heads", int64_t{1}};
  cases.push_back({.name = "one_head",
                   .attributes = {one_head},
                   .inputs = {tokens, Tensor::Of<float>({1, 3}, {1, 0.6931471805599453F, 10})},
                   .expected = {Tensor::Of<double>({1, 2, 1}, {50.0 / 3, 18})},
                   .tolerance = 1e-6});
  cases.push_back(
      {.name = "unidirectional_with_bias",
       .attributes = {one_head, {"unidirectional", int64_t{1}}},
       .inputs = {tokens, Tensor::Of<float>({1, 3}, {0, 1, 10}), Tensor::Vector<float>({0, 5, 1})},
       .expected = {Tensor::Of<float>({1, 2, 1}, {11, 16})}});
  cases.push_back(
      {.name = "past_mask_and_present",
       .attributes = {one_head},
       .inputs = {Tensor::Of<float>({1, 1, 1}, {2}), Tensor::Of<float>({1, 3}, {0, 1, 10}),
                  std::nullopt, Tensor::Of<int32_t>({1, 3}, {1, 0, 1}),
                  Tensor::Of<float>({2, 1, 1, 2, 1}, {7, 8, 40, 50})},
       .expected = {Tensor::Of<float>({1, 1, 1}, {30}),
                    Tensor::Of<float>({2, 1, 1, 3, 1}, {7, 8, 2, 40, 50, 20})}});
  cases.push_back({.name = "values_of_another_width",
                   .attributes = {one_head, {"qkv_hidden_sizes", std::vector<int64_t>{1, 1, 2}}},
                   .inputs = {tokens, Tensor::Of<float>({1, 4}, {0, 1, 10, 2}), std::nullopt,
                              Tensor::Vector<int32_t>({1})},
                   .expected = {Tensor::Of<float>({1, 2, 2}, {10, 2, 10, 2})}});
}

}  // namespace

extern const OpDef kMicrosoftAttention;
const OpDef kMicrosoftAttention = {.name = "Attention",
                                   .domain = kMicrosoftDomain,
                                   .schemas = kSchemas,
                                   .infer = Infer,
                                   .reference = Reference,
                                   .cases = Cases};

}  // namespace assay
