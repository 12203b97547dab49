#include "ops/cases.h"
#include "ops/cosine_window.h"
#include "ops/op_def.h"

namespace assay {
namespace {

Status Reference(ReferenceContext& context) {
  return EvaluateCosineWindow(context, {25.0 / 46, 21.0 / 46, 0});
}

void Cases(std::vector<OpCase>& cases) {
  const Attribute symmetric{"periodic", int64_t{0}};
  cases.push_back({.name = "periodic",
                   .inputs = {Tensor::Scalar<int64_t>(6)},
                   .output_types = {DType::kFloat32},
                   .expected = {Tensor::Vector<double>(
                       {4.0 / 46, 14.5 / 46, 35.5 / 46, 1, 35.5 / 46, 14.5 / 46})}});
  cases.push_back(
      {.name = "symmetric",
       .attributes = {symmetric, {"output_datatype", int64_t{11}}},
       .inputs = {Tensor::Vector<int32_t>({5})},
       .output_types = {DType::kFloat64},
       .expected = {Tensor::Vector<double>({4.0 / 46, 25.0 / 46, 1, 25.0 / 46, 4.0 / 46})}});
  cases.push_back({.name = "integers_are_cut_off",
                   .attributes = {{"output_datatype", int64_t{2}}},
                   .inputs = {Tensor::Scalar<int64_t>(4)},
                   .expected = {Tensor::Vector<uint8_t>({0, 0, 1, 0})}});
  cases.push_back({.name = "symmetric_of_one_is_undefined",
                   .attributes = {symmetric},
                   .inputs = {Tensor::Scalar<int64_t>(1)},
                   .expected = {Tensor::Vector<double>({kNaN})}});
  cases.push_back({.name = "periodic_of_one",
                   .inputs = {Tensor::Scalar<int64_t>(1)},
                   .expected = {Tensor::Vector<double>({4.0 / 46})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Scalar<int32_t>(0)},
                   .expected = {Tensor::Vector<double>({})}});
}

}  // namespace

extern const OpDef kHammingWindow;
const OpDef kHammingWindow = {.name = "HammingWindow",
                              .schemas = {&kCosineWindowSchema, 1},
                              .infer = InferCosineWindow,
                              .reference = Reference,
                              .cases = Cases};

}  // namespace assay
