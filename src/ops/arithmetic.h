#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "ops/infer_context.h"

namespace assay {

// Integer arithmetic that wraps around like two's complement, defined for every value; plain
// arithmetic for double.
template <typename T>
T WrappingAdd(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return a + b;
  else
    return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
template <typename T>
T WrappingSubtract(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return a - b;
  else
    return static_cast<T>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
template <typename T>
T WrappingMultiply(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return a * b;
  else
    return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

// Quotient rounded toward zero; 0 for a divisor of 0, where the standard leaves it open. Of double:
// the IEEE quotient.
template <typename T>
T TruncatingDivide(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return a / b;
  } else {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return WrappingSubtract(T{0}, a);
    }
    return static_cast<T>(a / b);
  }
}
// Nearest value of T to x after rounding toward zero; 0 for NaN. Of double: x itself.
template <typename T>
T TruncateTo(double x) {
  if constexpr (std::is_floating_point_v<T>) {
    return x;
  } else {
    // Both ends as doubles; the upper one is the first value that does not fit.
    constexpr double kLow = static_cast<double>(std::numeric_limits<T>::min());
    constexpr double kHigh = 2 * static_cast<double>(std::numeric_limits<T>::max() / 2 + 1);
    if (std::isnan(x)) return 0;
    if (x <= kLow) return std::numeric_limits<T>::min();
    if (x >= kHigh) return std::numeric_limits<T>::max();
    return static_cast<T>(x);
  }
}

Dim Plus(const Dim& a, const Dim& b);
Dim Minus(const Dim& a, const Dim& b);
Dim Times(const Dim& a, const Dim& b);
// Rounds toward zero where both are known; symbols stand for extents, which are not negative.
Dim DividedBy(const Dim& a, const Dim& b);

// InferBroadcast for the four basic operations; also carries extents through, so that shapes
// computed from shapes stay known.
Status InferArithmetic(InferContext& context, Dim (*operation)(const Dim&, const Dim&));

}  // namespace assay
