#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(18, {22}, kFloats)};

// tanh(log(1 + e^x)) = ((1 + e^x)^2 - 1) / ((1 + e^x)^2 + 1), with the larger power divided out.
double TanhOfSoftplus(double x) {
  if (x > 0) {
    const double e = std::exp(-x);
    return (1 + 2 * e) / (1 + 2 * e * (1 + e));
  }
  const double e = std::exp(x);
  return e * (e + 2) / (e * (e + 2) + 2);
}

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return x * TanhOfSoftplus(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.37524521130489513},
                        {-0.5, -0.22074377465173},
                        {0, 0},
                        {1, 0.8650983882673103},
                        {-1, -0.3034014613741089},
                        {2.5, 2.471392304557881},
                        {-3.75, -0.08715479388421901},
                        {kInfinity, kInfinity},
                        {kNaN, kNaN}});
  AddTailCases(
      cases,
      {{-50, -9.643749239819589e-21}, {-700, -6.90177358063184e-302}, {50, 50}, {1000, 1000}});
}

}  // namespace

extern const OpDef kMish;
const OpDef kMish = {.name = "Mish",
                     .schemas = kSchemas,
                     .infer = InferSameAsInput,
                     .reference = Reference,
                     .cases = Cases};

}  // namespace assay
