#include <limits>
#include <numeric>
#include <string>

#include "ops/op_def.h"

namespace assay {

void ResizeCases(std::vector<OpCase>& cases);

namespace {

using Ints = std::vector<int64_t>;
using Text = std::string;

// first, first + 1, ...
Tensor Ramp(Shape shape, float first) {
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  std::iota(values.begin(), values.end(), first);
  return Tensor::Of<float>(std::move(shape), values);
}

// Expected values of the next three groups: the examples that the ONNX standard gives.
void AddShrinkingCases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "downsample_scales_cubic",
       .attributes = {{"mode", Text("cubic")}},
       .inputs = {Ramp({1, 1, 4, 4}, 1), std::nullopt, Tensor::Of<float>({4}, {1, 1, 0.8F, 0.8F})},
       .expected = {
           Tensor::Of<float>({1, 1, 3, 3}, {1.4711914F, 2.78125F, 4.0825195F, 6.711426F, 8.021484F,
                                            9.322754F, 11.916504F, 13.2265625F, 14.527832F})}});
  cases.push_back(
      {.name = "downsample_scales_cubic_A_n0p5_exclude_outside",
       .attributes = {{"cubic_coeff_a", -0.5F},
                      {"exclude_outside", int64_t{1}},
                      {"mode", Text("cubic")}},
       .inputs = {Ramp({1, 1, 4, 4}, 1), std::nullopt, Tensor::Of<float>({4}, {1, 1, 0.8F, 0.8F})},
       .expected = {
           Tensor::Of<float>({1, 1, 3, 3}, {1.3681267F, 2.6695013F, 4.0133367F, 6.573625F, 7.875F,
                                            9.218835F, 11.948966F, 13.250341F, 14.594176F})}});
  cases.push_back(
      {.name = "downsample_scales_cubic_antialias",
       .attributes = {{"antialias", int64_t{1}}, {"mode", Text("cubic")}},
       .inputs = {Ramp({1, 1, 4, 4}, 1), std::nullopt, Tensor::Of<float>({4}, {1, 1, 0.6F, 0.6F})},
       .expected = {
           Tensor::Of<float>({1, 1, 2, 2}, {2.5180721F, 4.2858863F, 9.589329F, 11.357142F})}});
  cases.push_back({.name = "downsample_scales_linear",
                   .attributes = {{"mode", Text("linear")}},
                   .inputs = {Tensor::Of<float>({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}),
                              std::nullopt, Tensor::Of<float>({4}, {1, 1, 0.6F, 0.6F})},
                   .expected = {Tensor::Of<float>({1, 1, 1, 2}, {2.6666665F, 4.333333F})}});
  cases.push_back(
      {.name = "downsample_scales_linear_antialias",
       .attributes = {{"antialias", int64_t{1}}, {"mode", Text("linear")}},
       .inputs = {Ramp({1, 1, 4, 4}, 1), std::nullopt, Tensor::Of<float>({4}, {1, 1, 0.6F, 0.6F})},
       .expected = {Tensor::Of<float>({1, 1, 2, 2}, {2.875F, 4.5F, 9.375F, 11})}});
  cases.push_back({.name = "downsample_scales_linear_half_pixel_symmetric",
                   .attributes = {{"coordinate_transformation_mode", Text("half_pixel_symmetric")},
                                  {"mode", Text("linear")}},
                   .inputs = {Tensor::Of<float>({1, 1, 1, 4}, {1, 2, 3, 4}), std::nullopt,
                              Tensor::Of<float>({4}, {1, 1, 1, 0.6F})},
                   .expected = {Tensor::Of<float>({1, 1, 1, 2}, {1.6666667F, 3.3333333F})}});
  // Its last output lies at 4, but only if the half is subtracted last.
  cases.push_back({.name = "upsample_scales_nearest_half_pixel_symmetric_floor",
                   .attributes = {{"coordinate_transformation_mode", Text("half_pixel_symmetric")},
                                  {"mode", Text("nearest")},
                                  {"nearest_mode", Text("floor")}},
                   .inputs = {Tensor::Of<float>({5}, {1, 2, 3, 4, 5}), std::nullopt,
                              Tensor::Of<float>({1}, {1.5F})},
                   .expected = {Tensor::Of<float>({7}, {1, 1, 2, 3, 3, 4, 5})}});
  cases.push_back({.name = "downsample_scales_nearest",
                   .attributes = {{"mode", Text("nearest")}},
                   .inputs = {Tensor::Of<float>({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}),
                              std::nullopt, Tensor::Of<float>({4}, {1, 1, 0.6F, 0.6F})},
                   .expected = {Tensor::Of<float>({1, 1, 1, 2}, {1, 3})}});
  cases.push_back({.name = "downsample_sizes_cubic",
                   .attributes = {{"mode", Text("cubic")}},
                   .inputs = {Ramp({1, 1, 4, 4}, 1), std::nullopt, std::nullopt,
                              Tensor::Of<int64_t>({4}, {1, 1, 3, 3})},
                   .expected = {Tensor::Of<float>(
                       {1, 1, 3, 3}, {1.630787F, 3.0046296F, 4.3784723F, 7.1261573F, 8.5F,
                                      9.873842F, 12.621528F, 13.99537F, 15.369213F})}});
  cases.push_back({.name = "downsample_sizes_cubic_antialias",
                   .attributes = {{"antialias", int64_t{1}}, {"mode", Text("cubic")}},
                   .inputs = {Ramp({1, 1, 4, 4}, 1), std::nullopt, std::nullopt,
                              Tensor::Of<int64_t>({4}, {1, 1, 3, 3})},
                   .expected = {Tensor::Of<float>(
                       {1, 1, 3, 3}, {1.7750092F, 3.1200073F, 4.4650054F, 7.1550016F, 8.5F,
                                      9.844998F, 12.534994F, 13.8799925F, 15.224991F})}});
  cases.push_back({.name = "downsample_sizes_linear_antialias",
                   .attributes = {{"antialias", int64_t{1}}, {"mode", Text("linear")}},
                   .inputs = {Ramp({1, 1, 4, 4}, 1), std::nullopt, std::nullopt,
                              Tensor::Of<int64_t>({4}, {1, 1, 3, 3})},
                   .expected = {Tensor::Of<float>(
                       {1, 1, 3, 3}, {2.3636363F, 3.590909F, 4.818182F, 7.2727275F, 8.5F, 9.727273F,
                                      12.181818F, 13.409091F, 14.636364F})}});
  cases.push_back({.name = "downsample_sizes_linear_pytorch_half_pixel",
                   .attributes = {{"coordinate_transformation_mode", Text("pytorch_half_pixel")},
                                  {"mode", Text("linear")}},
                   .inputs = {Ramp({1, 1, 4, 4}, 1), std::nullopt, std::nullopt,
                              Tensor::Of<int64_t>({4}, {1, 1, 3, 1})},
                   .expected = {Tensor::Of<float>({1, 1, 3, 1}, {1.6666666F, 7, 12.333333F})}});
  cases.push_back({.name = "downsample_sizes_nearest",
                   .attributes = {{"mode", Text("nearest")}},
                   .inputs = {Tensor::Of<float>({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}),
                              std::nullopt, std::nullopt, Tensor::Of<int64_t>({4}, {1, 1, 1, 3})},
                   .expected = {Tensor::Of<float>({1, 1, 1, 3}, {1, 2, 4})}});
  cases.push_back({.name = "downsample_sizes_nearest_not_larger",
                   .attributes = {{"axes", Ints{2, 3}},
                                  {"keep_aspect_ratio_policy", Text("not_larger")},
                                  {"mode", Text("nearest")}},
                   .inputs = {Tensor::Of<float>({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}),
                              std::nullopt, std::nullopt, Tensor::Of<int64_t>({2}, {1, 3})},
                   .expected = {Tensor::Of<float>({1, 1, 1, 2}, {1, 3})}});
  cases.push_back({.name = "downsample_sizes_nearest_not_smaller",
                   .attributes = {{"axes", Ints{2, 3}},
                                  {"keep_aspect_ratio_policy", Text("not_smaller")},
                                  {"mode", Text("nearest")}},
                   .inputs = {Tensor::Of<float>({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}),
                              std::nullopt, std::nullopt, Tensor::Of<int64_t>({2}, {1, 3})},
                   .expected = {Tensor::Of<float>({1, 1, 2, 3}, {1, 2, 4, 5, 6, 8})}});
}

void AddEnlargingCases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "upsample_scales_cubic_asymmetric",
       .attributes = {{"coordinate_transformation_mode", Text("asymmetric")},
                      {"mode", Text("cubic")}},
       .inputs = {Ramp({1, 1, 4, 4}, 1), std::nullopt, Tensor::Of<float>({4}, {1, 1, 2, 2})},
       .expected = {Tensor::Of<float>(
           {1, 1, 8, 8},
           {1,       1.40625F,  2,       2.5F,    3,       3.59375F,  4,       4.09375F,
            2.625F,  3.03125F,  3.625F,  4.125F,  4.625F,  5.21875F,  5.625F,  5.71875F,
            5,       5.40625F,  6,       6.5F,    7,       7.59375F,  8,       8.09375F,
            7,       7.40625F,  8,       8.5F,    9,       9.59375F,  10,      10.09375F,
            9,       9.40625F,  10,      10.5F,   11,      11.59375F, 12,      12.09375F,
            11.375F, 11.78125F, 12.375F, 12.875F, 13.375F, 13.96875F, 14.375F, 14.46875F,
            13,      13.40625F, 14,      14.5F,   15,      15.59375F, 16,      16.09375F,
            13.375F, 13.78125F, 14.375F, 14.875F, 15.375F, 15.96875F, 16.375F, 16.46875F})}});
  cases.push_back({.name = "upsample_scales_linear",
                   .attributes = {{"mode", Text("linear")}},
                   .inputs = {Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4}), std::nullopt,
                              Tensor::Of<float>({4}, {1, 1, 2, 2})},
                   .expected = {Tensor::Of<float>(
                       {1, 1, 4, 4}, {1, 1.25F, 1.75F, 2, 1.5F, 1.75F, 2.25F, 2.5F, 2.5F, 2.75F,
                                      3.25F, 3.5F, 3, 3.25F, 3.75F, 4})}});
  cases.push_back(
      {.name = "upsample_scales_linear_align_corners",
       .attributes = {{"coordinate_transformation_mode", Text("align_corners")},
                      {"mode", Text("linear")}},
       .inputs = {Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4}), std::nullopt,
                  Tensor::Of<float>({4}, {1, 1, 2, 2})},
       .expected = {Tensor::Of<float>(
           {1, 1, 4, 4}, {1, 1.3333334F, 1.6666666F, 2, 1.6666666F, 2, 2.3333333F, 2.6666667F,
                          2.3333333F, 2.6666667F, 3, 3.3333333F, 3, 3.3333333F, 3.6666667F, 4})}});
  cases.push_back({.name = "upsample_scales_linear_half_pixel_symmetric",
                   .attributes = {{"coordinate_transformation_mode", Text("half_pixel_symmetric")},
                                  {"mode", Text("linear")}},
                   .inputs = {Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4}), std::nullopt,
                              Tensor::Of<float>({4}, {1, 1, 2.3F, 2.94F})},
                   .expected = {Tensor::Of<float>(
                       {1, 1, 4, 5}, {1,          1.159864F,  1.5F,       1.840136F,  2,
                                      1.5652174F, 1.7250813F, 2.0652175F, 2.4053535F, 2.5652175F,
                                      2.4347825F, 2.5946465F, 2.9347825F, 3.2749186F, 3.4347825F,
                                      3,          3.159864F,  3.5F,       3.840136F,  4})}});
  cases.push_back(
      {.name = "upsample_scales_nearest",
       .attributes = {{"mode", Text("nearest")}},
       .inputs = {Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4}), std::nullopt,
                  Tensor::Of<float>({4}, {1, 1, 2, 3})},
       .expected = {Tensor::Of<float>({1, 1, 4, 6}, {1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2,
                                                     3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4})}});
  cases.push_back(
      {.name = "upsample_scales_nearest_axes_2_3",
       .attributes = {{"axes", Ints{2, 3}}, {"mode", Text("nearest")}},
       .inputs = {Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4}), std::nullopt,
                  Tensor::Of<float>({2}, {2, 3})},
       .expected = {Tensor::Of<float>({1, 1, 4, 6}, {1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2,
                                                     3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4})}});
  cases.push_back(
      {.name = "upsample_scales_nearest_axes_3_2",
       .attributes = {{"axes", Ints{3, 2}}, {"mode", Text("nearest")}},
       .inputs = {Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4}), std::nullopt,
                  Tensor::Of<float>({2}, {3, 2})},
       .expected = {Tensor::Of<float>({1, 1, 4, 6}, {1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2,
                                                     3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4})}});
  cases.push_back({.name = "upsample_sizes_nearest",
                   .attributes = {{"mode", Text("nearest")}},
                   .inputs = {Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4}), std::nullopt,
                              std::nullopt, Tensor::Of<int64_t>({4}, {1, 1, 7, 8})},
                   .expected = {Tensor::Of<float>(
                       {1, 1, 7, 8}, {1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1,
                                      1, 2, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4,
                                      4, 4, 3, 3, 3, 3, 4, 4, 4, 4, 3, 3, 3, 3, 4, 4, 4, 4})}});
  cases.push_back({.name = "upsample_sizes_nearest_axes_2_3",
                   .attributes = {{"axes", Ints{2, 3}}, {"mode", Text("nearest")}},
                   .inputs = {Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4}), std::nullopt,
                              std::nullopt, Tensor::Of<int64_t>({2}, {7, 8})},
                   .expected = {Tensor::Of<float>(
                       {1, 1, 7, 8}, {1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1,
                                      1, 2, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4,
                                      4, 4, 3, 3, 3, 3, 4, 4, 4, 4, 3, 3, 3, 3, 4, 4, 4, 4})}});
  cases.push_back({.name = "upsample_sizes_nearest_axes_3_2",
                   .attributes = {{"axes", Ints{3, 2}}, {"mode", Text("nearest")}},
                   .inputs = {Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4}), std::nullopt,
                              std::nullopt, Tensor::Of<int64_t>({2}, {8, 7})},
                   .expected = {Tensor::Of<float>(
                       {1, 1, 7, 8}, {1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1,
                                      1, 2, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4,
                                      4, 4, 3, 3, 3, 3, 4, 4, 4, 4, 3, 3, 3, 3, 4, 4, 4, 4})}});
  cases.push_back(
      {.name = "upsample_sizes_nearest_ceil_half_pixel",
       .attributes = {{"coordinate_transformation_mode", Text("half_pixel")},
                      {"mode", Text("nearest")},
                      {"nearest_mode", Text("ceil")}},
       .inputs = {Ramp({1, 1, 4, 4}, 1), std::nullopt, std::nullopt,
                  Tensor::Of<int64_t>({4}, {1, 1, 8, 8})},
       .expected = {Tensor::Of<float>(
           {1, 1, 8, 8},
           {1,  2,  2,  3,  3,  4,  4,  4,  5,  6,  6,  7,  7,  8,  8,  8,  5,  6,  6,  7,  7,  8,
            8,  8,  9,  10, 10, 11, 11, 12, 12, 12, 9,  10, 10, 11, 11, 12, 12, 12, 13, 14, 14, 15,
            15, 16, 16, 16, 13, 14, 14, 15, 15, 16, 16, 16, 13, 14, 14, 15, 15, 16, 16, 16})}});
  cases.push_back(
      {.name = "upsample_sizes_nearest_floor_align_corners",
       .attributes = {{"coordinate_transformation_mode", Text("align_corners")},
                      {"mode", Text("nearest")},
                      {"nearest_mode", Text("floor")}},
       .inputs = {Ramp({1, 1, 4, 4}, 1), std::nullopt, std::nullopt,
                  Tensor::Of<int64_t>({4}, {1, 1, 8, 8})},
       .expected = {Tensor::Of<float>(
           {1, 1, 8, 8},
           {1,  1,  1,  2,  2, 3, 3, 4,  1,  1,  1,  2,  2,  3,  3,  4,  1,  1,  1,  2, 2, 3,
            3,  4,  5,  5,  5, 6, 6, 7,  7,  8,  5,  5,  5,  6,  6,  7,  7,  8,  9,  9, 9, 10,
            10, 11, 11, 12, 9, 9, 9, 10, 10, 11, 11, 12, 13, 13, 13, 14, 14, 15, 15, 16})}});
  cases.push_back({.name = "upsample_sizes_nearest_not_larger",
                   .attributes = {{"axes", Ints{2, 3}},
                                  {"keep_aspect_ratio_policy", Text("not_larger")},
                                  {"mode", Text("nearest")}},
                   .inputs = {Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4}), std::nullopt,
                              std::nullopt, Tensor::Of<int64_t>({2}, {7, 8})},
                   .expected = {Tensor::Of<float>(
                       {1, 1, 7, 7},
                       {1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1,
                        2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 3, 3, 3, 3, 4, 4, 4, 3, 3, 3, 3, 4, 4, 4})}});
  cases.push_back(
      {.name = "upsample_sizes_nearest_not_smaller",
       .attributes = {{"axes", Ints{2, 3}},
                      {"keep_aspect_ratio_policy", Text("not_smaller")},
                      {"mode", Text("nearest")}},
       .inputs = {Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4}), std::nullopt, std::nullopt,
                  Tensor::Of<int64_t>({2}, {7, 8})},
       .expected = {Tensor::Of<float>(
           {1, 1, 8, 8}, {1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1, 2, 2,
                          2, 2, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 3, 3, 3, 3,
                          4, 4, 4, 4, 3, 3, 3, 3, 4, 4, 4, 4, 3, 3, 3, 3, 4, 4, 4, 4})}});
  cases.push_back(
      {.name = "upsample_sizes_nearest_round_prefer_ceil_asymmetric",
       .attributes = {{"coordinate_transformation_mode", Text("asymmetric")},
                      {"mode", Text("nearest")},
                      {"nearest_mode", Text("round_prefer_ceil")}},
       .inputs = {Ramp({1, 1, 4, 4}, 1), std::nullopt, std::nullopt,
                  Tensor::Of<int64_t>({4}, {1, 1, 8, 8})},
       .expected = {Tensor::Of<float>(
           {1, 1, 8, 8},
           {1,  2,  2,  3,  3,  4,  4,  4,  5,  6,  6,  7,  7,  8,  8,  8,  5,  6,  6,  7,  7,  8,
            8,  8,  9,  10, 10, 11, 11, 12, 12, 12, 9,  10, 10, 11, 11, 12, 12, 12, 13, 14, 14, 15,
            15, 16, 16, 16, 13, 14, 14, 15, 15, 16, 16, 16, 13, 14, 14, 15, 15, 16, 16, 16})}});
}

void AddCroppingCases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "tf_crop_and_resize",
                   .attributes = {{"coordinate_transformation_mode", Text("tf_crop_and_resize")},
                                  {"mode", Text("linear")}},
                   .inputs = {Ramp({1, 1, 4, 4}, 1),
                              Tensor::Of<float>({8}, {0, 0, 0.4F, 0.6F, 1, 1, 0.6F, 0.8F}),
                              std::nullopt, Tensor::Of<int64_t>({4}, {1, 1, 3, 3})},
                   .expected = {Tensor::Of<float>({1, 1, 3, 3}, {7.6000004F, 7.9F, 8.2F, 8.8F, 9.1F,
                                                                 9.400001F, 10, 10.3F, 10.6F})}});
  cases.push_back(
      {.name = "tf_crop_and_resize_axes_2_3",
       .attributes = {{"axes", Ints{2, 3}},
                      {"coordinate_transformation_mode", Text("tf_crop_and_resize")},
                      {"mode", Text("linear")}},
       .inputs = {Ramp({1, 1, 4, 4}, 1), Tensor::Of<float>({4}, {0.4F, 0.6F, 0.6F, 0.8F}),
                  std::nullopt, Tensor::Of<int64_t>({2}, {3, 3})},
       .expected = {Tensor::Of<float>(
           {1, 1, 3, 3}, {7.6000004F, 7.9F, 8.2F, 8.8F, 9.1F, 9.400001F, 10, 10.3F, 10.6F})}});
  cases.push_back(
      {.name = "tf_crop_and_resize_axes_3_2",
       .attributes = {{"axes", Ints{3, 2}},
                      {"coordinate_transformation_mode", Text("tf_crop_and_resize")},
                      {"mode", Text("linear")}},
       .inputs = {Ramp({1, 1, 4, 4}, 1), Tensor::Of<float>({4}, {0.6F, 0.4F, 0.8F, 0.6F}),
                  std::nullopt, Tensor::Of<int64_t>({2}, {3, 3})},
       .expected = {Tensor::Of<float>(
           {1, 1, 3, 3}, {7.6000004F, 7.9F, 8.2F, 8.8F, 9.1F, 9.400001F, 10, 10.3F, 10.6F})}});
  cases.push_back({.name = "tf_crop_and_resize_extrapolation_value",
                   .attributes = {{"coordinate_transformation_mode", Text("tf_crop_and_resize")},
                                  {"extrapolation_value", 10.0F},
                                  {"mode", Text("linear")}},
                   .inputs = {Ramp({1, 1, 4, 4}, 1),
                              Tensor::Of<float>({8}, {0, 0, 0.4F, 0.6F, 1, 1, 1.2F, 1.7F}),
                              std::nullopt, Tensor::Of<int64_t>({4}, {1, 1, 3, 3})},
                   .expected = {Tensor::Of<float>(
                       {1, 1, 3, 3}, {7.6000004F, 10, 10, 12.400001F, 10, 10, 10, 10, 10})}});
}

void AddOlderOpsetCases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "opset10_enlarges_with_the_left_neighbour",
                   .opset = 10,
                   .inputs = {Tensor::Of<float>({1, 2}, {1, 2}), Tensor::Vector<float>({1, 3})},
                   .expected = {Tensor::Of<float>({1, 6}, {1, 1, 1, 2, 2, 2})}});
  cases.push_back({.name = "opset10_shrinks_with_the_right_neighbour",
                   .opset = 10,
                   .inputs = {Ramp({1, 1, 2, 4}, 1), Tensor::Vector<float>({1, 1, 0.6F, 0.6F})},
                   .expected = {Tensor::Of<float>({1, 1, 1, 2}, {1, 3})}});
  cases.push_back({.name = "opset10_linear",
                   .opset = 10,
                   .attributes = {{"mode", Text("linear")}},
                   .inputs = {Tensor::Of<float>({2}, {1, 3}), Tensor::Vector<float>({2})},
                   .expected = {Tensor::Of<float>({4}, {1, 2, 3, 3})}});
  cases.push_back({.name = "opset11_empty_scales_and_tf_half_pixel_for_nn",
                   .opset = 11,
                   .attributes = {{"coordinate_transformation_mode", Text("tf_half_pixel_for_nn")},
                                  {"nearest_mode", Text("floor")}},
                   .inputs = {Tensor::Of<float>({4}, {1, 2, 3, 4}), Tensor::Of<float>({0}, {}),
                              Tensor::Of<float>({0}, {}), Tensor::Vector<int64_t>({2})},
                   .expected = {Tensor::Of<float>({2}, {2, 4})}});
}

// Corners lie on corners although the scale times the extent is no whole number.
void AddAlignedCornerCases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "scales_linear_align_corners",
       .attributes = {{"coordinate_transformation_mode", Text("align_corners")},
                      {"mode", Text("linear")}},
       .inputs = {Ramp({1, 1, 2, 4}, 1), std::nullopt, Tensor::Of<float>({4}, {1, 1, 0.6F, 0.6F})},
       .expected = {Tensor::Of<float>({1, 1, 1, 2}, {1, 4})}});
  cases.push_back(
      {.name = "scales_cubic_align_corners",
       .attributes = {{"coordinate_transformation_mode", Text("align_corners")},
                      {"mode", Text("cubic")}},
       .inputs = {Ramp({1, 1, 4, 4}, 1), std::nullopt, Tensor::Of<float>({4}, {1, 1, 0.8F, 0.8F})},
       .expected = {Tensor::Of<float>({1, 1, 3, 3}, {1, 2.5F, 4, 7, 8.5F, 10, 13, 14.5F, 16})}});
}

void AddEdgeCases(std::vector<OpCase>& cases) {
  const double inf = std::numeric_limits<double>::infinity();
  cases.push_back(
      {.name = "half_pixel_ties_go_down",
       .attributes = {{"nearest_mode", Text("round_prefer_floor")}},
       .inputs = {Ramp({4}, 0), std::nullopt, std::nullopt, Tensor::Vector<int64_t>({2})},
       .expected = {Tensor::Of<float>({2}, {0, 2})}});
  cases.push_back(
      {.name = "half_pixel_ties_go_up",
       .attributes = {{"nearest_mode", Text("round_prefer_ceil")}},
       .inputs = {Ramp({4}, 0), std::nullopt, std::nullopt, Tensor::Vector<int64_t>({2})},
       .expected = {Tensor::Of<float>({2}, {1, 3})}});
  cases.push_back({.name = "nearest_of_strings",
                   .attributes = {{"coordinate_transformation_mode", Text("asymmetric")},
                                  {"nearest_mode", Text("floor")}},
                   .inputs = {Tensor::Of<std::string>({2, 1}, {"a", "b"}), std::nullopt,
                              Tensor::Vector<float>({2, 1})},
                   .expected = {Tensor::Of<std::string>({4, 1}, {"a", "a", "b", "b"})}});
  cases.push_back({.name = "integers_round_to_nearest_even_and_saturate",
                   .attributes = {{"mode", Text("cubic")},
                                  {"coordinate_transformation_mode", Text("asymmetric")}},
                   .inputs = {Tensor::Of<uint8_t>({4}, {0, 255, 255, 0}), std::nullopt,
                              Tensor::Vector<float>({2})},
                   // The cubic weights at one half are -3/32, 19/32, 19/32, -3/32.
                   .expected = {Tensor::Of<uint8_t>({8}, {0, 128, 255, 255, 255, 128, 0, 0})}});
  cases.push_back({.name = "a_sample_on_a_pixel_ignores_its_neighbours",
                   .attributes = {{"mode", Text("linear")},
                                  {"coordinate_transformation_mode", Text("align_corners")}},
                   .inputs = {Tensor::Of<double>({3}, {1, 2, inf}), std::nullopt, std::nullopt,
                              Tensor::Vector<int64_t>({5})},
                   .expected = {Tensor::Of<double>({5}, {1, 1.5, 2, inf, inf})}});
  cases.push_back({.name = "one_element_under_pytorch_half_pixel",
                   .attributes = {{"mode", Text("linear")},
                                  {"coordinate_transformation_mode", Text("pytorch_half_pixel")}},
                   .inputs = {Tensor::Of<float>({4}, {5, 6, 7, 8}), std::nullopt, std::nullopt,
                              Tensor::Vector<int64_t>({1})},
                   .expected = {Tensor::Of<float>({1}, {5})}});
  cases.push_back({.name = "same_size_changes_nothing",
                   .attributes = {{"mode", Text("cubic")}},
                   .inputs = {Ramp({1, 2, 2, 3}, -3), std::nullopt, std::nullopt,
                              Tensor::Vector<int64_t>({1, 2, 2, 3})},
                   .expected = {Ramp({1, 2, 2, 3}, -3)}});
  cases.push_back(
      {.name = "empty_batch",
       .attributes = {{"mode", Text("linear")}},
       .inputs = {Tensor::Of<float>({0, 2}, {}), std::nullopt, Tensor::Vector<float>({1, 2})},
       .expected = {Tensor::Of<float>({0, 4}, {})}});
}

}  // namespace

void ResizeCases(std::vector<OpCase>& cases) {
  AddShrinkingCases(cases);
  AddEnlargingCases(cases);
  AddCroppingCases(cases);
  AddOlderOpsetCases(cases);
  AddAlignedCornerCases(cases);
  AddEdgeCases(cases);
}

}  // namespace assay
