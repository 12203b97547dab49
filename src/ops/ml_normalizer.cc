#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/compensated_sum.h"
#include "ops/ml_features.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFeatureTypes}},
     .outputs = {{"Y", kFloat32Only}},
     .attributes = {StringAttribute("norm", "MAX")}},
};

enum class Norm { kMax, kL1, kL2 };

Result<Norm> NormOf(const OpContext& context) {
  const std::string name = context.String("norm");
  if (name == "MAX") return Norm::kMax;
  if (name == "L1") return Norm::kL1;
  if (name == "L2") return Norm::kL2;
  return OpContext::Invalid(
      fmt::format("attribute \"norm\": expected MAX, L1 or L2, got \"{}\"", name));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(NormOf(context).status());
  ASSAY_RETURN_IF_ERROR(InferFeatureRows(context).status());
  const SymbolicShape* input = context.InputShape(0);
  context.SetOutput(0, DType::kFloat32, input ? std::optional(*input) : std::nullopt);
  return OkStatus();
}

// MAX is the largest element and not the largest magnitude, so it may be negative.
double Divisor(std::span<const double> row, Norm norm) {
  if (row.empty()) return 1;
  if (norm == Norm::kMax) return *std::max_element(row.begin(), row.end());
  double largest = 0;
  for (double x : row) largest = std::max(largest, std::fabs(x));
  if (largest == 0 || !std::isfinite(largest)) largest = 1;
  CompensatedSum sum;
  for (double x : row) {
    const double scaled = std::fabs(x) / largest;
    sum.Add(norm == Norm::kL1 ? scaled : scaled * scaled);
  }
  return largest * (norm == Norm::kL1 ? sum.value() : std::sqrt(sum.value()));
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Norm norm, NormOf(context));
  ASSAY_ASSIGN_OR_RETURN(const FeatureRows rows, FeatureRowsOf(context));
  double* out = context.AllocateOutput(0, rows.values.shape()).mutable_data<double>().data();
  ForEachSlice(context.threads(), rows.count, rows.features, [&](int64_t i) {
    const std::span<const double> row = rows[i];
    const double divisor = Divisor(row, norm);
    std::transform(row.begin(), row.end(), out + i * rows.features,
                   [divisor](double x) { return divisor == 0 ? x : x / divisor; });
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const auto norm = [](const std::string& name) { return Attribute{"norm", name}; };
  const Tensor rows = Tensor::Of<float>({3, 3}, {1, -2, -4, -1, -2, -5, 0, 0, 0});
  const auto add = [&](const std::string& name, std::vector<Attribute> attributes, Tensor in,
                       Tensor out) {
    cases.push_back({.name = name,
                     .attributes = std::move(attributes),
                     .inputs = {std::move(in)},
                     .expected = {std::move(out)}});
  };
  add("max", {}, rows, Tensor::Of<double>({3, 3}, {1, -2, -4, 1, 2, 5, 0, 0, 0}));
  add("l1", {norm("L1")}, rows,
      Tensor::Of<double>({3, 3}, {1.0 / 7, -2.0 / 7, -4.0 / 7, -0.125, -0.25, -0.625, 0, 0, 0}));
  add("l2", {norm("L2")}, Tensor::Of<int64_t>({2, 2}, {3, -4, 0, -5}),
      Tensor::Of<double>({2, 2}, {0.6, -0.8, 0, -1}));
  add("a_vector_is_one_row", {norm("L1")}, Tensor::Vector<int32_t>({1, 1, -2}),
      Tensor::Vector<double>({0.25, 0.25, -0.5}));
  add("zero_maximum", {norm("MAX")}, Tensor::Of<double>({1, 2}, {-3, 0}),
      Tensor::Of<double>({1, 2}, {-3, 0}));
  add("squares_beyond_the_range", {norm("L2")},
      Tensor::Of<double>({2, 2}, {3e200, 4e200, 3e-200, 4e-200}),
      Tensor::Of<double>({2, 2}, {0.6, 0.8, 0.6, 0.8}));
  add("empty", {norm("L2")}, Tensor::Of<float>({2, 0}, {}), Tensor::Of<float>({2, 0}, {}));
}

}  // namespace

extern const OpDef kMlNormalizer;
const OpDef kMlNormalizer = {.name = "Normalizer",
                             .domain = kMlDomain,
                             .schemas = kSchemas,
                             .infer = Infer,
                             .reference = Reference,
                             .cases = Cases};

}  // namespace assay
