// Compiled once per instruction set; the including file defines what windows_inl.h asks for, and
// StoreFirst, Higher, Divide and Gather.

namespace {  // NOLINT(google-build-namespaces): one including file per instruction set

// `count` elements from p, p + kStep, ... and zeros; a whole vector if kFull, which may also read
// the element behind the last one.
template <int kStep, bool kFull>
inline Vector LoadSteps(const float* p, int64_t count) {
  if constexpr (kStep == 1) return kFull ? Load(p) : LoadUpTo(p, count);
  const int64_t reach = 2 * count - 1;
  Vector even;
  Vector odd;
  SplitPairs(kFull ? Load(p) : LoadUpTo(p, reach),
             kFull ? Load(p + kLanes) : LoadUpTo(p + kLanes, reach - kLanes), &even, &odd);
  return even;
}

template <int kStep, bool kFull>
inline Vector MaxOf(const float* in, const int64_t* offsets, int64_t taps, int64_t count) {
  Vector most = LoadSteps<kStep, kFull>(in + offsets[0], count);
  for (int64_t tap = 1; tap < taps; ++tap) {
    most = Higher(most, LoadSteps<kStep, kFull>(in + offsets[tap], count));
  }
  return most;
}

template <int kStep, bool kFull>
inline Vector SumOf(const float* in, const int64_t* offsets, int64_t taps, int64_t count) {
  Vector total = Zero();
  for (int64_t begin = 0;; begin += kWindowBlock) {
    const bool is_last = taps - begin <= kWindowBlock;
    const int64_t end = is_last ? taps : begin + kWindowBlock;
    Vector sum = Zero();
    for (int64_t tap = begin; tap < end; ++tap) {
      sum = Add(sum, LoadSteps<kStep, kFull>(in + offsets[tap], count));
    }
    if (is_last) return begin == 0 ? sum : Add(total, sum);
    total = Add(total, sum);
  }
}

template <bool kMax, int kStep>
void PoolRow(const float* in, const int64_t* offsets, int64_t taps, int64_t count, float* out) {
  int64_t i = 0;
  for (; i + kLanes < count; i += kLanes) {
    const float* from = in + i * kStep;
    Store(out + i, kMax ? MaxOf<kStep, true>(from, offsets, taps, kLanes)
                        : SumOf<kStep, true>(from, offsets, taps, kLanes));
  }
  const int64_t rest = count - i;
  if (rest <= 0) return;
  const float* from = in + i * kStep;
  const Vector result = kMax ? MaxOf<kStep, false>(from, offsets, taps, rest)
                             : SumOf<kStep, false>(from, offsets, taps, rest);
  if (rest == kLanes) {
    Store(out + i, result);
  } else {
    StoreFirst(out + i, rest, result);
  }
}

void MaxTaps(const float* in, const int64_t* offsets, int64_t taps, int64_t step, int64_t count,
             float* out) {
  if (step == 1) {
    PoolRow<true, 1>(in, offsets, taps, count, out);
  } else {
    PoolRow<true, 2>(in, offsets, taps, count, out);
  }
}

void SumTaps(const float* in, const int64_t* offsets, int64_t taps, int64_t step, int64_t count,
             float* out) {
  if (step == 1) {
    PoolRow<false, 1>(in, offsets, taps, count, out);
  } else {
    PoolRow<false, 2>(in, offsets, taps, count, out);
  }
}

void DivideRow(const float* divisors, float factor, int64_t count, float* values) {
  const Vector factors = Broadcast(factor);
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Vector divisor = MultiplyAdd(Load(divisors + i), factors, Zero());
    Store(values + i, Divide(Load(values + i), divisor));
  }
  for (; i < count; ++i) values[i] /= divisors[i] * factor;
}

void GatherTaps(const float* in, const int32_t* indices, const float* weights, int64_t taps,
                int64_t pitch, int64_t count, float* out) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    Vector sum = Zero();
    for (int64_t tap = 0; tap < taps; ++tap) {
      const int64_t at = tap * pitch + i;
      sum = MultiplyAdd(Load(weights + at), Gather(in, indices + at), sum);
    }
    Store(out + i, sum);
  }
  for (; i < count; ++i) {
    float sum = 0;
    for (int64_t tap = 0; tap < taps; ++tap) {
      const int64_t at = tap * pitch + i;
      sum = ScalarMultiplyAdd(weights[at], in[indices[at]], sum);
    }
    out[i] = sum;
  }
}

}  // namespace

extern const PoolKernels kPoolKernels;
const PoolKernels kPoolKernels = {
    .max_taps = MaxTaps, .sum_taps = SumTaps, .divide = DivideRow, .gather_taps = GatherTaps};
