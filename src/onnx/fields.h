#pragma once

#include <cstdint>

// Field numbers of ONNX's protobuf messages (onnx-ml.proto and onnx-data.proto, IR version 14), as
// far as they are read or written.
namespace assay::onnx {

namespace model {
enum Field : uint32_t {
  kIrVersion = 1,
  kProducerName = 2,
  kProducerVersion = 3,
  kDomain = 4,
  kModelVersion = 5,
  kDocString = 6,
  kGraph = 7,
  kOpsetImport = 8,
  kMetadata = 14,
  kTrainingInfo = 20,
  kFunctions = 25,
  kConfiguration = 26,
};
}  // namespace model

namespace opset {
enum Field : uint32_t { kDomain = 1, kVersion = 2 };
}

namespace entry {  // StringStringEntryProto
enum Field : uint32_t { kKey = 1, kValue = 2 };
}

namespace graph {
enum Field : uint32_t {
  kNode = 1,
  kName = 2,
  kInitializer = 5,
  kInput = 11,
  kOutput = 12,
  kValueInfo = 13,
  kQuantizationAnnotation = 14,
  kSparseInitializer = 15,
};
}

namespace node {
enum Field : uint32_t {
  kInput = 1,
  kOutput = 2,
  kName = 3,
  kOpType = 4,
  kAttribute = 5,
  kDomain = 7,
  kOverload = 8,
  kMetadata = 9,
  kDeviceConfigurations = 10,
};
}

namespace attribute {
enum Field : uint32_t {
  kName = 1,
  kFloat = 2,
  kInt = 3,
  kString = 4,
  kTensor = 5,
  kGraph = 6,
  kFloats = 7,
  kInts = 8,
  kStrings = 9,
  kTensors = 10,
  kGraphs = 11,
  kTypeProto = 14,
  kTypeProtos = 15,
  kType = 20,
  kReference = 21,
  kSparseTensor = 22,
  kSparseTensors = 23,
};
// AttributeProto.AttributeType.
enum class Type : int64_t {
  kUndefined = 0,
  kFloat = 1,
  kInt = 2,
  kString = 3,
  kTensor = 4,
  kGraph = 5,
  kFloats = 6,
  kInts = 7,
  kStrings = 8,
  kTensors = 9,
  kGraphs = 10,
  kSparseTensor = 11,
  kSparseTensors = 12,
  kTypeProto = 13,
  kTypeProtos = 14,
};
}  // namespace attribute

namespace tensor {
enum Field : uint32_t {
  kDims = 1,
  kDataType = 2,
  kSegment = 3,
  kFloatData = 4,
  kInt32Data = 5,
  kStringData = 6,
  kInt64Data = 7,
  kName = 8,
  kRawData = 9,
  kDoubleData = 10,
  kUint64Data = 11,
  kExternalData = 13,
  kDataLocation = 14,
};
}

namespace sparse_tensor {
enum Field : uint32_t { kValues = 1, kIndices = 2, kDims = 3 };
}

namespace value_info {
enum Field : uint32_t { kName = 1, kType = 2 };
}

namespace type {
enum Field : uint32_t {
  kTensor = 1,
  kSequence = 4,
  kMap = 5,
  kOpaque = 7,
  kSparseTensor = 8,
  kOptional = 9,
};
}
namespace tensor_type {  // TypeProto.Tensor and TypeProto.SparseTensor
enum Field : uint32_t { kElementType = 1, kShape = 2 };
}
namespace element_type {  // TypeProto.Sequence and TypeProto.Optional
enum Field : uint32_t { kElement = 1 };
}
namespace map_type {
enum Field : uint32_t { kKey = 1, kValue = 2 };
}
namespace opaque_type {
enum Field : uint32_t { kDomain = 1, kName = 2 };
}
namespace shape {
enum Field : uint32_t { kDim = 1 };
}
namespace dimension {
enum Field : uint32_t { kValue = 1, kParameter = 2 };
}

namespace function {
enum Field : uint32_t {
  kName = 1,
  kInput = 4,
  kOutput = 5,
  kAttribute = 6,
  kNode = 7,
  kDocString = 8,
  kOpsetImport = 9,
  kDomain = 10,
  kAttributeDefault = 11,
  kValueInfo = 12,
  kOverload = 13,
};
}

namespace sequence {  // SequenceProto
enum Field : uint32_t { kName = 1, kElementType = 2, kTensors = 3 };
}
namespace optional {  // OptionalProto
enum Field : uint32_t { kName = 1, kElementType = 2, kTensor = 3 };
}
// SequenceProto.DataType and OptionalProto.DataType.
enum class ElementKind : int64_t { kUndefined = 0, kTensor = 1 };

}  // namespace assay::onnx
