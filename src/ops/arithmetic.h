#pragma once

#include <cstdint>
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
Dim Plus(const Dim& a, const Dim& b);
Dim Minus(const Dim& a, const Dim& b);
Dim Times(const Dim& a, const Dim& b);
// Rounds toward zero where both are known; symbols stand for extents, which are not negative.
Dim DividedBy(const Dim& a, const Dim& b);

// InferBroadcast for the four basic operations; also carries extents through, so that shapes
// computed from shapes stay known.
Status InferArithmetic(InferContext& context, Dim (*operation)(const Dim&, const Dim&));

}  // namespace assay
