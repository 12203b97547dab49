#include "tactics/cpu/kernels/kernel_set.h"

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
inline float ScalarMultiplyAdd(float a, float b, float c) { return a * b + c; }

}  // namespace

#include "tactics/cpu/kernels/products_inl.h"

}  // namespace assay::portable
