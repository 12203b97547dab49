#include <cmath>

#include "tests/fuzz/graphs/graph_maker.h"

namespace assay::fuzz {
namespace {

std::vector<int64_t> SomeAxes(GraphMaker& m, int rank) {
  std::vector<int64_t> axes;
  for (int axis = 0; axis < rank; ++axis) {
    if (m.random().Chance(50)) axes.push_back(m.Written(axis, rank));
  }
  return axes;
}

void MakeReduction(GraphMaker& m) {
  const std::string op = m.random().Pick<std::string>(
      {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceLogSum",
       "ReduceLogSumExp", "ReduceProd", "ReduceSumSquare", "ReduceSum", "ReduceMean"});
  const ValueId x = m.random().Chance(85)
                        ? m.Float(0, 4)
                        : m.Find([&](ValueId id) { return m.TypeOf(id) == DType::kInt32; });
  if (x == kNoValue || !m.Takes(op, m.TypeOf(x))) return;
  if (op == "ReduceLogSum" && !m.All(x, [](double v) { return v > 0; })) return;
  std::vector<Setting> settings;
  const std::vector<int64_t> axes = SomeAxes(m, m.RankOf(x));
  if (!axes.empty()) settings.push_back({"axes", axes});
  std::vector<Attribute> attributes = {{"keepdims", m.random().Int(0, 1)}};
  if (m.random().Chance(20)) attributes.push_back({"noop_with_empty_axes", int64_t{1}});
  m.Add(op, {x}, attributes, 1, settings);
}

void MakeArgExtreme(GraphMaker& m) {
  const ValueId x = m.Float(1, 4);
  m.One(m.random().Pick<std::string>({"ArgMax", "ArgMin"}), {x},
        {{"axis", m.Axis(m.RankOf(x))},
         {"keepdims", m.random().Int(0, 1)},
         {"select_last_index", m.random().Int(0, 1)}});
}

void MakeTopK(GraphMaker& m) {
  const ValueId x = m.Float(1, 4);
  const int64_t axis = m.random().Int(0, m.RankOf(x) - 1);
  const int64_t k = m.random().Int(0, m.ShapeOf(x)[static_cast<int>(axis)]);
  m.Add("TopK", {x}, {{"axis", m.Written(axis, m.RankOf(x))}, {"largest", m.random().Int(0, 1)}}, 2,
        {{"k", k}});
}

void MakeSoftmax(GraphMaker& m) {
  const std::string op =
      m.random().Pick<std::string>({"Softmax", "Softmax", "LogSoftmax", "Hardmax"});
  const ValueId x = m.Float(1, 4);
  const int rank = m.RankOf(x);
  const int64_t axis = m.opset() < 11 ? m.random().Int(0, rank - 1) : m.Axis(rank);
  m.One(op, {x}, {{"axis", axis}});
}

void MakeRowNormalization(GraphMaker& m) {
  const std::string op = m.random().Pick<std::string>({"LayerNormalization", "RMSNormalization"});
  const ValueId x = m.Float(1, 4);
  if (!m.Takes(op, m.TypeOf(x))) return;
  const int rank = m.RankOf(x);
  const int64_t axis = m.random().Chance(60) ? rank - 1 : m.random().Int(0, rank - 1);
  Shape inner;
  for (int i = static_cast<int>(axis); i < rank; ++i) inner.dims().push_back(m.ShapeOf(x)[i]);
  std::vector<ValueId> inputs = {x, m.Weight(m.TypeOf(x), inner)};
  if (op == "LayerNormalization" && m.random().Chance(70)) {
    inputs.push_back(m.Weight(m.TypeOf(x), inner));
  }
  const float epsilon = m.random().Pick({1e-5F, 1e-3F, 0.1F});
  m.Add(op, inputs, {{"axis", m.Written(axis, rank)}, {"epsilon", epsilon}});
}

ValueId Positive(GraphMaker& m, DType type, int64_t channels) {
  Tensor tensor = Tensor::Allocate(DType::kFloat32, {channels});
  for (float& v : tensor.mutable_data<float>()) {
    v = static_cast<float>(0.25 + 2 * m.random().Unit());
  }
  return m.Constant(*ConvertTensor(tensor, type));
}

void MakeBatchNormalization(GraphMaker& m) {
  const ValueId x = m.Float(2, 5);
  const DType type = m.TypeOf(x);
  if (!m.Takes("BatchNormalization", type)) return;
  const int64_t channels = m.ShapeOf(x)[1];
  m.One("BatchNormalization",
        {x, m.Weight(type, {channels}), m.Weight(type, {channels}), m.Weight(type, {channels}),
         Positive(m, type, channels)},
        {{"epsilon", m.random().Pick({1e-5F, 0.01F})}});
}

void MakeChannelNormalization(GraphMaker& m) {
  const ValueId x = m.Float(3, 5);
  const DType type = m.TypeOf(x);
  const int64_t channels = m.ShapeOf(x)[1];
  if (m.random().Chance(50)) {
    m.One("InstanceNormalization", {x, m.Weight(type, {channels}), m.Weight(type, {channels})},
          {{"epsilon", 1e-3F}});
    return;
  }
  int64_t groups = m.random().Int(1, 4);
  if (channels % groups != 0) groups = 1;
  const int64_t scales = m.opset() < 21 ? groups : channels;
  m.One("GroupNormalization", {x, m.Weight(type, {scales}), m.Weight(type, {scales})},
        {{"num_groups", groups}, {"epsilon", 1e-3F}});
}

void MakeOtherNormalization(GraphMaker& m) {
  const std::string op =
      m.random().Pick<std::string>({"LRN", "LpNormalization", "MeanVarianceNormalization"});
  if (op == "LRN") {
    m.One(op, {m.Float(3, 4)}, {{"size", m.random().Int(1, 5)}, {"alpha", 0.01F}, {"bias", 1.5F}});
  } else if (op == "LpNormalization") {
    const ValueId x = m.Float(1, 4);
    m.One(op, {x}, {{"axis", m.Axis(m.RankOf(x))}, {"p", m.random().Int(1, 2)}});
  } else {
    const ValueId x = m.Float(4, 4);
    m.One(op, {x});
  }
}

void MakeCumulative(GraphMaker& m) {
  const ValueId x = m.Float(1, 4);
  if (!m.Takes("CumSum", m.TypeOf(x))) return;
  m.One("CumSum", {x, m.Given(Tensor::Scalar(m.Axis(m.RankOf(x))))},
        {{"exclusive", m.random().Int(0, 1)}, {"reverse", m.random().Int(0, 1)}});
}

}  // namespace

std::vector<Maker> LineMakers() {
  return {{"reduction", 14, MakeReduction},
          {"arg-extreme", 4, MakeArgExtreme},
          {"top-k", 4, MakeTopK},
          {"softmax", 6, MakeSoftmax},
          {"row-normalization", 6, MakeRowNormalization},
          {"batch-normalization", 4, MakeBatchNormalization},
          {"channel-normalization", 3, MakeChannelNormalization},
          {"other-normalization", 3, MakeOtherNormalization},
          {"cumulative", 3, MakeCumulative}};
}

}  // namespace assay::fuzz
