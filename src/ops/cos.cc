#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(7, {22}, kFloats, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::cos(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.8775825618903728},
                        {-0.5, 0.8775825618903728},
                        {0, 1},
                        {1, 0.5403023058681398},
                        {-1, 0.5403023058681398},
                        {2.5, -0.8011436155469337},
                        {-3.75, -0.8205593573395608},
                        {100, 0.8623188722876839},
                        {kInfinity, kNaN},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{1e-09, 1}, {1e+22, 0.523214785395139}});
}

}  // namespace

extern const OpDef kCos;
const OpDef kCos = {.name = "Cos",
                    .schemas = kSchemas,
                    .infer = InferSameAsInput,
                    .reference = Reference,
                    .cases = Cases};

}  // namespace assay
