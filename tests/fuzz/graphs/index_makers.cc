#include <algorithm>

#include "tests/fuzz/graphs/graph_maker.h"

namespace assay::fuzz {
namespace {

Tensor Indices(GraphMaker& m, const Shape& shape, int64_t extent) {
  Tensor tensor = Tensor::Allocate(DType::kInt64, shape);
  for (int64_t& index : tensor.mutable_data<int64_t>()) {
    index = m.random().Int(m.opset() < 11 ? 0 : -extent, extent - 1);
  }
  return m.random().Chance(30) ? *ConvertTensor(tensor, DType::kInt32) : tensor;
}

// A tensor without an empty axis.
ValueId Full(GraphMaker& m, int low, int high) {
  const ValueId x = m.random().Chance(80) ? m.Float(low, high) : m.Find([&](ValueId id) {
    return m.RankOf(id) >= low && m.RankOf(id) <= high;
  });
  return x != kNoValue && m.ShapeOf(x).elements() > 0 ? x : kNoValue;
}

void MakeGather(GraphMaker& m) {
  const ValueId x = Full(m, 1, 4);
  if (x == kNoValue) return;
  const int64_t axis = m.random().Int(0, m.RankOf(x) - 1);
  const Tensor indices = Indices(m, m.RandomShape(0, 2), m.ShapeOf(x)[static_cast<int>(axis)]);
  m.One("Gather", {x, m.Given(indices, 40)}, {{"axis", m.Written(axis, m.RankOf(x))}});
}

void MakeGatherElements(GraphMaker& m) {
  const ValueId x = Full(m, 1, 4);
  if (x == kNoValue) return;
  const int64_t axis = m.random().Int(0, m.RankOf(x) - 1);
  Shape shape = m.ShapeOf(x);
  for (int64_t& extent : shape.dims()) extent = m.random().Int(1, extent);
  shape[static_cast<int>(axis)] = m.random().Int(1, 6);
  const Tensor indices = Indices(m, shape, m.ShapeOf(x)[static_cast<int>(axis)]);
  m.One("GatherElements", {x, m.Given(indices, 40)}, {{"axis", m.Written(axis, m.RankOf(x))}});
}

// Tuples of indices into the first axes; no two of them the same if `distinct`.
Tensor Tuples(GraphMaker& m, const Shape& data, bool distinct) {
  const int64_t length = m.random().Int(1, data.rank());
  const int64_t places = data.elements(0, static_cast<int>(length));
  const int64_t count = std::min<int64_t>(m.random().Int(1, 4), places);
  Tensor tensor = Tensor::Allocate(DType::kInt64, {count, length});
  const int64_t step = places / count;
  for (int64_t i = 0; i < count; ++i) {
    int64_t place = distinct ? i * step : m.random().Int(0, places - 1);
    for (int64_t k = length - 1; k >= 0; --k) {
      const int64_t extent = data[static_cast<int>(k)];
      tensor.mutable_data<int64_t>()[static_cast<size_t>(i * length + k)] = place % extent;
      place /= extent;
    }
  }
  return tensor;
}

void MakeGatherND(GraphMaker& m) {
  const ValueId x = Full(m, 1, 4);
  if (x == kNoValue) return;
  m.One("GatherND", {x, m.Given(Tuples(m, m.ShapeOf(x), false), 40)});
}

std::string Reduction(GraphMaker& m, bool extremes) {
  if (m.opset() < 16 || m.random().Chance(40)) return "none";
  return extremes ? m.random().Pick<std::string>({"add", "mul", "max", "min"})
                  : m.random().Pick<std::string>({"add", "mul"});
}

void MakeScatterND(GraphMaker& m) {
  const ValueId x = Full(m, 1, 4);
  if (x == kNoValue) return;
  const std::string reduction = Reduction(m, m.opset() >= 18);
  const Tensor indices = Tuples(m, m.ShapeOf(x), reduction == "none");
  const auto length = static_cast<int>(indices.shape()[1]);
  Shape updates{indices.shape()[0]};
  updates.dims().insert(updates.dims().end(), m.ShapeOf(x).begin() + length, m.ShapeOf(x).end());
  m.One("ScatterND", {x, m.Given(indices, 40), m.Operand(m.TypeOf(x), updates)},
        {{"reduction", reduction}});
}

void MakeScatterElements(GraphMaker& m) {
  const ValueId x = Full(m, 1, 4);
  if (x == kNoValue) return;
  const int64_t axis = m.random().Int(0, m.RankOf(x) - 1);
  const int64_t extent = m.ShapeOf(x)[static_cast<int>(axis)];
  const std::string reduction = Reduction(m, m.opset() >= 18);
  Shape shape = m.ShapeOf(x);
  for (int64_t& e : shape.dims()) e = m.random().Int(1, e);
  Tensor indices = Indices(m, shape, extent);
  if (reduction == "none") {
    // One index along the axis, so that no place is written twice.
    shape[static_cast<int>(axis)] = 1;
    indices = Indices(m, shape, extent);
  }
  m.One(m.opset() < 11 ? "Scatter" : "ScatterElements",
        {x, m.Given(indices, 40), m.Operand(m.TypeOf(x), shape)},
        {{"axis", m.Written(axis, m.RankOf(x))}, {"reduction", reduction}});
}

void MakeNonZero(GraphMaker& m) {
  const ValueId x = m.Find([&](ValueId id) {
    return m.TypeOf(id) == DType::kBool || IsFloating(m.TypeOf(id)) || IsInteger(m.TypeOf(id));
  });
  const ValueId found = m.One("NonZero", {x});
  if (found == kNoValue || m.ShapeOf(found).rank() != 2 || m.random().Chance(40)) return;
  const ValueId rows = m.One("Transpose", {found});
  m.One("GatherND", {x, rows});
}

void MakeCompress(GraphMaker& m) {
  const ValueId x = m.Float(1, 4);
  const int64_t axis = m.random().Int(0, m.RankOf(x) - 1);
  const int64_t extent = m.ShapeOf(x)[static_cast<int>(axis)];
  const ValueId condition = m.Input(DType::kBool, {std::min<int64_t>(extent, 6)});
  m.One("Compress", {x, condition}, {{"axis", m.Written(axis, m.RankOf(x))}});
}

void MakeUnique(GraphMaker& m) {
  const ValueId x = m.Float(1, 3);
  std::vector<Attribute> attributes = {{"sorted", m.random().Int(0, 1)}};
  if (m.random().Chance(50)) attributes.push_back({"axis", m.Axis(m.RankOf(x))});
  m.Add("Unique", {x}, attributes, static_cast<size_t>(m.random().Pick({1, 4})));
}

void MakeOneHot(GraphMaker& m) {
  const int64_t depth = m.random().Int(1, 6);
  const ValueId indices = m.Given(Indices(m, m.RandomShape(1, 3), depth), 60);
  const ValueId values =
      m.Given(*ConvertTensor(Tensor::Vector<float>({0.5F, 2.0F}), m.float_type()));
  m.One("OneHot", {indices, m.Constant(Tensor::Scalar(depth)), values},
        {{"axis", m.random().Pick({int64_t{-1}, int64_t{0}, int64_t{1}})}});
}

void MakeReverseSequence(GraphMaker& m) {
  const ValueId x = Full(m, 2, 4);
  if (x == kNoValue) return;
  const int64_t time = m.random().Int(0, 1);
  const int64_t extent = m.ShapeOf(x)[static_cast<int>(time)];
  Tensor lengths = Tensor::Allocate(DType::kInt64, {m.ShapeOf(x)[static_cast<int>(1 - time)]});
  for (int64_t& length : lengths.mutable_data<int64_t>()) length = m.random().Int(1, extent);
  m.One("ReverseSequence", {x, m.Given(lengths)}, {{"time_axis", time}, {"batch_axis", 1 - time}});
}

}  // namespace

std::vector<Maker> IndexMakers() {
  return {{"gather", 8, MakeGather},
          {"gather-elements", 3, MakeGatherElements},
          {"gather-nd", 3, MakeGatherND},
          {"scatter-nd", 3, MakeScatterND},
          {"scatter-elements", 3, MakeScatterElements},
          {"non-zero", 3, MakeNonZero},
          {"compress", 3, MakeCompress},
          {"unique", 2, MakeUnique},
          {"one-hot", 2, MakeOneHot},
          {"reverse-sequence", 2, MakeReverseSequence}};
}

}  // namespace assay::fuzz
