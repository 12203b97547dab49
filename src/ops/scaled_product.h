#pragma once

#include <vector>

#include "ops/infer_context.h"
#include "ops/reference_context.h"

namespace assay {

// The left operand of a product of small integers: its values minus its zero point, and its scale.
struct ScaledOperand {
  Shape shape;
  std::vector<double> values;
  double scale = 1;
};

// Where the right operand and what belongs to it stand among the inputs: scale, zero point and bias
// have one value or one per column; zero point and bias may be left out.
struct ColumnOperand {
  int tensor = 0;
  int scale = 0;
  int zero_point = 0;
  int bias = 0;
};

// Sets output 0 to left x (right - zero point) * both scales + bias, a product as of MatMul that is
// exact before it is scaled. Errors: kInvalidInput for shapes that do not fit.
Status StoreScaledProduct(ReferenceContext& context, const ScaledOperand& left,
                          const ColumnOperand& right);

}  // namespace assay
