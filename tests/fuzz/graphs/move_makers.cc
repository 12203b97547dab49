#include <algorithm>
#include <numeric>

#include "tests/fuzz/graphs/graph_maker.h"

namespace assay::fuzz {
namespace {

// Any tensor, most often a floating one.
ValueId Any(GraphMaker& m, int low, int high) {
  const ValueId found = m.Find([&](ValueId id) {
    return m.RankOf(id) >= low && m.RankOf(id) <= high && !m.graph().value(id).constant;
  });
  return found != kNoValue && m.random().Chance(60) ? found : m.Float(low, high);
}

void MakeTranspose(GraphMaker& m) {
  const ValueId x = Any(m, 1, 5);
  std::vector<int64_t> perm(static_cast<size_t>(m.RankOf(x)));
  std::iota(perm.begin(), perm.end(), 0);
  for (size_t i = 0; i < perm.size(); ++i) {
    std::swap(perm[i], perm[static_cast<size_t>(m.random().Int(0, static_cast<int64_t>(i)))]);
  }
  if (m.random().Chance(20)) {
    m.One("Transpose", {x});
  } else {
    m.One("Transpose", {x}, {{"perm", perm}});
  }
}

void MakeReshape(GraphMaker& m) {
  const ValueId x = Any(m, 0, 5);
  std::vector<int64_t> sizes = m.ShapeOf(x).dims();
  if (m.random().Chance(25) || sizes.size() < 2) {
    sizes = {-1};
  } else {
    const auto at = static_cast<size_t>(m.random().Int(0, static_cast<int64_t>(sizes.size()) - 2));
    if (m.random().Chance(60)) {
      sizes[at] *= sizes[at + 1];
      sizes.erase(sizes.begin() + static_cast<int64_t>(at) + 1);
    } else {
      const int64_t part = sizes[at] % 2 == 0 && sizes[at] > 0 ? 2 : 1;
      sizes[at] /= part;
      sizes.insert(sizes.begin() + static_cast<int64_t>(at), part);
    }
    const bool some = m.ShapeOf(x).elements() > 0;
    if (some && m.random().Chance(30)) sizes[at] = -1;
    if (m.random().Chance(15) && at > 0 && sizes[0] == m.ShapeOf(x)[0]) sizes[0] = 0;
  }
  m.One("Reshape", {x, m.Given(Tensor::Vector(sizes))});
}

void MakeFlatten(GraphMaker& m) {
  const ValueId x = Any(m, 1, 5);
  m.One("Flatten", {x}, {{"axis", m.random().Int(0, m.RankOf(x))}});
}

void MakeSqueeze(GraphMaker& m) {
  if (m.random().Chance(50)) {
    const ValueId x = Any(m, 0, 4);
    m.Add("Unsqueeze", {x}, {}, 1, {{"axes", m.random().Int(0, m.RankOf(x))}});
    return;
  }
  const ValueId x = m.Find([&](ValueId id) {
    return std::ranges::find(m.ShapeOf(id).dims(), 1) != m.ShapeOf(id).dims().end();
  });
  if (x == kNoValue) return;
  const auto& dims = m.ShapeOf(x).dims();
  const int64_t axis = std::ranges::find(dims, 1) - dims.begin();
  m.Add("Squeeze", {x}, {}, 1, {{"axes", axis}});
}

void MakeConcat(GraphMaker& m) {
  const ValueId x = Any(m, 1, 4);
  const auto axis = static_cast<int>(m.random().Int(0, m.RankOf(x) - 1));
  std::vector<ValueId> inputs = {x};
  for (int64_t i = m.random().Int(1, 3); i > 0; --i) {
    const ValueId other = m.Find([&](ValueId id) {
      if (m.TypeOf(id) != m.TypeOf(x) || m.RankOf(id) != m.RankOf(x)) return false;
      for (int k = 0; k < m.RankOf(x); ++k) {
        if (k != axis && m.ShapeOf(id)[k] != m.ShapeOf(x)[k]) return false;
      }
      return true;
    });
    inputs.push_back(other);
  }
  m.One("Concat", inputs, {{"axis", m.opset() < 11 ? axis : m.Written(axis, m.RankOf(x))}});
}

void MakeSplit(GraphMaker& m) {
  const ValueId x = Any(m, 1, 4);
  const auto axis = m.random().Int(0, m.RankOf(x) - 1);
  const int64_t extent = m.ShapeOf(x)[static_cast<int>(axis)];
  if (extent < 2) return;
  std::vector<Attribute> attributes = {
      {"axis", m.opset() < 11 ? axis : m.Written(axis, m.RankOf(x))}};
  if (m.random().Chance(50)) {
    const int64_t first = m.random().Int(0, extent);
    m.Add("Split", {x}, attributes, 2, {{"split", std::vector<int64_t>{first, extent - first}}});
  } else if (m.opset() >= 18) {
    attributes.push_back({"num_outputs", int64_t{2}});
    m.Add("Split", {x}, attributes, 2);
  } else if (extent % 2 == 0) {
    m.Add("Split", {x}, attributes, 2);
  }
}

void MakeSlice(GraphMaker& m) {
  const ValueId x = Any(m, 1, 5);
  std::vector<int64_t> starts, ends, axes, steps;
  for (int axis = 0; axis < m.RankOf(x); ++axis) {
    if (m.random().Chance(40)) continue;
    const int64_t extent = m.ShapeOf(x)[axis];
    int64_t step = m.opset() < 10 ? 1 : m.random().Pick({1, 1, 1, 2, 3, -1, -2});
    int64_t start = m.random().Int(0, std::max<int64_t>(extent - 1, 0) / 2);
    int64_t end = m.random().Pick({extent, extent - 1, int64_t{1} << 40, start + 1, int64_t{-1}});
    if (step < 0)
      start = extent - 1, end = m.random().Pick({int64_t{0}, -extent - 1, -(int64_t{1} << 40)});
    starts.push_back(start);
    ends.push_back(end);
    axes.push_back(m.opset() < 10 ? axis : m.Written(axis, m.RankOf(x)));
    steps.push_back(step);
  }
  if (axes.empty()) return;
  std::vector<Setting> settings = {{"starts", starts}, {"ends", ends}, {"axes", axes}};
  if (m.opset() >= 10) settings.push_back({"steps", steps});
  m.Add("Slice", {x}, {}, 1, settings);
}

void MakePad(GraphMaker& m) {
  const ValueId x = Any(m, 1, 4);
  if (!m.Takes("Pad", m.TypeOf(x))) return;
  const std::string mode =
      m.random().Pick<std::string>({"constant", "constant", "reflect", "edge", "wrap"});
  if (mode == "wrap" && m.opset() < 19) return;
  const auto rank = static_cast<size_t>(m.RankOf(x));
  std::vector<int64_t> pads(2 * rank);
  for (size_t i = 0; i < pads.size(); ++i) {
    const int64_t extent = m.ShapeOf(x)[static_cast<int>(i % rank)];
    const int64_t most = mode == "constant" ? 3 : std::max<int64_t>(extent - 1, 0);
    const int64_t least = mode == "constant" && extent > 2 ? -1 : 0;
    pads[i] = m.random().Chance(50) ? 0 : m.random().Int(least, std::min<int64_t>(most, 3));
  }
  std::vector<Setting> settings = {{"pads", pads}};
  if (mode == "constant" && m.random().Chance(50)) {
    settings.push_back({"constant_value", *ConvertTensor(Tensor::Scalar(1.0F), m.TypeOf(x))});
    settings.push_back({"value", 1.0F});
  }
  m.Add("Pad", {x}, {{"mode", mode}}, 1, settings);
}

void MakeTile(GraphMaker& m) {
  const ValueId x = Any(m, 1, 4);
  std::vector<int64_t> repeats;
  for (int i = 0; i < m.RankOf(x); ++i) repeats.push_back(m.random().Pick({1, 1, 2, 3}));
  m.One("Tile", {x, m.Given(Tensor::Vector(repeats))});
}

void MakeExpand(GraphMaker& m) {
  const ValueId x = Any(m, 0, 3);
  std::vector<int64_t> shape = m.ShapeOf(x).dims();
  for (int64_t& extent : shape) {
    if (extent == 1)
      extent = m.random().Int(1, 4);
    else if (m.random().Chance(30))
      extent = 1;
  }
  if (m.random().Chance(50)) shape.insert(shape.begin(), m.random().Int(1, 3));
  m.One("Expand", {x, m.Given(Tensor::Vector(shape))});
}

void MakeDepth(GraphMaker& m) {
  if (m.random().Chance(50)) {
    const ValueId x = m.Find([&](ValueId id) {
      return IsFloating(m.TypeOf(id)) && m.RankOf(id) == 4 && m.ShapeOf(id)[1] % 4 == 0;
    });
    m.One("DepthToSpace", {x},
          {{"blocksize", int64_t{2}}, {"mode", m.random().Pick<std::string>({"DCR", "CRD"})}});
    return;
  }
  const ValueId x = m.Find([&](ValueId id) {
    return IsFloating(m.TypeOf(id)) && m.RankOf(id) == 4 && m.ShapeOf(id)[2] % 2 == 0 &&
           m.ShapeOf(id)[3] % 2 == 0;
  });
  m.One("SpaceToDepth", {x}, {{"blocksize", int64_t{2}}});
}

void MakeTrilu(GraphMaker& m) {
  const ValueId x = Any(m, 2, 4);
  std::vector<ValueId> inputs = {x};
  if (m.random().Chance(50)) inputs.push_back(m.Given(Tensor::Scalar(m.random().Int(-3, 3))));
  m.One("Trilu", inputs, {{"upper", m.random().Int(0, 1)}});
}

// A shape that is computed, and what it is used for.
void MakeShapeChain(GraphMaker& m) {
  const ValueId x = Any(m, 1, 4);
  const ValueId shape = m.One("Shape", {x});
  if (shape == kNoValue || m.random().Chance(20)) return;
  if (m.random().Chance(30)) {
    m.One("ConstantOfShape", {shape}, {{"value", Tensor::Vector<float>({1.5F})}});
    return;
  }
  if (m.random().Chance(30)) {
    const ValueId one = m.Weight(m.float_type(), {});
    m.One("Expand", {one, shape});
    return;
  }
  const ValueId first = m.One("Gather", {shape, m.Constant(Tensor::Vector<int64_t>({0}))});
  const ValueId sizes =
      m.One("Concat", {first, m.Constant(Tensor::Vector<int64_t>({-1}))}, {{"axis", int64_t{0}}});
  if (m.ShapeOf(x).elements() > 0) m.One("Reshape", {x, sizes});
}

void MakeRange(GraphMaker& m) {
  const int64_t start = m.random().Int(-5, 5);
  const int64_t step = m.random().Pick({1, 2, -1});
  const DType type = m.random().Pick({DType::kInt64, DType::kInt32, DType::kFloat32});
  const auto scalar = [&](int64_t v) {
    return m.Given(*ConvertTensor(Tensor::Scalar(v), type), 30);
  };
  m.One("Range", {scalar(start), scalar(start + step * m.random().Int(0, 9)), scalar(step)});
}

void MakeCropPad(GraphMaker& m) {
  const ValueId x = Any(m, 1, 4);
  std::vector<int64_t> sizes;
  for (const int64_t extent : m.ShapeOf(x)) {
    sizes.push_back(std::max<int64_t>(1, extent + m.random().Int(-2, 2)));
  }
  m.One("CenterCropPad", {x, m.Given(Tensor::Vector(sizes))});
}

}  // namespace

std::vector<Maker> MoveMakers() {
  return {{"transpose", 10, MakeTranspose},
          {"reshape", 9, MakeReshape},
          {"flatten", 2, MakeFlatten},
          {"squeeze", 5, MakeSqueeze},
          {"concat", 7, MakeConcat},
          {"split", 5, MakeSplit},
          {"slice", 8, MakeSlice},
          {"pad", 7, MakePad},
          {"tile", 3, MakeTile},
          {"expand", 4, MakeExpand},
          {"depth", 3, MakeDepth},
          {"trilu", 2, MakeTrilu},
          {"shape-chain", 4, MakeShapeChain},
          {"range", 2, MakeRange},
          {"crop-pad", 1, MakeCropPad}};
}

}  // namespace assay::fuzz
