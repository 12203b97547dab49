#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(9, {22}, kFloats, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::asinh(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.48121182505960347},
                        {-0.5, -0.48121182505960347},
                        {0, 0},
                        {1, 0.881373587019543},
                        {-1, -0.881373587019543},
                        {2.5, 1.6472311463710958},
                        {-3.75, -2.0322246215338136},
                        {10000000000, 23.7189981105004},
                        {kInfinity, kInfinity},
                        {-kInfinity, -kInfinity},
                        {-0.0, -0.0},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{1e-300, 1e-300}, {1e+300, 691.4686750787737}});
}

}  // namespace

extern const OpDef kAsinh;
const OpDef kAsinh = {.name = "Asinh",
                      .schemas = kSchemas,
                      .infer = InferSameAsInput,
                      .reference = Reference,
                      .cases = Cases};

}  // namespace assay
