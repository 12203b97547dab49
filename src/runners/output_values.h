#pragma once

#include <string>

#include "tensor/runtime_value.h"
#include "tensor/tensor.h"

namespace assay {

// Appends an output of a model as tensors, which are what can be compared: a sequence "s" as
// "s[0]", "s[1]", ..., an empty optional as nothing.
void AppendOutput(TensorMap& outputs, const std::string& name, RuntimeValue value);

}  // namespace assay
