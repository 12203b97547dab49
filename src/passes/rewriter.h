#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "ir/graph_editor.h"
#include "ops/op_context.h"

namespace assay {

// What passes ask of a graph and do to it, on top of GraphEditor: patterns of nodes, constants as
// numbers, and replacements that keep origins.
class Rewriter : public GraphEditor {
 public:
  explicit Rewriter(Graph& graph) : GraphEditor(graph) {}

  const Graph& graph() const { return const_cast<Rewriter*>(this)->GraphEditor::graph(); }
  Graph& graph() { return GraphEditor::graph(); }
  const Node& node(NodeId id) const { return graph().node(id); }
  const ValueType& type(ValueId id) const { return graph().value(id).type; }

  // The node of the ONNX operator `op` that computes the value as its output 0; kNoNode if it is
  // computed otherwise.
  NodeId ProducerOf(ValueId id, std::string_view op) const;
  // Likewise, and nothing but that one reader sees the value.
  NodeId PrivateProducerOf(ValueId id, std::string_view op) const;

  // The constant, nullptr if the value is computed or left out.
  const Tensor* Constant(ValueId id) const;
  // A constant of one element as a number.
  std::optional<double> Number(ValueId id) const;
  // True for a constant of one element that is `number` rounded to its element type.
  bool IsNumber(ValueId id, double number) const;
  // The operand beside the constant of one element that is `number`; kNoValue if there is none.
  ValueId BesideNumber(const Node& node, double number) const;
  // Elements of a constant integer input; nullopt if it is computed or left out.
  std::optional<std::vector<int64_t>> Ints(const Node& node, int input) const;
  std::optional<int> Rank(ValueId id) const;
  // True if both ranks are known and equal: then what is computed element by element of one of them
  // and constants of one element has its shape.
  bool SameRank(ValueId a, ValueId b) const { return Rank(a) && Rank(a) == Rank(b); }
  bool IsFloatingValue(ValueId id) const;

  // A constant named `name`, or `name` with a number behind it if that is taken.
  ValueId AddFreshConstant(const std::string& name, Tensor tensor);
  ValueId AddFreshValue(const std::string& name, ValueType type);

  // Adds `node`, which stands for `replaced` (in the order of the graph): the last of them goes,
  // the others go too where nobody else reads their results. The node writes the outputs of the
  // last one, unless it names others.
  NodeId Replace(const std::vector<NodeId>& replaced, Node node);

 private:
  std::string FreshName(const std::string& name);

  std::unordered_set<std::string> names_;
};

// True for a node of the ONNX operator `op`.
inline bool IsOp(const Node& node, std::string_view op) {
  return node.op == op && node.domain.empty();
}

// Attributes of a node with the defaults of its operator.
OpContext AttributesOf(const Node& node);

// True if both are known to have the same extents.
bool SameShape(const ValueType& a, const ValueType& b);

// The input of a two-operand node that is not `id`; kNoValue if both are.
ValueId OtherInput(const Node& node, ValueId id);

// The values of a constant, in float64.
std::vector<double> Doubles(const Tensor& tensor);
// Rounded once to `dtype`; nullopt where a finite value would become infinite.
std::optional<Tensor> Rounded(const std::vector<double>& values, const Shape& shape, DType dtype);

}  // namespace assay
