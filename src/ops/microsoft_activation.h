#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "ops/infer_context.h"
#include "ops/reference_context.h"

namespace assay {

// An operator of ONNX that a fused operator of ONNX Runtime applies at its end; no name: none.
struct NamedActivation {
  std::string op;
  int opset = 0;  // version that the attributes are of
  std::vector<Attribute> attributes;
};

// The activation of FusedConv, with the values in "activation_params" for its attributes. Errors:
// kUnsupported for other activations, kInvalidInput for another number of values.
Result<NamedActivation> ConvActivation(const OpContext& context);
// That of FusedGemm, whose attributes have "activation_" before their names.
Result<NamedActivation> GemmActivation(const OpContext& context);

// output 0 = activation(output 0).
Status ApplyToOutput(ReferenceContext& context, const NamedActivation& activation);

}  // namespace assay
