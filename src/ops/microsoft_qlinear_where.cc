#include "ops/apply_operator.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/qlinear.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"condition", kBools},
                {"X", kQuantizedBytes},
                {"x_scale", kQuantizationScale},
                {"x_zero_point", kQuantizedBytes},
                {"Y", kQuantizedBytes},
                {"y_scale", kQuantizationScale},
                {"y_zero_point", kQuantizedBytes},
                {"z_scale", kQuantizationScale},
                {"z_zero_point", kQuantizedBytes}},
     .outputs = {{"Z", kQuantizedBytes}}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({1, 3, 4, 6, 8}));
  ASSAY_ASSIGN_OR_RETURN(std::optional<SymbolicShape> shape, context.BroadcastInputs({0, 1, 4}));
  context.SetOutput(0, context.InputType(1), std::move(shape));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Tensor x, Dequantized(context, {1, 2, 3}));
  ASSAY_ASSIGN_OR_RETURN(const Tensor y, Dequantized(context, {4, 5, 6}));
  ASSAY_ASSIGN_OR_RETURN(const Tensor z,
                         ApplyOperator(context, "Where", {&context.Input(0), &x, &y}));
  return StoreRequantized(context, z, {-1, 7, 8});
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "broadcast",
       .inputs = {Tensor::Of<bool>({2, 1}, {true, false}), Tensor::Vector<uint8_t>({3, 5}),
                  Tensor::Scalar<float>(1), Tensor::Scalar<uint8_t>(1), Tensor::Scalar<uint8_t>(7),
                  Tensor::Scalar<float>(10), Tensor::Scalar<uint8_t>(8),
                  Tensor::Scalar<float>(0.5F), Tensor::Scalar<uint8_t>(20)},
       .expected = {Tensor::Of<uint8_t>({2, 2}, {24, 28, 0, 0})}});
}

}  // namespace

extern const OpDef kMicrosoftQLinearWhere;
const OpDef kMicrosoftQLinearWhere = {.name = "QLinearWhere",
                                      .domain = kMicrosoftDomain,
                                      .schemas = kSchemas,
                                      .infer = Infer,
                                      .reference = Reference,
                                      .cases = Cases};

}  // namespace assay
