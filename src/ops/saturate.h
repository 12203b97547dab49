#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace assay {

// A double as T: integers are truncated toward zero and held at the ends of their range, NaN gives
// 0. T double leaves the value alone.
template <typename T>
T SaturateTo(double value) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(value);
  } else {
    // The upper end may round up to the next power of two as a double.
    constexpr double kEnd = static_cast<double>(std::numeric_limits<T>::max());
    constexpr double kBegin = static_cast<double>(std::numeric_limits<T>::min());
    if (std::isnan(value)) return 0;
    if (value >= kEnd) return std::numeric_limits<T>::max();
    if (value <= kBegin) return std::numeric_limits<T>::min();
    return static_cast<T>(value);
  }
}

}  // namespace assay
