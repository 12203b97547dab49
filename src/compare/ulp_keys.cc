#include "compare/ulp_keys.h"

#include <bit>
#include <cmath>
#include <utility>

#include "compare/logit_view.h"
#include "tensor/narrow_float.h"

namespace assay {
namespace {

// Sign-magnitude code of a narrow type to an ordered key.
template <typename Key>
Key KeyOfCode(uint16_t code, int bits) {
  const auto magnitude = static_cast<Key>(code & ((1u << (bits - 1)) - 1));
  return (code >> (bits - 1) & 1) != 0 ? -magnitude : magnitude;
}

// float8_e8m0fnu has no sign; 6-bit types lie in bytes, 4-bit types are encoded anew.
int CodeBits(DType dtype) {
  if (dtype == DType::kFloat8E8M0) return 9;
  if (dtype == DType::kFloat6E2M3 || dtype == DType::kFloat6E3M2) return 6;
  return DTypeBits(dtype);
}

// To float with an odd last bit where bits are lost, so that a second rounding to fewer bits is the
// same as one.
uint32_t RoundToOdd(double value) {
  const double magnitude = std::fabs(value);
  const auto nearest = static_cast<float>(magnitude);
  auto bits = std::bit_cast<uint32_t>(nearest);
  if (static_cast<double>(nearest) != magnitude) {
    if (static_cast<double>(nearest) > magnitude) --bits;
    bits |= 1;
  }
  return bits;
}

uint32_t RoundToOdd(float value) { return std::bit_cast<uint32_t>(std::fabs(value)); }

// Code of the nearest float16 or bfloat16 of a non-negative float, ties to even. Not for NaN.
uint32_t Float16Code(uint32_t bits) {
  constexpr uint32_t kSmallestNormal = 0x38800000;    // 2^-14
  constexpr uint32_t kRoundsToInfinity = 0x477ff000;  // 65520
  if (bits >= kRoundsToInfinity) return 0x7c00;
  if (bits < kSmallestNormal) {
    // The spacing of floats at 0.5 is that of subnormal float16.
    return std::bit_cast<uint32_t>(std::bit_cast<float>(bits) + 0.5f) - 0x3f000000;
  }
  return (bits - (112u << 23) + 0xfff + (bits >> 13 & 1)) >> 13;
}

uint32_t BFloat16Code(uint32_t bits) { return (bits + 0x7fff + (bits >> 16 & 1)) >> 16; }

template <typename Real, uint32_t (*Code)(uint32_t)>
void RoundedKeys(const Real* values, int n, OrderedKey<Real>* keys) {
  for (int i = 0; i < n; ++i) {
    const auto key = static_cast<OrderedKey<Real>>(Code(RoundToOdd(values[i])));
    keys[i] = std::signbit(values[i]) ? -key : key;
  }
}

template <typename Real>
void NarrowKeys(const Tensor& tensor, DType dtype, int64_t begin, int n, const Real* values,
                OrderedKey<Real>* keys) {
  using Key = OrderedKey<Real>;
  const int bits = CodeBits(dtype);
  if (tensor.dtype() == dtype && DTypeBits(dtype) == 16) {
    const uint16_t* codes = static_cast<const uint16_t*>(tensor.raw()) + begin;
    for (int i = 0; i < n; ++i) keys[i] = KeyOfCode<Key>(codes[i], 16);
  } else if (tensor.dtype() == dtype && DTypeBits(dtype) == 8) {
    const uint8_t* codes = static_cast<const uint8_t*>(tensor.raw()) + begin;
    for (int i = 0; i < n; ++i) keys[i] = KeyOfCode<Key>(codes[i], bits);
  } else if (dtype == DType::kFloat16) {
    RoundedKeys<Real, Float16Code>(values, n, keys);
  } else if (dtype == DType::kBFloat16) {
    RoundedKeys<Real, BFloat16Code>(values, n, keys);
  } else {
    for (int i = 0; i < n; ++i) {
      keys[i] = KeyOfCode<Key>(EncodeNarrowFloat(dtype, values[i]), bits);
    }
  }
}

}  // namespace

template <typename Real>
UlpKeys<Real>::UlpKeys(const PairBlocks<Real>& blocks) : blocks_(blocks) {
  const DType reference = blocks.reference().dtype();
  if (!IsFloating(blocks.output_dtype()) || !IsFloating(reference)) return;
  if (blocks.streams() == 1) return;
  dtype_ = NarrowerType(blocks.output_dtype(), reference);
  const DType dtype = dtype_;
  const DType own = sizeof(Real) == 4 ? DType::kFloat32 : DType::kFloat64;
  if (dtype == own) {
    source_ = Source::kOrder;
  } else if (dtype == DType::kFloat32) {
    source_ = Source::kFloat;
  } else {
    source_ = Source::kNarrow;
  }
}

template <typename Real>
void UlpKeys<Real>::Get(const PairBlock<Real>& block, Key* output_buffer, Key* reference_buffer,
                        const Key** output_keys, const Key** reference_keys) const {
  if (source_ == Source::kOrder) {
    *output_keys = block.keys[kOutput];
    *reference_keys = block.keys[kReference];
    return;
  }
  *output_keys = output_buffer;
  *reference_keys = reference_buffer;
  const int n = block.n;
  if (source_ == Source::kNarrow) {
    const DType dtype = dtype_;
    NarrowKeys(blocks_.output(), dtype, block.begin, n, block.values[kOutput], output_buffer);
    NarrowKeys(blocks_.reference(), dtype, block.begin, n, block.values[kReference],
               reference_buffer);
    return;
  }
  if constexpr (sizeof(Real) == 8) {
    float floats[PairBlock<double>::kCapacity];
    int32_t keys[PairBlock<double>::kCapacity];
    for (const auto& [values, out] : {std::pair(block.values[kOutput], output_buffer),
                                      std::pair(block.values[kReference], reference_buffer)}) {
      for (int i = 0; i < n; ++i) floats[i] = static_cast<float>(values[i]);
      BestBlockKernels<float>().keys(floats, n, keys);
      for (int i = 0; i < n; ++i) out[i] = keys[i];
    }
  }
}

template class UlpKeys<float>;
template class UlpKeys<double>;

}  // namespace assay
