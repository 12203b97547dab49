#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/log.h"
#include "base/status.h"
#include "ir/graph.h"

namespace assay {

struct ImportOptions {
  // Where files of external data are looked for; empty: the folder of the model.
  std::filesystem::path external_data_folder;
  // Weights that lie in files of external data stay without values (Value::weights_absent).
  bool ignore_external_data = false;
};

// Reads an ONNX model, of any size and opset. Whatever is well formed is accepted, unknown
// operators included. Weights are views of the mapped file, which the model keeps alive.
//
// What differs from the file: Constant nodes and sparse initializers become constants
// (Value::constant); an initializer that is also listed as an input (it could be overridden) is a
// constant and no input; nodes are put into topological order; the domain "ai.onnx" is written "".
// Training information, quantization annotations, device configurations and doc strings of nodes
// and values are dropped.
//
// Errors: kNotFound and kIo for files; kInvalidInput with the node, value or tensor and the byte
// position for everything malformed: not ONNX, truncated, cyclic, an undefined or twice defined
// value, weights that do not fit their shape, external data missing or outside its folder, graphs,
// types or functions nested without end; kUnsupported for sparse attributes of operators.
Result<Model> LoadModel(const std::filesystem::path& path, const ImportOptions& options = {},
                        LogSink& log = NullLog());

// As LoadModel, from memory; `owner` keeps the bytes alive. External data needs
// options.external_data_folder. `source` names the model in messages.
Result<Model> ParseModel(std::string_view bytes, std::shared_ptr<const void> owner,
                         const ImportOptions& options = {}, LogSink& log = NullLog(),
                         std::string_view source = {});

}  // namespace assay
