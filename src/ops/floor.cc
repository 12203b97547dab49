#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {FirstUnarySchema(), UnarySchema(6, {13}, kFloats)};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::floor(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{1.5, 1},
                        {-1.5, -2},
                        {0.25, 0},
                        {-0.25, -1},
                        {-2, -2},
                        {1e+300, 1e+300},
                        {-0.0, -0.0},
                        {kInfinity, kInfinity},
                        {-kInfinity, -kInfinity},
                        {kNaN, kNaN}});
}

}  // namespace

extern const OpDef kFloor;
const OpDef kFloor = {.name = "Floor",
                      .schemas = kSchemas,
                      .infer = InferSameAsInput,
                      .reference = Reference,
                      .cases = Cases};

}  // namespace assay
