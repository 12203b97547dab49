#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "ops/apply_operator.h"
#include "ops/attention.h"
#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs =
         {{"Q", kFloats}, {"K", kFloats}, {"V", kFloats}, {"mask", kFloats, Arity::kOptional}},
     .outputs = {{"Y", kFloats}},
     .attributes = {OptionalAttribute("scale", AttributeKind::kTensor),
                    OptionalAttribute("query_perm", AttributeKind::kInts),
                    OptionalAttribute("key_perm", AttributeKind::kInts),
                    OptionalAttribute("value_perm", AttributeKind::kInts),
                    OptionalAttribute("output_perm", AttributeKind::kInts)}},
};

bool MayBeSame(const Dim& a, const Dim& b) {
  return !a.IsKnown() || !b.IsKnown() || a.value() == b.value();
}

Result<SymbolicShape> Permuted(const OpContext& context, std::string_view attribute,
                               const SymbolicShape& shape) {
  const std::vector<int64_t> axes =
      AttentionAxes(context, attribute, static_cast<int>(shape.size()));
  std::vector<int64_t> sorted = axes;
  std::ranges::sort(sorted);
  std::vector<int64_t> all(shape.size());
  std::iota(all.begin(), all.end(), 0);
  if (sorted != all) {
    return OpContext::Invalid(fmt::format("{}: expected a permutation of {} axes, got [{}]",
                                          attribute, shape.size(), fmt::join(axes, ", ")));
  }
  SymbolicShape permuted;
  for (int64_t axis : axes) permuted.push_back(shape[static_cast<size_t>(axis)]);
  return permuted;
}

// Shape of the scores and, from it, of the result; `mask` may be null.
Result<SymbolicShape> ScoresShape(const SymbolicShape& q, const SymbolicShape& k,
                                  const SymbolicShape& v, const SymbolicShape* mask) {
  const size_t rank = q.size();
  bool fits = rank >= 2 && k.size() == rank && v.size() == rank;
  fits = fits && MayBeSame(q[rank - 1], k[rank - 2]) && MayBeSame(k[rank - 1], v[rank - 2]);
  for (size_t i = 0; fits && i + 2 < rank; ++i) {
    fits = MayBeSame(q[i], k[i]) && MayBeSame(q[i], v[i]) && MayBeSame(k[i], v[i]);
  }
  if (!fits) {
    return OpContext::Invalid(
        fmt::format("queries {}, keys {} and values {} do not fit together as (..., queries, "
                    "depth), (..., depth, keys) and (..., keys, columns)",
                    ToString(q), ToString(k), ToString(v)));
  }
  SymbolicShape scores = q;
  for (size_t i = 0; i + 2 < rank; ++i) {
    if (!scores[i].IsKnown()) scores[i] = k[i].IsKnown() ? k[i] : v[i].IsKnown() ? v[i] : q[i];
  }
  scores[rank - 1] = k[rank - 1];
  if (mask == nullptr) return scores;
  bool masked = mask->size() <= rank;
  for (size_t i = 0; masked && i < mask->size(); ++i) {
    const Dim& own = (*mask)[mask->size() - 1 - i];
    masked = (own.IsKnown() && own.value() == 1) || MayBeSame(own, scores[rank - 1 - i]);
  }
  if (!masked) {
    return OpContext::Invalid(fmt::format("the mask {} does not broadcast to the scores {}",
                                          ToString(*mask), ToString(scores)));
  }
  return scores;
}

Status CheckScale(const OpContext& context) {
  const Tensor* scale = context.TensorAttribute("scale");
  if (scale == nullptr || (scale->dtype() == DType::kFloat64 && scale->elements() == 1)) {
    return OkStatus();
  }
  return OpContext::Invalid("scale: expected one float64");
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_RETURN_IF_ERROR(CheckScale(context));
  const SymbolicShape* shapes[] = {context.InputShape(0), context.InputShape(1),
                                   context.InputShape(2)};
  if (std::ranges::find(shapes, nullptr) != std::end(shapes)) {
    context.SetOutput(0, context.InputType(0), std::nullopt);
    return OkStatus();
  }
  ASSAY_ASSIGN_OR_RETURN(const SymbolicShape q, Permuted(context, "query_perm", *shapes[0]));
  ASSAY_ASSIGN_OR_RETURN(const SymbolicShape k, Permuted(context, "key_perm", *shapes[1]));
  ASSAY_ASSIGN_OR_RETURN(const SymbolicShape v, Permuted(context, "value_perm", *shapes[2]));
  ASSAY_ASSIGN_OR_RETURN(SymbolicShape shape, ScoresShape(q, k, v, context.InputShape(3)));
  shape.back() = v.back();
  ASSAY_ASSIGN_OR_RETURN(shape, Permuted(context, "output_perm", shape));
  context.SetOutput(0, context.InputType(0), std::move(shape));
  return OkStatus();
}

Result<Tensor> Transposed(const ReferenceContext& context, std::string_view attribute,
                          const Tensor& tensor) {
  if (!context.HasAttribute(attribute)) return tensor;
  return ApplyOperator(context, "Transpose", {&tensor}, {{"perm", context.Ints(attribute)}});
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor q, Transposed(context, "query_perm", context.Input(0)));
  ASSAY_ASSIGN_OR_RETURN(const Tensor k, Transposed(context, "key_perm", context.Input(1)));
  ASSAY_ASSIGN_OR_RETURN(const Tensor v, Transposed(context, "value_perm", context.Input(2)));
  const SymbolicShape mask =
      context.HasInput(3) ? ToSymbolic(context.Input(3).shape()) : SymbolicShape();
  ASSAY_RETURN_IF_ERROR(ScoresShape(ToSymbolic(q.shape()), ToSymbolic(k.shape()),
                                    ToSymbolic(v.shape()), context.HasInput(3) ? &mask : nullptr)
                            .status());
  ASSAY_ASSIGN_OR_RETURN(Tensor scores, ApplyOperator(context, "MatMul", {&q, &k}));
  const double scale = AttentionScale(context);
  for (double& score : scores.mutable_data<double>()) score *= scale;
  if (context.HasInput(3)) {
    ASSAY_ASSIGN_OR_RETURN(scores, ApplyOperator(context, "Add", {&scores, &context.Input(3)}));
  }
  ASSAY_ASSIGN_OR_RETURN(scores, ApplyOperator(context, "Softmax", {&scores}));
  ASSAY_ASSIGN_OR_RETURN(const Tensor attended, ApplyOperator(context, "MatMul", {&scores, &v}));
  ASSAY_ASSIGN_OR_RETURN(Tensor output, Transposed(context, "output_perm", attended));
  context.SetOutput(0, std::move(output));
  return OkStatus();
}

Attribute Scale(double scale) { return {"scale", Tensor::Scalar<double>(scale)}; }

void Cases(std::vector<OpCase>& cases) {
  const double ln2 = 0.6931471805599453;
  const double ln3 = 1.0986122886681098;
  const Tensor q = Tensor::Of<double>({2, 1}, {1, -1});
  const Tensor k = Tensor::Of<double>({1, 3}, {0, ln2, ln2 + ln3});
  const Tensor v = Tensor::Of<double>({3, 2}, {9, 0, 18, 9, -9, 90});
  // Weights 1, 2, 6 of 9 and 6, 3, 1 of 10.
  cases.push_back({.name = "matrices",
                   .inputs = {q, k, v},
                   .expected = {Tensor::Of<double>({2, 2}, {-1, 62, 9.9, 11.7})}});
  cases.push_back({.name = "scale",
                   .attributes = {Scale(-0.5)},
                   .inputs = {Tensor::Of<double>({2, 1}, {-2, 2}), k, v},
                   .expected = {Tensor::Of<double>({2, 2}, {-1, 62, 9.9, 11.7})}});
  // Weights 1, 2, 0 of 3 and 6, 3, 0 of 9.
  cases.push_back({.name = "mask_of_keys",
                   .inputs = {q, k, v, Tensor::Of<double>({3}, {0, 0, -kInfinity})},
                   .expected = {Tensor::Of<double>({2, 2}, {15, 6, 12, 3})}});
  // Weights 1, 2, 0 of 3; nothing is left of the second row.
  cases.push_back({.name = "mask_of_each_query",
                   .inputs = {q, k, v,
                              Tensor::Of<double>(
                                  {2, 3}, {0, 0, -kInfinity, -kInfinity, -kInfinity, -kInfinity})},
                   .expected = {Tensor::Of<double>({2, 2}, {15, 6, kNaN, kNaN})}});
  cases.push_back({.name = "mask_moves_all_scores_of_a_query",
                   .inputs = {q, k, v, Tensor::Of<double>({2, 1}, {5, -7})},
                   .expected = {Tensor::Of<double>({2, 2}, {-1, 62, 9.9, 11.7})}});
  // (queries, heads, depth) and (keys, heads, depth or columns), two heads of one column.
  cases.push_back({.name = "axes_in_other_orders",
                   .attributes = {{"query_perm", std::vector<int64_t>{1, 0, 2}},
                                  {"key_perm", std::vector<int64_t>{1, 2, 0}},
                                  {"value_perm", std::vector<int64_t>{1, 0, 2}},
                                  {"output_perm", std::vector<int64_t>{1, 0, 2}}},
                   .inputs = {Tensor::Of<double>({1, 2, 1}, {1, -1}),
                              Tensor::Of<double>({3, 2, 1}, {0, 0, ln2, ln2, ln2 + ln3, ln2 + ln3}),
                              Tensor::Of<double>({3, 2, 1}, {9, 0, 18, 9, -9, 90})},
                   .expected = {Tensor::Of<double>({1, 2, 1}, {-1, 11.7})}});
  cases.push_back({.name = "stacks_with_a_mask_for_each",
                   .inputs = {Tensor::Of<double>({2, 1, 1, 1}, {1, 1}),
                              Tensor::Of<double>({2, 1, 1, 2}, {0, ln2, 0, ln2}),
                              Tensor::Of<double>({2, 1, 2, 1}, {3, 6, 3, 6}),
                              Tensor::Of<double>({2, 1, 1, 2}, {0, 0, ln2, 0})},
                   .expected = {Tensor::Of<double>({2, 1, 1, 1}, {5, 4.5})}});
  cases.push_back({.name = "one_query_one_key",
                   .inputs = {Tensor::Of<float>({1, 2}, {3, 4}), Tensor::Of<float>({2, 1}, {5, 6}),
                              Tensor::Of<float>({1, 3}, {1, -2, 0.5F})},
                   .expected = {Tensor::Of<float>({1, 3}, {1, -2, 0.5F})}});
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Of<double>({4, 1}, {1, kNaN, kInfinity, 0}),
                              Tensor::Of<double>({1, 2}, {1, 1}),
                              Tensor::Of<double>({2, 2}, {1, kInfinity, 3, kInfinity})},
                   .expected = {Tensor::Of<double>(
                       {4, 2}, {2, kInfinity, kNaN, kNaN, kNaN, kNaN, 2, kInfinity})}});
  cases.push_back({.name = "no_depth_weighs_all_the_same",
                   .inputs = {Tensor::Of<float>({1, 0}, {}), Tensor::Of<float>({0, 2}, {}),
                              Tensor::Of<float>({2, 1}, {1, 4})},
                   .expected = {Tensor::Of<float>({1, 1}, {2.5F})}});
  cases.push_back({.name = "no_keys_give_zeros",
                   .inputs = {Tensor::Of<float>({1, 2}, {1, 2}), Tensor::Of<float>({2, 0}, {}),
                              Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<float>({1, 2}, {0, 0})}});
  cases.push_back(
      {.name = "no_queries",
       .inputs = {Tensor::Of<float>({2, 0, 1}, {}), Tensor::Of<float>({2, 1, 1}, {1, 2}),
                  Tensor::Of<float>({2, 1, 1}, {1, 2})},
       .expected = {Tensor::Of<float>({2, 0, 1}, {})}});
}

}  // namespace

std::vector<int64_t> AttentionAxes(const OpContext& attention, std::string_view attribute,
                                   int rank) {
  if (attention.HasAttribute(attribute)) return attention.Ints(attribute);
  std::vector<int64_t> axes(static_cast<size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

double AttentionScale(const OpContext& attention) {
  const Tensor* scale = attention.TensorAttribute("scale");
  return scale == nullptr ? 1 : scale->ValueAsDouble(0);
}

extern const OpDef kFusedAttention;
const OpDef kFusedAttention = {.name = "Attention",
                               .domain = kFusedDomain,
                               .schemas = kSchemas,
                               .infer = Infer,
                               .reference = Reference,
                               .cases = Cases};

}  // namespace assay
