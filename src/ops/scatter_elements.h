#pragma once

#include "ops/infer_context.h"
#include "ops/reference_context.h"

namespace assay {

// Scatter of opset 9 is ScatterElements without a reduction; both run this.
Status InferScatterElements(InferContext& context);
Status ReferenceScatterElements(ReferenceContext& context);

}  // namespace assay
