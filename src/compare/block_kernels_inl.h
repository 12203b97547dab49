// The loops of block_kernels.h, included once per instruction set with ASSAY_KERNEL_NAMESPACE
// defined. No function of another header may be called here: the linker keeps one copy of an inline
// function, and it must not be one that needs AVX.

#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "compare/block_kernels.h"

namespace assay {
namespace ASSAY_KERNEL_NAMESPACE {

#if defined(__AVX2__)
inline constexpr int kVectorBytes = 32;
#else
inline constexpr int kVectorBytes = 16;
#endif

template <typename T>
struct VectorOf;
template <>
struct VectorOf<int32_t> {
  typedef int32_t type __attribute__((vector_size(kVectorBytes)));
};
template <>
struct VectorOf<int64_t> {
  typedef int64_t type __attribute__((vector_size(kVectorBytes)));
};
typedef double Doubles __attribute__((vector_size(kVectorBytes)));
typedef int64_t DoubleBits __attribute__((vector_size(kVectorBytes)));

template <typename To, typename From>
inline To BitCast(From from) {
  To to;
  static_assert(sizeof(to) == sizeof(from));
  __builtin_memcpy(&to, &from, sizeof(to));
  return to;
}

template <typename Key>
inline constexpr Key kLargestKey = static_cast<Key>(~uint64_t{0} >> (65 - 8 * sizeof(Key)));

template <typename Real>
inline Real Magnitude(Real x) {
  using Key = OrderedKey<Real>;
  return BitCast<Real>(static_cast<Key>(BitCast<Key>(x) & kLargestKey<Key>));
}

// Keys are read as bytes, because they may be the bits of a Real.
template <typename Key>
inline Key LoadKey(const Key* keys, int i) {
  Key key;
  __builtin_memcpy(&key, keys + i, sizeof(key));
  return key;
}

template <typename Real>
BlockDifferenceRanges<OrderedKey<Real>> Differences(const Real* __restrict output,
                                                    const Real* __restrict reference, int n,
                                                    Real zero_replacement,
                                                    Real* __restrict absolute,
                                                    Real* __restrict relative) {
  using Key = OrderedKey<Real>;
  KeyRange<Key> absolute_range = {kLargestKey<Key>, 0};
  KeyRange<Key> relative_range = {kLargestKey<Key>, 0};
  for (int i = 0; i < n; ++i) {
    const Real difference = Magnitude(output[i] - reference[i]);
    const Real magnitude = Magnitude(reference[i]);
    const Real denominator = magnitude == 0 ? zero_replacement : magnitude;
    const Real quotient = Magnitude(difference / denominator);
    absolute[i] = difference;
    relative[i] = quotient;
    const Key absolute_key = BitCast<Key>(difference);
    const Key relative_key = BitCast<Key>(quotient);
    absolute_range.min = absolute_key < absolute_range.min ? absolute_key : absolute_range.min;
    absolute_range.max = absolute_key > absolute_range.max ? absolute_key : absolute_range.max;
    relative_range.min = relative_key < relative_range.min ? relative_key : relative_range.min;
    relative_range.max = relative_key > relative_range.max ? relative_key : relative_range.max;
  }
  return {absolute_range, relative_range};
}

template <typename Real>
KeySummary<OrderedKey<Real>> Keys(const Real* __restrict values, int n,
                                  OrderedKey<Real>* __restrict keys) {
  using Key = OrderedKey<Real>;
  Key min = kLargestKey<Key>;
  Key max = -kLargestKey<Key>;
  Key min_magnitude = kLargestKey<Key>;
  for (int i = 0; i < n; ++i) {
    const Key bits = BitCast<Key>(values[i]);
    const Key sign = bits >> (sizeof(Key) * 8 - 1);
    const Key magnitude = bits & kLargestKey<Key>;
    const Key key = (magnitude ^ sign) - sign;
    keys[i] = key;
    min = key < min ? key : min;
    max = key > max ? key : max;
    min_magnitude = magnitude < min_magnitude ? magnitude : min_magnitude;
  }
  return {{min, max}, min_magnitude};
}

template <typename Real>
KeyRange<OrderedKey<Real>> Range(const OrderedKey<Real>* __restrict keys, int n) {
  using Key = OrderedKey<Real>;
  Key min = LoadKey(keys, 0);
  Key max = min;
  for (int i = 0; i < n; ++i) {
    const Key key = LoadKey(keys, i);
    min = key < min ? key : min;
    max = key > max ? key : max;
  }
  return {min, max};
}

// Sums run over eight lanes, element i in lane i mod 8; the last n mod 8 elements follow one by
// one.
inline constexpr int kSumLanes = 8;
inline constexpr int kVectorDoubles = kVectorBytes / 8;
inline constexpr int kSumVectors = kSumLanes / kVectorDoubles;

inline void Load(const float* values, Doubles* out) {
#if defined(__AVX2__)
  *out = reinterpret_cast<Doubles>(_mm256_cvtps_pd(_mm_loadu_ps(values)));
#else
  for (int i = 0; i < kVectorDoubles; ++i) (*out)[i] = values[i];
#endif
}

inline Doubles Magnitude(Doubles x) {
  return reinterpret_cast<Doubles>(reinterpret_cast<DoubleBits>(x) & INT64_MAX);
}

inline void Load(const double* values, Doubles* out) {
  __builtin_memcpy(out, values, sizeof(*out));
}

struct LaneSums {
  Doubles parts[kSumVectors] = {};

  double Total() const {
    double lanes[kSumLanes];
    __builtin_memcpy(lanes, parts, sizeof(lanes));
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
           ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
  }
};

template <typename Real, bool kSigned>
Moments ShiftedMoments(const Real* values, int n, double shift) {
  const Doubles shifts = Doubles{} + shift;
  LaneSums sums;
  LaneSums squares;
  LaneSums magnitudes;
  int i = 0;
  for (; i + kSumLanes <= n; i += kSumLanes) {
    for (int part = 0; part < kSumVectors; ++part) {
      Doubles x;
      Load(values + i + part * kVectorDoubles, &x);
      const Doubles shifted = x - shifts;
      sums.parts[part] += shifted;
      squares.parts[part] += shifted * shifted;
      if constexpr (kSigned) magnitudes.parts[part] += Magnitude(x);
    }
  }
  Moments moments = {sums.Total(), squares.Total(), magnitudes.Total()};
  for (; i < n; ++i) {
    const double value = values[i];
    const double shifted = value - shift;
    moments.shifted_sum += shifted;
    moments.shifted_square_sum += shifted * shifted;
    if constexpr (kSigned) moments.magnitude_sum += Magnitude(value);
  }
  if constexpr (!kSigned) moments.magnitude_sum = moments.shifted_sum + n * shift;
  return moments;
}

template <typename Real>
PairMoments MomentsOfPair(const Real* a, const Real* b, int n, double shift_a, double shift_b) {
  const Doubles shifts[2] = {Doubles{} + shift_a, Doubles{} + shift_b};
  LaneSums sums[2];
  LaneSums squares[2];
  LaneSums magnitudes[2];
  LaneSums products;
  int i = 0;
  for (; i + kSumLanes <= n; i += kSumLanes) {
    for (int part = 0; part < kSumVectors; ++part) {
      Doubles x[2];
      Load(a + i + part * kVectorDoubles, &x[0]);
      Load(b + i + part * kVectorDoubles, &x[1]);
      for (int side = 0; side < 2; ++side) {
        const Doubles shifted = x[side] - shifts[side];
        sums[side].parts[part] += shifted;
        squares[side].parts[part] += shifted * shifted;
        magnitudes[side].parts[part] += Magnitude(x[side]);
      }
      products.parts[part] += x[0] * x[1];
    }
  }
  PairMoments moments;
  moments.a = {sums[0].Total(), squares[0].Total(), magnitudes[0].Total()};
  moments.b = {sums[1].Total(), squares[1].Total(), magnitudes[1].Total()};
  moments.dot = products.Total();
  for (; i < n; ++i) {
    const double x = a[i];
    const double y = b[i];
    const double shifted_x = x - shift_a;
    const double shifted_y = y - shift_b;
    moments.a.shifted_sum += shifted_x;
    moments.b.shifted_sum += shifted_y;
    moments.a.shifted_square_sum += shifted_x * shifted_x;
    moments.b.shifted_square_sum += shifted_y * shifted_y;
    moments.a.magnitude_sum += Magnitude(x);
    moments.b.magnitude_sum += Magnitude(y);
    moments.dot += x * y;
  }
  return moments;
}

template <typename Real>
BlockMismatches Mismatches(const Real* __restrict absolute, const Real* __restrict relative,
                           const Real* __restrict reference, int n,
                           const ToleranceBounds<Real>& bounds) {
  using Key = OrderedKey<Real>;
  const Real max_absolute = bounds.absolute;
  const Real max_relative = bounds.relative;
  Key polygraphy = 0;
  Key strict = 0;
  for (int i = 0; i < n; ++i) {
    // Written as "not within" so that NaN misses.
    const bool misses_absolute = !(absolute[i] <= max_absolute);
    const bool misses_relative = !(relative[i] <= max_relative);
    polygraphy += misses_absolute & misses_relative;
    strict += misses_absolute | misses_relative;
  }
  // Where the product is NaN, the absolute tolerance alone is left: equal elements pass.
  const Doubles atol = Doubles{} + bounds.exact_absolute;
  const Doubles rtol = Doubles{} + bounds.exact_relative;
  DoubleBits within = {};
  int i = 0;
  for (; i + kVectorDoubles <= n; i += kVectorDoubles) {
    Doubles difference;
    Doubles x;
    Load(absolute + i, &difference);
    Load(reference + i, &x);
    const Doubles magnitude = Magnitude(x);
    const Doubles allowed = atol + rtol * magnitude;
    within += difference <= (allowed > atol ? allowed : atol);
  }
  int64_t allclose = i;
  for (int lane = 0; lane < kVectorDoubles; ++lane) allclose += within[lane];
  for (; i < n; ++i) {
    const double magnitude = Magnitude(static_cast<double>(reference[i]));
    const double allowed = bounds.exact_absolute + bounds.exact_relative * magnitude;
    const double bound = allowed > bounds.exact_absolute ? allowed : bounds.exact_absolute;
    allclose += !(static_cast<double>(absolute[i]) <= bound);
  }
  return {static_cast<int32_t>(polygraphy), static_cast<int32_t>(allclose),
          static_cast<int32_t>(strict)};
}

template <typename Real>
SmallValues CountSmallValues(const OrderedKey<Real>* __restrict keys, int n,
                             OrderedKey<Real> smallest_normal) {
  using Key = OrderedKey<Real>;
  Key small = 0;
  for (int i = 0; i < n; ++i) {
    const Key key = LoadKey(keys, i);
    small += (key < smallest_normal) & (key > -smallest_normal);
  }
  if (small == 0) return {};
  Key zero = 0;
  for (int i = 0; i < n; ++i) zero += LoadKey(keys, i) == 0;
  return {static_cast<int32_t>(zero), static_cast<int32_t>(small - zero)};
}

template <typename Real>
void Distances(const OrderedKey<Real>* __restrict a, const OrderedKey<Real>* __restrict b, int n,
               OrderedKey<Real>* __restrict distances) {
  using Key = OrderedKey<Real>;
  for (int i = 0; i < n; ++i) {
    const Key low = a[i] < b[i] ? a[i] : b[i];
    const Key high = a[i] < b[i] ? b[i] : a[i];
    // A difference beyond the largest key shows as negative: keys are at most that in magnitude.
    const Key distance = static_cast<Key>(static_cast<uint64_t>(high) - static_cast<uint64_t>(low));
    distances[i] = distance < 0 ? kLargestKey<Key> : distance;
  }
}

template <typename Key>
using KeyVector = typename VectorOf<Key>::type;
template <typename Key>
inline constexpr int kKeyLanes = kVectorBytes / static_cast<int>(sizeof(Key));

template <typename Key>
inline int64_t SumOfLanes(const KeyVector<Key>& vector) {
  int64_t total = 0;
  for (int lane = 0; lane < kKeyLanes<Key>; ++lane) total += vector[lane];
  return total;
}

template <typename Key, int kBounds>
inline void CountGroup(const Key* __restrict keys, int n, const Key* bounds, int64_t* counts) {
  using Vector = KeyVector<Key>;
  Vector below[kBounds];
  Vector totals[kBounds];
  for (int j = 0; j < kBounds; ++j) {
    below[j] = Vector{} + (bounds[j] - 1);
    totals[j] = Vector{};
  }
  int i = 0;
  for (; i + kKeyLanes<Key> <= n; i += kKeyLanes<Key>) {
    Vector x;
    __builtin_memcpy(&x, keys + i, sizeof(x));
    for (int j = 0; j < kBounds; ++j) totals[j] -= x > below[j];
  }
  for (int j = 0; j < kBounds; ++j) {
    int64_t total = SumOfLanes<Key>(totals[j]);
    for (int k = i; k < n; ++k) total += LoadKey(keys, k) >= bounds[j];
    counts[j] += total;
  }
}

template <typename Real>
void CountAtLeast(const OrderedKey<Real>* keys, int n, const OrderedKey<Real>* bounds,
                  int bound_count, int64_t* counts) {
  using Key = OrderedKey<Real>;
  for (; bound_count >= 4; bound_count -= 4, bounds += 4, counts += 4) {
    CountGroup<Key, 4>(keys, n, bounds, counts);
  }
  if (bound_count == 3) CountGroup<Key, 3>(keys, n, bounds, counts);
  if (bound_count == 2) CountGroup<Key, 2>(keys, n, bounds, counts);
  if (bound_count == 1) CountGroup<Key, 1>(keys, n, bounds, counts);
}

// Appends the keys of one vector whose mark is -1 to `out`, which has room for a vector more than
// is appended. Returns how many.
#if defined(__AVX512VL__)
inline int AppendMarked(const int32_t* keys, const KeyVector<int32_t>& mark, int32_t* out) {
  const __mmask8 mask = _mm256_movepi32_mask(reinterpret_cast<__m256i>(mark));
  const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(keys));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_maskz_compress_epi32(mask, x));
  return __builtin_popcount(mask);
}
inline int AppendMarked(const int64_t* keys, const KeyVector<int64_t>& mark, int64_t* out) {
  const __mmask8 mask = _mm256_movepi64_mask(reinterpret_cast<__m256i>(mark));
  const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(keys));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_maskz_compress_epi64(mask, x));
  return __builtin_popcount(mask);
}
#else
template <typename Key>
inline int AppendMarked(const Key* keys, const KeyVector<Key>& mark, Key* out) {
  int count = 0;
#if defined(__AVX2__)
  constexpr int kKeyBytes = sizeof(Key);
  constexpr uint64_t kLaneBits = (uint64_t{1} << kKeyBytes) - 1;
  uint64_t bytes = static_cast<uint32_t>(_mm256_movemask_epi8(reinterpret_cast<__m256i>(mark)));
  while (bytes != 0) {
    const int lane = __builtin_ctzll(bytes) / kKeyBytes;
    out[count++] = LoadKey(keys, lane);
    bytes &= ~(kLaneBits << (lane * kKeyBytes));
  }
#else
  for (int lane = 0; lane < kKeyLanes<Key>; ++lane) {
    out[count] = LoadKey(keys, lane);
    count -= static_cast<int>(mark[lane]);
  }
#endif
  return count;
}
#endif

// The marks of the elements (-1 or 0) are those of `marks`, or 0, joined with those of kRanges
// ranges. They are stored in `marks`, or, at last, say which keys to collect. Returns the number of
// collected keys.
template <typename Key, int kRanges>
inline int MarkGroup(const Key* keys, int n, const KeyRange<Key>* ranges, bool joins, bool collects,
                     Key* marks, Key* collected) {
  using Vector = KeyVector<Key>;
  // min <= x <= max is one unsigned comparison of x - min; made signed, it is shifted by the sign
  // bit.
  constexpr auto kSignBit = static_cast<Key>(uint64_t{1} << (8 * sizeof(Key) - 1));
  Vector shifts[kRanges];
  Vector widths[kRanges];
  for (int j = 0; j < kRanges; ++j) {
    const auto width = static_cast<uint64_t>(ranges[j].max) - static_cast<uint64_t>(ranges[j].min);
    shifts[j] = Vector{} + static_cast<Key>(ranges[j].min ^ kSignBit);
    widths[j] = Vector{} + static_cast<Key>(static_cast<Key>(width) ^ kSignBit);
  }
  int found = 0;
  int i = 0;
  for (; i + kKeyLanes<Key> <= n; i += kKeyLanes<Key>) {
    Vector x;
    __builtin_memcpy(&x, keys + i, sizeof(x));
    Vector outside = (x - shifts[0]) > widths[0];
    for (int j = 1; j < kRanges; ++j) outside &= (x - shifts[j]) > widths[j];
    Vector mark = ~outside;
    if (joins) {
      Vector previous;
      __builtin_memcpy(&previous, marks + i, sizeof(previous));
      mark |= previous;
    }
    if (collects) {
      found += AppendMarked(keys + i, mark, collected + found);
    } else {
      __builtin_memcpy(marks + i, &mark, sizeof(mark));
    }
  }
  for (; i < n; ++i) {
    const Key key = LoadKey(keys, i);
    Key mark = joins ? marks[i] : 0;
    for (int j = 0; j < kRanges; ++j) {
      if (key >= ranges[j].min && key <= ranges[j].max) mark = -1;
    }
    if (!collects) {
      marks[i] = mark;
    } else if (mark != 0) {
      collected[found++] = key;
    }
  }
  return found;
}

template <typename Real>
int Collect(const OrderedKey<Real>* keys, int n, const KeyRange<OrderedKey<Real>>* ranges,
            int range_count, OrderedKey<Real>* collected) {
  using Key = OrderedKey<Real>;
  alignas(64) Key marks[kBlockElements<Real>];
  bool joins = false;
  for (; range_count > 4; range_count -= 4, ranges += 4) {
    MarkGroup<Key, 4>(keys, n, ranges, joins, false, marks, nullptr);
    joins = true;
  }
  switch (range_count) {
    case 0:
      return 0;
    case 1:
      return MarkGroup<Key, 1>(keys, n, ranges, joins, true, marks, collected);
    case 2:
      return MarkGroup<Key, 2>(keys, n, ranges, joins, true, marks, collected);
    case 3:
      return MarkGroup<Key, 3>(keys, n, ranges, joins, true, marks, collected);
    default:
      return MarkGroup<Key, 4>(keys, n, ranges, joins, true, marks, collected);
  }
}

template <typename Real>
OrderedKey<Real> MaxWhereAbove(const OrderedKey<Real>* __restrict selectors,
                               const OrderedKey<Real>* __restrict values, int n,
                               OrderedKey<Real> threshold) {
  using Key = OrderedKey<Real>;
  Key max = 0;
  for (int i = 0; i < n; ++i) {
    const Key value = LoadKey(selectors, i) > threshold ? LoadKey(values, i) : 0;
    max = value > max ? value : max;
  }
  return max;
}

template <typename Real>
LogitCounts LogitErrors(const Real* __restrict output, const Real* __restrict reference,
                        const Real* __restrict absolute, int n, Real* __restrict logit,
                        Real* __restrict log) {
  using Key = OrderedKey<Real>;
  constexpr Real kLargest = sizeof(Real) == 4 ? static_cast<Real>(0x1.fffffep+127)
                                              : static_cast<Real>(0x1.fffffffffffffp+1023);
  Key saturated = 0;
  Key with_logits = 0;
  for (int i = 0; i < n; ++i) {
    const Real low = output[i] < reference[i] ? output[i] : reference[i];
    const Real high = output[i] < reference[i] ? reference[i] : output[i];
    const Real to_log = absolute[i] / low;
    const Real to_logit = to_log / (1 - high);
    const Real clamped_log = to_log < kLargest ? to_log : kLargest;
    const Real clamped_logit = to_logit < kLargest ? to_logit : kLargest;
    // High is compared so that a NaN on either side gives 0.
    log[i] = ((low > 0) & (high <= 1)) ? clamped_log : 0;
    logit[i] = ((low > 0) & (high < 1)) ? clamped_logit : 0;
    with_logits += (low > 0) & (high < 1);
    saturated +=
        ((output[i] == 0) ^ (reference[i] == 0)) | ((output[i] == 1) ^ (reference[i] == 1));
  }
  return {static_cast<int32_t>(saturated), static_cast<int32_t>(with_logits)};
}

template <typename Real>
constexpr BlockKernels<Real> kKernels = {
    .differences = Differences<Real>,
    .keys = Keys<Real>,
    .range = Range<Real>,
    .moments = ShiftedMoments<Real, true>,
    .moments_of_non_negative = ShiftedMoments<Real, false>,
    .moments_of_pair = MomentsOfPair<Real>,
    .mismatches = Mismatches<Real>,
    .small_values = CountSmallValues<Real>,
    .distances = Distances<Real>,
    .count_at_least = CountAtLeast<Real>,
    .collect = Collect<Real>,
    .max_where_above = MaxWhereAbove<Real>,
    .logit_errors = LogitErrors<Real>,
};

const BlockKernels<float>* FloatKernels() { return &kKernels<float>; }
const BlockKernels<double>* DoubleKernels() { return &kKernels<double>; }

}  // namespace ASSAY_KERNEL_NAMESPACE
}  // namespace assay
