#include "ops/data_movement.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/qlinear.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {QLinearUnarySchema(
    Arity::kOptional, Arity::kRequired,
    {IntAttribute("axis", -1), RequiredAttribute("opset", AttributeKind::kInt)})};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(InferQLinearUnary(context));
  const SymbolicShape* shape = context.InputShape(0);
  if (shape == nullptr) return OkStatus();
  return CheckedAxis(context.Int("axis"), static_cast<int>(shape->size())).status();
}

// The axis means what it does in Softmax of the opset that the attribute names.
Status Reference(ReferenceContext& context) {
  return ComputeQLinearUnary(context, "Softmax", {{"axis", context.Int("axis")}},
                             context.Int("opset") < 13 ? 11 : 13);
}

void Cases(std::vector<OpCase>& cases) {
  const auto inputs = [](Shape shape, const std::vector<uint8_t>& values) {
    return std::vector<std::optional<Tensor>>{
        Tensor::Of<uint8_t>(std::move(shape), values), Tensor::Scalar<float>(0.6931471805599453F),
        Tensor::Scalar<uint8_t>(7), Tensor::Scalar<float>(0.01F), Tensor::Scalar<uint8_t>(1)};
  };
  // Powers of two: 1, 1, 2 of 4 and 4, 1 of 5.
  cases.push_back({.name = "along_an_axis",
                   .attributes = {{"opset", int64_t{13}}, {"axis", int64_t{0}}},
                   .inputs = inputs({3, 1, 1}, {0, 0, 1}),
                   .expected = {Tensor::Of<uint8_t>({3, 1, 1}, {26, 26, 51})}});
  cases.push_back({.name = "from_an_axis_on",
                   .attributes = {{"opset", int64_t{12}}, {"axis", int64_t{1}}},
                   .inputs = inputs({1, 2, 1}, {2, 0}),
                   .expected = {Tensor::Of<uint8_t>({1, 2, 1}, {81, 21})}});
}

}  // namespace

extern const OpDef kMicrosoftQLinearSoftmax;
const OpDef kMicrosoftQLinearSoftmax = {.name = "QLinearSoftmax",
                                        .domain = kMicrosoftDomain,
                                        .schemas = kSchemas,
                                        .infer = Infer,
                                        .reference = Reference,
                                        .cases = Cases};

}  // namespace assay
