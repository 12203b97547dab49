#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {FirstUnarySchema(), UnarySchema(6, {13}, kFloats)};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::sqrt(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{2, 1.4142135623730951},
                        {0, 0},
                        {-0.0, -0.0},
                        {4, 2},
                        {0.1, 0.31622776601683794},
                        {-1, kNaN},
                        {kInfinity, kInfinity},
                        {kNaN, kNaN},
                        {5e-324, 2.2227587494850775e-162}});
  AddTailCases(cases, {{1e-320, 9.99994433575849e-161}, {1e+300, 1e+150}});
}

}  // namespace

extern const OpDef kSqrt;
const OpDef kSqrt = {.name = "Sqrt",
                     .schemas = kSchemas,
                     .infer = InferSameAsInput,
                     .reference = Reference,
                     .cases = Cases};

}  // namespace assay
