// Loops over elements: one functor per function, applied vector by vector.

#include "tactics/cpu/kernels/float_functions_inl.h"

template <typename Function>
inline Float Through(Float x, Function function) {
  return Narrow(function(WidenLow(x)), function(WidenHigh(x)));
}

struct UnaryFunctor {
  explicit UnaryFunctor(UnaryParameters parameters)
      : alpha(parameters.alpha), beta(parameters.beta) {}
  float alpha;
  float beta;
};

#define ASSAY_FLOAT_FUNCTOR(name, ...)               \
  struct name : UnaryFunctor {                       \
    using UnaryFunctor::UnaryFunctor;                \
    Float operator()(Float x) const { __VA_ARGS__; } \
  };
#define ASSAY_DOUBLE_FUNCTOR(name, ...)                      \
  struct name : UnaryFunctor {                               \
    using UnaryFunctor::UnaryFunctor;                        \
    Double Of(Double x) const { __VA_ARGS__; }               \
    Float operator()(Float v) const {                        \
      return Through(v, [this](Double x) { return Of(x); }); \
    }                                                        \
  };

ASSAY_FLOAT_FUNCTOR(Identity, return x)
ASSAY_FLOAT_FUNCTOR(Relu, return x < 0.0F ? Float{} : x)
ASSAY_FLOAT_FUNCTOR(LeakyRelu, return x < 0.0F ? x * alpha : x)
ASSAY_FLOAT_FUNCTOR(ThresholdedRelu, return x > alpha ? x : Float{})
ASSAY_FLOAT_FUNCTOR(Sqrt, return SquareRoot(x))
ASSAY_FLOAT_FUNCTOR(Reciprocal, return 1.0F / x)
ASSAY_FLOAT_FUNCTOR(Abs, return Absolute(x))
ASSAY_FLOAT_FUNCTOR(Neg, return -x)
ASSAY_FLOAT_FUNCTOR(Floor, return RoundDown(x))
ASSAY_FLOAT_FUNCTOR(Ceil, return RoundUp(x))
ASSAY_FLOAT_FUNCTOR(Round, return RoundToEven(x))
ASSAY_FLOAT_FUNCTOR(Square, return x * x)
ASSAY_FLOAT_FUNCTOR(RootPower, const Float infinite = Broadcast(__builtin_inff());
                    return x == -infinite ? infinite : SquareRoot(x) + 0.0F)
// NaN and zeros of either sign are neither above nor below zero.
ASSAY_FLOAT_FUNCTOR(Sign, const Float below = x < 0.0F ? Broadcast(-1) : x;
                    return x > 0.0F ? Broadcast(1) : below)
// A limit that is no number makes every result none.
ASSAY_FLOAT_FUNCTOR(Clip, const Float low = Broadcast(alpha); const Float high = Broadcast(beta);
                    const Float raised = ((x < low) | IsNaN(low)) ? low : x;
                    return ((raised > high) | (IsNaN(high) & ~IsNaN(raised))) ? high : raised)

ASSAY_DOUBLE_FUNCTOR(HardSigmoid, const Double value = MultiplyAdd(x, BroadcastDouble(alpha),
                                                                   BroadcastDouble(beta));
                     const Double raised = value < 0.0 ? Double{} : value;
                     return raised > 1.0 ? BroadcastDouble(1) : raised)
ASSAY_DOUBLE_FUNCTOR(HardSwish, const Double value = (x + 3.0) * (1.0 / 6);
                     const Double raised = value < 0.0 ? Double{} : value;
                     return x * (raised > 1.0 ? BroadcastDouble(1) : raised))
ASSAY_DOUBLE_FUNCTOR(Softsign, return x / (Absolute(x) + 1.0))
ASSAY_DOUBLE_FUNCTOR(Sigmoid, return Logistic(x))
ASSAY_DOUBLE_FUNCTOR(Swish, const Double scaled = x * static_cast<double>(alpha);
                     return NaNAtMinusInfinity(scaled, x / (Exponentiate(-scaled) + 1.0)))
ASSAY_DOUBLE_FUNCTOR(Tanh, return HyperbolicTangent(x))
ASSAY_DOUBLE_FUNCTOR(Gelu,
                     const Double tail = ComplementaryError(Absolute(x) * 0.70710678118654752) *
                                         0.5;
                     return NaNAtMinusInfinity(x, x*(x < 0.0 ? tail : 1.0 - tail)))
ASSAY_DOUBLE_FUNCTOR(
    GeluTanh, const Double cubic = MultiplyAdd(x * x * x, BroadcastDouble(0.044715), x);
    return NaNAtMinusInfinity(x, x / (Exponentiate(cubic * -1.5957691216057308) + 1.0)))
ASSAY_FLOAT_FUNCTOR(Erf, return ErrorFunction(x))
ASSAY_FLOAT_FUNCTOR(Exp, return Exponentiate(x))
ASSAY_DOUBLE_FUNCTOR(Log, return Logarithm(x))
ASSAY_DOUBLE_FUNCTOR(Softplus, const Double rest = LogarithmOfOnePlus(Exponentiate(-Absolute(x)));
                     return (x < 0.0 ? Double{} : x) + rest)
// tanh(log(1 + e)) = (e^2 + 2e) / (e^2 + 2e + 2) for e = exp(x).
ASSAY_DOUBLE_FUNCTOR(Mish, const Double e = Exponentiate(x > 40.0 ? BroadcastDouble(40) : x);
                     const Double n = e * (e + 2.0);
                     return NaNAtMinusInfinity(x, x*(n / (n + 2.0))))
ASSAY_DOUBLE_FUNCTOR(Elu, return x < 0.0 ? ExponentialMinusOne(x) * static_cast<double>(alpha) : x)
ASSAY_DOUBLE_FUNCTOR(Selu, const double gamma = beta;
                     return x > 0.0 ? x * gamma : ExponentialMinusOne(x) * (gamma * alpha))
ASSAY_DOUBLE_FUNCTOR(Celu, const double a = alpha;
                     const Double below = ExponentialMinusOne(x / a) * a;
                     return x > 0.0 ? x : (below > 0.0 ? Double{} : below))
ASSAY_DOUBLE_FUNCTOR(Cube, return x * x * x)
ASSAY_DOUBLE_FUNCTOR(PowOf, return Power(x, BroadcastDouble(alpha)))

#undef ASSAY_FLOAT_FUNCTOR
#undef ASSAY_DOUBLE_FUNCTOR

struct Add {
  Float operator()(Float a, Float b) const { return a + b; }
};
struct Sub {
  Float operator()(Float a, Float b) const { return a - b; }
};
struct Mul {
  Float operator()(Float a, Float b) const { return a * b; }
};
struct Div {
  Float operator()(Float a, Float b) const { return a / b; }
};
struct Min {
  Float operator()(Float a, Float b) const { return ((a < b) | IsNaN(a)) ? a : b; }
};
struct Max {
  Float operator()(Float a, Float b) const { return ((a > b) | IsNaN(a)) ? a : b; }
};
struct Pow {
  Float operator()(Float a, Float b) const {
    return Narrow(Power(WidenLow(a), WidenLow(b)), Power(WidenHigh(a), WidenHigh(b)));
  }
};
struct PRelu {
  Float operator()(Float a, Float b) const { return a < 0.0F ? a * b : a; }
};

template <typename Function>
void UnaryMap(int64_t count, const float* in, UnaryParameters parameters, float* out) {
  const Function function(parameters);
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) Store(out + i, function(Load(in + i)));
  if (i < count) StorePart(out + i, function(LoadPart(in + i, count - i)), count - i);
}

template <typename Function>
void BinaryMap(int64_t count, const void* left, int64_t a_step, const void* right, int64_t b_step,
               void* result) {
  const Function function;
  const auto* a = static_cast<const float*>(left);
  const auto* b = static_cast<const float*>(right);
  auto* out = static_cast<float*>(result);
  if (count <= 0) return;
  const Float a_first = Broadcast(a[0]);
  const Float b_first = Broadcast(b[0]);
  int64_t i = 0;
  if (a_step != 0 && b_step != 0) {
    for (; i + kLanes <= count; i += kLanes) Store(out + i, function(Load(a + i), Load(b + i)));
  } else if (a_step != 0) {
    for (; i + kLanes <= count; i += kLanes) Store(out + i, function(Load(a + i), b_first));
  } else if (b_step != 0) {
    for (; i + kLanes <= count; i += kLanes) Store(out + i, function(a_first, Load(b + i)));
  } else {
    for (; i + kLanes <= count; i += kLanes) Store(out + i, function(a_first, b_first));
  }
  if (i == count) return;
  const Float a_last = a_step != 0 ? LoadPart(a + i, count - i) : a_first;
  const Float b_last = b_step != 0 ? LoadPart(b + i, count - i) : b_first;
  StorePart(out + i, function(a_last, b_last), count - i);
}
