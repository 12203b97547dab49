#include "compare/pair_blocks.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace assay {
namespace {

constexpr double kPolygraphyEpsilon = 2.220446049250313e-16;

bool IsIntegral(DType dtype) { return IsInteger(dtype) || dtype == DType::kBool; }

}  // namespace

template <typename Real>
Real ValueOfKey(OrderedKey<Real> key) {
  const auto magnitude = std::bit_cast<Real>(key < 0 ? -key : key);
  return key < 0 ? -magnitude : magnitude;
}

template float ValueOfKey<float>(int32_t key);
template double ValueOfKey<double>(int64_t key);

DifferenceRules DifferenceRulesFor(DType output, DType reference) {
  DifferenceRules rules;
  rules.is_xor = output == DType::kBool && reference == DType::kBool;
  rules.in_double = output == DType::kFloat64 || reference == DType::kFloat64 ||
                    IsInteger(output) || IsInteger(reference);
  rules.exact_integers = IsIntegral(output) && IsIntegral(reference) &&
                         (DTypeBits(output) == 64 || DTypeBits(reference) == 64);
  rules.uses_epsilon = IsFloating(reference);
  return rules;
}

template <typename Real>
void PairBlock<Real>::FetchAhead() {
  constexpr size_t kLineBytes = 64;
  constexpr size_t kBytes = 8 * kLineBytes;
  for (std::span<const std::byte>& bytes : ahead) {
    const size_t part = std::min(bytes.size(), kBytes);
    for (size_t at = 0; at < part; at += kLineBytes) __builtin_prefetch(bytes.data() + at);
    bytes = bytes.subspan(part);
  }
}

template struct PairBlock<float>;
template struct PairBlock<double>;

template <typename Real>
PairBlocks<Real>::PairBlocks(const Tensor& output, const Tensor* reference,
                             const DifferenceRules& rules, const CompareOptions& options,
                             const BlockKernels<Real>& kernels)
    : output_(output),
      reference_(reference != nullptr ? *reference : output),
      has_reference_(reference != nullptr),
      count_(output.elements()),
      rules_(rules),
      zero_replacement_(rules.uses_epsilon ? static_cast<Real>(kPolygraphyEpsilon) : 0),
      infinities_compare_equal_(options.infinities_compare_equal),
      nans_compare_equal_(options.nans_compare_equal),
      kernels_(kernels) {}

template <typename Real>
void PairBlocks<Real>::Load(int64_t begin, int n, PairBlock<Real>* block) const {
  block->begin = begin;
  block->n = n;
  block->values[kOutput] = output_.Read(begin, n, block->output_buffer);
  if (has_reference_)
    block->values[kReference] = reference_.Read(begin, n, block->reference_buffer);
  block->ahead[0] = output_.Bytes(begin + n, PairBlock<Real>::kCapacity);
  if (has_reference_) block->ahead[1] = reference_.Bytes(begin + n, PairBlock<Real>::kCapacity);
  Derive(rules_.exact_integers, block);
}

template <typename Real>
void PairBlocks<Real>::LoadAt(std::span<const int64_t> positions, PairBlock<Real>* block) const {
  block->begin = 0;
  block->n = static_cast<int>(positions.size());
  Real buffer;
  for (size_t i = 0; i < positions.size(); ++i) {
    block->output_buffer[i] = *output_.Read(positions[i], 1, &buffer);
    if (has_reference_) block->reference_buffer[i] = *reference_.Read(positions[i], 1, &buffer);
  }
  block->values[kOutput] = block->output_buffer;
  block->values[kReference] = block->reference_buffer;
  Derive(false, block);
}

template <typename Real>
void PairBlocks<Real>::Derive(bool exact, PairBlock<Real>* block) const {
  const int n = block->n;
  const KeySummary<Key> output = kernels_.keys(block->values[kOutput], n, block->output_keys);
  block->FetchAhead();
  block->keys[kOutput] = block->output_keys;
  block->ranges[kOutput] = output.range;
  block->min_magnitudes[kOutput] = output.min_magnitude;
  if (!has_reference_) return;

  const KeySummary<Key> reference =
      kernels_.keys(block->values[kReference], n, block->reference_keys);
  block->keys[kReference] = block->reference_keys;
  block->ranges[kReference] = reference.range;
  block->min_magnitudes[kReference] = reference.min_magnitude;
  block->FetchAhead();

  const BlockDifferenceRanges<Key> ranges =
      kernels_.differences(block->values[kOutput], block->values[kReference], n, zero_replacement_,
                           block->absolute_buffer, block->relative_buffer);
  block->FetchAhead();
  block->values[kAbsolute] = block->absolute_buffer;
  block->values[kRelative] = block->relative_buffer;
  block->ranges[kAbsolute] = ranges.absolute;
  block->ranges[kRelative] = ranges.relative;
  // The kernels read keys as bytes.
  block->keys[kAbsolute] = reinterpret_cast<const Key*>(block->absolute_buffer);
  block->keys[kRelative] = reinterpret_cast<const Key*>(block->relative_buffer);
  const bool forgive =
      (infinities_compare_equal_ || nans_compare_equal_) && !block->finite(kOutput);
  const bool divides_by_zero = !rules_.uses_epsilon && reference.min_magnitude == 0;
  if (!exact && !forgive && !divides_by_zero) return;
  if (exact) MakeExact(block);
  if (divides_by_zero) SettleEqualZeros(block);
  if (forgive) ForgiveSpecialValues(block);
  block->ranges[kAbsolute] = kernels_.range(block->keys[kAbsolute], n);
  block->ranges[kRelative] = kernels_.range(block->keys[kRelative], n);
}

template <typename Real>
void PairBlocks<Real>::MakeExact(PairBlock<Real>* block) const {
  uint64_t distances[PairBlock<Real>::kCapacity];
  ReadExactDistances(output_.tensor(), reference_.tensor(), block->begin, block->n, distances);
  for (int i = 0; i < block->n; ++i) {
    const auto distance = static_cast<Real>(distances[i]);
    block->absolute_buffer[i] = distance;
    block->relative_buffer[i] = std::fabs(distance / block->values[kReference][i]);
  }
}

template <typename Real>
void PairBlocks<Real>::SettleEqualZeros(PairBlock<Real>* block) const {
  for (int i = 0; i < block->n; ++i) {
    if (block->absolute_buffer[i] == 0) block->relative_buffer[i] = 0;
  }
}

// Where both sides hold the same infinity, or both a NaN, and the options call that equal, the
// differences are 0.
template <typename Real>
void PairBlocks<Real>::ForgiveSpecialValues(PairBlock<Real>* block) const {
  for (int i = 0; i < block->n; ++i) {
    const Real output = block->values[kOutput][i];
    const Real reference = block->values[kReference][i];
    const bool equal_infinities = std::isinf(output) && output == reference;
    const bool both_nan = std::isnan(output) && std::isnan(reference);
    if ((infinities_compare_equal_ && equal_infinities) || (nans_compare_equal_ && both_nan)) {
      block->absolute_buffer[i] = 0;
      block->relative_buffer[i] = 0;
    }
  }
}

template class PairBlocks<float>;
template class PairBlocks<double>;

}  // namespace assay
