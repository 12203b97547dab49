#include "onnx/type_proto.h"

#include <fmt/format.h>

#include <protozero/pbf_writer.hpp>

#include "base/quote.h"
#include "onnx/fields.h"
#include "onnx/wire.h"

namespace assay {
namespace {

constexpr int kMaxTypeDepth = 32;

Status Invalid(std::string message) {
  return Status(StatusCode::kInvalidInput, std::move(message));
}

Result<DType> ReadElementType(int64_t value) {
  if (value >= 0 && value < kDTypeCount) return static_cast<DType>(value);
  return Status(
      StatusCode::kInvalidInput,
      fmt::format("expected an element type from 1 to {}, got {}", kDTypeCount - 1, value),
      "the file is damaged or newer than ONNX 1.23");
}

Result<Dim> ReadDimension(std::string_view message) {
  Dim dim;
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::dimension::kValue: {
        const int64_t value = reader.Int();
        if (value < -1) return Invalid(fmt::format("expected an extent >= 0, got {}", value));
        dim = value == -1 ? Dim::Unknown() : Dim(value);
        break;
      }
      case onnx::dimension::kParameter: {
        const std::string_view name = reader.Bytes();
        dim = name == "?" ? Dim::Unknown() : Dim::Symbol(std::string(name));
        break;
      }
      default:
        reader.Skip();
    }
  }
  return dim;
}

Result<SymbolicShape> ReadShape(std::string_view message) {
  SymbolicShape shape;
  std::vector<int64_t> known;
  for (WireReader reader(message); reader.Next();) {
    if (reader.field() != onnx::shape::kDim) {
      reader.Skip();
      continue;
    }
    ASSAY_ASSIGN_OR_RETURN(Dim dim, ReadDimension(reader.Bytes()));
    if (dim.IsKnown()) known.push_back(dim.value());
    shape.push_back(std::move(dim));
  }
  if (!Shape(std::move(known)).CheckedElements()) {
    return Invalid(
        fmt::format("expected extents with a product that fits, got {}", ToString(shape)));
  }
  return shape;
}

Status ReadTensorType(std::string_view message, ValueType& type) {
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::tensor_type::kElementType: {
        ASSAY_ASSIGN_OR_RETURN(type.dtype, ReadElementType(reader.Int()));
        break;
      }
      case onnx::tensor_type::kShape: {
        ASSAY_ASSIGN_OR_RETURN(type.shape, ReadShape(reader.Bytes()));
        break;
      }
      default:
        reader.Skip();
    }
  }
  return OkStatus();
}

Result<ValueType> ReadType(std::string_view message, int depth);

Result<std::shared_ptr<const ValueType>> ReadElement(std::string_view message, int depth) {
  ASSAY_ASSIGN_OR_RETURN(ValueType type, ReadType(message, depth + 1));
  return std::shared_ptr<const ValueType>(std::make_shared<ValueType>(std::move(type)));
}

Status ReadElementOf(std::string_view message, int depth, ValueType& type) {
  for (WireReader reader(message); reader.Next();) {
    if (reader.field() == onnx::element_type::kElement) {
      ASSAY_ASSIGN_OR_RETURN(type.element, ReadElement(reader.Bytes(), depth));
    } else {
      reader.Skip();
    }
  }
  return OkStatus();
}

Status ReadMapType(std::string_view message, int depth, ValueType& type) {
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::map_type::kKey: {
        ASSAY_ASSIGN_OR_RETURN(type.dtype, ReadElementType(reader.Int()));
        break;
      }
      case onnx::map_type::kValue: {
        ASSAY_ASSIGN_OR_RETURN(type.element, ReadElement(reader.Bytes(), depth));
        break;
      }
      default:
        reader.Skip();
    }
  }
  return OkStatus();
}

void ReadOpaqueType(std::string_view message, ValueType& type) {
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::opaque_type::kDomain:
        type.opaque_domain = reader.Bytes();
        break;
      case onnx::opaque_type::kName:
        type.opaque_name = reader.Bytes();
        break;
      default:
        reader.Skip();
    }
  }
}

Result<ValueType> ReadType(std::string_view message, int depth) {
  if (depth > kMaxTypeDepth) {
    return Invalid(fmt::format("expected types nested at most {} deep, got more", kMaxTypeDepth));
  }
  ValueType type;
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::type::kTensor:
        type.kind = ValueType::Kind::kTensor;
        ASSAY_RETURN_IF_ERROR(ReadTensorType(reader.Bytes(), type));
        break;
      case onnx::type::kSparseTensor:
        type.kind = ValueType::Kind::kSparseTensor;
        ASSAY_RETURN_IF_ERROR(ReadTensorType(reader.Bytes(), type));
        break;
      case onnx::type::kSequence:
        type.kind = ValueType::Kind::kSequence;
        ASSAY_RETURN_IF_ERROR(ReadElementOf(reader.Bytes(), depth, type));
        break;
      case onnx::type::kOptional:
        type.kind = ValueType::Kind::kOptional;
        ASSAY_RETURN_IF_ERROR(ReadElementOf(reader.Bytes(), depth, type));
        break;
      case onnx::type::kMap:
        type.kind = ValueType::Kind::kMap;
        ASSAY_RETURN_IF_ERROR(ReadMapType(reader.Bytes(), depth, type));
        break;
      case onnx::type::kOpaque:
        type.kind = ValueType::Kind::kOpaque;
        ReadOpaqueType(reader.Bytes(), type);
        break;
      default:
        reader.Skip();
    }
  }
  return type;
}

std::string WriteDimension(const Dim& dim) {
  std::string message;
  protozero::pbf_writer writer(message);
  if (dim.IsKnown()) {
    writer.add_int64(onnx::dimension::kValue, dim.value());
  } else if (dim.IsSymbolic()) {
    writer.add_string(onnx::dimension::kParameter, dim.symbol());
  }
  return message;
}

// A nested writer would drop the message of an unknown dim, which is empty.
std::string WriteShape(const SymbolicShape& shape) {
  std::string message;
  protozero::pbf_writer writer(message);
  for (const Dim& dim : shape) writer.add_message(onnx::shape::kDim, WriteDimension(dim));
  return message;
}

std::string WriteTensorType(const ValueType& type) {
  std::string message;
  protozero::pbf_writer writer(message);
  if (type.dtype != DType::kUndefined) {
    writer.add_int32(onnx::tensor_type::kElementType, static_cast<int32_t>(type.dtype));
  }
  if (type.shape) writer.add_message(onnx::tensor_type::kShape, WriteShape(*type.shape));
  return message;
}

std::string WriteElementOf(const ValueType& type) {
  std::string message;
  protozero::pbf_writer writer(message);
  if (type.element) {
    writer.add_message(onnx::element_type::kElement, WriteTypeProto(*type.element));
  }
  return message;
}

std::string WriteMapType(const ValueType& type) {
  std::string message;
  protozero::pbf_writer writer(message);
  writer.add_int32(onnx::map_type::kKey, static_cast<int32_t>(type.dtype));
  if (type.element) writer.add_message(onnx::map_type::kValue, WriteTypeProto(*type.element));
  return message;
}

std::string WriteOpaqueType(const ValueType& type) {
  std::string message;
  protozero::pbf_writer writer(message);
  if (!type.opaque_domain.empty()) {
    writer.add_string(onnx::opaque_type::kDomain, type.opaque_domain);
  }
  if (!type.opaque_name.empty()) writer.add_string(onnx::opaque_type::kName, type.opaque_name);
  return message;
}

}  // namespace

Result<ValueType> ReadTypeProto(std::string_view message) { return ReadType(message, 0); }

Result<ValueInfo> ReadValueInfoProto(std::string_view message) {
  ValueInfo info;
  std::string_view type;
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::value_info::kName:
        info.name = reader.Bytes();
        break;
      case onnx::value_info::kType:
        type = reader.Bytes();
        break;
      default:
        reader.Skip();
    }
  }
  Result<ValueType> read = ReadTypeProto(type);
  if (!read.ok()) {
    const Status& status = read.status();
    return Status(status.code(), fmt::format("type of {}: {}", Quote(info.name), status.message()),
                  status.hint());
  }
  info.type = std::move(read).value();
  return info;
}

std::string WriteTypeProto(const ValueType& type) {
  std::string message;
  protozero::pbf_writer writer(message);
  switch (type.kind) {
    case ValueType::Kind::kTensor:
      writer.add_message(onnx::type::kTensor, WriteTensorType(type));
      break;
    case ValueType::Kind::kSparseTensor:
      writer.add_message(onnx::type::kSparseTensor, WriteTensorType(type));
      break;
    case ValueType::Kind::kSequence:
      writer.add_message(onnx::type::kSequence, WriteElementOf(type));
      break;
    case ValueType::Kind::kOptional:
      writer.add_message(onnx::type::kOptional, WriteElementOf(type));
      break;
    case ValueType::Kind::kMap:
      writer.add_message(onnx::type::kMap, WriteMapType(type));
      break;
    case ValueType::Kind::kOpaque:
      writer.add_message(onnx::type::kOpaque, WriteOpaqueType(type));
      break;
  }
  return message;
}

std::string WriteValueInfoProto(std::string_view name, const ValueType& type) {
  std::string message;
  protozero::pbf_writer writer(message);
  writer.add_string(onnx::value_info::kName, name.data(), name.size());
  const bool unknown =
      type.kind == ValueType::Kind::kTensor && type.dtype == DType::kUndefined && !type.shape;
  if (!unknown) writer.add_message(onnx::value_info::kType, WriteTypeProto(type));
  return message;
}

}  // namespace assay
