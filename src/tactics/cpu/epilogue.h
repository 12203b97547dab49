#pragma once

#include <cstdint>

#include "tactics/cpu/activation.h"
#include "tactics/tactic.h"

namespace assay {

// What happens to the results of a product before they are left alone: bias, residual, activation,
// in this order.
struct Epilogue {
  int bias_input = -1;  // one value per row of the result (a filter) or per column (a feature)
  bool bias_per_column = false;
  float bias_scale = 1;
  int residual_input = -1;  // of the shape of the output, added element by element
  Activation activation;

  bool empty() const {
    return bias_input < 0 && residual_input < 0 && activation.kind == ActivationKind::kNone;
  }
};

// The activation that a fused operator carries in its attributes "activation", "activation_alpha"
// and "activation_beta"; none for operators of ONNX itself.
Activation ActivationOf(const Instance& instance, Isa isa);

// Epilogue of Conv: input 2 is the bias; in the fused form input 3 is the residual.
Epilogue ConvolutionEpilogue(const Instance& instance, Isa isa);

// Applies an epilogue to rows of `columns` elements, `pitch` apart, that begin at `values`.
// `first_row` and `first_column` select the bias; `offset` is the position of `values` in the
// output, where the residual has its matching element.
void FinishRows(const Epilogue& epilogue, const Call& call, int64_t first_row, int64_t first_column,
                int64_t offset, int64_t rows, int64_t columns, int64_t pitch, float* values);

}  // namespace assay
