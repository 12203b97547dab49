#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <type_traits>

#include "ops/arithmetic.h"
#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"
#include "tensor/dispatch.h"

namespace assay {
namespace {

constexpr DTypeSet kIntegerTypes = DTypeSet::Of(DType::kInt16, DType::kInt32, DType::kInt64);
constexpr DTypeSet kFirstTypes = kIntegerTypes | DTypeSet::Of(DType::kFloat32, DType::kFloat64);

constexpr OpSchema Schema(int since, DTypeSet types, InlineList<AttributeDef, 24> attributes) {
  return {since,
          {},
          {{"start", types}, {"limit", types}, {"delta", types}},
          {{"output", types}},
          attributes};
}

constexpr OpSchema kSchemas[] = {
    Schema(11, kFirstTypes, {}),
    Schema(27, kFirstTypes | kFloats, {IntAttribute("stash_type", 1)}),
};

// Longer outputs than this are no shapes.
constexpr int64_t kMostContents = 64;
constexpr double kMostElements = 0x1p53;

// max(ceil((limit - start) / delta), 0); nullopt if it is not a number, too large, or delta is 0.
template <typename T>
std::optional<int64_t> ElementCount(T start, T limit, T delta) {
  if (delta == 0) return std::nullopt;
  if constexpr (std::is_floating_point_v<T>) {
    const double count = std::ceil((limit - start) / delta);
    if (!(count <= kMostElements)) return std::nullopt;
    return count > 0 ? static_cast<int64_t>(count) : 0;
  } else {
    if (delta > 0 ? start >= limit : start <= limit) return 0;
    // Distances of 64-bit integers fit into unsigned ones.
    const auto wide = [](T x) { return static_cast<uint64_t>(static_cast<int64_t>(x)); };
    const uint64_t distance = delta > 0 ? wide(limit) - wide(start) : wide(start) - wide(limit);
    const uint64_t step = delta > 0 ? wide(delta) : 0 - wide(delta);
    const uint64_t count = (distance - 1) / step + 1;
    if (count > static_cast<uint64_t>(kMostElements)) return std::nullopt;
    return static_cast<int64_t>(count);
  }
}

Status Uncountable() {
  return OpContext::Invalid("number of elements: expected a finite count and a delta other than 0",
                            "check the inputs start, limit and delta");
}

Status CheckScalar(int i, bool is_scalar, const std::string& shape) {
  if (is_scalar) return OkStatus();
  return OpContext::Invalid(fmt::format("shape of input {}: expected a scalar, got {}", i, shape));
}

std::optional<double> ConstantScalar(const InferContext& context, int i) {
  const Tensor* constant = context.ConstantInput(i);
  if (constant == nullptr || constant->elements() != 1) return std::nullopt;
  return constant->ValueAsDouble(0);
}

Status InferIntegerRange(InferContext& context, const Dim& start, const Dim& limit,
                         const Dim& delta) {
  if (!start.IsKnown() || !limit.IsKnown() || !delta.IsKnown()) {
    const bool counts_up = delta.IsKnown() && delta.value() == 1;
    context.SetOutput(0, context.InputType(0),
                      SymbolicShape{counts_up ? limit - start : Dim::Unknown()});
    return OkStatus();
  }
  const auto count = ElementCount(start.value(), limit.value(), delta.value());
  if (!count) return Uncountable();
  context.SetOutput(0, context.InputType(0), SymbolicShape{*count});
  if (*count > kMostContents) return OkStatus();
  std::vector<Dim> contents;
  for (int64_t i = 0; i < *count; ++i) {
    contents.emplace_back(WrappingAdd(start.value(), WrappingMultiply(i, delta.value())));
  }
  context.SetOutputContents(0, std::move(contents));
  return OkStatus();
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  for (int i = 0; i < 3; ++i) {
    const SymbolicShape* shape = context.InputShape(i);
    if (shape == nullptr) continue;
    const std::optional<Shape> known = ToConcrete(*shape);
    ASSAY_RETURN_IF_ERROR(CheckScalar(i, !known || known->elements() == 1, ToString(*shape)));
  }
  context.SetOutput(0, context.InputType(0), SymbolicShape{Dim::Unknown()});
  if (IsFloating(context.InputType(0))) {
    const auto start = ConstantScalar(context, 0);
    const auto limit = ConstantScalar(context, 1);
    const auto delta = ConstantScalar(context, 2);
    if (!start || !limit || !delta) return OkStatus();
    const auto count = ElementCount(*start, *limit, *delta);
    if (!count) return Uncountable();
    context.SetOutput(0, context.InputType(0), SymbolicShape{*count});
    return OkStatus();
  }
  const auto start = context.InputContents(0);
  const auto limit = context.InputContents(1);
  const auto delta = context.InputContents(2);
  if (!start || !limit || !delta) return OkStatus();
  if (start->size() != 1 || limit->size() != 1 || delta->size() != 1) return OkStatus();
  return InferIntegerRange(context, (*start)[0], (*limit)[0], (*delta)[0]);
}

Status Reference(ReferenceContext& context) {
  for (int i = 0; i < 3; ++i) {
    const Tensor& input = context.Input(i);
    ASSAY_RETURN_IF_ERROR(CheckScalar(i, input.elements() == 1, input.shape().ToString()));
  }
  std::optional<int64_t> count;
  DispatchReferenceNumeric(context.Input(0).dtype(), [&]<typename T>() {
    const T start = context.Input(0).data<T>()[0];
    const T delta = context.Input(2).data<T>()[0];
    count = ElementCount<T>(start, context.Input(1).data<T>()[0], delta);
    if (!count) return;
    const std::span<T> out = context.AllocateOutput(0, Shape{*count}).template mutable_data<T>();
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = WrappingAdd(start, WrappingMultiply(static_cast<T>(i), delta));
    }
  });
  return count ? OkStatus() : Uncountable();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "int64_up",
                   .inputs = {Tensor::Scalar<int64_t>(3), Tensor::Scalar<int64_t>(9),
                              Tensor::Scalar<int64_t>(3)},
                   .expected = {Tensor::Vector<int64_t>({3, 6})}});
  cases.push_back({.name = "int32_down",
                   .inputs = {Tensor::Scalar<int32_t>(10), Tensor::Scalar<int32_t>(4),
                              Tensor::Scalar<int32_t>(-4)},
                   .expected = {Tensor::Vector<int32_t>({10, 6})}});
  cases.push_back({.name = "int16_none",
                   .inputs = {Tensor::Scalar<int16_t>(5), Tensor::Scalar<int16_t>(1),
                              Tensor::Scalar<int16_t>(1)},
                   .expected = {Tensor::Vector<int16_t>({})}});
  cases.push_back(
      {.name = "int64_extremes",
       .inputs = {Tensor::Scalar<int64_t>(INT64_MIN), Tensor::Scalar<int64_t>(INT64_MAX),
                  Tensor::Scalar<int64_t>(INT64_MAX)},
       .expected = {Tensor::Vector<int64_t>({INT64_MIN, -1, INT64_MAX - 1})}});
  cases.push_back({.name = "double",
                   .inputs = {Tensor::Scalar<double>(1), Tensor::Scalar<double>(2),
                              Tensor::Scalar<double>(0.3)},
                   .expected = {Tensor::Vector<double>({1, 1.3, 1.6, 1.9})}});
  cases.push_back({.name = "float_one_element_inputs",
                   .opset = 11,
                   .inputs = {Tensor::Vector<float>({1}), Tensor::Vector<float>({-1}),
                              Tensor::Vector<float>({-0.5})},
                   .expected = {Tensor::Vector<float>({1, 0.5, 0, -0.5})}});
}

}  // namespace

extern const OpDef kRange;
const OpDef kRange = {
    .name = "Range", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
