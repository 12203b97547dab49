#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string_view>
#include <vector>

#include "ops/op_def.h"
#include "tensor/tensor.h"

namespace assay::naive {

// For tests: operators written down once more, straight from their formulas, on arrays that are
// read by index. Slow, and nothing here is shared with the reference.

using Index = std::vector<int64_t>;

// All indices of an array of this shape in row-major order; one empty index for rank 0.
std::vector<Index> IndicesOf(const Index& shape);

struct Array {
  Index shape;
  std::vector<double> values;

  static Array Zeros(Index shape);
  int64_t Offset(const Index& at) const;
  bool Has(const Index& at) const;
  double operator[](const Index& at) const { return values[static_cast<size_t>(Offset(at))]; }
  double& operator[](const Index& at) { return values[static_cast<size_t>(Offset(at))]; }

  Tensor AsTensor(DType dtype = DType::kFloat64) const;
};

// Random shapes, attributes and values.
class Draw {
 public:
  explicit Draw(uint64_t seed) : engine_(seed) {}

  // In [low, high].
  int64_t Int(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low + 1));
  }
  bool Coin() { return Int(0, 1) == 1; }
  Index Ints(size_t count, int64_t low, int64_t high);
  template <typename T>
  T OneOf(const std::vector<T>& choices) {
    return choices[static_cast<size_t>(Int(0, static_cast<int64_t>(choices.size()) - 1))];
  }
  // Multiples of 1/8 in [-4, 4], so that equal values are met.
  Array Values(Index shape);

 private:
  std::mt19937_64 engine_;
};

// One random problem: what goes into the operator, and what comes out.
struct Problem {
  OpCase op_case;  // without `expected`
  std::vector<Array> expected;
};

// Runs the operator in the reference on `count` problems and expects what they say.
void ExpectReferenceAgrees(std::string_view op, const std::function<Problem(Draw&)>& draw,
                           int count = 300);

}  // namespace assay::naive
