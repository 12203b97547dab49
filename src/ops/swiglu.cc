#include <fmt/format.h>

#include "ops/activation.h"
#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 28,
     .inputs = {{"A", kFloats}, {"B", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {FloatAttribute("alpha", 1)}},
};

Status ShapesDiffer(const std::string& a, const std::string& b) {
  return OpContext::Invalid(fmt::format("shape of B: expected {} as of A, got {}", a, b));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  const SymbolicShape* a = context.InputShape(0);
  const SymbolicShape* b = context.InputShape(1);
  if (a == nullptr || b == nullptr) {
    context.CopyInput(a == nullptr ? 1 : 0, 0);
    return OkStatus();
  }
  bool fits = a->size() == b->size();
  SymbolicShape shape = *a;
  for (size_t i = 0; fits && i < shape.size(); ++i) {
    const Dim& other = (*b)[i];
    fits = !shape[i].IsKnown() || !other.IsKnown() || shape[i].value() == other.value();
    if (other.IsKnown() || (!shape[i].IsKnown() && !shape[i].IsSymbolic())) shape[i] = other;
  }
  if (!fits) return ShapesDiffer(ToString(*a), ToString(*b));
  context.SetOutput(0, context.InputType(0), std::move(shape));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  if (context.Input(1).shape() != shape) {
    return ShapesDiffer(shape.ToString(), context.Input(1).shape().ToString());
  }
  const double alpha = context.Float("alpha");
  const double* a = context.Doubles(0).data();
  const double* b = context.Doubles(1).data();
  double* out = context.AllocateOutput(0, shape).mutable_data<double>().data();
  context.threads().ParallelFor(shape.elements(), kElementwiseGrain,
                                [&](int64_t begin, int64_t end) {
                                  for (int64_t i = begin; i < end; ++i)
                                    out[i] = a[i] * Logistic(alpha * a[i]) * b[i];
                                });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  // x / (1 + exp(-x)) at 0.5, -1 and 2.5 is 0.3112..., -0.2689... and 2.3103...
  cases.push_back(
      {.name = "vector",
       .inputs = {Tensor::Vector<double>({0.5, -1, 2.5, 0}), Tensor::Vector<double>({2, 4, -1, 5})},
       .expected = {Tensor::Vector<double>(
           {0.6224593312018546, -1.0757656854799804, -2.310354549946891, 0})}});
  cases.push_back(
      {.name = "alpha",
       .attributes = {{"alpha", 1.5F}},
       .inputs = {Tensor::Of<double>({3, 1}, {0.5, -1, 2}), Tensor::Of<double>({3, 1}, {1, 2, -1})},
       .expected = {Tensor::Of<double>(
           {3, 1}, {0.3395893495876965, -0.3648510476127127, -1.9051482536448665})}});
  cases.push_back({.name = "scalar",
                   .inputs = {Tensor::Scalar<float>(0), Tensor::Scalar<float>(3)},
                   .expected = {Tensor::Scalar<float>(0)}});
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Vector<double>({kInfinity, kNaN, 1, 0}),
                              Tensor::Vector<double>({-2, 1, kNaN, kInfinity})},
                   .expected = {Tensor::Vector<double>({-kInfinity, kNaN, kNaN, kNaN})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0, 3}, {}), Tensor::Of<float>({0, 3}, {})},
                   .expected = {Tensor::Of<float>({0, 3}, {})}});
}

}  // namespace

extern const OpDef kSwiGLU;
const OpDef kSwiGLU = {
    .name = "SwiGLU", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
