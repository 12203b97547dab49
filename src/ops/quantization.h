#pragma once

#include <cstdint>
#include <vector>

#include "ops/infer_context.h"
#include "ops/reference_context.h"

namespace assay {

// Which scale (and zero point) belongs to which element: one for all, one for every index of an
// axis, or one for every block of an axis.
class ScaleGrid {
 public:
  // The granularity that the shape of the scale asks for: one element; rank 1 with one per index of
  // `axis`; or, with a block size, the shape of x with the axis divided into blocks. For x of rank
  // 1 the axis is ignored. Errors: kInvalidInput.
  static Result<ScaleGrid> Create(const Shape& x, const Shape& scale, int64_t axis,
                                  int64_t block_size);

  // Flat index of the scale for flat index i of x.
  int64_t ScaleOf(int64_t i) const {
    const int64_t index = i / inner_ % extent_ / block_;
    return blocked_ ? (i / (inner_ * extent_) * blocks_ + index) * inner_ + i % inner_ : index;
  }

 private:
  int64_t inner_ = 1;   // elements between neighbours along the axis
  int64_t extent_ = 1;  // of the axis
  int64_t block_ = 1;   // indices of the axis that share a scale
  int64_t blocks_ = 1;
  bool blocked_ = false;
};

// The grid of QuantizeLinear and DequantizeLinear nodes: inputs 0 (x) and 1 (scale); checks that a
// zero point (input 2) has the shape of the scale.
Result<ScaleGrid> ScaleGridOf(const ReferenceContext& context);

// Scales (input 1), and zero points (input 2, all 0 where left out).
std::vector<double> ScalesOf(const ReferenceContext& context);
std::vector<double> ZeroPointsOf(const ReferenceContext& context);

// An input of any numeric type as doubles.
Result<Tensor> AsDoubles(const Tensor& tensor);

// x / scale as quantisation rounds it to whole steps. The standard has the type of the scale decide
// the precision of the division: in float32 the quotient is rounded to that type, in either truth,
// so that ties are those of a runtime. Other types change nothing; 16 bits cannot hold the steps.
double StepsOf(double x, double scale, DType precision);

// The element type that the attribute `output_dtype` asks for, or `otherwise`.
DType RequestedOutputType(const OpContext& context, int since, DType otherwise);

}  // namespace assay
