#pragma once

#include <string_view>

#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"

namespace assay {

// The fused operators of the domain "assay" other than Attention (attention.h) and Convert are
// products with more behind them:
//
//   Y = activation(product + bias + residual)
//
// in this order, each optional. Input 2 is the bias (as in ONNX where the operator has one), input
// 3 the residual, of the shape of Y. Passes make them; models cannot name them.

// An activation that a fused operator can carry: an operator of ONNX and the attributes of it that
// "activation_alpha" and "activation_beta" stand for (empty: not used).
struct FusedActivation {
  std::string_view op;
  int opset = 0;  // version that the attributes are of
  std::string_view alpha;
  std::string_view beta;
};

// nullptr if it cannot be carried.
const FusedActivation* FindFusedActivation(std::string_view op);

// Their attributes, for the schemas.
inline constexpr AttributeDef kActivationAttribute = StringAttribute("activation", "");
inline constexpr AttributeDef kActivationAlphaAttribute = FloatAttribute("activation_alpha", 0);
inline constexpr AttributeDef kActivationBetaAttribute = FloatAttribute("activation_beta", 0);

// Checks element types, the activation's name and, where they are known, the shapes of residual
// and output. Called after output 0 has its shape.
Status CheckFused(InferContext& context);

// Adds the residual to output 0 and applies the activation.
Status FinishFused(ReferenceContext& context);

}  // namespace assay
