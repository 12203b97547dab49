#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "ir/graph.h"
#include "ops/op_def.h"

namespace assay {

// A node as its operator sees it: attributes with the schema's defaults filled in. The node has
// passed CheckNode, so kinds are right and required attributes are there.
class OpContext {
 public:
  OpContext(const Node& node, const OpSchema& schema) : node_(node), schema_(schema) {}

  const Node& node() const { return node_; }
  const OpSchema& schema() const { return schema_; }
  int opset() const { return node_.opset; }
  int input_count() const { return static_cast<int>(node_.formal_inputs()); }
  int output_count() const { return static_cast<int>(node_.outputs.size()); }
  bool HasInput(int i) const {
    return i < input_count() && node_.inputs[static_cast<size_t>(i)] != kNoValue;
  }
  bool WantsOutput(int i) const {
    return i < output_count() && node_.outputs[static_cast<size_t>(i)] != kNoValue;
  }

  // True if the node itself gives the attribute.
  bool HasAttribute(std::string_view name) const { return node_.FindAttribute(name) != nullptr; }
  // The node's value or else the schema's default; asking for an attribute that has neither is a
  // defect.
  int64_t Int(std::string_view name) const;
  float Float(std::string_view name) const;
  std::string String(std::string_view name) const;
  // Lists are empty when absent and without default.
  std::vector<int64_t> Ints(std::string_view name) const;
  std::vector<float> Floats(std::string_view name) const;
  std::vector<std::string> Strings(std::string_view name) const;
  // nullptr when absent.
  const Tensor* TensorAttribute(std::string_view name) const;
  const Graph* GraphAttribute(std::string_view name) const;

  // kInvalidInput; the caller adds the node's label.
  static Status Invalid(std::string message, std::string hint = {}) {
    return Status(StatusCode::kInvalidInput, std::move(message), std::move(hint));
  }
  static Status Unsupported(std::string message) {
    return Status(StatusCode::kUnsupported, std::move(message));
  }

 protected:
  const AttributeDef& Definition(std::string_view name) const;

  const Node& node_;
  const OpSchema& schema_;
};

}  // namespace assay
