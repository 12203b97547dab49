// The most frequent elementary functions in float alone, within 2 ULP.

#include "tactics/cpu/kernels/elementary_inl.h"

// Two factors scale the result, as it may be subnormal where one factor would be.
inline Float Exponentiate(Float x) {
  constexpr float kTerms[] = {0.5F,          0.16666667F,   0.041666465F,
                              0.0083332861F, 0.0013933652F, 0.00019907574F};
  constexpr float kRounder = 0x1.8p23F;
  x = x < -104.0F ? Broadcast(-104) : x;
  x = x > 89.0F ? Broadcast(89) : x;
  const Float shifted = MultiplyAdd(x, Broadcast(1.44269504F), Broadcast(kRounder));
  const Float n = shifted - kRounder;
  // The first part of log(2) has so few bits that its multiples are exact.
  Float r = MultiplyAdd(n, Broadcast(-0.693359375F), x);
  r = MultiplyAdd(n, Broadcast(2.12194440e-4F), r);
  Float terms = Broadcast(kTerms[5]);
#pragma GCC unroll 8
  for (int i = 4; i >= 0; --i) terms = MultiplyAdd(terms, r, Broadcast(kTerms[i]));
  const Int whole = reinterpret_cast<Int>(shifted) - 0x4B400000;
  const Int half = whole >> 1;
  return (MultiplyAdd(r * r, terms, r) + 1.0F) * reinterpret_cast<Float>((half + 127) << 23) *
         reinterpret_cast<Float>((whole - half + 127) << 23);
}

// 1 - exp(p(|x|)) from 0.93 on, x * p(x^2) below.
inline Float ErrorFunction(Float x) {
  Float size = Absolute(x);
  size = size > 4.0F ? Broadcast(4) : size;
  const Float square = size * size;
  Float far = MultiplyAdd(Broadcast(-1.72853470e-5F), size, Broadcast(3.83197126e-4F));
  far = MultiplyAdd(far, square,
                    MultiplyAdd(Broadcast(-3.88396438e-3F), size, Broadcast(2.42546219e-2F)));
  far = MultiplyAdd(far, size, Broadcast(-1.06777877e-1F));
  far = MultiplyAdd(far, size, Broadcast(-6.34846687e-1F));
  far = MultiplyAdd(far, size, Broadcast(-1.28717512e-1F));
  far = 1.0F - Exponentiate(MultiplyAdd(far, size, -size));
  Float near = MultiplyAdd(Broadcast(-5.96761703e-4F), square, Broadcast(4.99119423e-3F));
  near = MultiplyAdd(near, square, Broadcast(-2.67681349e-2F));
  near = MultiplyAdd(near, square, Broadcast(1.12819925e-1F));
  near = MultiplyAdd(near, square, Broadcast(-3.76125336e-1F));
  near = MultiplyAdd(near, square, Broadcast(1.28379166e-1F));
  near = MultiplyAdd(near, size, size);
  const Float value = size > 0.927734375F ? far : near;
  return reinterpret_cast<Int>(x) < 0 ? -value : value;
}
