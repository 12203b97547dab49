#include <optional>
#include <string>
#include <vector>

#include "ir/captures.h"
#include "ir/graph_editor.h"
#include "passes/pass.h"

namespace assay {
namespace {

// An If whose condition is known is its branch: exporters write many of them.
class Inlining {
 public:
  explicit Inlining(Graph& graph) : editor_(graph), graph_(graph) {}

  int Run() {
    int changes = 0;
    const auto count = static_cast<NodeId>(graph_.nodes.size());
    for (NodeId id = 0; id < count; ++id) {
      const Node node = graph_.node(id);
      if (node.op != "If" || !node.domain.empty()) continue;
      const Tensor* condition = editor_.ConstantInput(node, 0);
      if (condition == nullptr || condition->elements() != 1) continue;
      Splice(id, node, condition->ValueAsInt(0) != 0 ? "then_branch" : "else_branch");
      ++changes;
    }
    if (changes > 0) editor_.Finish();
    return changes;
  }

 private:
  void Splice(NodeId id, const Node& node, std::string_view branch) {
    const NodeBody found = *FindBody(node, branch);
    const Graph& body = *found.graph;
    std::vector<ValueId> placed(body.values.size(), kNoValue);
    for (size_t i = 0; i < body.captures.size(); ++i) {
      placed[static_cast<size_t>(body.captures[i].first)] = node.inputs[found.first_capture + i];
    }
    editor_.RemoveNode(id);
    std::vector<size_t> copied;
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == kNoValue) continue;
      const auto inner = static_cast<size_t>(body.outputs[i]);
      if (body.values[inner].producer != kNoNode && placed[inner] == kNoValue) {
        placed[inner] = node.outputs[i];
      } else {
        copied.push_back(i);
      }
    }
    for (size_t i = 0; i < placed.size(); ++i) {
      if (placed[i] != kNoValue) continue;
      const Value& value = body.values[i];
      const std::string name = node.name + "/" + value.name;
      placed[i] = value.constant ? editor_.AddConstant(name, *value.constant)
                                 : editor_.AddValue(name, value.type);
    }
    for (size_t k = 0; k < body.nodes.size(); ++k) {
      Node copy = body.nodes[k];
      copy.origins = OriginsOf(body, static_cast<NodeId>(k));
      for (ValueId& value : copy.inputs) value = At(placed, value);
      for (ValueId& value : copy.outputs) value = At(placed, value);
      editor_.AddNode(std::move(copy), id);
    }
    for (size_t i : copied) {
      Node identity;
      identity.op = "Identity";
      identity.opset = 14;
      identity.origins = OriginsOf(graph_, id);
      identity.inputs = {At(placed, body.outputs[i])};
      identity.outputs = {node.outputs[i]};
      editor_.AddNode(std::move(identity), id);
    }
  }

  static ValueId At(const std::vector<ValueId>& placed, ValueId id) {
    return id == kNoValue ? id : placed[static_cast<size_t>(id)];
  }

  GraphEditor editor_;
  Graph& graph_;
};

Result<int> Run(Graph& graph, PassContext&) { return Inlining(graph).Run(); }

}  // namespace

extern const Pass kInlineBranches;
const Pass kInlineBranches = {.name = "inline-branches",
                              .summary = "replaces an If whose condition is known by its branch",
                              .effect = PassEffect::kExact,
                              .again_with_shapes = true,
                              .run = Run};

}  // namespace assay
