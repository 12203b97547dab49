#include <fmt/format.h>

#include <array>
#include <cmath>

#include "ops/arithmetic.h"
#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes =
    kFloats | DTypeSet::Of(DType::kInt32, DType::kInt64, DType::kUInt32, DType::kUInt64);

constexpr OpSchema Schema(int since, InlineList<int, 8> also_since, DTypeSet types,
                          InlineList<AttributeDef, 24> attributes = {}) {
  return {since, also_since, {{"X", types}, {"slope", types}}, {{"Y", types}}, attributes};
}

constexpr OpSchema kSchemas[] = {Schema(1, {}, kBasicFloats, {kConsumedInputs}),
                                 Schema(6, {}, kBasicFloats), Schema(7, {9, 16}, kTypes)};

// Before opset 7 a slope of more than one element has one for each channel (axis 1).
bool HasChannelSlopes(const OpContext& context, const Shape& slope) {
  return context.opset() < 7 && slope.rank() == 1 && slope[0] != 1;
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  context.CopyInput(0, 0);
  if (context.opset() < 7 || context.InputShape(0) == nullptr) return OkStatus();
  ASSAY_ASSIGN_OR_RETURN(const std::optional<SymbolicShape> both, context.BroadcastInputs());
  if (both && both->size() > context.InputShape(0)->size()) {
    return OpContext::Invalid(fmt::format("shape of slope: expected to fit into {}, got {}",
                                          ToString(*context.InputShape(0)),
                                          ToString(*context.InputShape(1))));
  }
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  Shape slope = context.Input(1).shape();
  if (HasChannelSlopes(context, slope) && shape.rank() > 1) {
    slope.dims().resize(static_cast<size_t>(shape.rank()) - 1, 1);
  }
  if (BroadcastShapes(shape, slope) != shape) {
    return OpContext::Invalid(fmt::format("shape of slope: expected to fit into {}, got {}",
                                          shape.ToString(), context.Input(1).shape().ToString()));
  }
  const BroadcastPlan plan{shape, {shape, slope}};
  const bool known = DispatchReferenceNumeric(context.Input(0).dtype(), [&]<typename T>() {
    BroadcastElements<T>(context, plan, context.Input(0).data<T>(), context.Input(1).data<T>(),
                         [](T x, T factor) { return x < 0 ? WrappingMultiply(x, factor) : x; });
  });
  if (!known) return OpContext::Unsupported("element type has no arithmetic");
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "same_shape",
                   .inputs = {Tensor::Vector<double>({-2, 3, -kInfinity, kNaN, -0.0}),
                              Tensor::Vector<double>({0.25, 5, 2, 1, 3})},
                   .expected = {Tensor::Vector<double>({-0.5, 3, -kInfinity, kNaN, -0.0})}});
  cases.push_back({.name = "slope_broadcast",
                   .inputs = {Tensor::Of<float>({1, 2, 2}, {-1, -2, -3, 4}),
                              Tensor::Of<float>({2, 1}, {10, 100})},
                   .expected = {Tensor::Of<float>({1, 2, 2}, {-10, -20, -300, 4})}});
  cases.push_back({.name = "int32",
                   .opset = 9,
                   .inputs = {Tensor::Vector<int32_t>({-4, 4}), Tensor::Scalar<int32_t>(3)},
                   .expected = {Tensor::Vector<int32_t>({-12, 4})}});
  cases.push_back(
      {.name = "opset_6_slope_by_channel",
       .opset = 6,
       .inputs = {Tensor::Of<float>({1, 2, 2}, {-1, -2, -3, 4}), Tensor::Vector<float>({10, 100})},
       .expected = {Tensor::Of<float>({1, 2, 2}, {-10, -20, -300, 4})}});
  cases.push_back({.name = "opset_1_shared_slope",
                   .opset = 1,
                   .inputs = {Tensor::Of<float>({1, 2}, {-1, 2}), Tensor::Vector<float>({10})},
                   .expected = {Tensor::Of<float>({1, 2}, {-10, 2})}});
}

}  // namespace

extern const OpDef kPRelu;
const OpDef kPRelu = {
    .name = "PRelu", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
