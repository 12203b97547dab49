#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/op_def.h"
#include "ops/random_draws.h"
#include "ops/scalar_input.h"
#include "ops/type_attribute.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 7,
     .also_since = {22},
     .inputs = {{"input", kFloats}},
     .outputs = {{"output", kIndexTypes}},
     .attributes = {IntAttribute("dtype", 6), IntAttribute("sample_size", 1), kSeed}},
};

Status CheckInput(const SymbolicShape& shape) {
  const bool no_classes = shape.size() == 2 && shape[1].IsKnown() && shape[1].value() == 0;
  if (shape.size() == 2 && !no_classes) return OkStatus();
  return OpContext::Invalid(fmt::format(
      "shape of the input: expected (batch, at least one class), got {}", ToString(shape)));
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const DType dtype, TypeAttribute(context, "dtype", kIndexTypes));
  const int64_t samples = context.Int("sample_size");
  ASSAY_RETURN_IF_ERROR(RequireAtLeast("attribute \"sample_size\"", samples, 0));
  Dim batch;
  if (const SymbolicShape* shape = context.InputShape(0)) {
    ASSAY_RETURN_IF_ERROR(CheckInput(*shape));
    batch = (*shape)[0];
  }
  context.SetOutput(0, dtype, SymbolicShape{batch, samples});
  return OkStatus();
}

// Running sums of the probabilities of one row, up to a common factor; impossible classes add
// nothing.
Status SumProbabilities(std::span<const double> logarithms, std::vector<double>& sums) {
  double largest = -kInfinity;
  for (const double x : logarithms) {
    if (std::isnan(x) || x == kInfinity) {
      return OpContext::Invalid(
          fmt::format("log-probability: expected a number below infinity, got {}", x));
    }
    largest = std::max(largest, x);
  }
  if (largest == -kInfinity) {
    return OpContext::Invalid("log-probabilities of a row: expected a possible class, got none");
  }
  double sum = 0;
  for (size_t i = 0; i < logarithms.size(); ++i) {
    sum += std::exp(logarithms[i] - largest);
    sums[i] = sum;
  }
  return OkStatus();
}

// The class whose share of [0, sum) holds `at`; the last possible one if rounding made `at` the
// sum.
int64_t ClassAt(const std::vector<double>& sums, double at) {
  auto found = std::upper_bound(sums.begin(), sums.end(), at);
  if (found == sums.end()) found = std::lower_bound(sums.begin(), sums.end(), sums.back());
  return found - sums.begin();
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  ASSAY_RETURN_IF_ERROR(CheckInput(ToSymbolic(shape)));
  const int64_t samples = context.Int("sample_size");
  const CounterRandom random = RandomStream(context);
  ASSAY_ASSIGN_OR_RETURN(Tensor drawn, Tensor::TryAllocate(DType::kInt64, {shape[0], samples}));
  const std::span<int64_t> out = drawn.mutable_data<int64_t>();
  std::vector<double> sums(static_cast<size_t>(shape[1]));
  for (int64_t row = 0; row < shape[0]; ++row) {
    ASSAY_RETURN_IF_ERROR(SumProbabilities(
        context.Doubles(0).subspan(static_cast<size_t>(row) * sums.size(), sums.size()), sums));
    ForEachSlice(context.threads(), samples, 1, [&](int64_t sample) {
      const auto i = static_cast<size_t>(row * samples + sample);
      out[i] = ClassAt(sums, random.Uniform(i) * sums.back());
    });
  }
  ASSAY_ASSIGN_OR_RETURN(drawn, ConvertTensor(drawn, context.DeclaredOutput(0)));
  context.SetOutput(0, std::move(drawn));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor certain =
      Tensor::Of<double>({2, 3}, {-kInfinity, -700, -kInfinity, 5, -kInfinity, -1000});
  cases.push_back({.name = "certain",
                   .attributes = {{"sample_size", int64_t{3}}},
                   .inputs = {certain},
                   .expected = {Tensor::Of<int32_t>({2, 3}, {1, 1, 1, 0, 0, 0})}});
  cases.push_back({.name = "one_sample_as_int64",
                   .opset = 7,
                   .attributes = {{"dtype", int64_t{7}}, {"seed", 1.5F}},
                   .inputs = {certain},
                   .expected = {Tensor::Of<int64_t>({2, 1}, {1, 0})}});
  cases.push_back({.name = "even_odds",
                   .inputs = {Tensor::Of<float>({1, 2}, {0, 0})},
                   .output_types = {DType::kInt32}});
  cases.push_back({.name = "no_batch",
                   .inputs = {Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<int32_t>({0, 1}, {})}});
}

}  // namespace

extern const OpDef kMultinomial;
const OpDef kMultinomial = {.name = "Multinomial",
                            .schemas = kSchemas,
                            .infer = Infer,
                            .reference = Reference,
                            .random = true,
                            .cases = Cases};

}  // namespace assay
