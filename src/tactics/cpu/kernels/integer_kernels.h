#pragma once

#include <cstdint>

#include "tactics/cpu/kernels/kernel_set.h"

namespace assay {

enum class IntegerReduction : uint8_t { kSum, kProduct, kSumOfSquares, kMaximum, kMinimum, kCount };
enum class IntegerType : uint8_t { kInt8, kUInt8, kInt32, kUInt32, kInt64, kUInt64, kCount };

// Reductions of integers; sums and products wrap around.
struct IntegerKernels {
  // Combines `count` elements with *value.
  using Row = void (*)(int64_t count, const void* in, void* value);
  // Combines values[i] with in[i].
  using Columns = void (*)(int64_t count, const void* in, void* values);

  Row rows[static_cast<int>(IntegerReduction::kCount)][static_cast<int>(IntegerType::kCount)];
  Columns columns[static_cast<int>(IntegerReduction::kCount)]
                 [static_cast<int>(IntegerType::kCount)];
};

const IntegerKernels& IntegerKernelsOf(Isa isa);

}  // namespace assay
