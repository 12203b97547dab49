// M15: where Resize and GridSample read.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/semantics/both_engines.h"

namespace assay {
namespace {

using namespace test;

// One axis of a Resize, by the text of the operator.
struct Axis {
  std::string mode;
  double input = 0;
  double output = 0;
  double scale = 0;
  double start = 0;  // of the region, for tf_crop_and_resize
  double end = 1;

  double At(double x) const {
    if (mode == "half_pixel") return (x + 0.5) / scale - 0.5;
    if (mode == "half_pixel_symmetric") {
      const double adjustment = output / (scale * input);
      return input / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5;
    }
    if (mode == "pytorch_half_pixel") return output > 1 ? (x + 0.5) / scale - 0.5 : 0;
    if (mode == "align_corners") return output > 1 ? x * (input - 1) / (output - 1) : 0;
    if (mode == "asymmetric") return x / scale;
    if (output <= 1) return 0.5 * (start + end) * (input - 1);
    return start * (input - 1) + x * (end - start) * (input - 1) / (output - 1);
  }
};

constexpr const char* kModes[] = {"half_pixel",    "half_pixel_symmetric", "pytorch_half_pixel",
                                  "align_corners", "asymmetric",           "tf_crop_and_resize"};

// Not linear, so that a wrong neighbour shows.
Doubles Squares(int64_t count) {
  Doubles values;
  for (int64_t i = 0; i < count; ++i) values.push_back(static_cast<double>(i * i % 97));
  return values;
}

double Nearest(const Doubles& values, double at, const std::string& rule) {
  double index = std::floor(at);
  const double part = at - index;
  if (rule == "ceil") index = std::ceil(at);
  if (rule == "round_prefer_floor" && part > 0.5) ++index;
  if (rule == "round_prefer_ceil" && part >= 0.5) ++index;
  return values[static_cast<size_t>(
      std::clamp(index, 0.0, static_cast<double>(values.size() - 1)))];
}

double Linear(const Doubles& values, double at) {
  const double part = at - std::floor(at);
  return Nearest(values, at, "floor") * (1 - part) +
         Nearest(values, std::floor(at) + 1, "floor") * part;
}

// By `scale` if it is not zero, else to `output` elements.
struct ResizeCase {
  std::string coordinates;
  std::string mode;
  std::string nearest = "round_prefer_floor";
  int64_t input = 0;
  int64_t output = 0;
  float scale = 0;

  Axis axis() const {
    return {.mode = coordinates,
            .input = static_cast<double>(input),
            .output = static_cast<double>(output),
            .scale = scale != 0 ? static_cast<double>(scale)
                                : static_cast<double>(output) / static_cast<double>(input)};
  }
  Doubles expected() const {
    const Doubles values = Squares(input);
    Doubles results;
    for (int64_t x = 0; x < output; ++x) {
      const double at = axis().At(static_cast<double>(x));
      results.push_back(mode == "nearest" ? Nearest(values, at, nearest) : Linear(values, at));
    }
    return results;
  }
  // Along the last axis, or the one before it.
  OneNode node(bool columns) const {
    const auto shape = [&](int64_t n) { return columns ? Shape{1, 2, n, 1} : Shape{1, 2, 1, n}; };
    Doubles twice = Squares(input);
    twice.insert(twice.end(), twice.begin(), twice.begin() + input);
    OneNode node = {.opset = 19,
                    .op = "Resize",
                    .inputs = {Values(DType::kFloat32, shape(input), twice), Tensor(), Tensor()},
                    .attributes = {{"coordinate_transformation_mode", coordinates},
                                   {"mode", mode},
                                   {"nearest_mode", nearest}},
                    .constant = {1, 2, 3}};
    if (coordinates == "tf_crop_and_resize") node.inputs[1] = Floats({0, 0, 0, 0, 1, 1, 1, 1});
    if (scale != 0) {
      node.inputs[2] = Floats({1, 1, columns ? scale : 1, columns ? 1 : scale});
    } else {
      const Shape sizes = shape(output);
      node.inputs.push_back(Tensor::Vector<int64_t>({sizes.begin(), sizes.end()}));
    }
    return node;
  }
};

void Check(const ResizeCase& c) {
  Doubles twice = c.expected();
  twice.insert(twice.end(), twice.begin(), twice.begin() + c.output);
  for (const bool columns : {false, true}) {
    SCOPED_TRACE(fmt::format("{} {} {} {} -> {}{}", c.coordinates, c.mode, c.nearest, c.input,
                             c.output, columns ? ", columns" : ""));
    const OneNode node = c.node(columns);
    const Tensor reference = RunReference(node.model(), node.bound())[0];
    const Tensor expected = Values(DType::kFloat32, reference.shape(), twice);
    if (c.mode == "nearest") {
      ExpectOutputs(node, {expected});
      continue;
    }
    // Coordinates up to 2000 hold 2e-13 in double precision.
    ExpectNear(RunReference(node.model(), node.bound(), TruthKind::kExact)[0],
               Tensor::Of<double>(expected.shape(), twice), 1e-12);
    ExpectNear(reference, expected, 1.2e-7);
    for (const auto& engine : RunEngineInEveryWay(node.model(), node.bound())) {
      ExpectNear(engine[0], expected, 1e-6);
    }
  }
}

TEST(ResizeCoordinates, ByThreeTenths) {
  for (const char* coordinates : kModes) {
    for (const char* mode : {"nearest", "linear"}) {
      Check({.coordinates = coordinates, .mode = mode, .input = 10, .output = 3, .scale = 0.3F});
      Check({.coordinates = coordinates, .mode = mode, .input = 37, .output = 11, .scale = 0.3F});
      Check({.coordinates = coordinates, .mode = mode, .input = 5, .output = 13, .scale = 2.6F});
    }
  }
}

TEST(ResizeCoordinates, ToOneElement) {
  for (const char* coordinates : kModes) {
    for (const char* mode : {"nearest", "linear"}) {
      for (const int64_t input : {1, 2, 5, 2000}) {
        Check({.coordinates = coordinates, .mode = mode, .input = input, .output = 1});
      }
      Check({.coordinates = coordinates, .mode = mode, .input = 3, .output = 1, .scale = 0.4F});
    }
  }
}

TEST(ResizeCoordinates, WideImages) {
  for (const char* coordinates : kModes) {
    for (const char* mode : {"nearest", "linear"}) {
      Check({.coordinates = coordinates, .mode = mode, .input = 2000, .output = 1333});
      Check({.coordinates = coordinates, .mode = mode, .input = 600, .output = 2000});
    }
  }
}

TEST(ResizeCoordinates, EveryRoundingOfNearest) {
  for (const char* coordinates : kModes) {
    for (const char* nearest : {"floor", "ceil", "round_prefer_floor", "round_prefer_ceil"}) {
      Check({coordinates, "nearest", nearest, 7, 5});
      Check({coordinates, "nearest", nearest, 4, 8});
      Check({coordinates, "nearest", nearest, 8, 4});
      Check({coordinates, "nearest", nearest, 9, 3});
    }
  }
}

// Half way between two elements: 0 .5 1 1.5 2 2.5 3 3.5 of 0 1 4 9.
TEST(ResizeCoordinates, TiesOfNearest) {
  const auto expect = [](const char* nearest, const Doubles& expected) {
    ExpectOutputs({.opset = 13,
                   .op = "Resize",
                   .inputs = {Values(DType::kFloat32, {4}, {0, 1, 4, 9}), Tensor(), Floats({2})},
                   .attributes = {{"coordinate_transformation_mode", std::string("asymmetric")},
                                  {"mode", std::string("nearest")},
                                  {"nearest_mode", std::string(nearest)}},
                   .constant = {2}},
                  {Floats(expected)});
  };
  expect("round_prefer_floor", {0, 0, 1, 1, 4, 4, 9, 9});
  expect("round_prefer_ceil", {0, 1, 1, 4, 4, 9, 9, 9});
  expect("floor", {0, 0, 1, 1, 4, 4, 9, 9});
  expect("ceil", {0, 1, 1, 4, 4, 9, 9, 9});
}

OneNode GridSample(DType grid, const Doubles& pixels, const char* mode, int64_t align_corners) {
  constexpr int64_t kWidth = 2000;
  Doubles ramp;
  for (int64_t y = 0; y < 2; ++y) {
    for (int64_t x = 0; x < kWidth; ++x) ramp.push_back(static_cast<double>(x));
  }
  Doubles points;
  for (const double pixel : pixels) {
    points.push_back(align_corners != 0 ? 2 * pixel / (kWidth - 1) - 1
                                        : (2 * pixel + 1) / kWidth - 1);
    points.push_back(0);
  }
  return {.opset = 20,
          .op = "GridSample",
          .inputs = {Values(DType::kFloat32, {1, 1, 2, kWidth}, ramp),
                     Values(grid, {1, 1, static_cast<int64_t>(pixels.size()), 2}, points)},
          .attributes = {{"mode", std::string(mode)}, {"align_corners", align_corners}}};
}

// The pixel that a coordinate of the grid stands for, in doubles.
double PixelOf(const Tensor& grid, int64_t point, int64_t align_corners) {
  const double x = grid.ValueAsDouble(2 * point);
  return align_corners != 0 ? (x + 1) / 2 * 1999 : ((x + 1) * 2000 - 1) / 2;
}

TEST(GridSampleCoordinates, AreExactInEveryTypeOfGrid) {
  const Doubles pixels = {1333.25, 1777.75, 3.5, 1000};
  for (const DType grid : {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kFloat64}) {
    for (const int64_t align_corners : {0, 1}) {
      SCOPED_TRACE(fmt::format("{}, align_corners {}", DTypeName(grid), align_corners));
      const OneNode node = GridSample(grid, pixels, "linear", align_corners);
      const Tensor exact = RunReference(node.model(), node.bound(), TruthKind::kExact)[0];
      const Tensor engine = RunEngine(node.model(), node.bound())[0];
      for (int64_t i = 0; i < exact.elements(); ++i) {
        const double expected = PixelOf(node.inputs[1], i, align_corners);
        EXPECT_NEAR(exact.ValueAsDouble(i), expected, 1e-9);
        EXPECT_NEAR(engine.ValueAsDouble(i), expected, 2e-4);
      }
    }
  }
}

// What a shorter grid costs: its own rounding, and nothing on top.
TEST(GridSampleCoordinates, OfShortGridsAreOffByTheRoundingOfTheGrid) {
  const auto sampled = [](DType grid) {
    const OneNode node = GridSample(grid, {1333.25, 1777.75}, "linear", 1);
    return RunEngine(node.model(), node.bound())[0];
  };
  const Tensor half = sampled(DType::kFloat16);
  EXPECT_NEAR(half.ValueAsDouble(0), 1333.32, 0.01);
  EXPECT_NEAR(half.ValueAsDouble(1), 1777.92, 0.01);
  EXPECT_NEAR(sampled(DType::kBFloat16).ValueAsDouble(1), 1776.46, 0.01);
  EXPECT_NEAR(sampled(DType::kFloat32).ValueAsDouble(1), 1777.75, 2e-4);
}

TEST(GridSampleCoordinates, TiesOfNearestGoToTheEvenElement) {
  const OneNode node = GridSample(DType::kFloat64, {0.5, 1.5, 2.5, 1000.5}, "nearest", 0);
  // (2 * pixel + 1) / 2000 - 1 is not exact: what counts is the side on which its rounding falls.
  Doubles expected;
  for (int64_t i = 0; i < 4; ++i) expected.push_back(std::nearbyint(PixelOf(node.inputs[1], i, 0)));
  ExpectOutputs(node, {Values(DType::kFloat32, {1, 1, 1, 4}, expected)});
}

}  // namespace
}  // namespace assay
