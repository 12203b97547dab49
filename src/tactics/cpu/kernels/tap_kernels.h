#pragma once

#include <cstdint>

#include "tactics/cpu/kernels/kernel_set.h"

namespace assay {

// Highest power of power_taps: that of any float32, and the sum of any number of them, is a normal
// double.
inline constexpr int kMostTapPower = 6;

// Inner loops of windows over rows of other elements than PoolKernels has. There is one tap at
// least, and any step; nothing is read but the elements that the definitions name.
struct TapKernels {
  // out[i] = maximum over t of in[offsets[t] + i * step].
  void (*max_int8)(const int8_t* in, const int64_t* offsets, int64_t taps, int64_t step,
                   int64_t count, int8_t* out);
  void (*max_uint8)(const uint8_t* in, const int64_t* offsets, int64_t taps, int64_t step,
                    int64_t count, uint8_t* out);
  // The same with the first tap that holds the maximum; NaN is above everything.
  void (*first_max)(const float* in, const int64_t* offsets, int64_t taps, int64_t step,
                    int64_t count, float* out, int32_t* tap);
  // out[i] = sum over t of |in[offsets[t] + i]|^power, 1 <= power <= kMostTapPower.
  void (*power_taps)(const float* in, const int64_t* offsets, int64_t taps, int power,
                     int64_t count, double* out);
  // out[i] = sum over t of in[offsets[t] + i * step].
  void (*sum_doubles)(const double* in, const int64_t* offsets, int64_t taps, int64_t step,
                      int64_t count, double* out);
};

const TapKernels& TapKernelsOf(Isa isa);

}  // namespace assay
