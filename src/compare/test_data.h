#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/thread_pool.h"
#include "compare/comparison.h"
#include "tensor/tensor.h"

// Numbers for the tests of this folder. Uniform's sequence is simple enough to be rebuilt in numpy,
// where the expected figures come from.

namespace assay::test {

// x -> 1664525 x + 1013904223 mod 2^32; the upper 24 bits over 2^24.
class Uniform {
 public:
  explicit Uniform(uint32_t seed) : state_(seed) {}
  float Next() { return static_cast<float>(NextBits() >> 8) / 16777216.0f; }
  uint32_t NextBits() {
    state_ = state_ * 1664525u + 1013904223u;
    return state_;
  }

 private:
  uint32_t state_;
};

// Anything that a float can be: ties, both zeros, subnormals, infinities, all magnitudes; NaN if
// asked for.
inline std::vector<float> AdversarialFloats(size_t count, uint32_t seed, bool with_nan) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  Uniform random(seed);
  std::vector<float> values(count);
  for (float& value : values) {
    switch (random.NextBits() >> 8 & 15) {
      case 0:
        value = 0.0f;
        break;
      case 1:
        value = -0.0f;
        break;
      case 2:
        value = 1.0f;
        break;
      case 3:
        value = -2.5f;
        break;
      case 4:
        value = std::numeric_limits<float>::denorm_min();
        break;
      case 5:
        value = -random.Next() * 0x1p-126f;
        break;
      case 6:
        value = kInfinity;
        break;
      case 7:
        value = -kInfinity;
        break;
      case 8:
        value = with_nan ? std::numeric_limits<float>::quiet_NaN() : 3.0f;
        break;
      case 9:
        value = std::numeric_limits<float>::max();
        break;
      case 10:
        value = -random.Next() * 1e30f;
        break;
      case 11:
        value = random.Next() * 1e-30f;
        break;
      default:
        value = random.Next() * 8 - 4;
        break;
    }
  }
  return values;
}

inline OutputComparison Compare(const Tensor& output, const Tensor& reference,
                                const CompareOptions& options = {}) {
  ThreadPool pool(1);
  Result<OutputComparison> comparison = CompareTensors(output, reference, options, pool);
  return comparison.ok() ? *comparison : OutputComparison{};
}

}  // namespace assay::test
