#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(9, {22}, kFloats, "input", "output")};

Status Reference(ReferenceContext& context) {
  return MapDoubles(context, [](double x) { return std::atanh(x); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.5493061443340549},
                        {-0.5, -0.5493061443340549},
                        {0, 0},
                        {0.9999, 4.951718775643099},
                        {-0.25, -0.25541281188299536},
                        {1, kInfinity},
                        {-1, -kInfinity},
                        {1.5, kNaN},
                        {-0.0, -0.0},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{1e-300, 1e-300}});
}

}  // namespace

extern const OpDef kAtanh;
const OpDef kAtanh = {.name = "Atanh",
                      .schemas = kSchemas,
                      .infer = InferSameAsInput,
                      .reference = Reference,
                      .cases = Cases};

}  // namespace assay
