#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    UnarySchema(
        1, {}, kBasicFloats, "X", "Y",
        {kConsumedInputs, FloatAttribute("alpha", 1.6732F), FloatAttribute("gamma", 1.0507F)}),
    UnarySchema(6, {22}, kFloats, "X", "Y",
                {FloatAttribute("alpha", 1.67326319217681884765625F),
                 FloatAttribute("gamma", 1.05070102214813232421875F)})};

Status Reference(ReferenceContext& context) {
  const double alpha = context.Float("alpha");
  const double gamma = context.Float("gamma");
  return MapDoubles(context, [alpha, gamma](double x) {
    return x > 0 ? gamma * x : gamma * alpha * std::expm1(x);
  });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(cases, {{0.5, 0.5253505110740662},
                        {-0.5, -0.6917581899652425},
                        {0, 0},
                        {1, 1.0507010221481323},
                        {-1, -1.1113307412864784},
                        {2.5, 2.626752555370331},
                        {-3.75, -1.7167528127261191},
                        {kInfinity, kInfinity},
                        {-kInfinity, -1.7580993463430303},
                        {kNaN, kNaN}});
  AddTailCases(cases, {{-1e-09, -1.7580993454639807e-09}});
  AddUnaryCases(cases, {{0.5, 1.5}, {-1, -3.792723352971346}, {-2, -5.187988300580324}},
                {{"alpha", 2.0F}, {"gamma", 3.0F}}, "attributes_");
  cases.push_back(
      {.name = "opset_1_defaults",
       .opset = 1,
       .inputs = {Tensor::Vector<float>({1, -1})},
       .expected = {Tensor::Vector<double>({1.0506999492645264, -1.1112876436799035})}});
}

}  // namespace

extern const OpDef kSelu;
const OpDef kSelu = {.name = "Selu",
                     .schemas = kSchemas,
                     .infer = InferSameAsInput,
                     .reference = Reference,
                     .cases = Cases};

}  // namespace assay
