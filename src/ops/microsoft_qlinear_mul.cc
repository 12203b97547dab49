#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/qlinear.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {QLinearBinarySchema()};

Status Reference(ReferenceContext& context) { return ComputeQLinearBinary(context, "Mul"); }

void Cases(std::vector<OpCase>& cases) {
  const Tensor half = Tensor::Scalar<float>(0.5F);
  const Tensor one = Tensor::Scalar<float>(1);
  // Products 1.5, 2.5 and 63.
  cases.push_back({.name = "ties_to_even_and_saturates",
                   .inputs = {Tensor::Vector<int8_t>({4, 6, 127}), half, Tensor::Scalar<int8_t>(1),
                              Tensor::Vector<int8_t>({2}), one, Tensor::Scalar<int8_t>(1), one,
                              Tensor::Scalar<int8_t>(100)},
                   .expected = {Tensor::Vector<int8_t>({102, 102, 127})}});
  cases.push_back({.name = "without_zero_points",
                   .inputs = {Tensor::Of<uint8_t>({2, 1}, {3, 100}), one, std::nullopt,
                              Tensor::Vector<uint8_t>({2, 5}), one, std::nullopt, half},
                   .expected = {Tensor::Of<uint8_t>({2, 2}, {12, 30, 255, 255})}});
}

}  // namespace

extern const OpDef kMicrosoftQLinearMul;
const OpDef kMicrosoftQLinearMul = {.name = "QLinearMul",
                                    .domain = kMicrosoftDomain,
                                    .schemas = kSchemas,
                                    .infer = InferQLinearBinary,
                                    .reference = Reference,
                                    .cases = Cases};

}  // namespace assay
