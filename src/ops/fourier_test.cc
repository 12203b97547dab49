#include "ops/fourier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tensor/random.h"

namespace assay {
namespace {

using Complex = std::complex<double>;
using Signal = std::vector<Complex>;

Signal RandomSignal(int64_t length) {
  RandomState random = *RandomState::Create(length);
  Signal signal(static_cast<size_t>(length));
  for (Complex& value : signal) value = {random.NextDouble() - 0.5, random.NextDouble() - 0.5};
  return signal;
}

// The definition, in long double and with angles reduced in integers.
Signal DirectTransform(const Signal& signal) {
  const size_t n = signal.size();
  std::vector<std::complex<long double>> roots(n);
  for (size_t k = 0; k < n; ++k) {
    const long double angle = 2 * std::numbers::pi_v<long double> * static_cast<long double>(k) /
                              static_cast<long double>(n);
    roots[k] = {std::cos(angle), -std::sin(angle)};
  }
  Signal spectrum(n);
  for (size_t k = 0; k < n; ++k) {
    std::complex<long double> sum = 0;
    for (size_t j = 0; j < n; ++j) sum += std::complex<long double>(signal[j]) * roots[j * k % n];
    spectrum[k] = Complex(sum);
  }
  return spectrum;
}

double NormOfDifference(const Signal& a, const Signal& b) {
  double sum = 0;
  for (size_t k = 0; k < a.size(); ++k) sum += std::norm(a[k] - b[k]);
  return std::sqrt(sum);
}
double Norm(const Signal& a) { return NormOfDifference(a, Signal(a.size())); }

Signal Forward(const FourierTransform& transform, Signal signal) {
  Signal scratch(static_cast<size_t>(transform.scratch_length()));
  transform.Forward(signal, scratch);
  return signal;
}

Signal Inverse(const FourierTransform& transform, Signal signal) {
  Signal scratch(static_cast<size_t>(transform.scratch_length()));
  transform.Inverse(signal, scratch);
  return signal;
}

TEST(FourierTransform, AgreesWithTheDefinitionForEveryLength) {
  for (int64_t length = 1; length <= 300; ++length) {
    const Signal signal = RandomSignal(length);
    const Signal expected = DirectTransform(signal);
    const Signal got = Forward(FourierTransform(length), signal);
    EXPECT_LE(NormOfDifference(got, expected), 2e-15 * Norm(expected)) << length;
  }
}

TEST(FourierTransform, AgreesWithTheDefinitionForLongLengths) {
  // A power of two, small factors, a prime, twice a prime.
  for (const int64_t length : {2048, 2310, 2003, 2 * 1009}) {
    const Signal signal = RandomSignal(length);
    const Signal expected = DirectTransform(signal);
    const Signal got = Forward(FourierTransform(length), signal);
    EXPECT_LE(NormOfDifference(got, expected), 3e-15 * Norm(expected)) << length;
  }
}

TEST(FourierTransform, InverseLeadsBack) {
  for (const int64_t length : {1, 2, 360, 1009, 1 << 17, (1 << 17) - 1}) {
    const FourierTransform transform(length);
    const Signal signal = RandomSignal(length);
    const Signal got = Inverse(transform, Forward(transform, signal));
    EXPECT_LE(NormOfDifference(got, signal), 1e-14 * Norm(signal)) << length;
  }
}

TEST(FourierTransform, OfAnImpulseIsExact) {
  Signal impulse(360);
  impulse[0] = 3;
  for (const Complex& value : Forward(FourierTransform(360), impulse)) {
    EXPECT_EQ(value, Complex(3, 0));
  }
}

}  // namespace
}  // namespace assay
