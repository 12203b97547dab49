#include <algorithm>
#include <cmath>
#include <numeric>

#include "passes/pass.h"
#include "passes/rewriter.h"

namespace assay {
namespace {

using Order = std::vector<int64_t>;

// What a value is made of: scale * source, with axes in another order.
struct Operand {
  ValueId source = kNoValue;
  double scale = 1;
  Order order;  // axis `order[i]` of the source is axis i of the value
};

// Softmax(scale * MatMul(Q, K) + mask) along the last axis, multiplied with V.
class Recognition {
 public:
  explicit Recognition(Graph& graph) : rewriter_(graph) {}

  int Run() {
    int changes = 0;
    const size_t count = rewriter_.graph().nodes.size();
    for (size_t i = 0; i < count; ++i) {
      const auto id = static_cast<NodeId>(i);
      if (!rewriter_.IsRemoved(id) && IsOp(At(id), "Softmax") && Match(id)) ++changes;
    }
    rewriter_.Finish();
    return changes;
  }

 private:
  const Node& At(NodeId id) const { return rewriter_.node(id); }

  bool IsAlongLastAxis(NodeId softmax) const {
    const std::optional<int> rank = rewriter_.Rank(At(softmax).inputs[0]);
    if (!rank) return false;
    const int64_t axis = AttributesOf(At(softmax)).Int("axis");
    return axis == -1 || axis == *rank - 1;
  }

  // Steps from a value that a node scales by a number to what is scaled. False for other nodes, and
  // where the number has more axes than the value or is none to reckon with.
  bool Unscale(ValueId& value, double& scale) {
    const NodeId id = rewriter_.Producer(value);
    if (id == kNoNode || (!IsOp(At(id), "Mul") && !IsOp(At(id), "Div"))) return false;
    const Node& node = At(id);
    const bool divides = node.op == "Div";
    const bool first_is_number = !divides && rewriter_.Number(node.inputs[0]).has_value();
    const ValueId source = node.inputs[first_is_number ? 1 : 0];
    const std::optional<double> number = rewriter_.Number(node.inputs[first_is_number ? 0 : 1]);
    if (!number || !rewriter_.SameRank(value, source)) return false;
    const double product = divides ? scale / *number : scale * *number;
    if (!std::isfinite(product) || product == 0) return false;
    scale = product;
    value = source;
    nodes_.push_back(id);
    return true;
  }

  bool Untranspose(Operand& operand) {
    const NodeId id = rewriter_.ProducerOf(operand.source, "Transpose");
    if (id == kNoNode) return false;
    const Order order = OrderOf(id, operand.order.size());
    for (int64_t& axis : operand.order) axis = order[static_cast<size_t>(axis)];
    operand.source = At(id).inputs[0];
    nodes_.push_back(id);
    return true;
  }

  Order OrderOf(NodeId transpose, size_t rank) const {
    const OpContext attributes = AttributesOf(At(transpose));
    if (attributes.HasAttribute("perm")) return attributes.Ints("perm");
    Order order(rank);
    std::iota(order.rbegin(), order.rend(), 0);
    return order;
  }

  Operand Read(ValueId value) {
    Operand operand = {value, 1, Order(static_cast<size_t>(*rewriter_.Rank(value)))};
    std::iota(operand.order.begin(), operand.order.end(), 0);
    while (Unscale(operand.source, operand.scale) || Untranspose(operand)) {
    }
    return operand;
  }

  // The product that nobody but the scores' reader sees, through a private chain of scales.
  NodeId FindProduct(ValueId scores, double& scale) {
    while (rewriter_.OnlyReader(scores) != kNoNode) {
      if (const NodeId product = rewriter_.ProducerOf(scores, "MatMul"); product != kNoNode) {
        return product;
      }
      if (!Unscale(scores, scale)) break;
    }
    return kNoNode;
  }

  // Likewise, with a mask added last.
  NodeId FindMaskedProduct(ValueId scores, double& scale, ValueId& mask) {
    const NodeId sum = rewriter_.PrivateProducerOf(scores, "Add");
    if (sum == kNoNode) return FindProduct(scores, scale);
    for (const size_t i : {size_t{0}, size_t{1}}) {
      const ValueId own = At(sum).inputs[i];
      if (!SameShape(rewriter_.type(own), rewriter_.type(scores))) continue;
      scale = 1;
      nodes_ = {sum};
      mask = At(sum).inputs[1 - i];
      if (const NodeId product = FindProduct(own, scale); product != kNoNode) return product;
    }
    return kNoNode;
  }

  // Ranks are at least 2 and equal, and so are all axes but the last two.
  bool FitTogether(ValueId q, ValueId k, ValueId v) const {
    const std::optional<int> rank = rewriter_.Rank(q);
    if (!rank || *rank < 2 || !rewriter_.SameRank(q, k) || !rewriter_.SameRank(q, v)) return false;
    for (size_t i = 0; i + 2 < static_cast<size_t>(*rank); ++i) {
      const Dim& own = (*rewriter_.type(q).shape)[i];
      if (!own.SameAs((*rewriter_.type(k).shape)[i])) return false;
      if (!own.SameAs((*rewriter_.type(v).shape)[i])) return false;
    }
    return true;
  }

  bool Match(NodeId softmax) {
    const ValueId weights = At(softmax).outputs[0];
    NodeId last = rewriter_.OnlyReader(weights);
    if (!IsAlongLastAxis(softmax) || last == kNoNode || !IsOp(At(last), "MatMul") ||
        At(last).inputs[0] != weights) {
      return false;
    }
    nodes_.clear();
    double scale = 1;
    ValueId mask = kNoValue;
    const NodeId product = FindMaskedProduct(At(softmax).inputs[0], scale, mask);
    if (product == kNoNode) return false;
    const std::vector<ValueId> operands = {At(product).inputs[0], At(product).inputs[1],
                                           At(last).inputs[1]};
    if (!FitTogether(operands[0], operands[1], operands[2])) return false;
    nodes_.insert(nodes_.end(), {product, softmax, last});
    const Operand q = Read(operands[0]);
    const Operand k = Read(operands[1]);
    Operand v = {operands[2], 1, Order(q.order.size())};
    std::iota(v.order.begin(), v.order.end(), 0);
    while (Untranspose(v)) {
    }
    scale *= q.scale * k.scale;
    if (!std::isfinite(scale) || scale == 0) return false;
    Node node;
    node.name = At(last).name;
    node.op = "Attention";
    node.domain = kFusedDomain;
    node.opset = 1;
    node.inputs = {q.source, k.source, v.source};
    if (mask != kNoValue) node.inputs.push_back(mask);
    if (scale != 1) node.attributes = {{"scale", Tensor::Scalar<double>(scale)}};
    AddOrder(node, "query_perm", q.order);
    AddOrder(node, "key_perm", k.order);
    AddOrder(node, "value_perm", v.order);
    const NodeId reader = rewriter_.OnlyReader(At(last).outputs[0]);
    if (reader != kNoNode && IsOp(At(reader), "Transpose")) {
      AddOrder(node, "output_perm", OrderOf(reader, q.order.size()));
      nodes_.push_back(reader);
    }
    std::ranges::sort(nodes_);
    nodes_.erase(std::unique(nodes_.begin(), nodes_.end()), nodes_.end());
    rewriter_.Replace(nodes_, std::move(node));
    return true;
  }

  static void AddOrder(Node& node, std::string name, const Order& order) {
    if (!std::ranges::is_sorted(order)) node.attributes.push_back({std::move(name), order});
  }

  Rewriter rewriter_;
  std::vector<NodeId> nodes_;  // that the match under way stands for
};

Result<int> Run(Graph& graph, PassContext&) { return Recognition(graph).Run(); }

}  // namespace

extern const Pass kRecognizeAttention;
const Pass kRecognizeAttention = {.name = "recognize-attention",
                                  .summary =
                                      "makes scores, Softmax and their product with values "
                                      "one operator",
                                  .effect = PassEffect::kReassociates,
                                  .again_with_shapes = true,
                                  .run = Run};

}  // namespace assay
