#include "runners/onnxruntime/onnxruntime_tensor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace assay {
namespace {

constexpr const char* kReadType = "cannot read a type";
constexpr const char* kReadValue = "cannot read an output";
constexpr const char* kMakeValue = "cannot take an input";

// Both number their element types as ONNX does, but a library may know types that Assay does not.
DType DTypeOfOrt(ONNXTensorElementDataType type) {
  const int number = static_cast<int>(type);
  return number >= 0 && number < kDTypeCount ? static_cast<DType>(number) : DType::kUndefined;
}

Result<ValueType> TensorTypeOf(const OnnxRuntime& runtime, const OrtTypeInfo* info) {
  const OrtApi& api = runtime.api();
  const auto check = [&](OrtStatus* status) {
    return runtime.Check(status, kReadType, StatusCode::kUnsupported);
  };
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;
  ASSAY_RETURN_IF_ERROR(check(api.CastTypeInfoToTensorInfo(info, &tensor)));
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  ASSAY_RETURN_IF_ERROR(check(api.GetTensorElementType(tensor, &type)));
  size_t rank = 0;
  ASSAY_RETURN_IF_ERROR(check(api.GetDimensionsCount(tensor, &rank)));
  std::vector<int64_t> extents(rank);
  ASSAY_RETURN_IF_ERROR(check(api.GetDimensions(tensor, extents.data(), rank)));
  std::vector<const char*> names(rank, "");
  ASSAY_RETURN_IF_ERROR(check(api.GetSymbolicDimensions(tensor, names.data(), rank)));

  SymbolicShape shape;
  for (size_t i = 0; i < rank; ++i) {
    if (extents[i] >= 0) {
      shape.emplace_back(extents[i]);
    } else {
      shape.push_back(*names[i] == '\0' ? Dim::Unknown() : Dim::Symbol(names[i]));
    }
  }
  return ValueType::TensorOf(DTypeOfOrt(type), std::move(shape));
}

Status FillStrings(const OnnxRuntime& runtime, const Tensor& tensor, OrtValue* value) {
  const auto strings = tensor.data<std::string>();
  for (size_t i = 0; i < strings.size(); ++i) {
    char* room = nullptr;
    ASSAY_RETURN_IF_ERROR(runtime.Check(
        runtime.api().GetResizedStringTensorElementBuffer(value, i, strings[i].size(), &room),
        kMakeValue, StatusCode::kResourceLimit));
    std::ranges::copy(strings[i], room);
  }
  return OkStatus();
}

Status ReadStrings(const OnnxRuntime& runtime, const OrtValue* value, Tensor& tensor) {
  const OrtApi& api = runtime.api();
  auto strings = tensor.mutable_data<std::string>();
  if (strings.empty()) return OkStatus();
  size_t total = 0;
  ASSAY_RETURN_IF_ERROR(runtime.Check(api.GetStringTensorDataLength(value, &total), kReadValue,
                                      StatusCode::kUnsupported));
  std::string text(total, '\0');
  std::vector<size_t> offsets(strings.size());
  ASSAY_RETURN_IF_ERROR(runtime.Check(
      api.GetStringTensorContent(value, text.data(), total, offsets.data(), offsets.size()),
      kReadValue, StatusCode::kUnsupported));
  for (size_t i = 0; i < strings.size(); ++i) {
    const size_t end = i + 1 < strings.size() ? offsets[i + 1] : total;
    strings[i] = text.substr(offsets[i], end - offsets[i]);
  }
  return OkStatus();
}

}  // namespace

Result<ValueType> ValueTypeOf(const OnnxRuntime& runtime, const OrtTypeInfo* info) {
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  ASSAY_RETURN_IF_ERROR(runtime.Check(runtime.api().GetOnnxTypeFromTypeInfo(info, &kind), kReadType,
                                      StatusCode::kUnsupported));
  ValueType type;
  switch (kind) {
    case ONNX_TYPE_TENSOR:
      return TensorTypeOf(runtime, info);
    case ONNX_TYPE_SEQUENCE:
      type.kind = ValueType::Kind::kSequence;
      break;
    case ONNX_TYPE_MAP:
      type.kind = ValueType::Kind::kMap;
      break;
    case ONNX_TYPE_SPARSETENSOR:
      type.kind = ValueType::Kind::kSparseTensor;
      break;
    case ONNX_TYPE_OPTIONAL:
      type.kind = ValueType::Kind::kOptional;
      break;
    case ONNX_TYPE_OPAQUE:
    case ONNX_TYPE_UNKNOWN:
      type.kind = ValueType::Kind::kOpaque;
      break;
  }
  return type;
}

Result<OrtOwned<OrtValue>> ToOrtValue(const OnnxRuntime& runtime, const OrtMemoryInfo* cpu_memory,
                                      const Tensor& tensor) {
  const OrtApi& api = runtime.api();
  const auto type = static_cast<ONNXTensorElementDataType>(tensor.dtype());
  const std::vector<int64_t>& dims = tensor.shape().dims();
  OrtValue* value = nullptr;
  if (tensor.dtype() == DType::kString) {
    OrtAllocator* allocator = nullptr;
    ASSAY_RETURN_IF_ERROR(runtime.Check(api.GetAllocatorWithDefaultOptions(&allocator), kMakeValue,
                                        StatusCode::kResourceLimit));
    ASSAY_RETURN_IF_ERROR(
        runtime.Check(api.CreateTensorAsOrtValue(allocator, dims.data(), dims.size(), type, &value),
                      kMakeValue, StatusCode::kResourceLimit));
    OrtOwned<OrtValue> owned(value, api.ReleaseValue);
    ASSAY_RETURN_IF_ERROR(FillStrings(runtime, tensor, value));
    return owned;
  }
  ASSAY_RETURN_IF_ERROR(
      runtime.Check(api.CreateTensorWithDataAsOrtValue(cpu_memory, const_cast<void*>(tensor.raw()),
                                                       tensor.byte_size(), dims.data(), dims.size(),
                                                       type, &value),
                    kMakeValue, StatusCode::kUnsupported));
  return OrtOwned<OrtValue>(value, api.ReleaseValue);
}

namespace {

Result<Tensor> TensorFromOrt(const OnnxRuntime& runtime, const OrtValue* value) {
  const OrtApi& api = runtime.api();
  const auto check = [&](OrtStatus* status) {
    return runtime.Check(status, kReadValue, StatusCode::kUnsupported);
  };
  OrtTensorTypeAndShapeInfo* info = nullptr;
  ASSAY_RETURN_IF_ERROR(check(api.GetTensorTypeAndShape(value, &info)));
  const OrtOwned<OrtTensorTypeAndShapeInfo> owned(info, api.ReleaseTensorTypeAndShapeInfo);
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  ASSAY_RETURN_IF_ERROR(check(api.GetTensorElementType(info, &type)));
  size_t rank = 0;
  ASSAY_RETURN_IF_ERROR(check(api.GetDimensionsCount(info, &rank)));
  std::vector<int64_t> dims(rank);
  ASSAY_RETURN_IF_ERROR(check(api.GetDimensions(info, dims.data(), rank)));
  if (DTypeOfOrt(type) == DType::kUndefined) {
    return Status(StatusCode::kUnsupported,
                  fmt::format("element type number {} is not known", static_cast<int>(type)));
  }

  ASSAY_ASSIGN_OR_RETURN(Tensor tensor,
                         Tensor::TryAllocate(DTypeOfOrt(type), Shape(std::move(dims))));
  if (tensor.dtype() == DType::kString) {
    ASSAY_RETURN_IF_ERROR(ReadStrings(runtime, value, tensor));
    return tensor;
  }
  void* data = nullptr;
  ASSAY_RETURN_IF_ERROR(check(api.GetTensorMutableData(const_cast<OrtValue*>(value), &data)));
  if (tensor.byte_size() > 0) std::memcpy(tensor.mutable_raw(), data, tensor.byte_size());
  return tensor;
}

Result<RuntimeValue> SequenceFromOrt(const OnnxRuntime& runtime, const OrtValue* value) {
  const OrtApi& api = runtime.api();
  const auto check = [&](OrtStatus* status) {
    return runtime.Check(status, kReadValue, StatusCode::kUnsupported);
  };
  OrtAllocator* allocator = nullptr;
  ASSAY_RETURN_IF_ERROR(check(api.GetAllocatorWithDefaultOptions(&allocator)));
  size_t count = 0;
  ASSAY_RETURN_IF_ERROR(check(api.GetValueCount(value, &count)));
  RuntimeValue::Sequence elements;
  for (size_t i = 0; i < count; ++i) {
    OrtValue* element = nullptr;
    ASSAY_RETURN_IF_ERROR(check(api.GetValue(value, static_cast<int>(i), allocator, &element)));
    const OrtOwned<OrtValue> owned(element, api.ReleaseValue);
    ASSAY_ASSIGN_OR_RETURN(RuntimeValue read, FromOrtValue(runtime, element));
    elements.push_back(std::move(read));
  }
  return RuntimeValue::OfSequence(std::move(elements));
}

}  // namespace

Result<RuntimeValue> FromOrtValue(const OnnxRuntime& runtime, const OrtValue* value) {
  const OrtApi& api = runtime.api();
  const auto check = [&](OrtStatus* status) {
    return runtime.Check(status, kReadValue, StatusCode::kUnsupported);
  };
  int has_value = 0;
  if (value != nullptr) ASSAY_RETURN_IF_ERROR(check(api.HasValue(value, &has_value)));
  if (has_value == 0) return RuntimeValue::EmptyOptional();
  ONNXType type = ONNX_TYPE_UNKNOWN;
  ASSAY_RETURN_IF_ERROR(check(api.GetValueType(value, &type)));
  if (type == ONNX_TYPE_SEQUENCE) return SequenceFromOrt(runtime, value);
  if (type == ONNX_TYPE_TENSOR) {
    ASSAY_ASSIGN_OR_RETURN(Tensor tensor, TensorFromOrt(runtime, value));
    return RuntimeValue(std::move(tensor));
  }
  return Status(StatusCode::kUnsupported, "expected a tensor or a sequence, got a map",
                "name tensors of the model with --onnx-outputs");
}

}  // namespace assay
