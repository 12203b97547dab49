#include "compare/shape_alignment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>

namespace assay {
namespace {

// For every axis of `to`, the axis of `from` that it takes its extent from; nullopt if the extents
// differ by more than their order.
std::optional<std::vector<int>> FindPermutation(const Shape& from, const Shape& to) {
  std::vector<int> free(static_cast<size_t>(from.rank()));
  std::iota(free.begin(), free.end(), 0);
  std::vector<int> permutation;
  for (const int64_t extent : to) {
    const auto axis = std::find_if(free.begin(), free.end(),
                                   [&](int candidate) { return from[candidate] == extent; });
    if (axis == free.end()) return std::nullopt;
    permutation.push_back(*axis);
    free.erase(axis);
  }
  return free.empty() ? std::optional(permutation) : std::nullopt;
}

size_t ElementBytes(DType dtype) { return static_cast<size_t>(DTypeBits(dtype)) / 8; }

// Output element at `index` is the input element whose coordinates are the permuted ones.
Result<Tensor> Permute(const Tensor& tensor, const std::vector<int>& permutation,
                       const Shape& shape) {
  ASSAY_ASSIGN_OR_RETURN(Tensor out, Tensor::TryAllocate(tensor.dtype(), shape));
  const std::vector<int64_t> strides = tensor.shape().Strides();
  const size_t bytes = ElementBytes(tensor.dtype());
  const auto* source = tensor.bytes().data();
  auto* target = static_cast<std::byte*>(out.mutable_raw());
  std::vector<int64_t> coordinate(static_cast<size_t>(shape.rank()));
  int64_t from = 0;
  for (int64_t i = 0; i < out.elements(); ++i) {
    std::memcpy(target + static_cast<size_t>(i) * bytes, source + static_cast<size_t>(from) * bytes,
                bytes);
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      const auto a = static_cast<size_t>(axis);
      const int64_t stride = strides[static_cast<size_t>(permutation[a])];
      from += stride;
      if (++coordinate[a] < shape[axis]) break;
      from -= stride * shape[axis];
      coordinate[a] = 0;
    }
  }
  return out;
}

void TryReshape(const Shape& shape, AlignedTensor* aligned) {
  const Shape before = aligned->tensor.shape();
  if (before == shape) return;
  if (shape.CheckedElements() != before.CheckedElements()) {
    aligned->warnings.push_back(
        fmt::format("Could not reshape array from shape: {} to {}. Skipping reshape.",
                    before.ToString(), shape.ToString()));
    return;
  }
  aligned->tensor = aligned->tensor.Reshaped(shape);
  aligned->notes.push_back(
      fmt::format("Reshaped array from shape: {} to: {}", before.ToString(), shape.ToString()));
}

void TryPermute(const Shape& shape, AlignedTensor* aligned) {
  const Shape before = aligned->tensor.shape();
  if (before == shape || DTypeBits(aligned->tensor.dtype()) < 8) return;
  const std::optional<std::vector<int>> permutation = FindPermutation(before, shape);
  if (!permutation) return;
  Result<Tensor> permuted = Permute(aligned->tensor, *permutation, shape);
  if (!permuted.ok()) {
    aligned->warnings.push_back(permuted.status().message());
    return;
  }
  aligned->tensor = std::move(permuted).value();
  aligned->notes.push_back(fmt::format("Permuted array of shape: {} to: {} using permutation [{}]",
                                       before.ToString(), shape.ToString(),
                                       fmt::join(*permutation, ", ")));
}

}  // namespace

AlignedTensor AlignToShape(const Tensor& tensor, const Shape& shape) {
  AlignedTensor aligned;
  aligned.tensor = tensor;
  if (tensor.shape().rank() != shape.rank()) {
    TryReshape(shape, &aligned);
  } else {
    TryPermute(shape, &aligned);
  }
  // Polygraphy tries once more, and warns once more.
  TryReshape(shape, &aligned);
  aligned.fits = aligned.tensor.shape() == shape;
  return aligned;
}

}  // namespace assay
