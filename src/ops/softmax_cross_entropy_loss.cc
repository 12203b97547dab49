#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/class_loss.h"
#include "ops/op_def.h"
#include "ops/softmax_lines.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 12,
     .also_since = {13},
     .inputs = {{"scores", kFloats},
                {"labels", kIndexTypes},
                {"weights", kFloats, Arity::kOptional}},
     .outputs = {{"output", kFloats}, {"log_prob", kFloats, Arity::kOptional}},
     .attributes = kClassLossAttributes},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 2}));
  ASSAY_RETURN_IF_ERROR(InferClassLoss(context));
  if (context.output_count() > 1) context.CopyInput(0, 1);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckClassLoss(context));
  const Shape& shape = context.Input(0).shape();
  const AxisLines lines = LinesAlong(shape, 1);
  const double* scores = context.Doubles(0).data();
  Tensor logarithms = Tensor::Allocate(DType::kFloat64, shape);
  double* out = logarithms.mutable_data<double>().data();
  ForEachLine(context.threads(), lines, [&](int64_t line) {
    LogSoftmaxOfLine(scores + lines.Start(line), out + lines.Start(line), lines);
  });
  ASSAY_RETURN_IF_ERROR(ReduceClassLoss(context, out));
  if (context.WantsOutput(1)) context.SetOutput(1, std::move(logarithms));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Attribute none{"reduction", "none"};
  // Logarithms of powers of two, so that the probabilities are eighths and quarters.
  const double ln2 = 0.6931471805599453;
  const Tensor scores =
      Tensor::Of<double>({2, 3, 2}, {ln2 * 2, 0, ln2, 0, ln2, ln2, 5, 1 + ln2, 5 + ln2, 1, 5, 1});
  const Tensor labels = Tensor::Of<int64_t>({2, 2}, {0, 2, 1, 0});
  const Tensor weights = Tensor::Vector<double>({1, 2, 4});
  const Tensor log_probabilities =
      Tensor::Of<double>({2, 3, 2}, {-ln2, -2 * ln2, -2 * ln2, -2 * ln2, -2 * ln2, -ln2, -2 * ln2,
                                     -ln2, -ln2, -2 * ln2, -2 * ln2, -2 * ln2});
  cases.push_back(
      {.name = "none_with_log_probabilities",
       .attributes = {none},
       .inputs = {scores, labels},
       .output_types = {DType::kFloat64, DType::kFloat64},
       .expected = {Tensor::Of<double>({2, 2}, {ln2, ln2, ln2, ln2}), log_probabilities}});
  cases.push_back({.name = "weighted_none",
                   .attributes = {none},
                   .inputs = {scores, labels, weights},
                   .expected = {Tensor::Of<double>({2, 2}, {ln2, 4 * ln2, 2 * ln2, ln2})}});
  cases.push_back({.name = "weighted_mean",
                   .opset = 12,
                   .inputs = {scores, Tensor::Of<int32_t>({2, 2}, {1, 2, 1, 1}), weights},
                   .expected = {Tensor::Scalar<double>((4 + 4 + 2 + 4) * ln2 / 10)}});
  cases.push_back({.name = "sum",
                   .attributes = {{"reduction", "sum"}},
                   .inputs = {scores, Tensor::Of<int64_t>({2, 2}, {1, 2, 1, 1})},
                   .expected = {Tensor::Scalar<double>(6 * ln2)}});
  cases.push_back({.name = "mean_leaves_ignored_samples_out",
                   .attributes = {{"ignore_index", int64_t{-5}}},
                   .inputs = {scores, Tensor::Of<int64_t>({2, 2}, {1, -5, 1, -5})},
                   .expected = {Tensor::Scalar<double>(1.5 * ln2)}});
  cases.push_back({.name = "confident",
                   .inputs = {Tensor::Of<double>({1, 2}, {40, 0}), Tensor::Vector<int64_t>({0})},
                   .expected = {Tensor::Scalar<double>(4.248354255291589e-18)}});
  cases.push_back({.name = "of_nothing",
                   .attributes = {none},
                   .inputs = {Tensor::Of<float>({0, 3, 2}, {}), Tensor::Of<int64_t>({0, 2}, {})},
                   .output_types = {DType::kFloat32, DType::kFloat32},
                   .expected = {Tensor::Of<float>({0, 2}, {}), Tensor::Of<float>({0, 3, 2}, {})}});
}

}  // namespace

extern const OpDef kSoftmaxCrossEntropyLoss;
const OpDef kSoftmaxCrossEntropyLoss = {.name = "SoftmaxCrossEntropyLoss",
                                        .schemas = kSchemas,
                                        .infer = Infer,
                                        .reference = Reference,
                                        .cases = Cases};

}  // namespace assay
