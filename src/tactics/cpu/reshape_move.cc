// Operators that give their input another shape and leave every byte where it is.

#include <algorithm>
#include <cstring>

#include "tactics/cpu/strided_copy.h"

namespace assay {
namespace {

struct State {
  int64_t bytes = 0;
  int64_t mask_elements = 0;  // of Dropout
  bool mask_is_float = false;
};

Support Supports(const Instance& instance, const Machine&) {
  const Operand& data = instance.input(0);
  if (data.dtype == DType::kString) return Support::No("strings are not moved");
  if (data.dtype != instance.output(0).dtype) return Support::No("the element type changes");
  if (data.shape.elements() != instance.output(0).shape.elements()) {
    return Support::No("the number of elements changes");
  }
  return Support::Yes();
}

// Whether a Dropout passes its input on, as far as that is known before it runs.
Support SupportsDropout(const Instance& instance, const Machine& machine) {
  if (instance.opset() < 7 && instance.Int("is_test") == 0) return Support::No("training");
  if (instance.opset() >= 12 && instance.HasInput(2)) {
    const std::optional<std::vector<int64_t>> training = instance.ConstantInts(2);
    if (!training || training->size() != 1) return Support::No("training_mode must be constant");
    if (training->front() != 0) return Support::No("training");
  }
  if (instance.WantsOutput(1) && instance.output(1).dtype != DType::kBool &&
      instance.output(1).dtype != DType::kFloat32) {
    return Support::No("the mask must be bool or float32");
  }
  return Supports(instance, machine);
}

Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  State state;
  state.bytes = static_cast<int64_t>(
      Tensor::ByteSize(instance.input(0).dtype, instance.input(0).shape.elements()));
  if (instance.node().op == "Dropout" && instance.WantsOutput(1)) {
    state.mask_elements = instance.output(1).shape.elements();
    state.mask_is_float = instance.output(1).dtype == DType::kFloat32;
  }
  Preparation preparation;
  preparation.state = MakeState(state);
  preparation.in_place = {{0, 0}};
  return preparation;
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  CopyBytes(call.outputs[0], call.inputs[0], state.bytes, *call.threads);
  if (state.mask_elements == 0) return OkStatus();
  if (state.mask_is_float) {
    std::fill_n(call.Output<float>(1), state.mask_elements, 1.0F);
  } else {
    std::memset(call.outputs[1], 1, static_cast<size_t>(state.mask_elements));
  }
  return OkStatus();
}

constexpr Tactic MakeTactic(std::string_view name, std::string_view op,
                            Support (*supports)(const Instance&, const Machine&) = Supports) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kExact,
          .supports = supports,
          .prepare = Prepare,
          .run = Run};
}

}  // namespace

extern const Tactic kReshapeMove, kFlattenMove, kSqueezeMove, kUnsqueezeMove, kIdentityMove,
    kDropoutMove;
constexpr Tactic kReshapeMove = MakeTactic("cpu.reshape.move", "Reshape");
constexpr Tactic kFlattenMove = MakeTactic("cpu.flatten.move", "Flatten");
constexpr Tactic kSqueezeMove = MakeTactic("cpu.squeeze.move", "Squeeze");
constexpr Tactic kUnsqueezeMove = MakeTactic("cpu.unsqueeze.move", "Unsqueeze");
constexpr Tactic kIdentityMove = MakeTactic("cpu.identity.move", "Identity");
constexpr Tactic kDropoutMove = MakeTactic("cpu.dropout.move", "Dropout", SupportsDropout);

}  // namespace assay
