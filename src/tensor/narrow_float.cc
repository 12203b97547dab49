#include "tensor/narrow_float.h"

#include <bit>
#include <cmath>
#include <limits>

namespace assay {
namespace {

enum class Special {
  kIeee,    // top exponent: infinity and NaN
  kFn,      // no infinity; NaN is all ones below the sign
  kFnuz,    // no infinity, no negative zero; NaN is the sign bit alone
  kFinite,  // every code is a finite number
};

struct Format {
  int exponent_bits;
  int mantissa_bits;
  int bias;
  Special special;
};

constexpr Format FormatOf(DType dtype) {
  switch (dtype) {
    case DType::kFloat16:
      return {5, 10, 15, Special::kIeee};
    case DType::kBFloat16:
      return {8, 7, 127, Special::kIeee};
    case DType::kFloat8E4M3FN:
      return {4, 3, 7, Special::kFn};
    case DType::kFloat8E4M3FNUZ:
      return {4, 3, 8, Special::kFnuz};
    case DType::kFloat8E5M2:
      return {5, 2, 15, Special::kIeee};
    case DType::kFloat8E5M2FNUZ:
      return {5, 2, 16, Special::kFnuz};
    case DType::kFloat4E2M1:
      return {2, 1, 1, Special::kFinite};
    case DType::kFloat6E2M3:
      return {2, 3, 1, Special::kFinite};
    case DType::kFloat6E3M2:
      return {3, 2, 3, Special::kFinite};
    default:
      return {0, 0, 0, Special::kFinite};
  }
}

double Magnitude(const Format& format, int code) {
  const int mantissa = code & ((1 << format.mantissa_bits) - 1);
  const int exponent = code >> format.mantissa_bits;
  if (exponent == 0) return std::ldexp(mantissa, 1 - format.bias - format.mantissa_bits);
  return std::ldexp(mantissa + (1 << format.mantissa_bits),
                    exponent - format.bias - format.mantissa_bits);
}

// Code (without sign) of the largest finite value.
int LargestFinite(const Format& format) {
  const int all = (1 << (format.exponent_bits + format.mantissa_bits)) - 1;
  switch (format.special) {
    case Special::kIeee:
      return all - (1 << format.mantissa_bits);
    case Special::kFn:
      return all - 1;
    case Special::kFnuz:
    case Special::kFinite:
      return all;
  }
  return all;
}

uint16_t NotANumber(const Format& format, int sign_bit) {
  const int all = (1 << (format.exponent_bits + format.mantissa_bits)) - 1;
  switch (format.special) {
    case Special::kIeee:
      return static_cast<uint16_t>(sign_bit | (all - (1 << format.mantissa_bits) + 1) |
                                   (1 << (format.mantissa_bits - 1)));
    case Special::kFn:
      return static_cast<uint16_t>(sign_bit | all);
    case Special::kFnuz:
      return static_cast<uint16_t>(1 << (format.exponent_bits + format.mantissa_bits));
    case Special::kFinite:
      return static_cast<uint16_t>(LargestFinite(format));
  }
  return 0;
}

double DecodeE8M0(uint16_t bits) {
  if (bits == 0xFF) return std::numeric_limits<double>::quiet_NaN();
  return std::ldexp(1.0, bits - 127);
}

uint16_t EncodeE8M0(double value, bool saturate) {
  if (std::isnan(value)) return 0xFF;
  value = std::fabs(value);
  if (value == 0) return 0;
  if (std::isinf(value)) return saturate ? 0xFE : 0xFF;
  int exponent = 0;
  const double fraction =
      std::frexp(value, &exponent);  // value = fraction * 2^exponent, fraction in [0.5, 1)
  int code = exponent - 1 + 127 + (fraction >= 0.75 ? 1 : 0);
  if (code < 0) code = 0;
  if (code > 0xFE) return saturate ? 0xFE : 0xFF;
  return static_cast<uint16_t>(code);
}

}  // namespace

double DecodeNarrowFloat(DType dtype, uint16_t bits) {
  if (dtype == DType::kFloat8E8M0) return DecodeE8M0(bits);
  const Format format = FormatOf(dtype);
  const int width = format.exponent_bits + format.mantissa_bits;
  const int code = bits & ((1 << width) - 1);
  const bool negative = (bits >> width & 1) != 0;
  const double sign = negative ? -1.0 : 1.0;
  switch (format.special) {
    case Special::kIeee:
      if (code > LargestFinite(format)) {
        const bool infinite = code == LargestFinite(format) + 1;
        return infinite ? sign * std::numeric_limits<double>::infinity()
                        : std::numeric_limits<double>::quiet_NaN();
      }
      break;
    case Special::kFn:
      if (code > LargestFinite(format)) return std::numeric_limits<double>::quiet_NaN();
      break;
    case Special::kFnuz:
      if (negative && code == 0) return std::numeric_limits<double>::quiet_NaN();
      break;
    case Special::kFinite:
      break;
  }
  return sign * Magnitude(format, code);
}

uint16_t EncodeNarrowFloat(DType dtype, double value, bool saturate) {
  if (dtype == DType::kFloat8E8M0) return EncodeE8M0(value, saturate);
  const Format format = FormatOf(dtype);
  const int width = format.exponent_bits + format.mantissa_bits;
  const int sign_bit = std::signbit(value) ? 1 << width : 0;
  if (std::isnan(value)) return NotANumber(format, sign_bit);

  const double magnitude = std::fabs(value);
  const int largest = LargestFinite(format);
  int code = 0;
  if (std::isinf(magnitude)) {
    code = largest + 1;
  } else if (magnitude != 0) {
    int exponent = std::ilogb(magnitude);
    if (exponent < 1 - format.bias) exponent = 1 - format.bias;
    // Units in the last place at this exponent; rint ties to even, and an even count of units is an
    // even code because codes are consecutive across exponents.
    const double units = std::rint(std::ldexp(magnitude, format.mantissa_bits - exponent));
    if (units >= std::ldexp(1.0, 20)) {
      code = largest + 1;
    } else {
      const int steps = static_cast<int>(units);
      code = ((exponent + format.bias - 1) << format.mantissa_bits) + steps;
      if (exponent + format.bias - 1 > 1 << (format.exponent_bits + 1)) code = largest + 1;
    }
  }
  if (code > largest) {
    if (saturate || format.special == Special::kFinite) {
      code = largest;
    } else if (format.special == Special::kIeee) {
      code = largest + 1;
    } else {
      return NotANumber(format, sign_bit);
    }
  }
  if (format.special == Special::kFnuz && code == 0) return 0;
  return static_cast<uint16_t>(sign_bit | code);
}

double LargestFinite(DType dtype) {
  switch (dtype) {
    case DType::kFloat64:
      return std::numeric_limits<double>::max();
    case DType::kFloat32:
      return std::numeric_limits<float>::max();
    default: {
      const double infinity = std::numeric_limits<double>::infinity();
      if (!IsFloating(dtype)) return infinity;
      return DecodeNarrowFloat(dtype, EncodeNarrowFloat(dtype, infinity, /*saturate=*/true));
    }
  }
}

double RoundToDType(DType dtype, double value) {
  switch (dtype) {
    case DType::kFloat64:
      return value;
    case DType::kFloat32:
      return static_cast<float>(value);
    default:
      return DecodeNarrowFloat(dtype, EncodeNarrowFloat(dtype, value));
  }
}

}  // namespace assay
