#pragma once

#include <vector>

#include "ops/op_def.h"

namespace assay {

// Building blocks of the examples of tactics.

// Numbers that repeat after a few thousand elements, evenly spread over [low, high].
Tensor Spread(const Shape& shape, float low, float high, int seed = 0);
// Random numbers in [-0.5, 0.5).
Tensor Noise(Shape shape, uint32_t seed);

// A convolution with a bias; lists as in the attributes of Conv.
struct ConvolutionForm {
  const char* name;
  Shape input;
  Shape filters;
  int64_t groups;
  std::vector<int64_t> strides;
  std::vector<int64_t> dilations;
  std::vector<int64_t> pads;
};
// With Noise from seed + 1 on.
void AddConvolutions(const std::vector<ConvolutionForm>& forms, uint32_t seed,
                     std::vector<OpCase>& cases);

// One input of shapes that end inside vectors and are cut into pieces, with values in [-9, 9] and a
// few special ones.
void AddUnaryShapes(std::vector<OpCase>& cases);
// Two inputs, the first of the shape of the output: equal, scalar, per channel, per feature, one
// for each channel or each place of an image.
void AddSecondBroadcast(std::vector<OpCase>& cases);
// Two inputs that are both or in the first place broadcast.
void AddFirstBroadcast(std::vector<OpCase>& cases);

}  // namespace assay
