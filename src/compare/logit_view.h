#pragma once

#include <optional>

#include "compare/comparison.h"
#include "compare/distributions.h"

namespace assay {

// The rounding floor of probabilities in `dtype` whose largest is `max_reference`: four spacings at
// that value. Two sides that each round once or twice near 1 differ by less.
double RoundingFloor(DType dtype, double max_reference);

// Whether a comparison whose statistics are known deserves a logit view.
bool IsProbability(const OutputComparison& comparison);

template <typename Real>
LogitView MakeLogitView(const LogitSweep<Real>& sweep, double floor,
                        const OutputComparison& comparison);

}  // namespace assay
