#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>

#include "compare/block_kernels.h"
#include "compare/comparison.h"
#include "compare/element_reader.h"

namespace assay {

// The four arrays that a comparison looks at.
enum Stream { kOutput, kReference, kAbsolute, kRelative };
inline constexpr int kStreamCount = 4;

template <typename Real>
inline OrderedKey<Real> KeyOf(Real value) {
  OrderedKey<Real> key;
  BestBlockKernels<Real>().keys(&value, 1, &key);
  return key;
}
// The value with that key; a key of 0 gives +0.
template <typename Real>
Real ValueOfKey(OrderedKey<Real> key);

template <typename Real>
inline constexpr OrderedKey<Real> kInfinityKey =
    sizeof(Real) == 4 ? static_cast<OrderedKey<Real>>(0x7f800000)
                      : static_cast<OrderedKey<Real>>(0x7ff0000000000000);

template <typename Real>
inline bool IsFiniteRange(const KeyRange<OrderedKey<Real>>& range) {
  return range.min > -kInfinityKey<Real> && range.max < kInfinityKey<Real>;
}

// One block of each stream, with room for what is computed.
template <typename Real>
struct PairBlock {
  using Key = OrderedKey<Real>;
  static constexpr int kCapacity = kBlockElements<Real>;

  int64_t begin = 0;
  int n = 0;
  std::array<const Real*, kStreamCount> values = {};
  std::array<const Key*, kStreamCount> keys = {};  // of the differences: the bits of their values
  std::array<KeyRange<Key>, kStreamCount> ranges = {};
  std::array<Key, 2> min_magnitudes = {};  // of the output and of the reference

  // Asks for a part of the next block's memory. Called between the loops over this block, it hides
  // the way to the memory behind their work.
  void FetchAhead();
  std::array<std::span<const std::byte>, 2> ahead = {};

  bool finite(int stream) const { return IsFiniteRange<Real>(ranges[static_cast<size_t>(stream)]); }

  alignas(64) Real output_buffer[kCapacity];
  alignas(64) Real reference_buffer[kCapacity];
  alignas(64) Real absolute_buffer[kCapacity];
  alignas(64) Real relative_buffer[kCapacity];
  alignas(64) Key output_keys[kCapacity];
  alignas(64) Key reference_keys[kCapacity];
};

// How the difference of two element types is computed.
struct DifferenceRules {
  bool in_double = false;       // else in float
  bool exact_integers = false;  // 64-bit integers on both sides: exact differences
  bool is_xor = false;          // bool against bool
  bool uses_epsilon = false;    // a reference of 0 counts as 2.22e-16
};
DifferenceRules DifferenceRulesFor(DType output, DType reference);

// A pair of tensors as a sequence of blocks. Without a reference there is one stream only.
// Immutable; threads may load blocks at once.
template <typename Real>
class PairBlocks {
 public:
  using Key = OrderedKey<Real>;

  PairBlocks(const Tensor& output, const Tensor* reference, const DifferenceRules& rules,
             const CompareOptions& options, const BlockKernels<Real>& kernels);

  int64_t count() const { return count_; }
  int streams() const { return has_reference_ ? kStreamCount : 1; }
  const BlockKernels<Real>& kernels() const { return kernels_; }
  const DifferenceRules& rules() const { return rules_; }
  DType output_dtype() const { return output_.tensor().dtype(); }
  DType reference_dtype() const { return reference_.tensor().dtype(); }
  const Tensor& output() const { return output_.tensor(); }
  const Tensor& reference() const { return reference_.tensor(); }

  // Fills the block with elements [begin, begin + n).
  void Load(int64_t begin, int n, PairBlock<Real>* block) const;
  // Fills the block with single elements from anywhere. Differences of 64-bit integers are rounded.
  void LoadAt(std::span<const int64_t> positions, PairBlock<Real>* block) const;

 private:
  void Derive(bool exact, PairBlock<Real>* block) const;
  void MakeExact(PairBlock<Real>* block) const;
  // A relative difference of 0 to 0 is 0.
  void SettleEqualZeros(PairBlock<Real>* block) const;
  void ForgiveSpecialValues(PairBlock<Real>* block) const;

  ElementReader<Real> output_;
  ElementReader<Real> reference_;
  bool has_reference_ = false;
  int64_t count_ = 0;
  DifferenceRules rules_;
  Real zero_replacement_ = 0;
  bool infinities_compare_equal_ = false;
  bool nans_compare_equal_ = false;
  const BlockKernels<Real>& kernels_;
};

}  // namespace assay
