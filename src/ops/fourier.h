#pragma once

#include <complex>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace assay {

// The discrete Fourier transform of one length n, y[k] = sum over j of x[j] exp(-2 pi i j k / n),
// in O(n log n) for every n: by mixed radices where all prime factors of n are small, else as a
// convolution by Bluestein (1970). The error relative to the norm of the result grows like log n
// and is below 1e-14 for lengths up to 2^24. Safe to use from several threads.
class FourierTransform {
 public:
  // length >= 1.
  explicit FourierTransform(int64_t length);
  ~FourierTransform();
  FourierTransform(FourierTransform&&) noexcept;
  FourierTransform& operator=(FourierTransform&&) noexcept;

  int64_t length() const { return length_; }
  // Elements of scratch memory that a transform needs.
  int64_t scratch_length() const;

  // `data` holds length() elements and is transformed in place.
  void Forward(std::span<std::complex<double>> data, std::span<std::complex<double>> scratch) const;
  // The inverse with the factor 1 / n.
  void Inverse(std::span<std::complex<double>> data, std::span<std::complex<double>> scratch) const;

 private:
  struct Convolution;

  void MixedRadix(const std::complex<double>* in, int64_t stride, std::complex<double>* out,
                  int64_t length, size_t level) const;
  void Butterflies(std::complex<double>* data, int64_t length, int64_t radix) const;

  int64_t length_;
  std::vector<int64_t> radices_;             // empty for a convolution
  std::vector<std::complex<double>> roots_;  // exp(-2 pi i k / n)
  std::unique_ptr<Convolution> convolution_;
};

}  // namespace assay
