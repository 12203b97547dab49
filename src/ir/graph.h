#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ir/dim.h"
#include "tensor/tensor.h"

namespace assay {

class Graph;

// Type of a value: a tensor, a sequence of one element type, or an optional of one. Maps, sparse
// tensors and opaque types have no operator here; they are known so that a model that has them can
// be read, shown and written.
struct ValueType {
  enum class Kind { kTensor, kSequence, kOptional, kMap, kSparseTensor, kOpaque };

  Kind kind = Kind::kTensor;
  DType dtype = DType::kUndefined;           // of a map: its keys; kUndefined: not known (yet)
  std::optional<SymbolicShape> shape;        // nullopt: rank not known
  std::shared_ptr<const ValueType> element;  // of a sequence or optional; of a map: its values
  std::string opaque_domain;
  std::string opaque_name;

  static ValueType TensorOf(DType dtype, std::optional<SymbolicShape> shape = std::nullopt) {
    return {Kind::kTensor, dtype, std::move(shape), nullptr};
  }
  // "float32(1, 3, H, W)", "int64(?...)", "sequence<float32(?...)>".
  std::string ToString() const;
};

using ValueId = int32_t;
inline constexpr ValueId kNoValue = -1;  // an optional input or output that is left out
using NodeId = int32_t;
inline constexpr NodeId kNoNode = -1;

using AttributeValue =
    std::variant<int64_t, float, std::string, Tensor, std::shared_ptr<const Graph>,
                 std::vector<int64_t>, std::vector<float>, std::vector<std::string>,
                 std::vector<Tensor>, std::vector<std::shared_ptr<const Graph>>, ValueType,
                 std::vector<ValueType>>;

struct Attribute {
  std::string name;
  AttributeValue value;
  // Inside a function body: the function's attribute whose value is taken instead; `value` then
  // only says what kind it has.
  std::string reference;
};

// Domain of the operators that passes make. Nodes read from a file never belong to it under a
// version that it has (Node::opset is 0), so that no model can name them.
inline constexpr std::string_view kFusedDomain = "assay";

struct Node {
  std::string name;  // may be empty
  std::string op;
  std::string domain;  // "" is ai.onnx
  std::string overload;
  int opset = 0;  // version of the domain that the node is read under
  std::vector<ValueId> inputs;
  // How many of the last inputs are none of the operator's, but what its bodies capture, body by
  // body in the order of Graph::captures; 0 before BindCaptures.
  int captured = 0;
  std::vector<ValueId> outputs;
  std::vector<Attribute> attributes;
  std::vector<std::pair<std::string, std::string>> metadata;  // where an exporter says it came from
  // Labels of the nodes of the model that this node stands for, after rewriting; empty: itself.
  std::vector<std::string> origins;

  size_t formal_inputs() const { return inputs.size() - static_cast<size_t>(captured); }
  const Attribute* FindAttribute(std::string_view attribute) const;
};

struct Value {
  std::string name;
  ValueType type;
  // Weights and constants; shares memory with the model file.
  std::optional<Tensor> constant;
  NodeId producer = kNoNode;  // set for outputs of nodes
  // Name of the Constant node that a constant was written as; such nodes are not kept as nodes.
  // nullopt: an initializer.
  std::optional<std::string> constant_node;
  // A weight whose external data was deliberately not read: `constant` is empty, the type is known.
  bool weights_absent = false;
};

// A graph in single-assignment form. Nodes are in a topological order. Values and nodes are named
// by their index; names are kept for reports. Values of an enclosing graph that a subgraph reads
// are listed in `captures` (value of this graph, name in the enclosing one).
class Graph {
 public:
  std::string name;
  std::vector<Value> values;
  std::vector<Node> nodes;
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<std::pair<ValueId, std::string>> captures;

  ValueId AddValue(std::string value_name, ValueType type = {});
  ValueId AddInput(std::string value_name, ValueType type);
  ValueId AddConstant(std::string value_name, Tensor tensor);
  // Appends a node and marks it as the producer of its outputs.
  NodeId AddNode(Node node);
  // Linear search; kNoValue if there is none.
  ValueId FindValue(std::string_view value_name) const;

  const Value& value(ValueId id) const { return values[static_cast<size_t>(id)]; }
  Value& value(ValueId id) { return values[static_cast<size_t>(id)]; }
  const Node& node(NodeId id) const { return nodes[static_cast<size_t>(id)]; }
  Node& node(NodeId id) { return nodes[static_cast<size_t>(id)]; }

  // For messages: node "/layer4/conv2" (Conv), or node 17 (Conv) -> "t41" when it has no name.
  std::string NodeLabel(NodeId id) const;
};

// A function of the model: a graph that stands for an operator.
struct Function {
  std::string domain;
  std::string name;
  std::string overload;
  std::vector<std::string> attribute_names;
  std::vector<Attribute> attribute_defaults;
  std::map<std::string, int> opsets;
  std::shared_ptr<const Graph> body;
};

struct Model {
  Graph graph;
  std::map<std::string, int> opsets;  // domain to version
  std::vector<Function> functions;
  int64_t ir_version = 0;
  std::string producer_name;
  std::string producer_version;
  std::string domain;
  int64_t model_version = 0;
  std::string doc;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string source;  // path it was read from, for messages; may be empty
};

// A node by what a file says of it: node "a" (Conv), or node (Conv) if it has no name.
std::string NodeText(std::string_view name, std::string_view op);

}  // namespace assay
