#include "compare/argmax_agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "compare/element_order.h"

namespace assay {
namespace {

int64_t FirstArgmax(const Tensor& tensor, const AxisRows& rows, int64_t row) {
  int64_t best = 0;
  int64_t best_order = ElementOrder(tensor, rows.first(row));
  for (int64_t i = 1; i < rows.length && best_order != kNanOrder; ++i) {
    const int64_t order = ElementOrder(tensor, rows.first(row) + i * rows.stride);
    if (order == kNanOrder || order > best_order) {
      best = i;
      best_order = order;
    }
  }
  return best;
}

}  // namespace

Result<ArgmaxAgreement> CompareArgmax(const Tensor& output, const Tensor& reference, int64_t axis,
                                      ThreadPool& pool) {
  ASSAY_RETURN_IF_ERROR(CheckOrdered(output.dtype()));
  ASSAY_RETURN_IF_ERROR(CheckOrdered(reference.dtype()));
  if (output.shape() != reference.shape()) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("argmax agreement: expected tensors of one shape, got {} and {}",
                              output.shape().ToString(), reference.shape().ToString()));
  }
  ASSAY_ASSIGN_OR_RETURN(const AxisRows rows, RowsAlongAxis(output.shape(), axis));
  ArgmaxAgreement agreement;
  agreement.rows = rows.rows;
  if (rows.length == 0) return agreement;

  constexpr int64_t kElementsPerTask = 1 << 16;
  std::mutex mutex;
  pool.ParallelFor(rows.rows, std::max<int64_t>(1, kElementsPerTask / rows.length),
                   [&](int64_t begin, int64_t end) {
                     int64_t flips = 0;
                     int64_t first_flip = -1;
                     double max_gap = 0;
                     for (int64_t row = begin; row < end; ++row) {
                       const int64_t chosen = FirstArgmax(output, rows, row);
                       const int64_t expected = FirstArgmax(reference, rows, row);
                       if (chosen == expected) continue;
                       if (flips++ == 0) first_flip = row;
                       const double gap =
                           reference.ValueAsDouble(rows.first(row) + expected * rows.stride) -
                           reference.ValueAsDouble(rows.first(row) + chosen * rows.stride);
                       if (gap > max_gap) max_gap = gap;
                     }
                     if (flips == 0) return;
                     const std::lock_guard lock(mutex);
                     agreement.flips += flips;
                     agreement.max_gap = std::max(agreement.max_gap, max_gap);
                     if (agreement.first_flip < 0 || first_flip < agreement.first_flip) {
                       agreement.first_flip = first_flip;
                     }
                   });
  return agreement;
}

}  // namespace assay
