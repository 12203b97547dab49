// Compiled once per instruction set; the including file defines kBytes, the size of a vector. Plain
// loops over a few outputs at a time, which compilers turn into vectors.

namespace {  // NOLINT(google-build-namespaces): one including file per instruction set

#include "tactics/cpu/kernels/vector_types_inl.h"

constexpr int64_t kTapTile = 256;

inline bool Above(int8_t x, int8_t most) { return x > most; }
inline bool Above(uint8_t x, uint8_t most) { return x > most; }

// kStep 0: the step is only known at run time.
template <int kStep, typename T>
inline void MaxTile(const T* in, const int64_t* offsets, int64_t taps, int64_t step, int64_t count,
                    T* __restrict most) {
  const int64_t by = kStep == 0 ? step : kStep;
  for (int64_t i = 0; i < count; ++i) most[i] = in[offsets[0] + i * by];
  for (int64_t tap = 1; tap < taps; ++tap) {
    const T* from = in + offsets[tap];
    for (int64_t i = 0; i < count; ++i) {
      const T x = from[i * by];
      most[i] = Above(x, most[i]) ? x : most[i];
    }
  }
}

template <typename T>
void MaxTaps(const T* in, const int64_t* offsets, int64_t taps, int64_t step, int64_t count,
             T* out) {
  T most[kTapTile];
  for (int64_t begin = 0; begin < count; begin += kTapTile) {
    const int64_t width = count - begin < kTapTile ? count - begin : kTapTile;
    const T* from = in + begin * step;
    if (step == 1) {
      MaxTile<1>(from, offsets, taps, step, width, most);
    } else if (step == 2) {
      MaxTile<2>(from, offsets, taps, step, width, most);
    } else {
      MaxTile<0>(from, offsets, taps, step, width, most);
    }
    for (int64_t i = 0; i < width; ++i) out[begin + i] = most[i];
  }
}

inline Int IsNaN(Float x) { return x != x; }  // NOLINT(misc-redundant-expression)
// Whole vectors up to behind `count`; NaN is above everything.
inline void TakeAbove(const float* x, int64_t count, int32_t tap, float* most, int32_t* which) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const Float value = Load(x + i);
    const Float before = Load(most + i);
    const Int is_above = ~(value <= before) & ~IsNaN(before);
    Store(most + i, is_above ? value : before);
    StoreInts(which + i, is_above ? Int{} + tap : LoadInts(which + i));
  }
}

template <int kStep>
inline void CopySteps(const float* in, int64_t step, int64_t count, float* out) {
  const int64_t by = kStep == 0 ? step : kStep;
  for (int64_t i = 0; i < count; ++i) out[i] = in[i * by];
}

inline void CopyTile(const float* in, int64_t step, int64_t count, float* out) {
  if (step == 1) {
    CopySteps<1>(in, step, count, out);
  } else if (step == 2) {
    CopySteps<2>(in, step, count, out);
  } else {
    CopySteps<0>(in, step, count, out);
  }
}

void FirstMax(const float* in, const int64_t* offsets, int64_t taps, int64_t step, int64_t count,
              float* out, int32_t* tap) {
  float x[kTapTile] = {};
  float most[kTapTile] = {};
  int32_t which[kTapTile];
  for (int64_t begin = 0; begin < count; begin += kTapTile) {
    const int64_t width = count - begin < kTapTile ? count - begin : kTapTile;
    const float* from = in + begin * step;
    CopyTile(from + offsets[0], step, width, most);
    for (int32_t& first : which) first = 0;
    for (int64_t t = 1; t < taps; ++t) {
      const bool is_dense = step == 1 && width % kLanes == 0;
      if (!is_dense) CopyTile(from + offsets[t], step, width, x);
      TakeAbove(is_dense ? from + offsets[t] : x, width, static_cast<int32_t>(t), most, which);
    }
    CopySteps<1>(most, 1, width, out + begin);
    for (int64_t i = 0; i < width; ++i) tap[begin + i] = which[i];
  }
}

template <int kPower>
inline void AddPowers(const float* in, int64_t count, double* __restrict sums) {
  for (int64_t i = 0; i < count; ++i) {
    const double x = __builtin_fabs(static_cast<double>(in[i]));
    double power = x;
    for (int k = 1; k < kPower; ++k) power *= x;
    sums[i] += power;
  }
}

void PowerTaps(const float* in, const int64_t* offsets, int64_t taps, int power, int64_t count,
               double* out) {
  for (int64_t begin = 0; begin < count; begin += kTapTile) {
    const int64_t width = count - begin < kTapTile ? count - begin : kTapTile;
    double* sums = out + begin;
    for (int64_t i = 0; i < width; ++i) sums[i] = 0;
    for (int64_t tap = 0; tap < taps; ++tap) {
      const float* from = in + offsets[tap] + begin;
      if (power == 1) AddPowers<1>(from, width, sums);
      if (power == 2) AddPowers<2>(from, width, sums);
      if (power == 3) AddPowers<3>(from, width, sums);
      if (power == 4) AddPowers<4>(from, width, sums);
      if (power == 5) AddPowers<5>(from, width, sums);
      if (power == 6) AddPowers<6>(from, width, sums);
    }
  }
}

template <int kStep>
inline void SumTile(const double* in, const int64_t* offsets, int64_t taps, int64_t step,
                    int64_t count, double* __restrict sums) {
  const int64_t by = kStep == 0 ? step : kStep;
  for (int64_t i = 0; i < count; ++i) sums[i] = in[offsets[0] + i * by];
  for (int64_t tap = 1; tap < taps; ++tap) {
    const double* from = in + offsets[tap];
    for (int64_t i = 0; i < count; ++i) sums[i] += from[i * by];
  }
}

void SumDoubles(const double* in, const int64_t* offsets, int64_t taps, int64_t step, int64_t count,
                double* out) {
  for (int64_t begin = 0; begin < count; begin += kTapTile) {
    const int64_t width = count - begin < kTapTile ? count - begin : kTapTile;
    const double* from = in + begin * step;
    if (step == 1) {
      SumTile<1>(from, offsets, taps, step, width, out + begin);
    } else if (step == 2) {
      SumTile<2>(from, offsets, taps, step, width, out + begin);
    } else {
      SumTile<0>(from, offsets, taps, step, width, out + begin);
    }
  }
}

}  // namespace

extern const TapKernels kTapKernels;
const TapKernels kTapKernels = {.max_int8 = MaxTaps<int8_t>,
                                .max_uint8 = MaxTaps<uint8_t>,
                                .first_max = FirstMax,
                                .power_taps = PowerTaps,
                                .sum_doubles = SumDoubles};
