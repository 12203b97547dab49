#include "tactics/cpu/portable.h"

#include <cstring>

#include "ir/captures.h"
#include "ops/evaluate_node.h"

namespace assay {
namespace {

// The instance as a graph of one node, for the float64 kernel of its operator.
struct State {
  Graph graph;
  std::vector<Operand> inputs;
  std::vector<Operand> outputs;
};

Support Supports(const Instance& instance, const Machine&) {
  if (instance.node().domain == kFusedDomain && instance.node().op == "Convert") {
    return Support::No("it knows no formats");
  }
  if (!BodiesOf(instance.node()).empty()) {
    return Support::No("operators with bodies are not supported");
  }
  for (const std::vector<Operand>* operands : {&instance.inputs(), &instance.outputs()}) {
    for (const Operand& operand : *operands) {
      if (operand.present && operand.dtype == DType::kString) return Support::No("strings");
    }
  }
  return Support::Yes();
}

Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  State state;
  Node node = instance.node();
  const auto add = [&](const Operand& operand) {
    if (!operand.present) return kNoValue;
    return state.graph.AddValue("", ValueType::TensorOf(operand.dtype, ToSymbolic(operand.shape)));
  };
  for (size_t i = 0; i < node.inputs.size(); ++i) node.inputs[i] = add(instance.inputs()[i]);
  for (size_t i = 0; i < node.outputs.size(); ++i) node.outputs[i] = add(instance.outputs()[i]);
  state.graph.AddNode(std::move(node));
  state.inputs = instance.inputs();
  state.outputs = instance.outputs();
  for (Operand& operand : state.inputs) operand.constant = nullptr;
  Preparation preparation;
  preparation.state = MakeState(std::move(state));
  return preparation;
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  std::vector<Tensor> tensors(state.inputs.size());
  std::vector<const Tensor*> inputs(state.inputs.size(), nullptr);
  for (size_t i = 0; i < tensors.size(); ++i) {
    const Operand& operand = state.inputs[i];
    if (!operand.present) continue;
    tensors[i] = Tensor::View(operand.dtype, operand.shape, call.inputs[i], nullptr);
    if (IsFloating(operand.dtype) && operand.dtype != DType::kFloat64) {
      ASSAY_ASSIGN_OR_RETURN(tensors[i], ConvertTensor(tensors[i], DType::kFloat64));
    }
    inputs[i] = &tensors[i];
  }
  ASSAY_ASSIGN_OR_RETURN(std::vector<Tensor> outputs,
                         EvaluateNode(state.graph, state.graph.node(0), inputs, *call.threads));
  for (size_t i = 0; i < state.outputs.size(); ++i) {
    const Operand& operand = state.outputs[i];
    if (!operand.present) continue;
    Tensor tensor = std::move(outputs[i]);
    if (tensor.shape() != operand.shape) {
      return Status(StatusCode::kInternal, "shape of an output: expected " +
                                               operand.shape.ToString() + ", got " +
                                               tensor.shape().ToString());
    }
    if (tensor.dtype() != operand.dtype) {
      ASSAY_ASSIGN_OR_RETURN(tensor, ConvertTensor(tensor, operand.dtype));
    }
    if (tensor.byte_size() > 0) std::memcpy(call.outputs[i], tensor.raw(), tensor.byte_size());
  }
  return OkStatus();
}

}  // namespace

// Any operator: computed in float64 and rounded to the declared type of each output. Allocates
// while running, unlike every other tactic.
extern const Tactic kPortable;
const Tactic kPortable = {.name = kPortableName,
                          .domain = "",
                          .op = "*",
                          .numerics = NumericClass::kReassociated,
                          .supports = Supports,
                          .prepare = Prepare,
                          .run = Run};

bool RunsReferenceKernel(const Tactic& tactic) { return &tactic == &kPortable; }

}  // namespace assay
