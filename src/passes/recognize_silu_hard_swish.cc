#include "passes/pass.h"
#include "passes/product.h"
#include "passes/rewriter.h"

namespace assay {
namespace {

// Swish is x sigmoid(x), HardSwish x clip(x + 3, 0, 6) / 6, which is x hardsigmoid(x) with 1/6 and
// 1/2. A clip(x + 3, 0, 6) / 6 on its own is such a HardSigmoid.
class Recognition {
 public:
  explicit Recognition(Graph& graph) : rewriter_(graph) {}

  int Run() {
    for (size_t i = 0; i < rewriter_.graph().nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      if (rewriter_.IsRemoved(id)) continue;
      if (IsOp(At(id), "Clip")) MatchClip(id);
      if (IsOp(At(id), "Sigmoid")) MatchGate(id, "Swish", 24);
      if (IsOp(At(id), "HardSigmoid") && IsOfHardSwish(At(id))) MatchGate(id, "HardSwish", 14);
    }
    rewriter_.Finish();
    return changes_;
  }

 private:
  static constexpr float kSixth = 1.0F / 6.0F;

  const Node& At(NodeId id) const { return rewriter_.node(id); }

  static bool IsOfHardSwish(const Node& node) {
    const OpContext attributes = AttributesOf(node);
    return attributes.Float("alpha") == kSixth && attributes.Float("beta") == 0.5F;
  }

  // gate(x) that only a product with x reads.
  void MatchGate(NodeId gate, const std::string& op, int opset) {
    const ValueId x = At(gate).inputs[0];
    const NodeId product = rewriter_.OnlyReader(At(gate).outputs[0]);
    if (product == kNoNode || !IsOp(At(product), "Mul") ||
        OtherInput(At(product), At(gate).outputs[0]) != x) {
      return;
    }
    Replace({gate, product}, x, op, opset, {});
  }

  bool IsClipFrom0To6(const Node& node) const {
    if (node.opset < 11) {
      return node.opset >= 6 && AttributesOf(node).Float("min") == 0 &&
             AttributesOf(node).Float("max") == 6;
    }
    return rewriter_.IsNumber(InputAt(node, 1), 0) && rewriter_.IsNumber(InputAt(node, 2), 6);
  }

  // True if the node divides `in` by 6.
  bool IsSixthOf(const Node& node, ValueId in) const {
    if (IsOp(node, "Div")) {
      return node.inputs[0] == in && rewriter_.IsNumber(node.inputs[1], 6);
    }
    return IsOp(node, "Mul") && rewriter_.BesideNumber(node, 1.0 / 6) == in;
  }

  void MatchClip(NodeId clip) {
    const NodeId shift = rewriter_.PrivateProducerOf(At(clip).inputs[0], "Add");
    if (shift == kNoNode || !IsClipFrom0To6(At(clip))) return;
    const ValueId x = rewriter_.BesideNumber(At(shift), 3);
    const ValueId clipped = At(clip).outputs[0];
    const NodeId next = rewriter_.OnlyReader(clipped);
    if (x == kNoValue || next == kNoNode) return;
    const NodeId last = rewriter_.OnlyReader(At(next).outputs[0]);
    const bool divides_last = IsOp(At(next), "Mul") && OtherInput(At(next), clipped) == x &&
                              last != kNoNode && IsSixthOf(At(last), At(next).outputs[0]);
    const bool divides_first = IsSixthOf(At(next), clipped);
    const bool multiplies_last = divides_first && last != kNoNode && IsOp(At(last), "Mul") &&
                                 OtherInput(At(last), At(next).outputs[0]) == x;
    if (divides_last || multiplies_last) {
      Replace({shift, clip, next, last}, x, "HardSwish", 14, {});
    } else if (divides_first && rewriter_.type(x).dtype == DType::kFloat32) {
      Replace({shift, clip, next}, x, "HardSigmoid", 6, {{"alpha", kSixth}, {"beta", 0.5F}});
    }
  }

  void Replace(const std::vector<NodeId>& nodes, ValueId x, const std::string& op, int opset,
               std::vector<Attribute> attributes) {
    if (!rewriter_.SameRank(x, At(nodes.back()).outputs[0])) return;
    Node node;
    node.name = At(nodes.back()).name;
    node.op = op;
    node.opset = opset;
    node.inputs = {x};
    node.attributes = std::move(attributes);
    rewriter_.Replace(nodes, std::move(node));
    ++changes_;
  }

  Rewriter rewriter_;
  int changes_ = 0;
};

Result<int> Run(Graph& graph, PassContext&) { return Recognition(graph).Run(); }

}  // namespace

extern const Pass kRecognizeSiluHardSwish;
const Pass kRecognizeSiluHardSwish = {
    .name = "recognize-silu-hard-swish",
    .summary = "finds Swish, HardSwish and HardSigmoid in gates and clips",
    .effect = PassEffect::kReassociates,
    .again_with_shapes = true,
    .run = Run};

}  // namespace assay
