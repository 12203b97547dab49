#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/qlinear.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {QLinearUnarySchema(Arity::kOptional, Arity::kOptional, {})};

Status Reference(ReferenceContext& context) {
  return ComputeQLinearUnary(context, "Sigmoid", {}, 13);
}

void Cases(std::vector<OpCase>& cases) {
  // 256 / (1 + exp(-x)) at -1, 0 and 1: 68.8, 128 and 187.2.
  cases.push_back({.name = "three_points",
                   .inputs = {Tensor::Vector<uint8_t>({126, 128, 130}), Tensor::Scalar<float>(0.5F),
                              Tensor::Scalar<uint8_t>(128), Tensor::Scalar<float>(0.00390625F)},
                   .expected = {Tensor::Vector<uint8_t>({69, 128, 187})}});
}

}  // namespace

extern const OpDef kMicrosoftQLinearSigmoid;
const OpDef kMicrosoftQLinearSigmoid = {.name = "QLinearSigmoid",
                                        .domain = kMicrosoftDomain,
                                        .schemas = kSchemas,
                                        .infer = InferQLinearUnary,
                                        .reference = Reference,
                                        .cases = Cases};

}  // namespace assay
