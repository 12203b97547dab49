// Elementary functions on vectors of double, accurate to about 1e-10: rounding the result to float
// costs half a unit in the last place, and no float argument over- or underflows on the way.
// Polynomials were fitted at Chebyshev nodes with iterated weights.

constexpr double kInfinite = __builtin_inf();
constexpr double kNotANumber = __builtin_nan("");

template <int kCount>
inline Double Polynomial(Double x, const double (&coefficients)[kCount]) {
  Double value = BroadcastDouble(coefficients[kCount - 1]);
#pragma GCC unroll 16
  for (int i = kCount - 2; i >= 0; --i) {
    value = MultiplyAdd(value, x, BroadcastDouble(coefficients[i]));
  }
  return value;
}

inline Double Absolute(Double x) {
  return reinterpret_cast<Double>(reinterpret_cast<Long>(x) & 0x7FFFFFFFFFFFFFFF);
}
inline Float Absolute(Float x) {
  return reinterpret_cast<Float>(reinterpret_cast<Int>(x) & 0x7FFFFFFF);
}
// Every other number is at least minus infinity.
inline Long IsNaN(Double x) { return ~(x >= -kInfinite); }
inline Int IsNaN(Float x) { return ~(x >= -__builtin_inff()); }
// NaN where x is -infinity, whose product with a vanished factor it is.
inline Double NaNAtMinusInfinity(Double x, Double value) {
  return x == -kInfinite ? BroadcastDouble(kNotANumber) : value;
}

// exp(x) = scale * (1 + rest), |rest| < 0.42; x is held in [-708, 709].
struct Exponential {
  Double scale;
  Double rest;
};
inline Exponential SplitExponential(Double x) {
  constexpr double kTerms[] = {0.49999999999910205,  0.1666666671903825,    0.04166666685360699,
                               0.008333298466767341, 0.0013888824155562642, 0.00019899287578740277,
                               2.487617234401536e-05};
  constexpr double kRounder = 0x1.8p52;
  x = x < -708.0 ? BroadcastDouble(-708.0) : x;
  x = x > 709.0 ? BroadcastDouble(709.0) : x;
  const Double shifted =
      MultiplyAdd(x, BroadcastDouble(1.4426950408889634), BroadcastDouble(kRounder));
  const Double n = shifted - kRounder;
  const Double r = MultiplyAdd(n, BroadcastDouble(-0.69314718055994531), x);
  const Double scale = reinterpret_cast<Double>((reinterpret_cast<Long>(shifted) + 1023) << 52);
  return {scale, MultiplyAdd(r * r, Polynomial(r, kTerms), r)};
}
inline Double Exponentiate(Double x) {
  const Exponential e = SplitExponential(x);
  return MultiplyAdd(e.scale, e.rest, e.scale);
}
// exp(x) - 1, accurate near 0.
inline Double ExponentialMinusOne(Double x) {
  const Exponential e = SplitExponential(x);
  return MultiplyAdd(e.scale, e.rest, e.scale - 1.0);
}

// log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)].
inline Double LogarithmNearOne(Double f) {
  constexpr double kTerms[] = {0.33333333333694354, 0.1999999939144491, 0.14285878569057361,
                               0.11095625220906385, 0.09682681435788154};
  const Double s = f / (f + 2.0);
  const Double w = s * s;
  const Double twice = s + s;
  return MultiplyAdd(twice * w, Polynomial(w, kTerms), twice);
}
inline Double Logarithm(Double x) {
  constexpr int64_t kRootOfHalf = 0x3FE6A09E667F3BCD;
  constexpr int64_t kOne = 0x3FF0000000000000;
  const Long bits = reinterpret_cast<Long>(x) + (kOne - kRootOfHalf);
  const Double mantissa = reinterpret_cast<Double>((bits & 0x000FFFFFFFFFFFFF) + kRootOfHalf);
  // The biased exponent below the bits of 2^52 is that number plus 2^52.
  const Long biased = (bits >> 52) & 0xFFF;
  const Double exponent = reinterpret_cast<Double>(biased | 0x4330000000000000) - (0x1p52 + 1023);
  const Double value =
      MultiplyAdd(exponent, BroadcastDouble(0.69314718055994531), LogarithmNearOne(mantissa - 1.0));
  const Double below = x < 0.0 ? BroadcastDouble(kNotANumber) : x;
  const Double special = x == 0.0 ? BroadcastDouble(-kInfinite) : below;
  const Double above = x < kInfinite ? value : special;
  return x > 0.0 ? above : special;
}
// log(1 + y) for y in [0, 1].
inline Double LogarithmOfOnePlus(Double y) {
  const Double halved = (y - 1.0) * 0.5;
  const Double f = y > 0.41421356237309505 ? halved : y;
  const Double near = LogarithmNearOne(f);
  return y > 0.41421356237309505 ? near + 0.69314718055994531 : near;
}

inline Double Logistic(Double x) { return 1.0 / (Exponentiate(-x) + 1.0); }

inline Double HyperbolicTangent(Double x) {
  const Double size = Absolute(x);
  const Double e = ExponentialMinusOne(size > 20.0 ? BroadcastDouble(40.0) : size + size);
  const Double value = e / (e + 2.0);
  return reinterpret_cast<Long>(x) < 0 ? -value : value;
}

// erfc(z) for z >= 0: exp(-z^2) times a polynomial in (z - 2.5) / (z + 2.5), relative to itself.
inline Double ComplementaryError(Double z) {
  constexpr double kTerms[] = {
      0.21080636406067282,    -0.37173673383963196,   0.25171319312166424,
      -0.1250330580556122,    0.039922543735993854,   -0.003993616248622826,
      -0.002642411615317294,  0.0008753515732365548,  0.00022849237594080562,
      -0.0001269683081225363, -3.391118481083224e-05, 1.5346871889232028e-05,
      6.051528076728145e-06};
  const Double held = z > 10.6 ? BroadcastDouble(10.6) : z;
  return Exponentiate(-(z * z)) * Polynomial((held - 2.5) / (held + 2.5), kTerms);
}

// x to the power of y as exp(y log |x|), with the sign and the special cases of C's pow.
inline Double Power(Double x, Double y) {
  const Double size = Absolute(x);
  const Double product = y * Logarithm(size);
  Double value = Exponentiate(product);
  value = product > 709.0 ? BroadcastDouble(kInfinite) : value;
  value = product < -708.0 ? BroadcastDouble(0.0) : value;
  // Every double from 2^53 on is even.
  const Double held = Absolute(y) < 0x1p52 ? y : BroadcastDouble(0.0);
  const Double rounder = (held < 0.0 ? BroadcastDouble(-0x1p52) : BroadcastDouble(0x1p52));
  const Double whole = (held + rounder) - rounder;
  const Double half = held * 0.5;
  const Double half_whole = (half + rounder) - rounder;
  const Long is_odd = (whole == held) & (half_whole != half);
  const Long is_fraction = whole != held;
  const Long is_negative = reinterpret_cast<Long>(x) < 0;
  value = (is_negative & is_odd) ? -value : value;
  const Long is_invalid = (x < 0.0) & (x > -kInfinite) & is_fraction;
  value = is_invalid ? BroadcastDouble(kNotANumber) : value;
  value = ((x == -1.0) & (Absolute(y) == kInfinite)) ? BroadcastDouble(1.0) : value;
  value = IsNaN(x) ? x : value;
  value = ((y == 0.0) | (x == 1.0)) ? BroadcastDouble(1.0) : value;
  return value;
}
