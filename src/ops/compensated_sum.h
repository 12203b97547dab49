#pragma once

#include <cmath>

namespace assay {

// A running sum of doubles with a running correction for what every addition rounded away
// (Neumaier 1974): the error is about one rounding of the result, whatever the number of terms, as
// long as their magnitudes do not cancel by more than 1e16. Infinities and NaN add as usual.
class CompensatedSum {
 public:
  void Add(double x) {
    const double sum = sum_ + x;
    correction_ += std::fabs(sum_) >= std::fabs(x) ? (sum_ - sum) + x : (x - sum) + sum_;
    sum_ = sum;
  }
  double value() const { return std::isfinite(sum_) ? sum_ + correction_ : sum_; }

 private:
  double sum_ = 0;
  double correction_ = 0;
};

}  // namespace assay
