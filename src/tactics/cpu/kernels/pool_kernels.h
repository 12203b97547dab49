#pragma once

#include <cstdint>

#include "tactics/cpu/kernels/kernel_set.h"

namespace assay {

// Inner loops of poolings and of resizing. Nothing is read but the elements that the definitions
// name.
struct PoolKernels {
  // out[i] = maximum over t of in[offsets[t] + i * step], for step 1 or 2 and one tap at least. NaN
  // is above everything; of equal elements the first one stays.
  void (*max_taps)(const float* in, const int64_t* offsets, int64_t taps, int64_t step,
                   int64_t count, float* out);
  // out[i] = sum over t of in[offsets[t] + i * step], in sums of at most 128 elements.
  void (*sum_taps)(const float* in, const int64_t* offsets, int64_t taps, int64_t step,
                   int64_t count, float* out);
  // values[i] /= divisors[i] * factor.
  void (*divide)(const float* divisors, float factor, int64_t count, float* values);
  // out[i] = sum over t of weights[t * pitch + i] * in[indices[t * pitch + i]].
  void (*gather_taps)(const float* in, const int32_t* indices, const float* weights, int64_t taps,
                      int64_t pitch, int64_t count, float* out);
};

const PoolKernels& PoolKernelsOf(Isa isa);

}  // namespace assay
