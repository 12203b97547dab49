#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "ir/graph.h"

namespace assay {

// Where a weight was put outside the model.
struct ExternalLocation {
  std::string file;
  uint64_t offset = 0;
  size_t size = 0;
};

// Puts a weight into a file of external data; nullopt: it stays in the model.
using StoreExternally =
    std::function<Result<std::optional<ExternalLocation>>(const std::string& name, const Tensor&)>;

// Writes graphs and functions as GraphProto and FunctionProto messages. The graphs must verify.
class GraphWriter {
 public:
  GraphWriter(int64_t ir_version, StoreExternally store)
      : ir_version_(ir_version), store_(std::move(store)) {}

  Result<std::string> WriteGraph(const Graph& graph);
  Result<std::string> WriteFunction(const Function& function);

 private:
  using Names = std::vector<std::string>;

  Status AppendConstants(const Graph& graph, const Names& names, bool all_as_nodes,
                         uint32_t node_field, std::string& message);
  Status AppendInitializer(const std::string& name, const Value& value, std::string& message);
  Result<std::string> WriteTensor(const std::string& name, const Tensor& tensor);
  Result<std::string> WriteConstantNode(const std::string& name, const Value& value);
  Result<std::string> WriteNode(const Node& node, const Names& names);
  Result<std::string> WriteAttribute(const Attribute& attribute);

  int64_t ir_version_;
  StoreExternally store_;
};

// A StringStringEntryProto.
std::string WriteEntryProto(const std::pair<std::string, std::string>& entry);
// An OperatorSetIdProto.
std::string WriteOpsetProto(const std::string& domain, int version);

}  // namespace assay
