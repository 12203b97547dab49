#include <fmt/format.h>

#include <algorithm>

#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"
#include "tensor/random.h"

namespace assay {
namespace {

constexpr AttributeDef kRatio = FloatAttribute("ratio", 0.5F);
constexpr AttributeDef kIsTest = IntAttribute("is_test", 0);

constexpr OpSchema AttributeSchema(int since, DTypeSet mask,
                                   InlineList<AttributeDef, 24> attributes) {
  return {since,
          {},
          {{"data", kBasicFloats}},
          {{"output", kBasicFloats}, {"mask", mask, Arity::kOptional}},
          attributes};
}

constexpr OpSchema kSchemas[] = {
    AttributeSchema(1, kBasicFloats,
                    {OptionalAttribute("consumed_inputs", AttributeKind::kInts), kIsTest, kRatio}),
    AttributeSchema(6, kBasicFloats, {kIsTest, kRatio}),
    AttributeSchema(7, kBasicFloats, {kRatio}),
    AttributeSchema(10, kBools, {kRatio}),
    {.since = 12,
     .also_since = {13, 22},
     .inputs = {{"data", kFloats | kFloat8s},
                {"ratio", kFloats | kFloat8s, Arity::kOptional},
                {"training_mode", kBools, Arity::kOptional}},
     .outputs = {{"output", kFloats | kFloat8s}, {"mask", kBools, Arity::kOptional}},
     .attributes = {OptionalAttribute("seed", AttributeKind::kInt)}},
};

Status Infer(InferContext& context) {
  context.CopyInput(0, 0);
  const SymbolicShape* shape = context.InputShape(0);
  context.SetOutput(1, context.opset() < 10 ? context.InputType(0) : DType::kBool,
                    shape == nullptr ? std::nullopt : std::optional(*shape));
  return OkStatus();
}

// Opsets 7 and 10 have no training: there a node passes its input on.
Result<bool> IsTraining(const ReferenceContext& context) {
  if (context.opset() < 7) return context.Int("is_test") == 0;
  if (context.opset() < 12 || !context.HasInput(2)) return false;
  const Tensor& mode = context.Input(2);
  if (mode.elements() != 1) {
    return OpContext::Invalid(
        fmt::format("shape of training_mode: expected a scalar, got {}", mode.shape().ToString()));
  }
  return mode.ValueAsInt(0) != 0;
}

Result<double> Ratio(const ReferenceContext& context) {
  double ratio = 0.5;
  if (context.opset() < 12) {
    ratio = context.Float("ratio");
  } else if (context.HasInput(1)) {
    if (context.Input(1).elements() != 1) {
      return OpContext::Invalid(fmt::format("shape of ratio: expected a scalar, got {}",
                                            context.Input(1).shape().ToString()));
    }
    ratio = context.Doubles(1)[0];
  }
  if (ratio >= 0 && ratio < 1) return ratio;
  return OpContext::Invalid(fmt::format("ratio: expected a value in [0, 1), got {}", ratio));
}

// Sets output 1 to whether an element is kept, for i-th elements in order.
template <typename Keep>
void WriteMask(ReferenceContext& context, Keep keep) {
  if (!context.WantsOutput(1)) return;
  Tensor& mask = context.AllocateOutput(1, context.Input(0).shape());
  if (mask.dtype() == DType::kBool) {
    const std::span<bool> out = mask.mutable_data<bool>();
    for (size_t i = 0; i < out.size(); ++i) out[i] = keep(i);
  } else {
    const std::span<double> out = mask.mutable_data<double>();
    for (size_t i = 0; i < out.size(); ++i) out[i] = keep(i) ? 1 : 0;
  }
}

// Keeps an element where numpy.random.RandomState(seed).uniform() >= ratio, drawn in row-major
// order. The seed is 0 where the model gives none, so that a run can be repeated.
Status Train(ReferenceContext& context, double ratio) {
  const int64_t seed = context.HasAttribute("seed") ? context.Int("seed") : 0;
  ASSAY_ASSIGN_OR_RETURN(RandomState random,
                         RandomState::Create(static_cast<int64_t>(static_cast<uint32_t>(seed))));
  const std::span<const double> in = context.Doubles(0);
  const std::span<double> out =
      context.AllocateOutput(0, context.Input(0).shape()).mutable_data<double>();
  std::vector<char> kept(in.size());
  const double scale = 1 / (1 - ratio);
  for (size_t i = 0; i < in.size(); ++i) {
    kept[i] = random.NextDouble() >= ratio ? 1 : 0;
    out[i] = kept[i] != 0 ? in[i] * scale : 0;
  }
  WriteMask(context, [&](size_t i) { return kept[i] != 0; });
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const bool training, IsTraining(context));
  if (training) {
    ASSAY_ASSIGN_OR_RETURN(const double ratio, Ratio(context));
    if (ratio != 0) return Train(context, ratio);
  }
  context.SetOutput(0, context.Input(0));
  WriteMask(context, [](size_t) { return true; });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input = Tensor::Of<double>({2, 3}, {1, -2, kNaN, 4, kInfinity, -0.0});
  const Tensor all = Tensor::Of<bool>({2, 3}, {true, true, true, true, true, true});
  cases.push_back({.name = "inference", .inputs = {input}, .expected = {input, all}});
  cases.push_back({.name = "inference_ignores_the_ratio",
                   .attributes = {{"seed", int64_t{5}}},
                   .inputs = {input, Tensor::Scalar<double>(0.9), Tensor::Scalar<bool>(false)},
                   .expected = {input, all}});
  cases.push_back({.name = "training_of_ratio_zero",
                   .inputs = {input, Tensor::Scalar<double>(0), Tensor::Scalar<bool>(true)},
                   .expected = {input, all}});
  // numpy.random.RandomState(7).uniform(size=6) is 0.076, 0.780, 0.438, 0.723, 0.978, 0.538.
  cases.push_back(
      {.name = "training",
       .attributes = {{"seed", int64_t{7}}},
       .inputs = {Tensor::Of<double>({2, 3}, {1, -2, 3, 4, 5, -6}), Tensor::Scalar<double>(0.6),
                  Tensor::Scalar<bool>(true)},
       .expected = {Tensor::Of<double>({2, 3}, {0, -5, 0, 10, 12.5, 0}),
                    Tensor::Of<bool>({2, 3}, {false, true, false, true, true, false})}});
  cases.push_back({.name = "opset_10", .opset = 10, .inputs = {input}, .expected = {input, all}});
  cases.push_back({.name = "opset_7_mask_has_the_type_of_the_data",
                   .opset = 7,
                   .attributes = {{"ratio", 0.25F}},
                   .inputs = {Tensor::Vector<float>({1, 2})},
                   .output_types = {DType::kFloat32, DType::kFloat32},
                   .expected = {Tensor::Vector<float>({1, 2}), Tensor::Vector<float>({1, 1})}});
  cases.push_back({.name = "opset_6_test",
                   .opset = 6,
                   .attributes = {{"is_test", int64_t{1}}},
                   .inputs = {Tensor::Vector<float>({1, 2})},
                   .expected = {Tensor::Vector<float>({1, 2})}});
}

}  // namespace

extern const OpDef kDropout;
const OpDef kDropout = {.name = "Dropout",
                        .schemas = kSchemas,
                        .infer = Infer,
                        .reference = Reference,
                        .random = true,
                        .cases = Cases};

}  // namespace assay
