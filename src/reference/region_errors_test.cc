// Operators that look at parts of pictures say what is wrong with their inputs and attributes.

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "reference/bad_node.h"

namespace assay {
namespace {

using Ints = std::vector<int64_t>;
using Inputs = std::vector<std::optional<Tensor>>;

Tensor Zeros(Shape shape) { return Tensor::Zeros(DType::kFloat32, std::move(shape)); }

std::vector<BadNode> RegionNodes() {
  const auto pool = [](std::string name, Ints cells, Inputs inputs, std::string message) {
    return BadNode{"MaxRoiPool",      std::move(name),    {{"pooled_shape", std::move(cells)}},
                   std::move(inputs), std::move(message), 22};
  };
  const auto rois = [](const std::vector<float>& values) {
    return Tensor::Of<float>({1, 5}, values);
  };
  const Tensor x = Zeros({1, 2, 3, 3});
  const Tensor extents = Tensor::Vector<int64_t>({1, 1});
  const auto crop = [](std::string name, std::vector<Attribute> attributes, Inputs inputs,
                       std::string message) {
    return BadNode{"CenterCropPad",   std::move(name),    std::move(attributes),
                   std::move(inputs), std::move(message), 18};
  };
  return {
      pool("cells", {2}, {x, Zeros({1, 5})}, "expected two extents of 1 to"),
      pool("no_cells", {0, 1}, {x, Zeros({1, 5})}, "got [0, 1]"),
      pool("rank", {1, 1}, {Zeros({2, 3, 3}), Zeros({1, 5})}, "X: expected rank 4"),
      pool("regions", {1, 1}, {x, Zeros({1, 4})}, "expected shape (n, 5), got (1, 4)"),
      pool("image", {1, 1}, {x, rois({1, 0, 0, 0, 0})}, "whole numbers in [0, 1)"),
      pool("half_an_image", {1, 1}, {x, rois({0.5F, 0, 0, 0, 0})}, "got 0.5"),
      pool("no_number", {1, 1}, {x, rois({0, 0, 0, std::nanf(""), 0})}, "got 0 to nan"),
      pool("far_away", {1, 1}, {x, rois({0, 0, 0, 1e30F, 0})}, "scaled coordinates of magnitude"),
      crop("axis", {{"axes", Ints{0, 2}}}, {Zeros({2, 2}), extents}, "axis"),
      crop("axis_twice", {{"axes", Ints{0, -2}}}, {Zeros({2, 2}), extents}, "got axis 0 twice"),
      crop("extents", {}, {Zeros({2, 2, 2}), extents}, "expected 3 extents, got 2"),
      crop("negative", {}, {Zeros({2, 2}), Tensor::Vector<int64_t>({1, -1})}, "got -1"),
      crop("too_large", {}, {Zeros({2, 2}), Tensor::Vector<int64_t>({INT64_MAX, 2})}, "too large"),
  };
}

std::vector<BadNode> DeformedNodes() {
  const auto bad = [](std::string name, std::vector<Attribute> attributes, Inputs inputs,
                      std::string message) {
    return BadNode{"DeformConv",      std::move(name),    std::move(attributes),
                   std::move(inputs), std::move(message), 22};
  };
  const Tensor x = Zeros({1, 2, 4, 4});
  const Tensor w = Zeros({3, 2, 2, 2});
  const Tensor offset = Zeros({1, 8, 3, 3});
  const auto nothing = std::nullopt;
  return {
      bad("rank", {}, {x, Zeros({3, 2, 2}), offset}, "expected equal ranks of at least 3"),
      bad("group", {{"group", int64_t{2}}}, {x, w, offset}, "expected a divisor of the 3 filters"),
      bad("channels", {}, {Zeros({1, 3, 4, 4}), w, offset}, "expected 1 groups of 2"),
      bad("offset_group", {{"offset_group", int64_t{3}}}, {x, w, offset},
          "expected a divisor of the 2 channels, got 3"),
      bad("no_offset_group", {{"offset_group", int64_t{0}}}, {x, w, offset}, "got 0"),
      bad("offset_taps", {}, {x, w, Zeros({1, 4, 3, 3})}, "offset: expected shape (1, 8, 3, 3)"),
      bad("offset_extents", {}, {x, w, Zeros({1, 8, 4, 3})}, "got (1, 8, 4, 3)"),
      bad("offset_rank", {}, {x, w, Zeros({1, 8, 3})}, "got (1, 8, 3)"),
      bad("mask", {}, {x, w, offset, nothing, offset}, "mask: expected shape (1, 4, 3, 3)"),
      bad("bias", {}, {x, w, offset, Zeros({2})}, "bias: expected shape (3,), got (2,)"),
      bad("strides", {{"strides", Ints{1}}}, {x, w, offset}, "expected 2 values, got 1"),
      bad("kernel", {}, {Zeros({1, 2, 1, 4}), w, offset}, "window"),
  };
}

class BadRegions : public testing::TestWithParam<BadNode> {};

TEST_P(BadRegions, SayWhatIsWrong) { ExpectSaysWhatIsWrong(GetParam()); }

std::string NameOf(const testing::TestParamInfo<BadNode>& info) {
  return info.param.op + "_" + info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Regions, BadRegions, testing::ValuesIn(RegionNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Deformed, BadRegions, testing::ValuesIn(DeformedNodes()), NameOf);

}  // namespace
}  // namespace assay
