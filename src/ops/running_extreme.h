#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

namespace assay {

// Order for maxima and minima as numpy has it: a NaN beats everything but another NaN, so that it
// reaches the result and the first one keeps its place.
template <typename T>
bool IsAbove(T x, T most) {
  if constexpr (std::is_floating_point_v<T>) {
    return x > most || (std::isnan(x) && !std::isnan(most));
  } else {
    return x > most;
  }
}
template <typename T>
bool IsBelow(T x, T least) {
  if constexpr (std::is_floating_point_v<T>) {
    return x < least || (std::isnan(x) && !std::isnan(least));
  } else {
    return x < least;
  }
}

// The maximum and minimum of nothing: the lowest and highest value of T, infinities included.
template <typename T>
constexpr T LeastOf() {
  if constexpr (std::is_floating_point_v<T>) {
    return -std::numeric_limits<T>::infinity();
  } else {
    return std::numeric_limits<T>::lowest();
  }
}
template <typename T>
constexpr T MostOf() {
  if constexpr (std::is_floating_point_v<T>) {
    return std::numeric_limits<T>::infinity();
  } else {
    return std::numeric_limits<T>::max();
  }
}

}  // namespace assay
