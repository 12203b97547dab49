#include "tactics/cpu/element_cases.h"

#include <limits>
#include <random>
#include <string>

namespace assay {
namespace {

void Add(std::vector<OpCase>& cases, std::string name, const Shape& a, const Shape& b) {
  cases.push_back({.name = std::move(name), .inputs = {Spread(a, 0.25F, 4), Spread(b, -3, 3, 1)}});
}

}  // namespace

Tensor Spread(const Shape& shape, float low, float high, int seed) {
  constexpr uint32_t kSteps = 4093;
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  uint32_t state = 1 + static_cast<uint32_t>(seed) * 977;
  for (float& value : values) {
    state = (state * 1103 + 12345) % kSteps;
    value = low + (high - low) * static_cast<float>(state) / static_cast<float>(kSteps);
  }
  return Tensor::Of<float>(shape, values);
}

Tensor Noise(Shape shape, uint32_t seed) {
  Tensor tensor = Tensor::Allocate(DType::kFloat32, std::move(shape));
  std::mt19937 random(seed);
  for (float& value : tensor.mutable_data<float>()) {
    value = static_cast<float>(random()) / 4294967296.0F - 0.5F;
  }
  return tensor;
}

void AddConvolutions(const std::vector<ConvolutionForm>& forms, uint32_t seed,
                     std::vector<OpCase>& cases) {
  for (const ConvolutionForm& form : forms) {
    cases.push_back({.name = form.name,
                     .attributes = {{"group", form.groups},
                                    {"strides", form.strides},
                                    {"dilations", form.dilations},
                                    {"pads", form.pads}},
                     .inputs = {Noise(form.input, seed + 1), Noise(form.filters, seed + 2),
                                Noise({form.filters[0]}, seed + 3)}});
    seed += 3;
  }
}

void AddUnaryShapes(std::vector<OpCase>& cases) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  cases.push_back({.name = "ends_inside_a_vector", .inputs = {Spread({3, 37}, -9, 9)}});
  cases.push_back({.name = "cut_into_pieces", .inputs = {Spread({2, 35, 1001}, -9, 9)}});
  cases.push_back(
      {.name = "specials_of_float32",
       .inputs = {Tensor::Vector<float>(
           {0.0F, -0.0F, kInfinite, -kInfinite, std::numeric_limits<float>::quiet_NaN(), 1e-40F,
            -1e-40F, 3e38F, -3e38F, 1, -1, 0.5F, 1.5F, -2.5F, 88, -88, 100, -100})}});
}

void AddSecondBroadcast(std::vector<OpCase>& cases) {
  Add(cases, "same_shape_in_pieces", {2, 5, 60, 117}, {2, 5, 60, 117});
  Add(cases, "scalar", {7, 19}, {});
  Add(cases, "one_element", {3, 4, 5, 7}, {1, 1, 1, 1});
  Add(cases, "per_channel_in_pieces", {2, 5, 60, 117}, {1, 5, 1, 1});
  Add(cases, "per_feature", {13, 5, 67}, {67});
  Add(cases, "per_image_and_channel", {3, 6, 7, 9}, {3, 6, 1, 1});
  Add(cases, "per_place", {2, 6, 7, 9}, {2, 1, 7, 9});
  Add(cases, "per_row", {4, 9, 21}, {4, 9, 1});
}

void AddFirstBroadcast(std::vector<OpCase>& cases) {
  Add(cases, "first_is_scalar", {}, {7, 19});
  Add(cases, "first_per_channel", {6, 1, 1}, {2, 6, 5, 7});
  Add(cases, "both", {4, 1, 33}, {1, 7, 1});
  Add(cases, "both_in_five_axes", {2, 1, 3, 1, 5}, {3, 1, 4, 1});
}

}  // namespace assay
