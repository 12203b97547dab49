#pragma once

#include <cstdint>
#include <vector>

#include "ops/reference_context.h"

namespace assay {

// RotaryEmbedding of ONNX with caches (positions, turned / 2), as operators of ONNX Runtime use it.
struct Rotation {
  const Tensor* input = nullptr;  // (batch, length, heads * depth) or (batch, heads, length, depth)
  const Tensor* cosines = nullptr;
  const Tensor* sines = nullptr;
  const Tensor* positions = nullptr;  // int64 (batch, length)
  int64_t heads = 0;                  // of an input of rank 3
  int64_t turned = 0;                 // leading elements of a head that are rotated; 0: all
  bool interleaved = false;
};
Result<Tensor> Rotate(const ReferenceContext& context, const Rotation& rotation);

// (batch, length) of first, first + 1, ...
Tensor PositionsFrom(int64_t first, int64_t batch, int64_t length);

}  // namespace assay
