#include <fmt/format.h>

#include <limits>

#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/sequence.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {11, 13, 16, 19, 21, 23, 24, 25},
     .inputs = {{"M", kInt64Only, Arity::kOptional},
                {"cond", kBools, Arity::kOptional},
                {"v_initial", kAllTypes, Arity::kVariadic, kAnyKind}},
     .outputs = {{"v_final_and_scan_outputs", kAllTypes, Arity::kVariadic, kAnyKind}},
     .attributes = {RequiredAttribute("body", AttributeKind::kGraph)}},
};

// Values that go from one iteration to the next.
int CarriedCount(const OpContext& context) { return std::max(0, context.input_count() - 2); }

// The number of the iteration is a scalar; bodies that declare one element take that.
SymbolicShape CounterShape(const OpContext& context, size_t input) {
  const Graph& body = *context.GraphAttribute("body");
  if (input >= body.inputs.size()) return {};
  const std::optional<SymbolicShape>& declared = body.value(body.inputs[input]).type.shape;
  return declared && declared->size() == 1 ? SymbolicShape{Dim(1)} : SymbolicShape{};
}

Status CheckBodyOutputs(const InferContext& context, size_t count) {
  const auto expected = static_cast<size_t>(context.output_count()) + 1;
  if (count == expected && context.output_count() >= CarriedCount(context)) return OkStatus();
  return OpContext::Invalid(
      fmt::format("outputs of the graph \"body\": expected {} (a condition, {} carried, {} to "
                  "collect), got {}",
                  expected, CarriedCount(context),
                  std::max(0, context.output_count() - CarriedCount(context)), count));
}

// Widens the types of carried values until an iteration keeps them.
Result<std::vector<ValueType>> SettleTypes(InferContext& context, std::vector<ValueType>& carried) {
  while (true) {
    std::vector<ValueType> inputs = {ValueType::TensorOf(DType::kInt64, CounterShape(context, 0)),
                                     ValueType::TensorOf(DType::kBool, CounterShape(context, 1))};
    inputs.insert(inputs.end(), carried.begin(), carried.end());
    ASSAY_ASSIGN_OR_RETURN(std::vector<ValueType> outputs,
                           context.InferBody("body", std::move(inputs)));
    ASSAY_RETURN_IF_ERROR(CheckBodyOutputs(context, outputs.size()));
    bool is_settled = true;
    for (size_t i = 0; i < carried.size(); ++i) {
      // An optional may be filled by the first iteration.
      const bool is_filled = carried[i].kind == ValueType::Kind::kOptional &&
                             outputs[i + 1].kind != ValueType::Kind::kOptional;
      const std::optional<ValueType> common =
          is_filled ? carried[i] : CommonType(carried[i], outputs[i + 1]);
      if (!common) {
        return OpContext::Invalid(fmt::format("carried value {}: {} becomes {} in the body", i,
                                              carried[i].ToString(), outputs[i + 1].ToString()));
      }
      is_settled = is_settled && common->ToString() == carried[i].ToString();
      carried[i] = *common;
    }
    if (is_settled) return outputs;
  }
}

Status Infer(InferContext& context) {
  std::vector<ValueType> carried;
  for (int i = 0; i < CarriedCount(context); ++i) {
    if (!context.HasInput(i + 2)) {
      return OpContext::Invalid(fmt::format("input {}: a carried value is left out", i + 2));
    }
    carried.push_back(*context.InputValueType(i + 2));
  }
  ASSAY_ASSIGN_OR_RETURN(const std::vector<ValueType> outputs, SettleTypes(context, carried));
  for (size_t i = 0; i < carried.size(); ++i) {
    const bool is_filled = carried[i].kind == ValueType::Kind::kOptional;
    context.SetOutputType(static_cast<int>(i), is_filled ? outputs[i + 1] : carried[i]);
  }
  for (size_t i = carried.size(); i + 1 < outputs.size(); ++i) {
    ValueType type = outputs[i + 1];
    if (type.kind != ValueType::Kind::kTensor) {
      return OpContext::Invalid(
          fmt::format("output {}: expected tensors to collect, got {}", i, type.ToString()));
    }
    if (type.shape) type.shape->insert(type.shape->begin(), Dim::Unknown());
    context.SetOutputType(static_cast<int>(i), std::move(type));
  }
  return OkStatus();
}

// One element of an optional scalar input.
Result<int64_t> ScalarOr(const ReferenceContext& context, int i, int64_t absent) {
  if (!context.HasInput(i)) return absent;
  const Tensor& tensor = context.Input(i);
  if (tensor.elements() == 1) return tensor.ValueAsInt(0);
  return OpContext::Invalid(
      fmt::format("shape of input {}: expected one element, got {}", i, tensor.shape().ToString()));
}

Tensor WithRankOf(const Tensor& scalar, const SymbolicShape& shape) {
  return shape.empty() ? scalar : scalar.Reshaped({1});
}

void SetNothingCollected(ReferenceContext& context, int output) {
  Shape shape =
      ShapeOfOutputThatNeverCame(*context.GraphAttribute("body"), static_cast<size_t>(output) + 1);
  shape.dims().insert(shape.dims().begin(), 0);
  context.AllocateOutput(output, shape);
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const int64_t trips,
                         ScalarOr(context, 0, std::numeric_limits<int64_t>::max()));
  ASSAY_ASSIGN_OR_RETURN(int64_t condition, ScalarOr(context, 1, 1));
  const int count = CarriedCount(context);
  std::vector<RuntimeValue> carried;
  for (int i = 0; i < count; ++i) carried.push_back(context.InputValue(i + 2));
  std::vector<std::vector<Tensor>> collected(
      static_cast<size_t>(std::max(0, context.output_count() - count)));
  const SymbolicShape counter_shape = CounterShape(context, 0);
  const SymbolicShape condition_shape = CounterShape(context, 1);
  for (int64_t trip = 0; trip < trips && condition != 0; ++trip) {
    std::vector<RuntimeValue> inputs = {WithRankOf(Tensor::Scalar(trip), counter_shape),
                                        WithRankOf(Tensor::Scalar<bool>(true), condition_shape)};
    inputs.insert(inputs.end(), carried.begin(), carried.end());
    ASSAY_ASSIGN_OR_RETURN(std::vector<RuntimeValue> outputs,
                           context.RunBody("body", std::move(inputs)));
    if (outputs[0].tensor().elements() != 1) {
      return OpContext::Invalid(
          fmt::format("shape of the body's condition: expected one element, "
                      "got {}",
                      outputs[0].tensor().shape().ToString()));
    }
    condition = outputs[0].tensor().ValueAsInt(0);
    for (size_t i = 0; i < carried.size(); ++i) carried[i] = std::move(outputs[i + 1]);
    for (size_t i = 0; i < collected.size(); ++i) {
      collected[i].push_back(std::move(outputs[i + 1 + carried.size()].tensor()));
    }
  }
  for (int i = 0; i < count; ++i) context.SetOutput(i, carried[static_cast<size_t>(i)]);
  for (size_t i = 0; i < collected.size(); ++i) {
    const int output = count + static_cast<int>(i);
    if (collected[i].empty()) {
      SetNothingCollected(context, output);
      continue;
    }
    ASSAY_ASSIGN_OR_RETURN(Tensor joined, StackAlong(collected[i], 0));
    context.SetOutput(output, std::move(joined));
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kLoop;
const OpDef kLoop = {.name = "Loop",
                     .schemas = kSchemas,
                     .infer = Infer,
                     .reference = Reference,
                     .moves_values = true};

}  // namespace assay
