#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "onnx/external_data.h"
#include "tensor/tensor.h"

namespace assay {

// Where the data of the tensors of a model lies.
struct TensorContext {
  std::shared_ptr<const void> owner;  // of the message bytes; tensors that view them share it
  ExternalDataFolder external_data;
  bool ignore_external_data = false;
  // How many more bytes sparse tensors may take as dense ones: a few bytes can stand for terabytes.
  size_t densify_budget_bytes = size_t{1} << 30;
};

struct TensorProto {
  std::string name;
  DType dtype = DType::kUndefined;
  Shape shape;
  std::optional<Tensor> tensor;  // nullopt: external data that was to be ignored
};

// Reads a serialized TensorProto. Raw data, float_data and double_data are viewed where they lie,
// all else is decoded. Throws WireError.
Result<TensorProto> ReadTensorProto(std::string_view message, TensorContext& context);

// Reads a SparseTensorProto into a dense tensor. Throws WireError.
Result<TensorProto> ReadSparseTensorProto(std::string_view message, TensorContext& context);

// A TensorProto in two parts, so that the elements need no copy: `header`, then the bytes of the
// tensor itself (empty where ONNX stores elements differently; then the header has them).
struct TensorProtoParts {
  std::string header;
  std::string_view raw;

  size_t size() const { return header.size() + raw.size(); }
};
TensorProtoParts WriteTensorProto(std::string_view name, const Tensor& tensor);

// A TensorProto whose data lies in an external file. `size` is RawByteSize.
std::string WriteExternalTensorProto(std::string_view name, const Tensor& tensor,
                                     std::string_view location, uint64_t offset, size_t size);

// Bytes that the elements take as raw data; 6-bit floats are packed there, unlike in a Tensor.
size_t RawByteSize(DType dtype, int64_t elements);

// The elements as raw data: the tensor's own bytes, or `packed` where ONNX packs them differently.
std::string_view RawBytes(const Tensor& tensor, std::string& packed);

}  // namespace assay
