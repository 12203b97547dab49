#include <algorithm>
#include <cmath>

#include "tests/fuzz/graphs/windows.h"

namespace assay::fuzz {

Window DrawWindow(GraphMaker& m, const Shape& input, bool inside, bool dilated) {
  Window window;
  std::vector<int64_t> begins;
  std::vector<int64_t> ends;
  const bool plain = m.random().Chance(40);  // what tactics are written for
  const bool same = m.random().Chance(15);
  const bool padded = !same && m.random().Chance(75);
  for (int axis = 2; axis < input.rank(); ++axis) {
    int64_t kernel = plain ? 3 : m.random().Pick({1, 2, 3, 3, 4, 5});
    int64_t dilation = dilated && !plain && m.random().Chance(25) ? 2 : 1;
    int64_t begin = plain ? 1 : m.random().Int(0, kernel - 1);
    int64_t end = plain ? 1 : m.random().Int(0, kernel - 1);
    const int64_t room = input[axis] + (padded ? begin + end : 0);
    if (inside && dilation * (kernel - 1) + 1 > room) kernel = 1, begin = 0, end = 0;
    window.kernel.push_back(kernel);
    window.dilations.push_back(dilation);
    window.strides.push_back(plain ? m.random().Int(1, 2) : m.random().Pick({1, 1, 2, 3}));
    begins.push_back(begin);
    ends.push_back(end);
  }
  window.attributes = {{"kernel_shape", window.kernel}};
  if (m.random().Chance(80)) {
    window.attributes.push_back({"strides", window.strides});
  } else {
    std::fill(window.strides.begin(), window.strides.end(), 1);
  }
  if (dilated && *std::max_element(window.dilations.begin(), window.dilations.end()) > 1) {
    window.attributes.push_back({"dilations", window.dilations});
  }
  if (same) {
    window.attributes.push_back(
        {"auto_pad", m.random().Pick<std::string>({"SAME_UPPER", "SAME_LOWER", "VALID"})});
  } else if (padded) {
    begins.insert(begins.end(), ends.begin(), ends.end());
    window.attributes.push_back({"pads", begins});
  }
  return window;
}

namespace {

void MakePool(GraphMaker& m) {
  const std::string op = m.random().Pick<std::string>({"MaxPool", "AveragePool", "LpPool"});
  const ValueId x = m.random().Chance(93) ? m.Float(3, 5)
                                          : m.Input(m.random().Pick({DType::kInt8, DType::kUInt8}),
                                                    m.RandomShape(3, 4));
  if (!m.Takes(op, m.TypeOf(x))) return;
  const bool dilated = (op == "MaxPool" && m.opset() >= 10) || m.opset() >= 19;
  Window window = DrawWindow(m, m.ShapeOf(x), true, dilated);
  window.attributes.push_back({"ceil_mode", m.random().Int(0, 1)});
  if (op == "AveragePool") window.attributes.push_back({"count_include_pad", m.random().Int(0, 1)});
  if (op == "LpPool") window.attributes.push_back({"p", m.random().Int(1, 3)});
  const size_t outputs = op == "MaxPool" && m.opset() >= 8 && m.random().Chance(20) ? 2 : 1;
  m.Add(op, {x}, window.attributes, outputs);
}

void MakeGlobalPool(GraphMaker& m) {
  const std::string op = m.random().Pick<std::string>(
      {"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool", "GlobalAveragePool"});
  m.One(op, {m.Float(3, 5)});
}

// Scales or sizes of the axes, those of the first two mostly left alone.
struct Scaling {
  std::vector<float> scales;
  std::vector<int64_t> sizes;
};

Scaling DrawScaling(GraphMaker& m, const Shape& shape) {
  Scaling scaling;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    float scale = m.random().Pick({1.0F, 2.0F, 0.5F, 1.5F, 0.75F, 3.0F});
    if (shape.rank() > 2 && axis < 2 && m.random().Chance(85)) scale = 1;
    const auto size = static_cast<int64_t>(
        std::floor(static_cast<double>(scale) * static_cast<double>(shape[axis])));
    if (size < 1) scale = 1;
    scaling.scales.push_back(scale);
    scaling.sizes.push_back(size < 1 ? shape[axis] : size + m.random().Int(0, 1));
  }
  return scaling;
}

std::vector<Attribute> DrawResizeAttributes(GraphMaker& m, const std::string& mode) {
  std::vector<Attribute> attributes = {{"mode", mode}};
  std::vector<std::string> transforms = {"half_pixel", "pytorch_half_pixel", "align_corners",
                                         "asymmetric"};
  if (m.opset() >= 19) transforms.emplace_back("half_pixel_symmetric");
  attributes.push_back({"coordinate_transformation_mode", m.random().Pick(transforms)});
  attributes.push_back(
      {"nearest_mode",
       m.random().Pick<std::string>({"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"})});
  if (mode == "cubic") {
    attributes.push_back({"cubic_coeff_a", m.random().Pick({-0.75F, -0.5F})});
    attributes.push_back({"exclude_outside", m.random().Int(0, 1)});
  }
  if (mode != "nearest" && m.random().Chance(20)) attributes.push_back({"antialias", int64_t{1}});
  return attributes;
}

void MakeResize(GraphMaker& m) {
  const std::string mode = m.random().Pick<std::string>({"nearest", "linear", "cubic"});
  const ValueId x = mode == "cubic" ? m.Float(4, 4) : m.Float(1, 5);
  const Shape& shape = m.ShapeOf(x);
  const Scaling scaling = DrawScaling(m, shape);
  const ValueId scales = m.Given(Tensor::Vector(scaling.scales));
  if (m.opset() < 10) {
    if (mode == "cubic") return;
    m.Add("Upsample", {x}, {{"mode", mode}, {"scales", scaling.scales}}, 1,
          m.opset() < 9 ? std::vector<Setting>{}
                        : std::vector<Setting>{{"scales", Tensor::Vector(scaling.scales)}});
  } else if (m.opset() == 10) {
    if (mode == "cubic") return;
    m.One("Resize", {x, scales}, {{"mode", mode}});
  } else if (m.random().Chance(50)) {
    const ValueId roi = m.opset() < 13 ? m.Constant(Tensor::Vector<float>({})) : kNoValue;
    m.Add("Resize", {x, roi, scales}, DrawResizeAttributes(m, mode));
  } else {
    const ValueId none = m.opset() < 13 ? m.Constant(Tensor::Vector<float>({})) : kNoValue;
    m.Add("Resize", {x, none, none, m.Given(Tensor::Vector(scaling.sizes))},
          DrawResizeAttributes(m, mode));
  }
}

}  // namespace

std::vector<Maker> WindowMakers() {
  return {{"pool", 12, MakePool}, {"global-pool", 4, MakeGlobalPool}, {"resize", 10, MakeResize}};
}

}  // namespace assay::fuzz
