#pragma once

#include <string_view>

#include "base/status.h"
#include "ops/infer_context.h"
#include "ops/reference_context.h"

namespace assay {

// The domain of the operators that ONNX Runtime adds to ONNX. Their schemas are those of its
// version 1.32, all under version 1 of the domain.
inline constexpr std::string_view kMicrosoftDomain = "com.microsoft";

// Error unless input `vector`, if it is there, has one value per index of the last axis of input
// `x`. Shapes that are not known pass.
Status InferLastAxisVector(const InferContext& context, int x, int vector);
Status CheckLastAxisVector(const ReferenceContext& context, int x, int vector);

// Error unless input `index`, if it is there, is known to have another rank or extent than
// `expected` says; unknown extents pass.
Status CheckInferredShape(const InferContext& context, int index, const SymbolicShape& expected);
// The same for the tensor itself.
Status CheckInputShape(const ReferenceContext& context, int index, const Shape& expected);

// x + vector along the last axis; x itself if `vector` is null.
Tensor AddAlongLastAxis(const ReferenceContext& context, const Tensor& x, const Tensor* vector);

}  // namespace assay
