#pragma once

#include <optional>

#include "compare/comparison.h"
#include "compare/distributions.h"

namespace assay {

// The rounding floor of probabilities in `dtype`: four spacings just below 1, however small the
// probabilities are. A sigmoid, 1 - x or a division by a sum rounds at that magnitude before the
// result becomes small; two sides that each round once or twice there differ by less.
double RoundingFloor(DType dtype);

// The narrower of the two floating types of a pair, in whose spacing errors are counted: against
// float64 truth it is the type that rounds.
DType NarrowerType(DType a, DType b);

// Whether a comparison whose statistics are known deserves a logit view.
bool IsProbability(const OutputComparison& comparison);

template <typename Real>
LogitView MakeLogitView(const LogitSweep<Real>& sweep, double floor,
                        const OutputComparison& comparison);

}  // namespace assay
