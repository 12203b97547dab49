// Vector types of kBytes bytes with the compilers' own arithmetic, comparison and selection.

using Float = float __attribute__((vector_size(kBytes)));
using Double = double __attribute__((vector_size(kBytes)));
using Int = int32_t __attribute__((vector_size(kBytes)));
using Long = int64_t __attribute__((vector_size(kBytes)));
constexpr int kLanes = kBytes / 4;
constexpr int kDoubleLanes = kBytes / 8;

// The same at addresses of any alignment.
using FloatInMemory = float __attribute__((vector_size(kBytes), aligned(4), may_alias));
using IntInMemory = int32_t __attribute__((vector_size(kBytes), aligned(4), may_alias));
using DoubleInMemory = double __attribute__((vector_size(kBytes), aligned(8), may_alias));

inline Float Load(const float* p) { return *reinterpret_cast<const FloatInMemory*>(p); }
inline void Store(float* p, Float v) { *reinterpret_cast<FloatInMemory*>(p) = v; }
inline Double LoadDoubles(const double* p) { return *reinterpret_cast<const DoubleInMemory*>(p); }
inline void StoreDoubles(double* p, Double v) { *reinterpret_cast<DoubleInMemory*>(p) = v; }
inline Int LoadInts(const int32_t* p) { return *reinterpret_cast<const IntInMemory*>(p); }
inline void StoreInts(int32_t* p, Int v) { *reinterpret_cast<IntInMemory*>(p) = v; }
inline Float Broadcast(float x) { return Float{} + x; }
inline Double BroadcastDouble(double x) { return Double{} + x; }
