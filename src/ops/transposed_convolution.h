#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "ops/infer_context.h"
#include "ops/window.h"
#include "tensor/shape.h"

namespace assay {

// The transpose of a convolution (its gradient with respect to the input). Input
// (batch, channels, spatial...), weights (channels, filters / groups, kernel...), output
// (batch, filters, spatial...), all dense.
struct TransposedConvolution {
  int64_t batch = 0;
  int64_t channels = 0;
  int64_t filters = 0;
  int64_t groups = 1;
  // The windows of the convolution that this one transposes: they move over the output here, and
  // there is one for every element of the input.
  std::vector<WindowAxis> axes;

  int64_t channels_per_group() const { return channels / groups; }
  int64_t filters_per_group() const { return filters / groups; }
  int64_t kernel_count() const { return WindowWalk(axes).kernel_count(); }
  int64_t input_count() const { return WindowWalk(axes).output_count(); }
  int64_t output_count() const { return WindowWalk(axes).input_count(); }
  Shape OutputShape() const;
};

// Reads the attributes of a ConvTranspose node with an input of shape x and weights of shape w.
// Errors: kInvalidInput for whatever does not fit together.
Result<TransposedConvolution> ResolveTransposedConvolution(const OpContext& context, const Shape& x,
                                                           const Shape& w);

Status InferTransposedConvolution(InferContext& context);

// In float64: a matrix product gives what every input element adds to its window, in blocks of at
// most `workspace_bytes` (but one filter's plane at least), which are then added up tap by tap. The
// bits depend neither on the number of threads nor on the workspace.
void ConvolveTransposed(const TransposedConvolution& convolution, const double* input,
                        const double* weights, double* output, ThreadPool& threads,
                        int64_t workspace_bytes = int64_t{1} << 26);

// The definition, product by product. Beside ConvolveTransposed for its tests.
void NaiveConvolveTransposed(const TransposedConvolution& convolution, const double* input,
                             const double* weights, double* output);

}  // namespace assay
