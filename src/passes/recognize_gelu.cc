#include <cmath>
#include <numbers>

#include "passes/pass.h"
#include "passes/rewriter.h"

namespace assay {
namespace {

// Gelu is 0.5 x (1 + erf(x / sqrt 2)), or about 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
// Exporters multiply the three factors in any order.
class Recognition {
 public:
  explicit Recognition(Graph& graph) : rewriter_(graph) {}

  int Run() {
    int changes = 0;
    for (size_t i = 0; i < rewriter_.graph().nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      if (rewriter_.IsRemoved(id)) continue;
      const bool matches =
          (IsOp(At(id), "Erf") && MatchErf(id)) || (IsOp(At(id), "Tanh") && MatchTanh(id));
      if (matches) ++changes;
    }
    rewriter_.Finish();
    return changes;
  }

 private:
  const Node& At(NodeId id) const { return rewriter_.node(id); }

  bool MatchErf(NodeId erf) {
    const NodeId scale = rewriter_.Producer(At(erf).inputs[0]);
    if (scale == kNoNode || rewriter_.OnlyReader(At(erf).inputs[0]) == kNoNode) return false;
    const Node& node = At(scale);
    ValueId x = kNoValue;
    if (IsOp(node, "Div") && rewriter_.IsNumber(node.inputs[1], std::numbers::sqrt2)) {
      x = node.inputs[0];
    } else if (IsOp(node, "Mul")) {
      x = rewriter_.BesideNumber(node, std::numbers::sqrt2 / 2);
    }
    return x != kNoValue && Build({scale, erf}, x, "none");
  }

  bool MatchTanh(NodeId tanh) {
    const NodeId scale = rewriter_.PrivateProducerOf(At(tanh).inputs[0], "Mul");
    if (scale == kNoNode) return false;
    const ValueId inner = rewriter_.BesideNumber(At(scale), std::sqrt(2 / std::numbers::pi));
    const NodeId sum = rewriter_.PrivateProducerOf(inner, "Add");
    if (sum == kNoNode) return false;
    for (ValueId x : At(sum).inputs) {
      const NodeId weigh = rewriter_.PrivateProducerOf(OtherInput(At(sum), x), "Mul");
      if (weigh == kNoNode) continue;
      const NodeId cube =
          rewriter_.PrivateProducerOf(rewriter_.BesideNumber(At(weigh), 0.044715), "Pow");
      if (cube == kNoNode || At(cube).inputs[0] != x ||
          !rewriter_.IsNumber(At(cube).inputs[1], 3)) {
        continue;
      }
      return Build({cube, weigh, sum, scale, tanh}, x, "tanh");
    }
    return false;
  }

  // The only reader of a node's result if it is a two-operand `op`.
  NodeId Reader(NodeId id, std::string_view op) const {
    const NodeId reader = rewriter_.OnlyReader(At(id).outputs[0]);
    return reader != kNoNode && IsOp(At(reader), op) && At(reader).opset >= 7 ? reader : kNoNode;
  }

  ValueId Beside(NodeId id, NodeId operand) const {
    return OtherInput(At(id), At(operand).outputs[0]);
  }

  // True if the value is x / 2; adds the node that halves it if nobody else reads it.
  bool IsHalf(ValueId id, ValueId x, std::vector<NodeId>& nodes) const {
    const NodeId half = rewriter_.ProducerOf(id, "Mul");
    if (half != kNoNode && rewriter_.BesideNumber(At(half), 0.5) == x) {
      nodes.insert(nodes.begin(), half);
      return true;
    }
    const NodeId divide = rewriter_.ProducerOf(id, "Div");
    if (divide == kNoNode || At(divide).inputs[0] != x ||
        !rewriter_.IsNumber(At(divide).inputs[1], 2)) {
      return false;
    }
    nodes.insert(nodes.begin(), divide);
    return true;
  }

  bool Build(std::vector<NodeId> nodes, ValueId x, const std::string& form) {
    const NodeId one = Reader(nodes.back(), "Add");
    if (one == kNoNode || !rewriter_.IsNumber(Beside(one, nodes.back()), 1)) return false;
    nodes.push_back(one);
    const NodeId first = Reader(one, "Mul");
    if (first == kNoNode) return false;
    nodes.push_back(first);
    const ValueId factor = Beside(first, one);
    if (factor == kNoValue) return false;
    if (!IsHalf(factor, x, nodes)) {
      const NodeId second = Reader(first, "Mul");
      if (second == kNoNode) return false;
      const ValueId other = Beside(second, first);
      const bool fits = (factor == x && rewriter_.IsNumber(other, 0.5)) ||
                        (other == x && rewriter_.IsNumber(factor, 0.5));
      if (!fits) return false;
      nodes.push_back(second);
    }
    if (!rewriter_.SameRank(x, At(nodes.back()).outputs[0])) return false;
    Node gelu;
    gelu.name = At(nodes.back()).name;
    gelu.op = "Gelu";
    gelu.opset = 20;
    gelu.inputs = {x};
    gelu.attributes = {{"approximate", form}};
    rewriter_.Replace(nodes, std::move(gelu));
    return true;
  }

  Rewriter rewriter_;
};

Result<int> Run(Graph& graph, PassContext&) { return Recognition(graph).Run(); }

}  // namespace

extern const Pass kRecognizeGelu;
const Pass kRecognizeGelu = {.name = "recognize-gelu",
                             .summary = "finds Gelu in Erf or Tanh and the products around it",
                             .effect = PassEffect::kReassociates,
                             .again_with_shapes = true,
                             .run = Run};

}  // namespace assay
