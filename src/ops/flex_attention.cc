#include <fmt/format.h>

#include <memory>

#include "ops/attention_product.h"
#include "ops/attention_sizes.h"
#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/softmax_lines.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr std::string_view kDomain = "ai.onnx.preview";
constexpr std::string_view kScoreBody = "score_mod";
constexpr std::string_view kWeightBody = "prob_mod";

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"Q", kFloats}, {"K", kFloats}, {"V", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {OptionalAttribute(kWeightBody, AttributeKind::kGraph),
                    OptionalAttribute("scale", AttributeKind::kFloat),
                    OptionalAttribute(kScoreBody, AttributeKind::kGraph),
                    OptionalAttribute("softmax_precision", AttributeKind::kInt)}},
};

// Shapes are nullptr where they are not known.
Result<AttentionSizes> CheckedSizes(const OpContext& context, const SymbolicShape* q,
                                    const SymbolicShape* k, const SymbolicShape* v) {
  ASSAY_RETURN_IF_ERROR(CheckSoftmaxPrecision(context));
  constexpr std::string_view kNames[] = {"Q", "K", "V"};
  const SymbolicShape* shapes[] = {q, k, v};
  for (size_t i = 0; i < 3; ++i) {
    if (shapes[i] == nullptr || shapes[i]->size() == 4) continue;
    return OpContext::Invalid(
        fmt::format("{}: expected rank 4, got shape {}", kNames[i], ToString(*shapes[i])));
  }
  return SizesOf(context, {q, k, v});
}

// The type of scores and weights where bodies see them.
DType ScoreType(const OpContext& context, DType input) {
  if (context.HasAttribute("softmax_precision")) {
    return static_cast<DType>(context.Int("softmax_precision"));
  }
  return input == DType::kFloat64 ? DType::kFloat64 : DType::kFloat32;
}

bool MayBeSame(const SymbolicShape& a, const SymbolicShape& b) {
  bool same = a.size() == b.size();
  for (size_t i = 0; same && i < a.size(); ++i) {
    same = !a[i].IsKnown() || !b[i].IsKnown() || a[i].value() == b[i].value();
  }
  return same;
}

// A body takes and gives one tensor of type `scores`.
Status InferModifier(const InferContext& context, std::string_view name, const ValueType& scores) {
  if (context.GraphAttribute(name) == nullptr) return OkStatus();
  ASSAY_ASSIGN_OR_RETURN(const std::vector<ValueType> outputs, context.InferBody(name, {scores}));
  if (outputs.size() != 1) {
    return OpContext::Invalid(
        fmt::format("outputs of the graph \"{}\": expected 1, got {}", name, outputs.size()));
  }
  const ValueType& output = outputs[0];
  if (output.kind == ValueType::Kind::kTensor && output.dtype == scores.dtype &&
      (!output.shape || MayBeSame(*output.shape, *scores.shape))) {
    return OkStatus();
  }
  return OpContext::Invalid(fmt::format("output of the graph \"{}\": expected {}, got {}", name,
                                        scores.ToString(), output.ToString()));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 1, 2}));
  ASSAY_ASSIGN_OR_RETURN(
      const AttentionSizes sizes,
      CheckedSizes(context, context.InputShape(0), context.InputShape(1), context.InputShape(2)));
  const DType type = context.InputType(0);
  const ValueType scores = ValueType::TensorOf(
      ScoreType(context, type),
      SymbolicShape{sizes.batch, sizes.query_heads, sizes.queries, sizes.new_keys});
  ASSAY_RETURN_IF_ERROR(InferModifier(context, kScoreBody, scores));
  ASSAY_RETURN_IF_ERROR(InferModifier(context, kWeightBody, scores));
  context.SetOutput(0, type,
                    SymbolicShape{sizes.batch, sizes.query_heads, sizes.queries, sizes.columns});
  return OkStatus();
}

// What the body of that name makes of the scores; the scores without a body.
Result<Tensor> Modified(const ReferenceContext& context, std::string_view name, Tensor scores) {
  if (context.GraphAttribute(name) == nullptr) return scores;
  const Shape shape = scores.shape();
  ASSAY_ASSIGN_OR_RETURN(std::vector<RuntimeValue> outputs,
                         context.RunBody(name, {std::move(scores)}));
  const bool fits = outputs.size() == 1 && outputs[0].is_tensor() &&
                    outputs[0].tensor().dtype() == DType::kFloat64 &&
                    outputs[0].tensor().shape() == shape;
  if (fits) return outputs[0].tensor();
  return OpContext::Invalid(
      fmt::format("output of the graph \"{}\": expected a floating-point tensor of shape {}", name,
                  shape.ToString()));
}

Result<AttentionProduct> PrepareProduct(const ReferenceContext& context) {
  const SymbolicShape q = ToSymbolic(context.Input(0).shape());
  const SymbolicShape k = ToSymbolic(context.Input(1).shape());
  const SymbolicShape v = ToSymbolic(context.Input(2).shape());
  ASSAY_ASSIGN_OR_RETURN(const AttentionSizes sizes, CheckedSizes(context, &q, &k, &v));
  AttentionProduct product = {.batch = sizes.batch.value(),
                              .query_heads = sizes.query_heads.value(),
                              .key_heads = sizes.key_heads.value(),
                              .queries = sizes.queries.value(),
                              .keys = sizes.new_keys.value(),
                              .depth = sizes.depth.value(),
                              .columns = sizes.columns.value()};
  product.query = context.Doubles(0).data();
  product.query_strides =
      HeadStrides::Of(product.query_heads, product.queries, product.depth, false);
  product.key = context.Doubles(1).data();
  product.value = context.Doubles(2).data();
  product.output_strides =
      HeadStrides::Of(product.query_heads, product.queries, product.columns, false);
  return product;
}

// All scores at once, since bodies see them as one tensor.
Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(AttentionProduct product, PrepareProduct(context));
  const Shape shape = {product.batch, product.query_heads, product.queries, product.keys};
  ASSAY_ASSIGN_OR_RETURN(Tensor scores, Tensor::TryAllocate(DType::kFloat64, shape));
  const Shape output = {product.batch, product.query_heads, product.queries, product.columns};
  if (!output.CheckedElements()) return OpContext::Invalid("too large: " + output.ToString());
  product.output = context.AllocateOutput(0, output).mutable_data<double>().data();
  if (product.heads() > 0) {
    product.Score(0, product.heads(), scores.mutable_data<double>().data(), context.threads());
  }
  const double scale = ScoreScale(context, product.depth);
  for (double& score : scores.mutable_data<double>()) score *= scale;
  ASSAY_ASSIGN_OR_RETURN(scores, Modified(context, kScoreBody, std::move(scores)));
  Tensor weights = Tensor::Allocate(DType::kFloat64, shape);
  const double* in = scores.data<double>().data();
  double* out = weights.mutable_data<double>().data();
  ForEachSlice(context.threads(), shape.elements(0, 3), product.keys, [&](int64_t row) {
    SoftmaxOfLine(in + row * product.keys, out + row * product.keys, {.length = product.keys});
  });
  ASSAY_ASSIGN_OR_RETURN(weights, Modified(context, kWeightBody, std::move(weights)));
  if (product.heads() > 0) {
    product.Weigh(0, product.heads(), weights.data<double>().data(), context.threads());
  }
  return OkStatus();
}

// A body that applies one operator to its input and, if there is one, an operand.
std::shared_ptr<const Graph> Body(std::string op, std::optional<Tensor> operand = {}) {
  auto body = std::make_shared<Graph>();
  Node node;
  node.op = std::move(op);
  node.opset = 14;
  node.inputs = {body->AddInput("scores", ValueType())};
  if (operand) node.inputs.push_back(body->AddConstant("operand", *std::move(operand)));
  node.outputs = {body->AddValue("modified")};
  body->outputs = node.outputs;
  body->AddNode(std::move(node));
  return body;
}

void Cases(std::vector<OpCase>& cases) {
  // Scores are logarithms of whole numbers: weights 1, 2, 6 of 9 and 6, 3, 1 of 10.
  const double ln2 = 0.6931471805599453;
  const double ln6 = 1.791759469228055;
  const auto column = [](const std::vector<double>& values) {
    return Tensor::Of<double>({1, 1, static_cast<int64_t>(values.size()), 1}, values);
  };
  const Tensor q = column({1, -1});
  const Tensor k = column({0, ln2, ln6});
  const Tensor v = Tensor::Of<double>({1, 1, 3, 2}, {9, 0, 18, 9, -9, 90});
  const Tensor attended = Tensor::Of<double>({1, 1, 2, 2}, {-1, 62, 9.9, 11.7});
  cases.push_back({.name = "without_graphs", .inputs = {q, k, v}, .expected = {attended}});
  cases.push_back({.name = "scale",
                   .attributes = {{"scale", 0.25F}, {"softmax_precision", int64_t{11}}},
                   .inputs = {column({4, -4}), k, v},
                   .expected = {attended}});
  cases.push_back(
      {.name = "depth_4_halves_scores",
       .inputs = {Tensor::Of<double>({1, 1, 1, 4}, {2, 0, 1, 1}),
                  Tensor::Of<double>({1, 1, 2, 4}, {0, 5, 1, -1, ln2, 7, 2, -2}), column({3, 6})},
       .expected = {column({5})}});
  cases.push_back({.name = "neighbouring_heads_share",
                   .inputs = {Tensor::Of<double>({1, 4, 1, 1}, {1, 2, 3, 4}),
                              Tensor::Of<double>({1, 2, 1, 1}, {1, 1}),
                              Tensor::Of<double>({1, 2, 1, 1}, {5, 7})},
                   .expected = {Tensor::Of<double>({1, 4, 1, 1}, {5, 5, 7, 7})}});
  cases.push_back({.name = "graph_of_scores",
                   .attributes = {{"score_mod", Body("Neg")}},
                   .inputs = {column({-1, 1}), k, v},
                   .expected = {attended}});
  cases.push_back(
      {.name = "mask_in_a_graph",
       .attributes = {{"score_mod", Body("Add", Tensor::Of<double>({3}, {0, 0, -kInfinity}))}},
       .inputs = {column({0}), column({1, 2, 3}), column({3, 6, 12})},
       .expected = {column({4.5})}});
  cases.push_back({.name = "graph_of_weights",
                   .attributes = {{"prob_mod", Body("Mul", Tensor::Of<double>({3}, {1, 2, 0}))}},
                   .inputs = {column({0}), column({1, 2, 3}), column({3, 6, 12})},
                   .expected = {column({5})}});
  cases.push_back({.name = "graphs_see_the_softmax_precision",
                   .attributes = {{"score_mod", Body("Add", Tensor::Scalar<double>(7))},
                                  {"prob_mod", Body("Mul", Tensor::Scalar<double>(2))},
                                  {"softmax_precision", int64_t{11}}},
                   .inputs = {TensorAs(DType::kFloat16, {1, 1, 1, 1}, {1}),
                              TensorAs(DType::kFloat16, {1, 1, 2, 1}, {1, 1}),
                              TensorAs(DType::kFloat16, {1, 1, 2, 1}, {3, 6})},
                   .expected = {TensorAs(DType::kFloat16, {1, 1, 1, 1}, {9})}});
  cases.push_back({.name = "everything_hidden",
                   .attributes = {{"score_mod", Body("Add", Tensor::Scalar<double>(-kInfinity))}},
                   .inputs = {column({0}), column({1}), column({3})},
                   .expected = {column({kNaN})}});
  cases.push_back({.name = "no_keys_give_zeros",
                   .inputs = {column({1, 2}), column({}), column({})},
                   .expected = {column({0, 0})}});
  cases.push_back(
      {.name = "no_samples",
       .inputs = {Tensor::Of<float>({0, 1, 1, 1}, {}), Tensor::Of<float>({0, 1, 1, 1}, {}),
                  Tensor::Of<float>({0, 1, 1, 2}, {})},
       .expected = {Tensor::Of<float>({0, 1, 1, 2}, {})}});
}

}  // namespace

extern const OpDef kFlexAttention;
const OpDef kFlexAttention = {.name = "FlexAttention",
                              .domain = kDomain,
                              .schemas = kSchemas,
                              .infer = Infer,
                              .reference = Reference,
                              .cases = Cases};

}  // namespace assay
