#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/status.h"
#include "ir/graph.h"
#include "onnx/tensor_proto.h"

namespace assay {

struct AttributeReaderOptions {
  TensorContext* tensors = nullptr;
  // Reads a GraphProto.
  std::function<Result<std::shared_ptr<const Graph>>(std::string_view message)> read_graph;
  bool allow_reference = false;  // in functions
  bool allow_sparse = false;     // read a sparse tensor as a dense one, for Constant
};

struct ReadAttribute {
  Attribute attribute;
  // Of a tensor attribute, for Constant: its type is needed even if the data is ignored.
  std::optional<TensorProto> tensor;
};

// Reads a serialized AttributeProto. Throws WireError.
Result<ReadAttribute> ReadAttributeProto(std::string_view message,
                                         const AttributeReaderOptions& options);

}  // namespace assay
