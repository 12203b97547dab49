#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(9, {13}, kNumeric, "input", "output")};

// Opset 9 permits integers too; their results are truncated like every cast to an integer.
Status Reference(ReferenceContext& context) {
  return MapNumeric(context, [](auto x) { return std::erf(static_cast<double>(x)); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.5204998778130465},
                        {-0.5, -0.5204998778130465},
                        {0, 0},
                        {1, 0.8427007929497149},
                        {-2.5, -0.999593047982555},
                        {6, 1},
                        {kInfinity, 1},
                        {-kInfinity, -1},
                        {-0.0, -0.0},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{1e-300, 1.1283791670955126e-300}, {1e-09, 1.1283791670955127e-09}});

  cases.push_back({.name = "int32_truncates",
                   .opset = 9,
                   .inputs = {Tensor::Vector<int32_t>({-100, -1, 0, 1, 100})},
                   .expected = {Tensor::Vector<int32_t>({-1, 0, 0, 0, 1})}});
}

}  // namespace

extern const OpDef kErf;
const OpDef kErf = {.name = "Erf",
                    .schemas = kSchemas,
                    .infer = InferSameAsInput,
                    .reference = Reference,
                    .cases = Cases};

}  // namespace assay
