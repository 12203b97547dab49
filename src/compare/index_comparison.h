#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "compare/verdict.h"
#include "tensor/tensor.h"

namespace assay {

// An element of the output whose value stands elsewhere in the reference's row.
struct IndexMismatch {
  int64_t row = 0;
  int64_t position = 0;             // in the output's row
  int64_t reference_position = -1;  // first occurrence in the reference's row; -1: not found
  std::string value;                // the index itself, as text
};

struct IndexComparison {
  int64_t index_tolerance = 0;
  int64_t rows = 0;
  int64_t compared = 0;  // elements
  int64_t mismatch_count = 0;
  int64_t max_distance = 0;               // over the values that were found
  std::vector<IndexMismatch> mismatches;  // the first kMaxListed of them
  Verdict verdict = Verdict::kVacuous;
  std::vector<std::string> reasons;
  static constexpr size_t kMaxListed = 1000;
};

// Compares outputs that hold indices (of a top-K, an argmax): every value of a row of the output
// must stand within `index_tolerance` positions of the same value in the reference's row (its first
// occurrence); the last `index_tolerance` positions of a row are not checked. Rows run along the
// last axis. Shapes that differ are a verdict. Errors: kUnsupported for strings and complex types,
// kUsage for a negative tolerance.
Result<IndexComparison> CompareIndices(const Tensor& output, const Tensor& reference,
                                       int64_t index_tolerance);

}  // namespace assay
