#include <fmt/format.h>

#include <limits>
#include <type_traits>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"
#include "ops/variadic.h"

namespace assay {
namespace {

constexpr float kMostFloat = std::numeric_limits<float>::max();

constexpr OpSchema kSchemas[] = {
    UnarySchema(1, {}, kBasicFloats, "input", "output",
                {kConsumedInputs, OptionalAttribute("max", AttributeKind::kFloat),
                 OptionalAttribute("min", AttributeKind::kFloat)}),
    UnarySchema(6, {}, kBasicFloats, "input", "output",
                {FloatAttribute("max", kMostFloat), FloatAttribute("min", -kMostFloat)}),
    {.since = 11,
     .also_since = {12, 13},
     .inputs = {{"input", kNumeric},
                {"min", kNumeric, Arity::kOptional},
                {"max", kNumeric, Arity::kOptional}},
     .outputs = {{"output", kNumeric}}},
};

Status CheckOneElement(std::string_view name, std::optional<int64_t> elements,
                       const std::string& shape) {
  if (!elements || *elements == 1) return OkStatus();
  return OpContext::Invalid(fmt::format("shape of {}: expected a scalar, got {}", name, shape));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  for (int i = 1; i < context.input_count(); ++i) {
    const SymbolicShape* shape = context.InputShape(i);
    if (shape == nullptr) continue;
    std::optional<int64_t> elements;
    if (const std::optional<Shape> known = ToConcrete(*shape)) elements = known->elements();
    ASSAY_RETURN_IF_ERROR(CheckOneElement(i == 1 ? "min" : "max", elements, ToString(*shape)));
  }
  return InferSameAsInput(context);
}

// One end of the range: given by attribute or input, or else the last finite value of the type.
template <typename T>
T Limit(const ReferenceContext& context, bool upper) {
  const char* name = upper ? "max" : "min";
  const int index = upper ? 2 : 1;
  if constexpr (std::is_floating_point_v<T>) {
    if (context.opset() < 11) {
      if (context.opset() >= 6 || context.HasAttribute(name)) return context.Float(name);
    } else if (context.HasInput(index)) {
      return context.Doubles(index)[0];
    }
    const double most = LargestFinite(context.DeclaredInput(0));
    return upper ? most : -most;
  } else {
    if (context.HasInput(index)) return context.Input(index).data<T>()[0];
    return upper ? std::numeric_limits<T>::max() : std::numeric_limits<T>::min();
  }
}

Status Reference(ReferenceContext& context) {
  for (int i = 1; i < context.input_count(); ++i) {
    if (!context.HasInput(i)) continue;
    const Tensor& limit = context.Input(i);
    ASSAY_RETURN_IF_ERROR(
        CheckOneElement(i == 1 ? "min" : "max", limit.elements(), limit.shape().ToString()));
  }
  Status status;
  const bool known = DispatchReferenceNumeric(context.Input(0).dtype(), [&]<typename T>() {
    const T low = Limit<T>(context, false);
    const T high = Limit<T>(context, true);
    status = MapNumeric(context, [low, high](auto x) {
      return Smaller<T>(high, Larger<T>(static_cast<T>(x), low));
    });
  });
  if (!known) return OpContext::Unsupported("element type has no order");
  return status;
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input = Tensor::Vector<double>({-3, -1, 0.5, 2, 4, -kInfinity, kInfinity, kNaN});
  cases.push_back({.name = "both",
                   .inputs = {input, Tensor::Scalar<double>(-1), Tensor::Scalar<double>(2)},
                   .expected = {Tensor::Vector<double>({-1, -1, 0.5, 2, 2, -1, 2, kNaN})}});
  cases.push_back({.name = "minimum_above_maximum",
                   .opset = 11,
                   .inputs = {input, Tensor::Scalar<double>(3), Tensor::Scalar<double>(1)},
                   .expected = {Tensor::Vector<double>({1, 1, 1, 1, 1, 1, 1, kNaN})}});
  cases.push_back({.name = "float32_defaults",
                   .inputs = {Tensor::Vector<float>({-INFINITY, 1, INFINITY})},
                   .expected = {Tensor::Vector<float>({-kMostFloat, 1, kMostFloat})}});
  cases.push_back({.name = "float16_defaults",
                   .inputs = {Tensor::Of<Float16>({2}, {{0xFC00}, {0x7C00}})},
                   .expected = {Tensor::Vector<double>({-65504, 65504})}});
  cases.push_back({.name = "bfloat16_maximum_left_out",
                   .inputs = {Tensor::Of<BFloat16>({2}, {{0xFF80}, {0x7F80}}),
                              Tensor::Of<BFloat16>({}, {{0x3F80}})},
                   .expected = {Tensor::Vector<double>({1, 3.3895313892515355e38})}});
  cases.push_back(
      {.name = "int8_minimum_left_out",
       .inputs = {Tensor::Vector<int8_t>({-128, 0, 127}), std::nullopt, Tensor::Scalar<int8_t>(5)},
       .expected = {Tensor::Vector<int8_t>({-128, 0, 5})}});
  cases.push_back({.name = "uint64_limit_of_one_element",
                   .inputs = {Tensor::Vector<uint64_t>({0, 18446744073709551615U}),
                              Tensor::Vector<uint64_t>({7})},
                   .expected = {Tensor::Vector<uint64_t>({7, 18446744073709551615U})}});
  cases.push_back({.name = "opset_6",
                   .opset = 6,
                   .attributes = {{"max", 2.0F}},
                   .inputs = {Tensor::Of<double>({1, 3}, {-1e300, 1, 3})},
                   .expected = {Tensor::Of<double>({1, 3}, {-3.4028234663852886e38, 1, 2})}});
  cases.push_back({.name = "opset_1",
                   .opset = 1,
                   .attributes = {{"min", -1.0F}},
                   .inputs = {Tensor::Vector<double>({-5, 1e300})},
                   .expected = {Tensor::Vector<double>({-1, 1e300})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0}, {})},
                   .expected = {Tensor::Of<float>({0}, {})}});
}

}  // namespace

extern const OpDef kClip;
const OpDef kClip = {
    .name = "Clip", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
