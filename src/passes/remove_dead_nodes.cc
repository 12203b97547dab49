#include "ir/graph_editor.h"
#include "passes/pass.h"

namespace assay {
namespace {

Result<int> Run(Graph& graph, PassContext&) {
  GraphEditor editor(graph);
  int removed = 0;
  for (auto id = static_cast<NodeId>(graph.nodes.size()); id-- > 0;) {
    bool needed = false;
    for (ValueId output : graph.node(id).outputs) {
      if (output == kNoValue) continue;
      needed = needed || editor.IsGraphOutput(output) || !editor.Uses(output).empty();
    }
    if (needed) continue;
    editor.RemoveNode(id);
    ++removed;
  }
  editor.Finish();
  return removed;
}

}  // namespace

extern const Pass kRemoveDeadNodes;
const Pass kRemoveDeadNodes = {.name = "remove-dead-nodes",
                               .summary = "drops nodes whose results nobody reads",
                               .effect = PassEffect::kExact,
                               .again_with_shapes = true,
                               .run = Run};

}  // namespace assay
