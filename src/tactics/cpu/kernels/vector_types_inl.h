// Vector types of kBytes bytes with the compilers' own arithmetic, comparison and selection.

using Float = float __attribute__((vector_size(kBytes)));
using Double = double __attribute__((vector_size(kBytes)));
using Int = int32_t __attribute__((vector_size(kBytes)));
using Long = int64_t __attribute__((vector_size(kBytes)));
constexpr int kLanes = kBytes / 4;
constexpr int kDoubleLanes = kBytes / 8;

// At addresses of any alignment.
template <typename Vector>
inline Vector LoadVector(const void* p) {
  Vector v;
  __builtin_memcpy(&v, p, sizeof(v));
  return v;
}
inline Float Load(const float* p) { return LoadVector<Float>(p); }
inline void Store(float* p, Float v) { __builtin_memcpy(p, &v, sizeof(v)); }
inline Double LoadDoubles(const double* p) { return LoadVector<Double>(p); }
inline void StoreDoubles(double* p, Double v) { __builtin_memcpy(p, &v, sizeof(v)); }
inline Int LoadInts(const int32_t* p) { return LoadVector<Int>(p); }
inline void StoreInts(int32_t* p, Int v) { __builtin_memcpy(p, &v, sizeof(v)); }
inline Float Broadcast(float x) { return Float{} + x; }
inline Double BroadcastDouble(double x) { return Double{} + x; }
