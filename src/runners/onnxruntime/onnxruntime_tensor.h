#pragma once

#include "base/status.h"
#include "ir/graph.h"
#include "runners/onnxruntime/onnxruntime_library.h"
#include "tensor/runtime_value.h"
#include "tensor/tensor.h"

namespace assay {

// Type of a model input or output as the library declares it.
Result<ValueType> ValueTypeOf(const OnnxRuntime& runtime, const OrtTypeInfo* info);

// A value of the library that reads the tensor's own memory, which must outlive it; strings are
// copied.
Result<OrtOwned<OrtValue>> ToOrtValue(const OnnxRuntime& runtime, const OrtMemoryInfo* cpu_memory,
                                      const Tensor& tensor);

// Copies a value in host memory out of the library, so that the library's own memory can go back
// to it. Errors: kUnsupported for maps; kResourceLimit.
Result<RuntimeValue> FromOrtValue(const OnnxRuntime& runtime, const OrtValue* value);

}  // namespace assay
