#pragma once

#include <cstdint>

#include "base/thread_pool.h"
#include "ops/arithmetic.h"

namespace assay {

// result = left * right of integers, wrapping around; element (i, k) of the left matrix lies at
// left[i * left_row + k * left_column], likewise for the right one; the result is dense.
template <typename T>
struct IntegerProduct {
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t depth = 0;
  const T* left = nullptr;
  int64_t left_row = 0;
  int64_t left_column = 1;
  const T* right = nullptr;
  int64_t right_row = 0;
  int64_t right_column = 1;
  T* result = nullptr;

  void Run(ThreadPool& threads) const {
    threads.ParallelFor(rows, 1, [this](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) RunRow(i);
    });
  }

 private:
  void RunRow(int64_t i) const {
    T* out = result + i * columns;
    for (int64_t j = 0; j < columns; ++j) out[j] = 0;
    for (int64_t k = 0; k < depth; ++k) {
      const T a = left[i * left_row + k * left_column];
      const T* row = right + k * right_row;
      for (int64_t j = 0; j < columns; ++j) {
        out[j] = WrappingAdd(out[j], WrappingMultiply(a, row[j * right_column]));
      }
    }
  }
};

}  // namespace assay
