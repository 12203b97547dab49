#include "passes/pass.h"
#include "passes/rewriter.h"

namespace assay {
namespace {

// e = exp(x - ReduceMax(x)), e / ReduceSum(e), along one axis. Without the maximum large arguments
// would overflow where those of Softmax do not: that is another function.
class Recognition {
 public:
  explicit Recognition(Graph& graph) : rewriter_(graph) {}

  int Run() {
    int changes = 0;
    for (size_t i = 0; i < rewriter_.graph().nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      if (!rewriter_.IsRemoved(id) && IsOp(At(id), "Div") && Match(id)) ++changes;
    }
    rewriter_.Finish();
    return changes;
  }

 private:
  const Node& At(NodeId id) const { return rewriter_.node(id); }

  // The single axis of a reduction that keeps it.
  std::optional<int64_t> Axis(NodeId id, int axes_input_since) const {
    const Node& node = At(id);
    const OpContext attributes = AttributesOf(node);
    if (attributes.Int("keepdims") != 1) return std::nullopt;
    const std::optional<std::vector<int64_t>> axes =
        node.opset < axes_input_since ? attributes.Ints("axes") : rewriter_.Ints(node, 1);
    const std::optional<int> rank = rewriter_.Rank(node.inputs[0]);
    if (!axes || axes->size() != 1 || !rank) return std::nullopt;
    return (*axes)[0] < 0 ? (*axes)[0] + *rank : (*axes)[0];
  }

  bool Match(NodeId divide) {
    const ValueId power = At(divide).inputs[0];
    const NodeId exponential = rewriter_.ProducerOf(power, "Exp");
    const NodeId sum = rewriter_.PrivateProducerOf(At(divide).inputs[1], "ReduceSum");
    if (exponential == kNoNode || sum == kNoNode || At(sum).inputs[0] != power ||
        rewriter_.IsGraphOutput(power) || rewriter_.Uses(power).size() != 2) {
      return false;
    }
    const std::optional<int64_t> axis = Axis(sum, 13);
    if (!axis) return false;
    const NodeId subtract = rewriter_.PrivateProducerOf(At(exponential).inputs[0], "Sub");
    if (subtract == kNoNode) return false;
    const ValueId x = At(subtract).inputs[0];
    const NodeId most = rewriter_.PrivateProducerOf(At(subtract).inputs[1], "ReduceMax");
    if (most == kNoNode || At(most).inputs[0] != x || Axis(most, 18) != axis) return false;
    Node node;
    node.name = At(divide).name;
    node.op = "Softmax";
    node.opset = 13;
    node.inputs = {x};
    node.attributes = {{"axis", *axis}};
    rewriter_.Replace({most, subtract, exponential, sum, divide}, std::move(node));
    return true;
  }

  Rewriter rewriter_;
};

Result<int> Run(Graph& graph, PassContext&) { return Recognition(graph).Run(); }

}  // namespace

extern const Pass kRecognizeSoftmax;
const Pass kRecognizeSoftmax = {.name = "recognize-softmax",
                                .summary = "finds Softmax in exponentials and their sums",
                                .effect = PassEffect::kReassociates,
                                .again_with_shapes = true,
                                .run = Run};

}  // namespace assay
