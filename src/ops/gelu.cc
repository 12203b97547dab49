#include <cmath>
#include <numbers>
#include <string>

#include "ops/activation.h"
#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    UnarySchema(20, {}, kFloats, "X", "Y", {StringAttribute("approximate", "none")})};

Status Infer(InferContext& context) {
  const std::string approximate = context.String("approximate");
  if (approximate != "none" && approximate != "tanh") {
    return OpContext::Invalid("attribute \"approximate\": expected none or tanh, got " +
                              approximate);
  }
  return InferSameAsInput(context);
}

// Both forms are written without the difference 1 - 1 that the formulas of the standard have on
// the negative side: 1 + erf(z) = erfc(-z) and (1 + tanh(z)) / 2 = 1 / (1 + exp(-2 z)).
Status Reference(ReferenceContext& context) {
  if (context.String("approximate") == "tanh") {
    const double twice_factor = 2 * std::sqrt(2 * std::numbers::inv_pi);
    return MapDoubles(context, [twice_factor](double x) {
      return x * Logistic(twice_factor * (x + 0.044715 * x * x * x));
    });
  }
  return MapDoubles(context,
                    [](double x) { return 0.5 * x * std::erfc(-x * (0.5 * std::numbers::sqrt2)); });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.34573123063700656},
                        {-0.5, -0.15426876936299344},
                        {0, 0},
                        {1, 0.8413447460685429},
                        {-1, -0.15865525393145705},
                        {2.5, 2.4844758366855597},
                        {-3.75, -0.0003315648195030145},
                        {kInfinity, kInfinity},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{-10, -7.619853024160526e-23}, {-30, -1.472014178144456e-196}, {30, 30}});
  AddUnaryCases(cases,
                {{0.5, 0.34571400982514394},
                 {-0.5, -0.15428599017485609},
                 {0, 0},
                 {1, 0.8411919906082767},
                 {-1, -0.1588080093917233},
                 {2.5, 2.484915733910001},
                 {-3.75, -0.0002192520724416574},
                 {-4, -7.024594819237268e-05}},
                {{"approximate", "tanh"}}, "tanh_");
  AddTailCases(cases, {{-6, -8.439646700762297e-11}, {-15, -1.5584769937274055e-114}, {9, 9}},
               {{"approximate", "tanh"}});
}

}  // namespace

extern const OpDef kGelu;
const OpDef kGelu = {
    .name = "Gelu", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
