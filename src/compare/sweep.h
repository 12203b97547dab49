#pragma once

#include <cstdint>
#include <span>

#include "compare/block_kernels.h"

namespace assay {

// Largest Real that is not above `value`.
template <typename Real>
Real RoundDown(double value);

// counts[j] += number of the block's keys >= bounds[j]; bounds increase. Bounds outside the block's
// range cost nothing.
template <typename Real>
void CountAtLeast(const BlockKernels<Real>& kernels, const OrderedKey<Real>* keys, int n,
                  const KeyRange<OrderedKey<Real>>& range, std::span<const OrderedKey<Real>> bounds,
                  int64_t* counts);

// Elements per task of a sweep: depends on the count alone.
int64_t SweepGrain(int64_t count);

}  // namespace assay
