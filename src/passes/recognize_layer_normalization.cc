#include <algorithm>

#include "passes/pass.h"
#include "passes/product.h"
#include "passes/rewriter.h"

namespace assay {
namespace {

// mean = ReduceMean(x, axes); d = x - mean; d / sqrt(ReduceMean(d * d, axes) + epsilon), then
// perhaps * scale and + offset, over the last axes of x.
struct Normalization {
  std::vector<NodeId> nodes;  // in the order of the graph
  ValueId x = kNoValue;
  std::vector<int64_t> axes;
  float epsilon = 0;
};

class Recognition {
 public:
  explicit Recognition(Graph& graph) : rewriter_(graph) {}

  int Run() {
    for (size_t i = 0; i < rewriter_.graph().nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      if (rewriter_.IsRemoved(id)) continue;
      std::optional<Normalization> found = Match(id);
      if (found && Build(*found)) ++changes_;
    }
    rewriter_.Finish();
    return changes_;
  }

 private:
  const Node& At(NodeId id) const { return rewriter_.node(id); }

  // The axes of a ReduceMean that keeps them, if they are the last ones.
  std::optional<std::vector<int64_t>> LastAxes(const Node& node) const {
    const OpContext attributes = AttributesOf(node);
    if (attributes.Int("keepdims") != 1) return std::nullopt;
    std::optional<std::vector<int64_t>> axes =
        node.opset < 18 ? attributes.Ints("axes") : rewriter_.Ints(node, 1);
    const std::optional<int> rank = rewriter_.Rank(node.inputs[0]);
    if (!axes || axes->empty() || !rank) return std::nullopt;
    for (int64_t& axis : *axes) axis = axis < 0 ? axis + *rank : axis;
    std::ranges::sort(*axes);
    for (size_t i = 0; i < axes->size(); ++i) {
      if ((*axes)[i] != *rank - static_cast<int64_t>(axes->size() - i)) return std::nullopt;
    }
    return axes;
  }

  // The node that squares `d`.
  bool IsSquareOf(NodeId id, ValueId d) const {
    const Node& node = At(id);
    if (IsOp(node, "Pow")) return node.inputs[0] == d && rewriter_.IsNumber(node.inputs[1], 2);
    return IsOp(node, "Mul") && node.inputs[0] == d && node.inputs[1] == d;
  }

  // A Div is the last node of the normalization itself.
  std::optional<Normalization> Match(NodeId divide) const {
    if (!IsOp(At(divide), "Div")) return std::nullopt;
    const ValueId d = At(divide).inputs[0];
    const NodeId root = rewriter_.PrivateProducerOf(At(divide).inputs[1], "Sqrt");
    if (root == kNoNode) return std::nullopt;
    const NodeId shift = rewriter_.PrivateProducerOf(At(root).inputs[0], "Add");
    if (shift == kNoNode) return std::nullopt;
    for (size_t i = 0; i < 2; ++i) {
      const std::optional<double> epsilon = rewriter_.Number(At(shift).inputs[1 - i]);
      const NodeId mean = rewriter_.PrivateProducerOf(At(shift).inputs[i], "ReduceMean");
      if (!epsilon || mean == kNoNode) continue;
      if (static_cast<double>(static_cast<float>(*epsilon)) != *epsilon) continue;
      std::optional<Normalization> found = MatchVariance(d, mean);
      if (!found) continue;
      found->epsilon = static_cast<float>(*epsilon);
      found->nodes.insert(found->nodes.end(), {mean, shift, root, divide});
      return found;
    }
    return std::nullopt;
  }

  // `mean` is of the squares of d = x - its mean. Exporters write the subtraction once or twice.
  std::optional<Normalization> MatchVariance(ValueId d, NodeId mean) const {
    const ValueId squares = At(mean).inputs[0];
    const NodeId square =
        rewriter_.OnlyReader(squares) == kNoNode ? kNoNode : rewriter_.Producer(squares);
    const NodeId subtract = rewriter_.ProducerOf(d, "Sub");
    if (square == kNoNode || subtract == kNoNode || !IsSquareOf(square, d)) return std::nullopt;
    const ValueId x = At(subtract).inputs[0];
    const NodeId center = rewriter_.PrivateProducerOf(At(subtract).inputs[1], "ReduceMean");
    if (center == kNoNode || At(center).inputs[0] != x) return std::nullopt;
    // Nobody else may want the differences.
    const auto is_ours = [&](const Use& use) { return use.node == square || IsDivideOf(use, d); };
    if (rewriter_.IsGraphOutput(d) || !std::ranges::all_of(rewriter_.Uses(d), is_ours)) {
      return std::nullopt;
    }
    const std::optional<std::vector<int64_t>> axes = LastAxes(At(mean));
    if (!axes || axes != LastAxes(At(center))) return std::nullopt;
    return Normalization{{center, subtract, square}, x, *axes, 0};
  }

  bool IsDivideOf(const Use& use, ValueId d) const {
    return IsOp(At(use.node), "Div") && use.input == 0 && At(use.node).inputs[0] == d;
  }

  // The constant that the only reader of the result combines with it by `op`, if it has the shape
  // of the normalized axes.
  ValueId Operand(const Normalization& found, std::string_view op, const Shape& shape) const {
    const ValueId result = At(found.nodes.back()).outputs[0];
    const NodeId reader = rewriter_.OnlyReader(result);
    if (reader == kNoNode || !IsOp(At(reader), op) || At(reader).opset < 7) return kNoValue;
    const ValueId other = OtherInput(At(reader), result);
    const Tensor* constant = rewriter_.Constant(other);
    return constant != nullptr && constant->shape() == shape ? other : kNoValue;
  }

  void TakeReader(Normalization& found) const {
    found.nodes.push_back(rewriter_.OnlyReader(At(found.nodes.back()).outputs[0]));
  }

  bool Build(Normalization& found) {
    std::vector<int64_t> extents;
    for (int64_t axis : found.axes) {
      const Dim& dim = (*rewriter_.type(found.x).shape)[static_cast<size_t>(axis)];
      if (!dim.IsKnown()) return false;
      extents.push_back(dim.value());
    }
    const Shape shape(extents);
    const DType dtype = rewriter_.type(found.x).dtype;
    const std::string name = rewriter_.graph().value(At(found.nodes.back()).outputs[0]).name;
    ValueId scale = Operand(found, "Mul", shape);
    if (scale != kNoValue) TakeReader(found);
    const ValueId offset = Operand(found, "Add", shape);
    if (offset != kNoValue) TakeReader(found);
    if (scale == kNoValue) {
      const std::vector<double> ones(static_cast<size_t>(shape.elements()), 1);
      scale = rewriter_.AddFreshConstant(name + "_ones", *Rounded(ones, shape, dtype));
    }
    Node node;
    node.name = At(found.nodes.back()).name;
    node.op = "LayerNormalization";
    node.opset = 17;
    node.inputs = {found.x, scale};
    if (offset != kNoValue) node.inputs.push_back(offset);
    node.attributes = {{"axis", -static_cast<int64_t>(extents.size())}, {"epsilon", found.epsilon}};
    rewriter_.Replace(found.nodes, std::move(node));
    return true;
  }

  Rewriter rewriter_;
  int changes_ = 0;
};

Result<int> Run(Graph& graph, PassContext&) { return Recognition(graph).Run(); }

}  // namespace

extern const Pass kRecognizeLayerNormalization;
const Pass kRecognizeLayerNormalization = {
    .name = "recognize-layer-normalization",
    .summary = "finds LayerNormalization in means, differences and roots",
    .effect = PassEffect::kReassociates,
    .again_with_shapes = true,
    .run = Run};

}  // namespace assay
