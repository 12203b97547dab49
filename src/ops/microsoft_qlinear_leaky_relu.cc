#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/qlinear.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    QLinearUnarySchema(Arity::kOptional, Arity::kOptional, {FloatAttribute("alpha", 0.01F)})};

Status Reference(ReferenceContext& context) {
  return ComputeQLinearUnary(context, "LeakyRelu", {{"alpha", context.Float("alpha")}}, 16);
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "alpha",
       .attributes = {{"alpha", 0.25F}},
       .inputs = {Tensor::Vector<int8_t>({-39, 1, 11, 127}), Tensor::Scalar<float>(1),
                  Tensor::Scalar<int8_t>(1), Tensor::Scalar<float>(2), Tensor::Scalar<int8_t>(-3)},
       .expected = {Tensor::Vector<int8_t>({-8, -3, 2, 60})}});
}

}  // namespace

extern const OpDef kMicrosoftQLinearLeakyRelu;
const OpDef kMicrosoftQLinearLeakyRelu = {.name = "QLinearLeakyRelu",
                                          .domain = kMicrosoftDomain,
                                          .schemas = kSchemas,
                                          .infer = InferQLinearUnary,
                                          .reference = Reference,
                                          .cases = Cases};

}  // namespace assay
