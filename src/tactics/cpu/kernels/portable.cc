#include "tactics/cpu/kernels/kernel_set.h"
#include "tactics/cpu/kernels/pool_kernels.h"
#include "tactics/cpu/kernels/window_kernels.h"

namespace assay::portable {
namespace {

constexpr int kLanes = 4;
constexpr int kRows = 4;
constexpr int kVectors = 2;

struct Vector {
  float lane[kLanes];
};

inline Vector Zero() { return {{0, 0, 0, 0}}; }
inline Vector Load(const float* p) { return {{p[0], p[1], p[2], p[3]}}; }
inline void Store(float* p, const Vector& v) {
  for (int i = 0; i < kLanes; ++i) p[i] = v.lane[i];
}
inline Vector Broadcast(float x) { return {{x, x, x, x}}; }
inline Vector Add(const Vector& a, const Vector& b) {
  Vector sum;
  for (int i = 0; i < kLanes; ++i) sum.lane[i] = a.lane[i] + b.lane[i];
  return sum;
}
inline Vector MultiplyAdd(const Vector& a, const Vector& b, const Vector& c) {
  Vector sum;
  for (int i = 0; i < kLanes; ++i) sum.lane[i] = a.lane[i] * b.lane[i] + c.lane[i];
  return sum;
}
// The second operand where either is NaN.
inline Vector Above(const Vector& bound, const Vector& x) {
  Vector result;
  for (int i = 0; i < kLanes; ++i) {
    result.lane[i] = x.lane[i] < bound.lane[i] ? bound.lane[i] : x.lane[i];
  }
  return result;
}
inline Vector Below(const Vector& bound, const Vector& x) {
  Vector result;
  for (int i = 0; i < kLanes; ++i) {
    result.lane[i] = x.lane[i] > bound.lane[i] ? bound.lane[i] : x.lane[i];
  }
  return result;
}
// The first `count` floats and zeros.
inline Vector LoadFirst(const float* p, int64_t count) {
  Vector result = Zero();
  for (int64_t i = 0; i < count; ++i) result.lane[i] = p[i];
  return result;
}
inline void SplitPairs(const Vector& a, const Vector& b, Vector* even, Vector* odd) {
  for (int i = 0; i < kLanes / 2; ++i) {
    even->lane[i] = a.lane[2 * i];
    odd->lane[i] = a.lane[2 * i + 1];
    even->lane[i + kLanes / 2] = b.lane[2 * i];
    odd->lane[i + kLanes / 2] = b.lane[2 * i + 1];
  }
}
inline void StoreFirst(float* p, int64_t count, const Vector& v) {
  for (int64_t i = 0; i < count; ++i) p[i] = v.lane[i];
}
// The greater one; NaN is above everything, and `most` stays where they are equal.
inline Vector Higher(const Vector& most, const Vector& x) {
  Vector result;
  for (int i = 0; i < kLanes; ++i) {
    const bool is_above =
        x.lane[i] > most.lane[i] || (x.lane[i] != x.lane[i] && most.lane[i] == most.lane[i]);
    result.lane[i] = is_above ? x.lane[i] : most.lane[i];
  }
  return result;
}
inline Vector Divide(const Vector& a, const Vector& b) {
  Vector result;
  for (int i = 0; i < kLanes; ++i) result.lane[i] = a.lane[i] / b.lane[i];
  return result;
}
inline Vector Gather(const float* in, const int32_t* indices) {
  Vector result;
  for (int i = 0; i < kLanes; ++i) result.lane[i] = in[indices[i]];
  return result;
}
inline float ScalarMultiplyAdd(float a, float b, float c) { return a * b + c; }

}  // namespace

#include "tactics/cpu/kernels/products_inl.h"
#include "tactics/cpu/kernels/windows_inl.h"
// Uses functions of windows_inl.h.
#include "tactics/cpu/kernels/pools_inl.h"

}  // namespace assay::portable
