#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/ml_features.h"
#include "ops/ml_post_transform.h"
#include "ops/ml_svm.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFeatureTypes}},
     .outputs = {{"Y", kFloat32Only}},
     .attributes = {OptionalAttribute("coefficients", AttributeKind::kFloats),
                    OptionalAttribute("kernel_params", AttributeKind::kFloats),
                    StringAttribute("kernel_type", "LINEAR"), IntAttribute("n_supports", 0),
                    IntAttribute("one_class", 0), StringAttribute("post_transform", "NONE"),
                    OptionalAttribute("rho", AttributeKind::kFloats),
                    OptionalAttribute("support_vectors", AttributeKind::kFloats)}},
};

struct Machine {
  SvmKernel kernel;
  std::vector<double> coefficients;
  std::vector<double> vectors;  // one after another
  double rho = 0;
  PostTransform transform = PostTransform::kNone;

  double Score(std::span<const double> x) const {
    double score = 0;
    for (size_t j = 0; j < coefficients.size(); ++j) {
      score += coefficients[j] * kernel(x, std::span(vectors).subspan(j * x.size(), x.size()));
    }
    return score + rho;
  }
};

// What holds whatever the number of features.
Result<Machine> MachineOf(const OpContext& context) {
  Machine machine;
  ASSAY_ASSIGN_OR_RETURN(machine.transform, PostTransformOf(context));
  ASSAY_ASSIGN_OR_RETURN(machine.kernel, SvmKernelOf(context));
  machine.coefficients = Doubles(context, "coefficients");
  machine.vectors = Doubles(context, "support_vectors");
  const std::vector<double> rho = Doubles(context, "rho");
  if (rho.size() != 1) {
    return OpContext::Invalid(
        fmt::format("attribute \"rho\": expected one value, got {}", rho.size()));
  }
  machine.rho = rho[0];
  const int64_t supports = context.Int("n_supports");
  if (supports >= 0) return machine;
  return OpContext::Invalid(
      fmt::format("attribute \"n_supports\": expected at least 0, got {}", supports));
}

// Without support vectors the coefficients are those of a linear function: one vector of them.
Status FitTo(const OpContext& context, int64_t features, Machine& machine) {
  int64_t supports = context.Int("n_supports");
  if (supports == 0) {
    machine.kernel = SvmKernel();
    machine.vectors = std::exchange(machine.coefficients, {1.0});
    supports = 1;
  }
  const bool fits = static_cast<int64_t>(machine.coefficients.size()) == supports &&
                    static_cast<int64_t>(machine.vectors.size()) % supports == 0 &&
                    static_cast<int64_t>(machine.vectors.size()) / supports == features;
  if (fits) return OkStatus();
  return OpContext::Invalid(fmt::format(
      "attributes: expected {} support vectors of {} features, each with a coefficient, "
      "or coefficients of every feature, got {} coefficients and {} values of vectors",
      context.Int("n_supports"), features, context.Floats("coefficients").size(),
      context.Floats("support_vectors").size()));
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(Machine machine, MachineOf(context));
  ASSAY_ASSIGN_OR_RETURN(const SymbolicRows rows, InferFeatureRows(context));
  if (rows.features.IsKnown()) {
    ASSAY_RETURN_IF_ERROR(FitTo(context, rows.features.value(), machine));
  }
  context.SetOutput(0, DType::kFloat32, SymbolicShape{rows.count, Dim(1)});
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(Machine machine, MachineOf(context));
  ASSAY_ASSIGN_OR_RETURN(const FeatureRows rows, FeatureRowsOf(context));
  ASSAY_RETURN_IF_ERROR(FitTo(context, rows.features, machine));
  const bool one_class = context.Int("one_class") != 0;
  double* out = context.AllocateOutput(0, {rows.count, 1}).mutable_data<double>().data();
  const auto work = static_cast<int64_t>(machine.vectors.size());
  ForEachSlice(context.threads(), rows.count, work, [&](int64_t row) {
    out[row] = machine.Score(rows[row]);
    if (one_class) out[row] = out[row] > 0 ? 1 : -1;
    Apply(machine.transform, {out + row, 1});
  });
  return OkStatus();
}

using Floats = std::vector<float>;

std::vector<Attribute> Attributes(const std::string& kernel) {
  return {{"kernel_type", kernel},
          {"kernel_params", Floats{0.5F, 0.25F, 3}},
          {"n_supports", int64_t{3}},
          {"coefficients", Floats{0.5F, 0.25F, -0.75F}},
          {"support_vectors", Floats{1, 0, 0, 1, -1, -1}},
          {"rho", Floats{0.125F}}};
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor examples = Tensor::Of<double>({3, 2}, {1, 2, -1, -2, 0, 0.5});
  const auto add = [&](const std::string& name, std::vector<Attribute> attributes,
                       const std::vector<double>& out) {
    cases.push_back({.name = name,
                     .attributes = std::move(attributes),
                     .inputs = {examples},
                     .expected = {Tensor::Of<double>({3, 1}, out)}});
  };
  add("LINEAR", Attributes("LINEAR"), {3.375, -3.125, 0.625});
  add("POLY", Attributes("POLY"), {2.2890625, -4.0078125, 0.1640625});
  add("RBF", Attributes("RBF"), {0.28350992251643375, -0.3190556885903366, 0.4655711835024985});
  add("SIGMOID", Attributes("SIGMOID"),
      {1.2908581161511565, -0.8622782231716419, 0.362988620516857});
  std::vector<Attribute> one_class = Attributes("RBF");
  one_class.push_back({"one_class", int64_t{1}});
  add("one_class", one_class, {1, -1, 1});
  std::vector<Attribute> logistic = Attributes("LINEAR");
  logistic.push_back({"post_transform", std::string("LOGISTIC")});
  add("logistic", logistic, {0.9669140216112958, 0.042087727915618836, 0.6513548646660542});
  cases.push_back({.name = "without_support_vectors",
                   .attributes = {{"coefficients", Floats{0.5F, 0.25F}}, {"rho", Floats{-1}}},
                   .inputs = {Tensor::Of<int32_t>({2, 2}, {2, 4, 0, 0})},
                   .expected = {Tensor::Of<float>({2, 1}, {1, -1})}});
  cases.push_back({.name = "no_examples",
                   .attributes = Attributes("RBF"),
                   .inputs = {Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<float>({0, 1}, {})}});
}

}  // namespace

extern const OpDef kMlSVMRegressor;
const OpDef kMlSVMRegressor = {.name = "SVMRegressor",
                               .domain = kMlDomain,
                               .schemas = kSchemas,
                               .infer = Infer,
                               .reference = Reference,
                               .cases = Cases};

}  // namespace assay
