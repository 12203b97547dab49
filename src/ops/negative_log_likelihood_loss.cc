#include "ops/cases.h"
#include "ops/class_loss.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 12,
     .also_since = {13, 22},
     .inputs = {{"input", kFloats}, {"target", kIndexTypes}, {"weight", kFloats, Arity::kOptional}},
     .outputs = {{"loss", kFloats}},
     .attributes = kClassLossAttributes},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 2}));
  return InferClassLoss(context);
}

Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckClassLoss(context));
  return ReduceClassLoss(context, context.Doubles(0).data());
}

void Cases(std::vector<OpCase>& cases) {
  const Attribute none{"reduction", "none"};
  const Attribute sum{"reduction", "sum"};
  // The examples in the standard's text.
  const Tensor input = Tensor::Of<double>({2, 3, 2}, {1, 2, 2, 2, 3, 2, 0, 1, 2, 2, 1, 2});
  const Tensor target = Tensor::Of<int64_t>({2, 2}, {2, 1, 0, 2});
  const Tensor weight = Tensor::Vector<double>({0.2, 0.3, 0.1});
  cases.push_back({.name = "none",
                   .attributes = {none},
                   .inputs = {input, target},
                   .expected = {Tensor::Of<double>({2, 2}, {-3, -2, 0, -2})}});
  cases.push_back({.name = "weighted_sum",
                   .opset = 13,
                   .attributes = {sum},
                   .inputs = {input, target, weight},
                   .expected = {Tensor::Scalar<double>(-1.1)}});
  cases.push_back({.name = "weighted_mean",
                   .opset = 12,
                   .inputs = {input, target, weight},
                   .expected = {Tensor::Scalar<double>(-1.1 / 0.7)}});
  cases.push_back(
      {.name = "mean", .inputs = {input, target}, .expected = {Tensor::Scalar<double>(-7.0 / 4)}});
  cases.push_back({.name = "mean_leaves_ignored_samples_out",
                   .attributes = {{"ignore_index", int64_t{-1}}},
                   .inputs = {input, Tensor::Of<int32_t>({2, 2}, {2, -1, 0, -1})},
                   .expected = {Tensor::Scalar<double>(-1.5)}});
  cases.push_back({.name = "weighted_mean_leaves_ignored_samples_out",
                   .attributes = {{"ignore_index", int64_t{2}}},
                   .inputs = {input, target, weight},
                   .expected = {Tensor::Scalar<double>(-0.6 / 0.5)}});
  cases.push_back({.name = "an_ignored_class_may_be_outside",
                   .attributes = {none, {"ignore_index", int64_t{7}}},
                   .inputs = {Tensor::Of<double>({2, 1}, {kNaN, -0.5}),
                              Tensor::Vector<int64_t>({7, 0}), Tensor::Vector<double>({2})},
                   .expected = {Tensor::Vector<double>({0, 1})}});
  cases.push_back({.name = "mean_of_ignored_samples_alone",
                   .attributes = {{"ignore_index", int64_t{0}}},
                   .inputs = {Tensor::Of<double>({1, 2}, {1, 2}), Tensor::Vector<int64_t>({0})},
                   .expected = {Tensor::Scalar(kNaN)}});
  cases.push_back({.name = "sum_of_nothing",
                   .attributes = {sum},
                   .inputs = {Tensor::Of<float>({0, 3}, {}), Tensor::Vector<int64_t>({})},
                   .expected = {Tensor::Scalar<double>(0)}});
}

}  // namespace

extern const OpDef kNegativeLogLikelihoodLoss;
const OpDef kNegativeLogLikelihoodLoss = {.name = "NegativeLogLikelihoodLoss",
                                          .schemas = kSchemas,
                                          .infer = Infer,
                                          .reference = Reference,
                                          .cases = Cases};

}  // namespace assay
