#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "ops/infer_context.h"
#include "ops/reference_context.h"
#include "ops/window.h"
#include "tensor/shape.h"

namespace assay {

// A convolution of any spatial rank. Input (batch, channels, spatial...), weights
// (filters, channels / groups, kernel...), output (batch, filters, spatial...), all dense.
struct Convolution {
  int64_t batch = 0;
  int64_t channels = 0;
  int64_t filters = 0;
  int64_t groups = 1;
  std::vector<WindowAxis> axes;

  int64_t channels_per_group() const { return channels / groups; }
  int64_t filters_per_group() const { return filters / groups; }
  int64_t kernel_count() const { return WindowWalk(axes).kernel_count(); }
  int64_t input_count() const { return WindowWalk(axes).input_count(); }
  int64_t output_count() const { return WindowWalk(axes).output_count(); }
  Shape OutputShape() const;
};

// Reads the attributes of a node with an input of shape x and weights of shape w. Errors:
// kInvalidInput for ranks, channels, groups or windows that do not fit together.
Result<Convolution> ResolveConvolution(const OpContext& context, const Shape& x, const Shape& w);

// Sets output 0 to the shape of the convolution of input `x` with the weights in input `w`.
Status InferConvolution(InferContext& context, int x, int w, DType dtype);

// The convolution in float64: as a matrix product whose right-hand side is made from the input on
// the way (see Gemm), or tap by tap where a group has too few filters for that. Padding counts as
// zeros that are multiplied, so a non-finite weight over padding gives NaN. The bits do not depend
// on the number of threads.
void Convolve(const Convolution& convolution, const double* input, const double* weights,
              double* output, ThreadPool& threads);

// The definition, sum by sum. Beside Convolve for its tests.
void NaiveConvolve(const Convolution& convolution, const double* input, const double* weights,
                   double* output);

// Checks that input `index`, if it is there, is a vector of one bias per filter.
Status CheckFilterBias(const ReferenceContext& context, int index, int64_t filters);
// Adds bias[filter] to every element of that filter's planes.
void AddFilterBias(std::span<const double> bias, int64_t batch, int64_t plane,
                   std::span<double> output, ThreadPool& threads);

}  // namespace assay
