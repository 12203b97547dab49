#include <fmt/format.h>

#include <cmath>

#include "ops/compensated_sum.h"
#include "ops/infer_context.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = DTypeSet::Of(DType::kFloat32, DType::kFloat64);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"A", kTypes}, {"B", kTypes}},
     .outputs = {{"C", kTypes}},
     .attributes = {StringAttribute("metric", "sqeuclidean")}},
};

Status CheckMetric(const OpContext& context) {
  const std::string metric = context.String("metric");
  if (metric == "sqeuclidean" || metric == "euclidean") return OkStatus();
  return OpContext::Unsupported(
      fmt::format("attribute \"metric\": expected sqeuclidean or euclidean, got \"{}\"", metric));
}

Status DoNotFit(const std::string& a, const std::string& b) {
  return OpContext::Invalid(
      fmt::format("A and B: expected rows of one length, got shapes {} and {}", a, b));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_RETURN_IF_ERROR(CheckMetric(context));
  SymbolicShape shape(2);
  const SymbolicShape* a = context.InputShape(0);
  const SymbolicShape* b = context.InputShape(1);
  for (size_t i = 0; i < 2; ++i) {
    const SymbolicShape* own = i == 0 ? a : b;
    if (own == nullptr) continue;
    if (own->size() != 2) {
      return OpContext::Invalid(
          fmt::format("input {}: expected rank 2, got shape {}", i, ToString(*own)));
    }
    shape[i] = own->front();
  }
  if (a != nullptr && b != nullptr && a->back().IsKnown() && b->back().IsKnown() &&
      a->back().value() != b->back().value()) {
    return DoNotFit(ToString(*a), ToString(*b));
  }
  context.SetOutput(0, context.InputType(0), std::move(shape));
  return OkStatus();
}

// Distances of every row of A from every row of B.
Status Reference(ReferenceContext& context) {
  const Shape& a = context.Input(0).shape();
  const Shape& b = context.Input(1).shape();
  if (a.rank() != 2 || b.rank() != 2 || a[1] != b[1]) return DoNotFit(a.ToString(), b.ToString());
  const bool squared = context.String("metric") == "sqeuclidean";
  const double* left = context.Doubles(0).data();
  const double* right = context.Doubles(1).data();
  const int64_t width = a[1];
  const int64_t columns = b[0];
  double* out = context.AllocateOutput(0, {a[0], columns}).mutable_data<double>().data();
  context.threads().ParallelFor(a[0], 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin * columns; i < end * columns; ++i) {
      CompensatedSum sum;
      for (int64_t k = 0; k < width; ++k) {
        const double d = left[i / columns * width + k] - right[i % columns * width + k];
        sum.Add(d * d);
      }
      out[i] = squared ? sum.value() : std::sqrt(sum.value());
    }
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor a = Tensor::Of<float>({2, 2}, {0, 0, 3, 4});
  const Tensor b = Tensor::Of<float>({3, 2}, {3, 4, 0, 0, 0, 4});
  cases.push_back({.name = "squared",
                   .inputs = {a, b},
                   .expected = {Tensor::Of<float>({2, 3}, {25, 0, 16, 0, 25, 9})}});
  cases.push_back({.name = "euclidean",
                   .attributes = {{"metric", std::string("euclidean")}},
                   .inputs = {a, b},
                   .expected = {Tensor::Of<float>({2, 3}, {5, 0, 4, 0, 5, 3})}});
}

}  // namespace

extern const OpDef kMicrosoftCDist;
const OpDef kMicrosoftCDist = {.name = "CDist",
                               .domain = kMicrosoftDomain,
                               .schemas = kSchemas,
                               .infer = Infer,
                               .reference = Reference,
                               .cases = Cases};

}  // namespace assay
