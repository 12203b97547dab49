#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ops/infer_context.h"
#include "ops/reference_context.h"
#include "tensor/tensor.h"

namespace assay {

// Movement of elements of any type without looking at them. Types under one byte are widened to one
// byte per element while they move; use ElementBuffer for that.
class ElementBuffer {
 public:
  // The elements of a tensor, ready to be copied from.
  explicit ElementBuffer(const Tensor& tensor);
  // Room for the elements of a tensor of this type and shape, to be copied into.
  ElementBuffer(DType dtype, Shape shape);

  // Copies `count` consecutive elements.
  void Copy(int64_t to, const ElementBuffer& source, int64_t from, int64_t count);
  // Copies `count` elements from `from`, `from + step`, ...
  void CopyStrided(int64_t to, const ElementBuffer& source, int64_t from, int64_t step,
                   int64_t count);
  // Sets `count` consecutive elements to zero (false, empty string).
  void Clear(int64_t to, int64_t count);

  // The tensor; packs types under one byte again.
  Tensor Finish() const;
  const Shape& shape() const { return tensor_.shape(); }

 private:
  DType dtype_;
  Tensor tensor_;
  size_t element_bytes_ = 0;
};

// Output of shape `shape` whose element at index (i0, i1, ...) is the input's at flat position
// offset + sum(i_k * strides[k]). Strides may be zero (repeat) or negative (reverse).
Tensor CopyStridedView(const Tensor& input, Shape shape, int64_t offset,
                       const std::vector<int64_t>& strides, ThreadPool& threads);

// Sorted, de-duplicated axes in [0, rank); an error names the attribute or input they came from.
Result<std::vector<int>> NormalizeAxes(const std::vector<int64_t>& axes, int rank);

// One axis in [0, rank), or an error.
Result<int> CheckedAxis(int64_t axis, int rank);

// The first differing way in which a count of elements does not fit, for reshaping operators.
Status ElementCountMismatch(const Shape& from, const Shape& to);

// The axes of Squeeze and Unsqueeze: attribute before opset 13, input 1 since.
struct AxesArgument {
  bool given = false;  // the model gives axes
  bool known = false;  // they are known during inference
  std::vector<int64_t> axes;
};
AxesArgument InferAxes(const InferContext& context);
AxesArgument ReferenceAxes(const ReferenceContext& context);

// Copies contents of a shape tensor from input 0 to output 0 where its rank stays at most 1.
void ForwardContents(InferContext& context);

}  // namespace assay
