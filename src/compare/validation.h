#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "compare/statistics.h"
#include "tensor/tensor.h"

namespace assay {

// What --validate finds in one tensor. As in Polygraphy a NaN counts as non-finite too.
struct Validation {
  int64_t nan_count = 0;
  int64_t non_finite_count = 0;
  int64_t first_nan = -1;  // flat index
  int64_t first_non_finite = -1;
  bool valid() const { return non_finite_count == 0; }
};

// Integers, bool, strings and complex types without NaN are valid; complex numbers are checked by
// part.
Validation ValidateTensor(const Tensor& tensor, ThreadPool& pool);

}  // namespace assay
