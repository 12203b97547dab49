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

Dim Plus(const Dim& a, const Dim& b);
Dim Minus(const Dim& a, const Dim& b);
Dim Times(const Dim& a, const Dim& b);
// Integer division as ONNX has it on extents (both operands non-negative there).
Dim DividedBy(const Dim& a, const Dim& b);

// InferBroadcast for the four basic operations; also carries extents through, so that shapes
// computed from shapes stay known.
Status InferArithmetic(InferContext& context, Dim (*operation)(const Dim&, const Dim&));

}  // namespace assay
