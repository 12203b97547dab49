#include "ops/fourier.h"

#include <algorithm>
#include <array>
#include <bit>

#include "ops/unit_root.h"

namespace assay {
namespace {

using Complex = std::complex<double>;

// Prime factors up to this one are radices; a radix costs its square.
constexpr int64_t kLargestRadix = 13;

// Radices whose product is `length`, fours before twos; empty if there is a larger prime factor.
std::vector<int64_t> RadicesOf(int64_t length) {
  std::vector<int64_t> radices;
  for (const int64_t radix : {4, 2, 3, 5, 7, 11, 13}) {
    while (length % radix == 0) {
      radices.push_back(radix);
      length /= radix;
    }
  }
  if (length != 1) radices.clear();
  return radices;
}

// Without the checks for infinities that operator* makes.
Complex Times(Complex a, Complex b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

std::vector<Complex> ForwardRoots(int64_t length) {
  std::vector<Complex> roots(static_cast<size_t>(length));
  for (int64_t k = 0; k < length; ++k) {
    roots[static_cast<size_t>(k)] = std::conj(UnitRoot(k, length));
  }
  return roots;
}

}  // namespace

// With j k = (j^2 + k^2 - (k - j)^2) / 2 the transform is a convolution with a chirp, framed by two
// products with it; the convolution is cyclic in a power of two.
struct FourierTransform::Convolution {
  explicit Convolution(int64_t length)
      : transform(static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(2 * length - 1)))) {
    chirp.resize(static_cast<size_t>(length));
    int64_t square = 0;  // k^2 modulo 2 length
    for (int64_t k = 0; k < length; ++k) {
      chirp[static_cast<size_t>(k)] = std::conj(UnitRoot(square, 2 * length));
      square = (square + 2 * k + 1) % (2 * length);
    }
    spectrum.resize(static_cast<size_t>(transform.length()));
    spectrum[0] = std::conj(chirp[0]);
    for (size_t k = 1; k < chirp.size(); ++k) {
      spectrum[k] = spectrum[spectrum.size() - k] = std::conj(chirp[k]);
    }
    std::vector<Complex> scratch(static_cast<size_t>(transform.scratch_length()));
    transform.Forward(spectrum, scratch);
  }

  FourierTransform transform;
  std::vector<Complex> chirp;
  std::vector<Complex> spectrum;  // of the conjugate chirp
};

FourierTransform::FourierTransform(int64_t length) : length_(length), radices_(RadicesOf(length)) {
  if (radices_.empty() && length > 1) {
    convolution_ = std::make_unique<Convolution>(length);
  } else {
    roots_ = ForwardRoots(length);
  }
}

FourierTransform::~FourierTransform() = default;
FourierTransform::FourierTransform(FourierTransform&&) noexcept = default;
FourierTransform& FourierTransform::operator=(FourierTransform&&) noexcept = default;

int64_t FourierTransform::scratch_length() const {
  return convolution_ ? convolution_->transform.length() + convolution_->transform.scratch_length()
                      : length_;
}

void FourierTransform::Forward(std::span<Complex> data, std::span<Complex> scratch) const {
  if (!convolution_) {
    std::copy(data.begin(), data.end(), scratch.begin());
    MixedRadix(scratch.data(), 1, data.data(), length_, 0);
    return;
  }
  const Convolution& convolution = *convolution_;
  const std::span<Complex> work = scratch.first(convolution.spectrum.size());
  const std::span<Complex> rest = scratch.subspan(work.size());
  for (size_t k = 0; k < data.size(); ++k) work[k] = Times(data[k], convolution.chirp[k]);
  std::fill(work.begin() + static_cast<std::ptrdiff_t>(data.size()), work.end(), Complex());
  convolution.transform.Forward(work, rest);
  for (size_t k = 0; k < work.size(); ++k) work[k] = Times(work[k], convolution.spectrum[k]);
  convolution.transform.Inverse(work, rest);
  for (size_t k = 0; k < data.size(); ++k) data[k] = Times(work[k], convolution.chirp[k]);
}

void FourierTransform::Inverse(std::span<Complex> data, std::span<Complex> scratch) const {
  for (Complex& value : data) value = std::conj(value);
  Forward(data, scratch);
  const auto count = static_cast<double>(length_);
  for (Complex& value : data) value = {value.real() / count, -value.imag() / count};
}

// Transforms the `length` elements in[0], in[stride], ... into out[0], out[1], ...: first the
// elements of equal index modulo the radix among themselves, then these results with each other.
void FourierTransform::MixedRadix(const Complex* in, int64_t stride, Complex* out, int64_t length,
                                  size_t level) const {
  if (length == 1) {
    out[0] = in[0];
    return;
  }
  const int64_t radix = radices_[level];
  const int64_t part = length / radix;
  for (int64_t q = 0; q < radix; ++q) {
    MixedRadix(in + q * stride, stride * radix, out + q * part, part, level + 1);
  }
  Butterflies(out, length, radix);
}

void FourierTransform::Butterflies(Complex* data, int64_t length, int64_t radix) const {
  const int64_t part = length / radix;
  const int64_t step = length_ / length;
  std::array<Complex, kLargestRadix> terms;
  for (int64_t k = 0; k < part; ++k) {
    for (int64_t q = 0; q < radix; ++q) {
      terms[static_cast<size_t>(q)] =
          Times(data[q * part + k], roots_[static_cast<size_t>(q * k * step)]);
    }
    for (int64_t r = 0; r < radix; ++r) {
      Complex sum = terms[0];
      for (int64_t q = 1; q < radix; ++q) {
        const int64_t turn = q * r % radix * (length_ / radix);
        sum += Times(terms[static_cast<size_t>(q)], roots_[static_cast<size_t>(turn)]);
      }
      data[r * part + k] = sum;
    }
  }
}

}  // namespace assay
