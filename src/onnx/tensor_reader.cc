#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <vector>

#include "base/quote.h"
#include "onnx/fields.h"
#include "onnx/tensor_proto.h"
#include "onnx/wire.h"

namespace assay {
namespace {

static_assert(std::endian::native == std::endian::little,
              "weights are viewed as they lie in files");

// The typed field that holds elements of a type when there is no raw data.
enum class TypedField { kFloat, kDouble, kInt32, kInt64, kUint64, kString };

struct Fields {
  std::string name;
  std::vector<int64_t> dims;
  int64_t data_type = 0;
  bool segmented = false;
  bool external = false;
  ExternalDataReference reference;
  std::optional<std::string_view> raw;
  FixedBytes floats;
  FixedBytes doubles;
  std::vector<int64_t> int32s;
  std::vector<int64_t> int64s;
  std::vector<int64_t> uint64s;
  std::vector<std::string_view> strings;
};

void ReadExternalEntry(std::string_view message, ExternalDataReference& reference) {
  std::string_view key;
  std::string_view value;
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::entry::kKey:
        key = reader.Bytes();
        break;
      case onnx::entry::kValue:
        value = reader.Bytes();
        break;
      default:
        reader.Skip();
    }
  }
  if (key == "location") reference.location = value;
  if (key == "offset") reference.offset = value;
  if (key == "length") reference.length = value;
}

Fields ReadFields(std::string_view message) {
  Fields fields;
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::tensor::kDims:
        reader.Ints(fields.dims);
        break;
      case onnx::tensor::kDataType:
        fields.data_type = reader.Int();
        break;
      case onnx::tensor::kSegment:
        fields.segmented = true;
        reader.Skip();
        break;
      case onnx::tensor::kFloatData:
        fields.floats.Append(reader);
        break;
      case onnx::tensor::kInt32Data:
        reader.Ints(fields.int32s);
        break;
      case onnx::tensor::kStringData:
        fields.strings.push_back(reader.Bytes());
        break;
      case onnx::tensor::kInt64Data:
        reader.Ints(fields.int64s);
        break;
      case onnx::tensor::kName:
        fields.name = reader.Bytes();
        break;
      case onnx::tensor::kRawData:
        fields.raw = reader.Bytes();
        break;
      case onnx::tensor::kDoubleData:
        fields.doubles.Append(reader);
        break;
      case onnx::tensor::kUint64Data:
        reader.Ints(fields.uint64s);
        break;
      case onnx::tensor::kExternalData:
        ReadExternalEntry(reader.Bytes(), fields.reference);
        break;
      case onnx::tensor::kDataLocation:
        fields.external = reader.Int() == 1;
        break;
      default:
        reader.Skip();
    }
  }
  return fields;
}

TypedField TypedFieldOf(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
    case DType::kComplex64:
      return TypedField::kFloat;
    case DType::kFloat64:
    case DType::kComplex128:
      return TypedField::kDouble;
    case DType::kInt64:
      return TypedField::kInt64;
    case DType::kUInt32:
    case DType::kUInt64:
      return TypedField::kUint64;
    case DType::kString:
      return TypedField::kString;
    default:
      return TypedField::kInt32;
  }
}

Status Invalid(std::string message, std::string hint = {}) {
  return Status(StatusCode::kInvalidInput, std::move(message), std::move(hint));
}

std::string TypeText(const TensorProto& proto) {
  return fmt::format("{}{}", DTypeName(proto.dtype), proto.shape.ToString());
}

Status WrongCount(const TensorProto& proto, size_t expected, size_t got, std::string_view unit,
                  std::string_view field) {
  return Invalid(fmt::format("expected {} {} for {}, got {} in {}", expected, unit, TypeText(proto),
                             got, field));
}

// ONNX packs four 6-bit floats into three bytes, low bits first; a Tensor has one byte for each.
Tensor UnpackSixBits(DType dtype, const Shape& shape, std::string_view bytes) {
  Tensor tensor = Tensor::Allocate(dtype, shape);
  auto* out = static_cast<uint8_t*>(tensor.mutable_raw());
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    const size_t bit = static_cast<size_t>(i) * 6;
    uint32_t window = static_cast<uint8_t>(bytes[bit / 8]);
    if (bit / 8 + 1 < bytes.size()) {
      window |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[bit / 8 + 1])) << 8;
    }
    out[i] = static_cast<uint8_t>(window >> (bit % 8) & 0x3F);
  }
  return tensor;
}

// Any other byte than 0 and 1 in a C++ bool is undefined behaviour.
Tensor NormalizeBools(const Shape& shape, std::string_view bytes) {
  Tensor tensor = Tensor::Allocate(DType::kBool, shape);
  auto* out = static_cast<uint8_t*>(tensor.mutable_raw());
  for (size_t i = 0; i < bytes.size(); ++i) out[i] = bytes[i] != 0 ? 1 : 0;
  return tensor;
}

Tensor TensorOverBytes(const TensorProto& proto, std::string_view bytes,
                       std::shared_ptr<const void> owner) {
  const auto is_bool_byte = [](char c) { return c == 0 || c == 1; };
  if (bytes.empty()) return Tensor::Allocate(proto.dtype, proto.shape);
  if (proto.dtype == DType::kFloat6E2M3 || proto.dtype == DType::kFloat6E3M2) {
    return UnpackSixBits(proto.dtype, proto.shape, bytes);
  }
  if (proto.dtype == DType::kBool && !std::all_of(bytes.begin(), bytes.end(), is_bool_byte)) {
    return NormalizeBools(proto.shape, bytes);
  }
  return Tensor::View(proto.dtype, proto.shape, bytes.data(), std::move(owner));
}

Result<Tensor> FromFixed(const TensorProto& proto, const FixedBytes& field, std::string_view name,
                         const TensorContext& context) {
  const size_t expected = Tensor::ByteSize(proto.dtype, proto.shape.elements());
  const std::string_view bytes = field.bytes();
  if (bytes.size() != expected) return WrongCount(proto, expected, bytes.size(), "bytes", name);
  if (field.IsView()) return TensorOverBytes(proto, bytes, context.owner);
  Tensor tensor = Tensor::Allocate(proto.dtype, proto.shape);
  std::memcpy(tensor.mutable_raw(), bytes.data(), bytes.size());
  return tensor;
}

Result<Tensor> FromInts(const TensorProto& proto, const std::vector<int64_t>& values,
                        std::string_view field) {
  const int bits = std::max(DTypeBits(proto.dtype), 8);
  const size_t width = static_cast<size_t>(bits) / 8;
  const size_t expected = Tensor::ByteSize(proto.dtype, proto.shape.elements()) / width;
  if (values.size() != expected) {
    return WrongCount(proto, expected, values.size(), "numbers", field);
  }
  Tensor tensor = Tensor::Allocate(proto.dtype, proto.shape);
  auto* out = static_cast<std::byte*>(tensor.mutable_raw());
  for (size_t i = 0; i < values.size(); ++i) {
    int64_t value = values[i];
    if (bits < 64) {
      if (value < -(int64_t{1} << (bits - 1)) || value >= int64_t{1} << bits) {
        return Invalid(fmt::format("expected numbers of {} bits for {}, got {} in {}", bits,
                                   TypeText(proto), value, field));
      }
    }
    if (proto.dtype == DType::kBool) value = value != 0 ? 1 : 0;
    std::memcpy(out + i * width, &value, width);
  }
  return tensor;
}

Result<Tensor> FromStrings(const TensorProto& proto, const std::vector<std::string_view>& strings) {
  const auto expected = static_cast<size_t>(proto.shape.elements());
  if (strings.size() != expected) {
    return WrongCount(proto, expected, strings.size(), "strings", "string_data");
  }
  Tensor tensor = Tensor::Allocate(DType::kString, proto.shape);
  auto out = tensor.mutable_data<std::string>();
  std::copy(strings.begin(), strings.end(), out.begin());
  return tensor;
}

Result<Tensor> FromTypedField(const TensorProto& proto, const Fields& fields,
                              const TensorContext& context) {
  switch (TypedFieldOf(proto.dtype)) {
    case TypedField::kFloat:
      return FromFixed(proto, fields.floats, "float_data", context);
    case TypedField::kDouble:
      return FromFixed(proto, fields.doubles, "double_data", context);
    case TypedField::kInt32: {
      // Writers differ in whether they sign-extend a negative int32 to 64 bits.
      std::vector<int64_t> values = fields.int32s;
      for (int64_t& value : values) value = static_cast<int32_t>(value);
      return FromInts(proto, values, "int32_data");
    }
    case TypedField::kInt64:
      return FromInts(proto, fields.int64s, "int64_data");
    case TypedField::kUint64:
      return FromInts(proto, fields.uint64s, "uint64_data");
    case TypedField::kString:
      return FromStrings(proto, fields.strings);
  }
  return Invalid("unknown element type");
}

Status CheckTypeAndShape(const Fields& fields, TensorProto& proto) {
  if (fields.data_type <= 0 || fields.data_type >= kDTypeCount) {
    return Invalid(fmt::format("expected an element type from 1 to {}, got {}", kDTypeCount - 1,
                               fields.data_type),
                   "the file is damaged or newer than ONNX 1.23");
  }
  proto.dtype = static_cast<DType>(fields.data_type);
  proto.shape = Shape(fields.dims);
  const std::optional<int64_t> elements = proto.shape.CheckedElements();
  if (!elements || *elements > std::numeric_limits<int64_t>::max() / 64) {
    return Invalid(
        fmt::format("expected extents >= 0 with a product that fits, got {}", TypeText(proto)));
  }
  return OkStatus();
}

Status ReadElements(const Fields& fields, TensorProto& proto, TensorContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckTypeAndShape(fields, proto));
  if (fields.segmented) {
    return Status(StatusCode::kUnsupported, "tensors in segments are not supported",
                  "save the model again without segments");
  }
  const size_t raw_size = RawByteSize(proto.dtype, proto.shape.elements());
  if (fields.external) {
    if (context.ignore_external_data) return OkStatus();
    if (proto.dtype == DType::kString) return Invalid("external data cannot hold strings");
    ASSAY_ASSIGN_OR_RETURN(const ExternalDataPiece piece,
                           ReadExternalData(context.external_data, fields.reference, raw_size));
    proto.tensor = TensorOverBytes(proto, piece.bytes, piece.file);
    return OkStatus();
  }
  if (fields.raw && proto.dtype != DType::kString) {
    if (fields.raw->size() != raw_size) {
      return WrongCount(proto, raw_size, fields.raw->size(), "bytes", "raw_data");
    }
    proto.tensor = TensorOverBytes(proto, *fields.raw, context.owner);
    return OkStatus();
  }
  ASSAY_ASSIGN_OR_RETURN(proto.tensor, FromTypedField(proto, fields, context));
  return OkStatus();
}

std::string TensorLabel(std::string_view name) {
  return name.empty() ? "tensor without a name" : "tensor " + Quote(name);
}

// Flat position of the i-th non-zero element.
Result<int64_t> SparsePosition(const Tensor& indices, const Shape& shape, int64_t i) {
  const auto data = indices.data<int64_t>();
  if (indices.shape().rank() == 1) {
    const int64_t position = data[static_cast<size_t>(i)];
    if (position >= 0 && position < shape.elements()) return position;
    return Invalid(fmt::format("expected sparse indices from 0 to {}, got {}", shape.elements() - 1,
                               position));
  }
  int64_t position = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const int64_t index = data[static_cast<size_t>(i * shape.rank() + axis)];
    if (index < 0 || index >= shape[axis]) {
      return Invalid(fmt::format("expected sparse indices from 0 to {} in axis {}, got {}",
                                 shape[axis] - 1, axis, index));
    }
    position = position * shape[axis] + index;
  }
  return position;
}

Status Densify(const Tensor& values, const Tensor& indices, TensorContext& context,
               TensorProto& proto) {
  const size_t width = static_cast<size_t>(DTypeBits(proto.dtype)) / 8;
  if (width == 0) {
    return Status(StatusCode::kUnsupported,
                  fmt::format("sparse tensors of {} are not supported", DTypeName(proto.dtype)));
  }
  const int64_t count = values.elements();
  const bool flat = indices.shape() == Shape{count};
  const bool per_axis = indices.shape() == Shape{count, proto.shape.rank()};
  if (values.shape().rank() != 1 || indices.dtype() != DType::kInt64 || (!flat && !per_axis)) {
    return Invalid(fmt::format("expected int64 indices of shape ({},) or ({}, {}), got {}{}", count,
                               count, proto.shape.rank(), DTypeName(indices.dtype()),
                               indices.shape().ToString()));
  }
  const size_t bytes = Tensor::ByteSize(proto.dtype, proto.shape.elements());
  if (bytes > context.densify_budget_bytes) {
    return Status(StatusCode::kResourceLimit,
                  fmt::format("{} takes more than the 1 GiB that all sparse tensors of a model may "
                              "take as dense ones",
                              TypeText(proto)));
  }
  context.densify_budget_bytes -= bytes;
  ASSAY_ASSIGN_OR_RETURN(Tensor dense, Tensor::TryAllocate(proto.dtype, proto.shape));
  auto* out = static_cast<std::byte*>(dense.mutable_raw());
  std::memset(out, 0, dense.byte_size());
  for (int64_t i = 0; i < count; ++i) {
    ASSAY_ASSIGN_OR_RETURN(const int64_t position, SparsePosition(indices, proto.shape, i));
    std::memcpy(out + static_cast<size_t>(position) * width,
                values.bytes().data() + static_cast<size_t>(i) * width, width);
  }
  proto.tensor = std::move(dense);
  return OkStatus();
}

}  // namespace

Result<TensorProto> ReadTensorProto(std::string_view message, TensorContext& context) {
  const Fields fields = ReadFields(message);
  TensorProto proto;
  proto.name = fields.name;
  if (const Status status = ReadElements(fields, proto, context); !status.ok()) {
    return Status(status.code(), fmt::format("{}: {}", TensorLabel(proto.name), status.message()),
                  status.hint());
  }
  return proto;
}

Result<TensorProto> ReadSparseTensorProto(std::string_view message, TensorContext& context) {
  std::string_view values_message;
  std::string_view indices_message;
  Fields fields;
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::sparse_tensor::kValues:
        values_message = reader.Bytes();
        break;
      case onnx::sparse_tensor::kIndices:
        indices_message = reader.Bytes();
        break;
      case onnx::sparse_tensor::kDims:
        reader.Ints(fields.dims);
        break;
      default:
        reader.Skip();
    }
  }
  ASSAY_ASSIGN_OR_RETURN(TensorProto values, ReadTensorProto(values_message, context));
  ASSAY_ASSIGN_OR_RETURN(const TensorProto indices, ReadTensorProto(indices_message, context));
  TensorProto proto;
  proto.name = values.name;
  fields.data_type = static_cast<int64_t>(values.dtype);
  Status status = CheckTypeAndShape(fields, proto);
  if (status.ok() && values.tensor && indices.tensor) {
    status = Densify(*values.tensor, *indices.tensor, context, proto);
  }
  if (status.ok()) return proto;
  return Status(status.code(),
                fmt::format("sparse {}: {}", TensorLabel(proto.name), status.message()),
                status.hint());
}

}  // namespace assay
