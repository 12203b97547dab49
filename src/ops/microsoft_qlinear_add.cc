#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/qlinear.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {QLinearBinarySchema()};

Status Reference(ReferenceContext& context) { return ComputeQLinearBinary(context, "Add"); }

void Cases(std::vector<OpCase>& cases) {
  const Tensor half = Tensor::Scalar<float>(0.5F);
  const Tensor one = Tensor::Scalar<float>(1);
  // (1, 2, 254) / 2 + (1, 2) with zero points 1: 0.5 and 2.5 tie to even, 128 + 2 times 2
  // saturates.
  cases.push_back({.name = "ties_to_even_and_saturates",
                   .inputs = {Tensor::Of<uint8_t>({3, 1}, {2, 1, 255}), half,
                              Tensor::Scalar<uint8_t>(1), Tensor::Vector<uint8_t>({1, 3}), one,
                              Tensor::Scalar<uint8_t>(1), one, Tensor::Scalar<uint8_t>(128)},
                   .expected = {Tensor::Of<uint8_t>({3, 2}, {128, 130, 128, 130, 255, 255})}});
  cases.push_back({.name = "without_zero_points",
                   .inputs = {Tensor::Vector<int8_t>({-128, 100}), one, std::nullopt,
                              Tensor::Vector<int8_t>({-1, 27}), one, std::nullopt, half},
                   .expected = {Tensor::Vector<int8_t>({-128, 127})}});
}

}  // namespace

extern const OpDef kMicrosoftQLinearAdd;
const OpDef kMicrosoftQLinearAdd = {.name = "QLinearAdd",
                                    .domain = kMicrosoftDomain,
                                    .schemas = kSchemas,
                                    .infer = InferQLinearBinary,
                                    .reference = Reference,
                                    .cases = Cases};

}  // namespace assay
