#pragma once

#include <cstdint>
#include <type_traits>

// Inner loops of the comparator over blocks of elements that lie in the first-level cache. They are
// built once per instruction set and give the same bits in each: sums run over a fixed number of
// lanes, and nothing is fused or reassociated.

namespace assay {

// Integer of the width of a floating type, ordered like its values: +-magnitude of the bits. Both
// zeros have key 0; NaNs lie beyond the infinities. The most negative integer is never a key.
template <typename Real>
using OrderedKey = std::conditional_t<sizeof(Real) == 8, int64_t, int32_t>;

// Elements of a block at most; blocks of both types take the same number of bytes.
template <typename Real>
inline constexpr int kBlockElements = 4096 / static_cast<int>(sizeof(Real));

template <typename Key>
struct KeyRange {
  Key min = 0;
  Key max = 0;
};

template <typename Key>
struct KeySummary {
  KeyRange<Key> range;
  Key min_magnitude = 0;
};

template <typename Key>
struct BlockDifferenceRanges {
  KeyRange<Key> absolute;
  KeyRange<Key> relative;
};

// Sums of (x - shift), (x - shift)^2 and |x|.
struct Moments {
  double shifted_sum = 0;
  double shifted_square_sum = 0;
  double magnitude_sum = 0;
};

struct PairMoments {
  Moments a;
  Moments b;
  double dot = 0;  // sum of a * b
};

template <typename Real>
struct ToleranceBounds {
  Real absolute = 0;  // largest Real that is not above the tolerance
  Real relative = 0;
  double exact_absolute = 0;  // the tolerances themselves
  double exact_relative = 0;
};

struct BlockMismatches {
  int32_t polygraphy = 0;
  int32_t allclose = 0;
  int32_t strict = 0;
};

struct SmallValues {
  int32_t zero = 0;
  int32_t subnormal = 0;
};

struct LogitCounts {
  int32_t saturated = 0;    // exactly one of the two is 0, or exactly one is 1
  int32_t with_logits = 0;  // both have a finite logit
};

// Every pointer holds n elements, 1 <= n <= kBlockElements. Key pointers may point at the bits of
// non-negative Reals, which are their own keys. Elements must be finite where sums are taken.
template <typename Real>
struct BlockKernels {
  using Key = OrderedKey<Real>;

  // |output - reference|, and that over |reference| with `zero_replacement` where it is 0. Results
  // have no sign, NaNs included.
  BlockDifferenceRanges<Key> (*differences)(const Real* output, const Real* reference, int n,
                                            Real zero_replacement, Real* absolute, Real* relative);
  KeySummary<Key> (*keys)(const Real* values, int n, Key* keys);
  KeyRange<Key> (*range)(const Key* keys, int n);
  Moments (*moments)(const Real* values, int n, double shift);
  Moments (*moments_of_non_negative)(const Real* values, int n, double shift);
  PairMoments (*moments_of_pair)(const Real* a, const Real* b, int n, double shift_a,
                                 double shift_b);
  BlockMismatches (*mismatches)(const Real* absolute, const Real* relative, const Real* reference,
                                int n, const ToleranceBounds<Real>& bounds);
  SmallValues (*small_values)(const Key* keys, int n, Key smallest_normal);
  // |a - b|, clamped to the largest Key.
  void (*distances)(const Key* a, const Key* b, int n, Key* distances);
  // counts[j] += number of keys >= bounds[j].
  void (*count_at_least)(const Key* keys, int n, const Key* bounds, int bound_count,
                         int64_t* counts);
  // Copies to `collected` (room for n + 8) the keys that lie in any of the ranges, ends included.
  // Returns how many.
  int (*collect)(const Key* keys, int n, const KeyRange<Key>* ranges, int range_count,
                 Key* collected);
  // Largest of the non-negative values[i] with selectors[i] > threshold; 0 if there is none.
  Key (*max_where_above)(const Key* selectors, const Key* values, int n, Key threshold);
  // For probabilities p, q: exp|logit p - logit q| - 1 and exp|log p - log q| - 1, clamped to the
  // largest Real; 0 where either is no probability or has no finite logit (log).
  LogitCounts (*logit_errors)(const Real* output, const Real* reference, const Real* absolute,
                              int n, Real* logit, Real* log);
};

enum class InstructionSet { kBaseline, kAvx2, kAvx512 };
inline constexpr int kInstructionSetCount = 3;

// The loops for an instruction set; null if this build or this CPU has none. kBaseline always
// exists.
template <typename Real>
const BlockKernels<Real>* FindBlockKernels(InstructionSet instruction_set);
// Those of the widest instruction set.
template <typename Real>
const BlockKernels<Real>& BestBlockKernels();

}  // namespace assay
