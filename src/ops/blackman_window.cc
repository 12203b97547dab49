#include "ops/cases.h"
#include "ops/cosine_window.h"
#include "ops/op_def.h"

namespace assay {
namespace {

Status Reference(ReferenceContext& context) {
  return EvaluateCosineWindow(context, {0.42, 0.5, 0.08});
}

void Cases(std::vector<OpCase>& cases) {
  const Attribute symmetric{"periodic", int64_t{0}};
  cases.push_back({.name = "periodic",
                   .inputs = {Tensor::Scalar<int64_t>(6)},
                   .output_types = {DType::kFloat32},
                   .expected = {Tensor::Vector<double>({0, 0.13, 0.63, 1, 0.63, 0.13})}});
  cases.push_back({.name = "symmetric",
                   .attributes = {symmetric, {"output_datatype", int64_t{11}}},
                   .inputs = {Tensor::Vector<int32_t>({5})},
                   .output_types = {DType::kFloat64},
                   .expected = {Tensor::Vector<double>({0, 0.34, 1, 0.34, 0})}});
  cases.push_back({.name = "integers_are_cut_off",
                   .attributes = {{"output_datatype", int64_t{2}}},
                   .inputs = {Tensor::Scalar<int64_t>(4)},
                   .expected = {Tensor::Vector<uint8_t>({0, 0, 1, 0})}});
  cases.push_back({.name = "symmetric_of_one_is_undefined",
                   .attributes = {symmetric},
                   .inputs = {Tensor::Scalar<int64_t>(1)},
                   .expected = {Tensor::Vector<double>({kNaN})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Scalar<int32_t>(0)},
                   .expected = {Tensor::Vector<double>({})}});
}

}  // namespace

extern const OpDef kBlackmanWindow;
const OpDef kBlackmanWindow = {.name = "BlackmanWindow",
                               .schemas = {&kCosineWindowSchema, 1},
                               .infer = InferCosineWindow,
                               .reference = Reference,
                               .cases = Cases};

}  // namespace assay
