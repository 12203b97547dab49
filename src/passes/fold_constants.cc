#include <optional>
#include <vector>

#include "ir/captures.h"
#include "ir/graph_editor.h"
#include "ops/evaluate_node.h"
#include "ops/op_def.h"
#include "passes/pass.h"

namespace assay {
namespace {

// A folded result may not be larger than this unless it replaces at least as many bytes of weights.
constexpr size_t kFreeBytes = size_t{1} << 20;

bool IsFoldable(const Graph& graph, const Node& node) {
  if (!BodiesOf(node).empty()) return false;
  for (ValueId id : node.outputs) {
    if (id != kNoValue && graph.value(id).type.kind != ValueType::Kind::kTensor) return false;
  }
  return !IsRandom(node);
}

// Folds chains in float64: a result that only feeds further folding is never rounded, one that
// stays in the graph is rounded once to its declared type.
class Folding {
 public:
  Folding(Graph& graph, PassContext& context)
      : editor_(graph), graph_(graph), context_(context), wide_(graph.values.size()) {}

  Result<int> Run() {
    for (NodeId id = 0; id < static_cast<NodeId>(graph_.nodes.size()); ++id) {
      ASSAY_RETURN_IF_ERROR(Visit(id).WithContext(graph_.NodeLabel(id)));
    }
    for (ValueId id : folded_) ASSAY_RETURN_IF_ERROR(Narrow(id));
    for (NodeId id : folded_nodes_) editor_.RemoveNode(id);
    editor_.Finish();
    return static_cast<int>(folded_nodes_.size());
  }

 private:
  bool IsConstant(ValueId id) const {
    return graph_.value(id).constant.has_value() || wide_[static_cast<size_t>(id)].has_value();
  }

  // The value in the reference's types.
  Result<Tensor> Widen(ValueId id) const {
    if (wide_[static_cast<size_t>(id)]) return *wide_[static_cast<size_t>(id)];
    const Tensor& tensor = *graph_.value(id).constant;
    return IsFloating(tensor.dtype()) ? ConvertTensor(tensor, DType::kFloat64) : tensor;
  }

  Status Visit(NodeId id) {
    const Node& node = graph_.node(id);
    if (!IsFoldable(graph_, node)) return OkStatus();
    size_t input_bytes = 0;
    for (ValueId input : node.inputs) {
      if (input == kNoValue) continue;
      if (!IsConstant(input)) return OkStatus();
      if (graph_.value(input).constant) input_bytes += graph_.value(input).constant->byte_size();
    }
    for (ValueId output : node.outputs) {
      if (output == kNoValue) continue;
      // A graph output must stay the result of a node.
      if (editor_.IsGraphOutput(output)) return OkStatus();
      const ValueType& type = graph_.value(output).type;
      const std::optional<Shape> shape = type.shape ? ToConcrete(*type.shape) : std::nullopt;
      const size_t bytes = shape ? Tensor::ByteSize(type.dtype, shape->elements()) : 0;
      if (bytes > kFreeBytes && bytes > input_bytes) return OkStatus();
    }
    std::vector<Tensor> tensors;
    for (ValueId input : node.inputs) {
      if (input == kNoValue) {
        tensors.emplace_back();
        continue;
      }
      ASSAY_ASSIGN_OR_RETURN(Tensor tensor, Widen(input));
      tensors.push_back(std::move(tensor));
    }
    std::vector<const Tensor*> inputs;
    for (size_t i = 0; i < tensors.size(); ++i) {
      inputs.push_back(node.inputs[i] == kNoValue ? nullptr : &tensors[i]);
    }
    ASSAY_ASSIGN_OR_RETURN(std::vector<Tensor> outputs,
                           EvaluateNode(graph_, node, inputs, context_.threads));
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == kNoValue) continue;
      wide_[static_cast<size_t>(node.outputs[i])] = std::move(outputs[i]);
      folded_.push_back(node.outputs[i]);
    }
    folded_nodes_.push_back(id);
    return OkStatus();
  }

  Status Narrow(ValueId id) {
    Value& value = graph_.value(id);
    Tensor tensor = std::move(*wide_[static_cast<size_t>(id)]);
    if (tensor.dtype() != value.type.dtype) {
      ASSAY_ASSIGN_OR_RETURN(tensor, ConvertTensor(tensor, value.type.dtype));
    }
    value.type.shape = ToSymbolic(tensor.shape());
    value.constant = std::move(tensor);
    return OkStatus();
  }

  GraphEditor editor_;
  Graph& graph_;
  PassContext& context_;
  std::vector<std::optional<Tensor>> wide_;
  std::vector<ValueId> folded_;
  std::vector<NodeId> folded_nodes_;
};

Result<int> Run(Graph& graph, PassContext& context) { return Folding(graph, context).Run(); }

}  // namespace

extern const Pass kFoldConstants;
const Pass kFoldConstants = {.name = "fold-constants",
                             .summary = "computes what depends on constants only, in float64",
                             .effect = PassEffect::kReassociates,
                             .run = Run};

}  // namespace assay
