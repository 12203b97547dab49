#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "base/status.h"
#include "tensor/tensor.h"

namespace assay {

// Files that hold one serialized TensorProto, SequenceProto or OptionalProto (".pb"), as in ONNX's
// test data. Elements of a sequence or optional must be tensors; nested ones are kUnsupported.
Result<NamedTensor> LoadTensorProto(const std::filesystem::path& path);
Result<std::vector<Tensor>> LoadSequenceProto(const std::filesystem::path& path);
Result<std::optional<Tensor>> LoadOptionalProto(const std::filesystem::path& path);

// Writes one TensorProto.
Status SaveTensorProto(const NamedTensor& tensor, const std::filesystem::path& path);

}  // namespace assay
