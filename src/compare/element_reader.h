#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace assay {

// Reads runs of elements of a tensor of any real type as floats or doubles. float holds every
// floating type of up to 32 bits exactly; double holds every type exactly but 64-bit integers.
template <typename Real>
class ElementReader {
 public:
  // Keeps a reference to the tensor's buffer. The type must be real (not a string, not complex).
  explicit ElementReader(const Tensor& tensor);

  // Elements [begin, begin + n): a pointer to the tensor's own memory if it holds Reals, else
  // `buffer`.
  const Real* Read(int64_t begin, int n, Real* buffer) const {
    return read_(*this, begin, n, buffer);
  }

  // The bytes of elements [begin, begin + n), as far as they exist.
  std::span<const std::byte> Bytes(int64_t begin, int n) const;

  const Tensor& tensor() const { return tensor_; }
  const void* data() const { return data_; }
  Real FromCode(uint8_t code) const { return codes_[code]; }

 private:
  using ReadFunction = const Real* (*)(const ElementReader&, int64_t, int, Real*);

  Tensor tensor_;
  const void* data_ = nullptr;
  std::vector<Real> codes_;  // value of every code of an 8-bit floating type
  ReadFunction read_ = nullptr;
};

// An integer of up to 64 bits of either signedness: `bits` in two's complement if `negative`, else
// as they are.
struct WideInteger {
  uint64_t bits = 0;
  bool negative = false;
};

// Element i of an integer or bool tensor.
WideInteger ReadInteger(const Tensor& tensor, int64_t i);

// |a - b| of elements [begin, begin + n) of two integer or bool tensors, exactly.
void ReadExactDistances(const Tensor& a, const Tensor& b, int64_t begin, int n,
                        uint64_t* distances);

// |a - b|, exactly; clamped to 2^64 - 1, which only a negative int64 against a huge uint64 can
// exceed.
uint64_t ExactDistance(WideInteger a, WideInteger b);

}  // namespace assay
