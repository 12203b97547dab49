#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {FirstUnarySchema("input", "output"),
                                 UnarySchema(6, {13}, kFloats, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::tanh(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.46211715726000974},
                        {-0.5, -0.46211715726000974},
                        {0, 0},
                        {1, 0.7615941559557649},
                        {-1, -0.7615941559557649},
                        {2.5, 0.9866142981514303},
                        {-3.75, -0.9988944427261528},
                        {20, 1},
                        {kInfinity, 1},
                        {-kInfinity, -1},
                        {-0.0, -0.0},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{1e-300, 1e-300}});
}

}  // namespace

extern const OpDef kTanh;
const OpDef kTanh = {.name = "Tanh",
                     .schemas = kSchemas,
                     .infer = InferSameAsInput,
                     .reference = Reference,
                     .cases = Cases};

}  // namespace assay
