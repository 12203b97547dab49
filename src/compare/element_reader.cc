#include "compare/element_reader.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace assay {
namespace {

float FromFloat16(uint16_t bits) {
  const uint32_t magnitude = static_cast<uint32_t>(bits & 0x7fff) << 13;
  // Moves the exponent from bias 15 to bias 127; exact for subnormals too.
  uint32_t value = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112f);
  if ((bits & 0x7c00) == 0x7c00) value |= 0x7f800000;
  return std::bit_cast<float>(value | static_cast<uint32_t>(bits & 0x8000) << 16);
}

float FromBFloat16(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

template <typename Real>
const Real* ReadInPlace(const ElementReader<Real>& reader, int64_t begin, int, Real*) {
  return static_cast<const Real*>(reader.data()) + begin;
}

template <typename Real, typename Element>
const Real* ReadCast(const ElementReader<Real>& reader, int64_t begin, int n, Real* buffer) {
  const Element* elements = static_cast<const Element*>(reader.data()) + begin;
  for (int i = 0; i < n; ++i) buffer[i] = static_cast<Real>(elements[i]);
  return buffer;
}

template <typename Real, float (*Decode)(uint16_t)>
const Real* ReadHalf(const ElementReader<Real>& reader, int64_t begin, int n, Real* buffer) {
  const uint16_t* elements = static_cast<const uint16_t*>(reader.data()) + begin;
  for (int i = 0; i < n; ++i) buffer[i] = Decode(elements[i]);
  return buffer;
}

template <typename Real>
const Real* ReadCodes(const ElementReader<Real>& reader, int64_t begin, int n, Real* buffer) {
  const uint8_t* elements = static_cast<const uint8_t*>(reader.data()) + begin;
  for (int i = 0; i < n; ++i) buffer[i] = reader.FromCode(elements[i]);
  return buffer;
}

// The byte of a bool may hold any non-zero value for true.
template <typename Real>
const Real* ReadBool(const ElementReader<Real>& reader, int64_t begin, int n, Real* buffer) {
  const uint8_t* elements = static_cast<const uint8_t*>(reader.data()) + begin;
  for (int i = 0; i < n; ++i) buffer[i] = elements[i] != 0 ? 1 : 0;
  return buffer;
}

template <typename Real>
const Real* ReadPacked(const ElementReader<Real>& reader, int64_t begin, int n, Real* buffer) {
  for (int i = 0; i < n; ++i) {
    buffer[i] = static_cast<Real>(reader.tensor().ValueAsDouble(begin + i));
  }
  return buffer;
}

}  // namespace

template <typename Real>
ElementReader<Real>::ElementReader(const Tensor& tensor) : tensor_(tensor), data_(tensor_.raw()) {
  const DType dtype = tensor.dtype();
  switch (dtype) {
    case DType::kFloat32:
      if constexpr (sizeof(Real) == 4) {
        read_ = ReadInPlace<Real>;
      } else {
        read_ = ReadCast<Real, float>;
      }
      break;
    case DType::kFloat64:
      if constexpr (sizeof(Real) == 8) {
        read_ = ReadInPlace<Real>;
      } else {
        read_ = ReadCast<Real, double>;
      }
      break;
    case DType::kFloat16:
      read_ = ReadHalf<Real, FromFloat16>;
      break;
    case DType::kBFloat16:
      read_ = ReadHalf<Real, FromBFloat16>;
      break;
    case DType::kFloat8E4M3FN:
    case DType::kFloat8E4M3FNUZ:
    case DType::kFloat8E5M2:
    case DType::kFloat8E5M2FNUZ:
    case DType::kFloat8E8M0:
    case DType::kFloat6E2M3:
    case DType::kFloat6E3M2:
      codes_.resize(256);
      for (int code = 0; code < 256; ++code) {
        codes_[static_cast<size_t>(code)] =
            static_cast<Real>(DecodeNarrowFloat(dtype, static_cast<uint16_t>(code)));
      }
      read_ = ReadCodes<Real>;
      break;
    case DType::kUInt8:
      read_ = ReadCast<Real, uint8_t>;
      break;
    case DType::kInt8:
      read_ = ReadCast<Real, int8_t>;
      break;
    case DType::kUInt16:
      read_ = ReadCast<Real, uint16_t>;
      break;
    case DType::kInt16:
      read_ = ReadCast<Real, int16_t>;
      break;
    case DType::kInt32:
      read_ = ReadCast<Real, int32_t>;
      break;
    case DType::kInt64:
      read_ = ReadCast<Real, int64_t>;
      break;
    case DType::kUInt32:
      read_ = ReadCast<Real, uint32_t>;
      break;
    case DType::kUInt64:
      read_ = ReadCast<Real, uint64_t>;
      break;
    case DType::kBool:
      read_ = ReadBool<Real>;
      break;
    case DType::kFloat4E2M1:
    case DType::kUInt4:
    case DType::kInt4:
    case DType::kUInt2:
    case DType::kInt2:
    case DType::kString:
    case DType::kComplex64:
    case DType::kComplex128:
    case DType::kUndefined:
      read_ = ReadPacked<Real>;
      break;
  }
}

template <typename Real>
std::span<const std::byte> ElementReader<Real>::Bytes(int64_t begin, int n) const {
  const int64_t bits = DTypeBits(tensor_.dtype());
  const int64_t first = begin * bits / 8;
  const int64_t last = std::min(begin + n, tensor_.elements()) * bits / 8;
  if (last <= first) return {};
  return {static_cast<const std::byte*>(data_) + first, static_cast<size_t>(last - first)};
}

template class ElementReader<float>;
template class ElementReader<double>;

WideInteger ReadInteger(const Tensor& tensor, int64_t i) {
  const int64_t value = tensor.ValueAsInt(i);
  return {static_cast<uint64_t>(value), tensor.dtype() != DType::kUInt64 && value < 0};
}

void ReadExactDistances(const Tensor& a, const Tensor& b, int64_t begin, int n,
                        uint64_t* distances) {
  if (a.dtype() == DType::kInt64 && b.dtype() == DType::kInt64) {
    const int64_t* x = a.data<int64_t>().data() + begin;
    const int64_t* y = b.data<int64_t>().data() + begin;
    for (int i = 0; i < n; ++i) {
      const auto difference = static_cast<uint64_t>(x[i]) - static_cast<uint64_t>(y[i]);
      distances[i] = x[i] > y[i] ? difference : -difference;
    }
    return;
  }
  for (int i = 0; i < n; ++i) {
    distances[i] = ExactDistance(ReadInteger(a, begin + i), ReadInteger(b, begin + i));
  }
}

uint64_t ExactDistance(WideInteger a, WideInteger b) {
  if (a.negative == b.negative) return a.bits > b.bits ? a.bits - b.bits : b.bits - a.bits;
  const uint64_t above = a.negative ? b.bits : a.bits;
  const uint64_t below = -(a.negative ? a.bits : b.bits);
  return above > std::numeric_limits<uint64_t>::max() - below ? std::numeric_limits<uint64_t>::max()
                                                              : above + below;
}

}  // namespace assay
