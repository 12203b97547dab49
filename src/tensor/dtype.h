#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace assay {

// Element types, numbered as in ONNX's TensorProto.DataType.
enum class DType : uint8_t {
  kUndefined = 0,
  kFloat32 = 1,
  kUInt8 = 2,
  kInt8 = 3,
  kUInt16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kFloat64 = 11,
  kUInt32 = 12,
  kUInt64 = 13,
  kComplex64 = 14,
  kComplex128 = 15,
  kBFloat16 = 16,
  kFloat8E4M3FN = 17,
  kFloat8E4M3FNUZ = 18,
  kFloat8E5M2 = 19,
  kFloat8E5M2FNUZ = 20,
  kUInt4 = 21,
  kInt4 = 22,
  kFloat4E2M1 = 23,
  kFloat8E8M0 = 24,
  kUInt2 = 25,
  kInt2 = 26,
  kFloat6E2M3 = 27,
  kFloat6E3M2 = 28,
};
inline constexpr int kDTypeCount = 29;

// numpy's name where numpy has the type ("float32", "int64", "bool"), else ml_dtypes' ("bfloat16",
// "float8_e4m3fn", "int4").
std::string_view DTypeName(DType dtype);
std::optional<DType> DTypeFromName(std::string_view name);

// Width of one element in bits; 0 for kUndefined and kString. Types under 8 bits are packed, low
// bits first, as ONNX stores them (6-bit floats take one byte each).
int DTypeBits(DType dtype);

bool IsFloating(DType dtype);  // every real floating-point type, narrow ones included
bool IsInteger(DType dtype);   // signed and unsigned integers of any width; not bool
bool IsSignedInteger(DType dtype);
bool IsComplex(DType dtype);

// Inclusive range of an integer type (kUInt64's maximum does not fit and is given as INT64_MAX).
struct IntegerRange {
  int64_t min;
  int64_t max;
};
IntegerRange IntegerRangeOf(DType dtype);

// A set of element types.
class DTypeSet {
 public:
  constexpr DTypeSet() = default;
  template <typename... Types>
  static constexpr DTypeSet Of(Types... types) {
    DTypeSet set;
    ((set.bits_ |= uint64_t{1} << static_cast<int>(types)), ...);
    return set;
  }
  constexpr DTypeSet operator|(DTypeSet other) const {
    DTypeSet set;
    set.bits_ = bits_ | other.bits_;
    return set;
  }
  constexpr bool Contains(DType dtype) const { return (bits_ >> static_cast<int>(dtype) & 1) != 0; }
  constexpr bool empty() const { return bits_ == 0; }

 private:
  uint64_t bits_ = 0;
};

}  // namespace assay
