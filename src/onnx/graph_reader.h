#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "ir/graph.h"
#include "onnx/tensor_proto.h"

namespace assay {

// Reads a StringStringEntryProto. Throws WireError.
std::pair<std::string, std::string> ReadEntryProto(std::string_view message);

// What all graphs of one model, or the body of one function, have in common.
struct GraphContext {
  TensorContext* tensors = nullptr;
  std::map<std::string, int> opsets;
  bool in_function = false;
  LogSink* log = nullptr;
};

// Reads one GraphProto or the body of one FunctionProto; subgraphs by recursion, with the reader of
// the enclosing graph as scope. All functions may throw WireError.
class GraphReader {
 public:
  GraphReader(const GraphContext& context, GraphReader* outer)
      : context_(context), outer_(outer), depth_(outer == nullptr ? 0 : outer->depth_ + 1) {}

  Result<Graph> ReadGraph(std::string_view message);

  struct FunctionBody {
    std::string name;
    std::vector<std::string_view> inputs;
    std::vector<std::string_view> outputs;
    std::vector<std::string_view> nodes;        // NodeProto
    std::vector<std::string_view> value_infos;  // ValueInfoProto
  };
  Result<Graph> ReadFunctionBody(const FunctionBody& body);

 private:
  struct PendingNode {
    Node node;
    std::vector<std::string_view> inputs;
    std::vector<std::string_view> outputs;
    std::vector<std::string_view> attributes;  // AttributeProto
  };

  Status ReadInitializers(const std::vector<std::string_view>& messages, bool sparse);
  Status ReadInputs(const std::vector<std::string_view>& messages);
  Status ReadNodes(const std::vector<std::string_view>& messages);
  Status DefineNodeOutputs(PendingNode& pending);
  // True if the node was a Constant node and became a constant.
  Result<bool> ReadConstantNode(const PendingNode& pending);
  Status ReadTypes(const std::vector<std::string_view>& value_infos);
  Status ReadOutputs(const std::vector<std::string_view>& messages);
  Status ConnectNodes();
  Status ReadAttributes(const PendingNode& pending, Node& node);
  Status SortNodes();

  Status Define(std::string_view name, ValueId id, std::string_view what);
  Status DefineConstant(std::string_view name, TensorProto proto);
  // The value of that name, captured from an enclosing graph if need be; kNoValue if there is none.
  ValueId Resolve(std::string_view name);
  Status Undefined(std::string_view name, std::string_view reader) const;

  const GraphContext& context_;
  GraphReader* outer_;
  int depth_;
  Graph graph_;
  struct NameHash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  std::unordered_map<std::string, ValueId, NameHash, std::equal_to<>> ids_;
  std::vector<PendingNode> pending_;
};

}  // namespace assay
