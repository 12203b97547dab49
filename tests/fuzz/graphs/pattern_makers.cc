#include <cmath>

#include "ops/op_cases.h"
#include "tests/fuzz/graphs/graph_maker.h"

namespace assay::fuzz {
namespace {

// A floating value of a type that every element-wise operator takes.
ValueId Start(GraphMaker& m, int low, int high) {
  const ValueId x = m.Float(low, high);
  return m.Takes("Add", m.TypeOf(x)) && m.Takes("Erf", m.TypeOf(x)) ? x : kNoValue;
}

ValueId Number(GraphMaker& m, ValueId like, double value) {
  return m.Constant(*ConvertTensor(Tensor::Scalar(value), m.TypeOf(like)));
}

void MakeGelu(GraphMaker& m) {
  const ValueId x = Start(m, 1, 4);
  if (x == kNoValue) return;
  if (m.random().Chance(50)) {
    const ValueId inner = m.One("Div", {x, Number(m, x, std::sqrt(2.0))});
    const ValueId sum = m.One("Add", {m.One("Erf", {inner}), Number(m, x, 1)});
    m.One("Mul", {m.One("Mul", {x, sum}), Number(m, x, 0.5)});
    return;
  }
  const ValueId cube = m.One("Pow", {x, Number(m, x, 3)});
  const ValueId bent = m.One("Add", {x, m.One("Mul", {cube, Number(m, x, 0.044715)})});
  const ValueId scaled = m.One("Mul", {bent, Number(m, x, std::sqrt(2 / 3.14159265358979323846))});
  const ValueId sum = m.One("Add", {m.One("Tanh", {scaled}), Number(m, x, 1)});
  m.One("Mul", {m.One("Mul", {x, Number(m, x, 0.5)}), sum});
}

ValueId Mean(GraphMaker& m, ValueId x) {
  if (x == kNoValue) return kNoValue;
  const auto ids = m.Add("ReduceMean", {x}, {{"keepdims", int64_t{1}}}, 1, {{"axes", int64_t{-1}}});
  return ids.empty() ? kNoValue : ids[0];
}

void MakeLayerNormalization(GraphMaker& m) {
  const ValueId x = Start(m, 2, 4);
  if (x == kNoValue || m.opset() < 11) return;
  const ValueId centred = m.One("Sub", {x, Mean(m, x)});
  const ValueId square = m.random().Chance(50) ? m.One("Mul", {centred, centred})
                                               : m.One("Pow", {centred, Number(m, x, 2)});
  const ValueId variance = m.One("Add", {Mean(m, square), Number(m, x, 1e-3)});
  ValueId y = m.One("Div", {centred, m.One("Sqrt", {variance})});
  if (y == kNoValue) return;
  const Shape inner{m.ShapeOf(x)[m.RankOf(x) - 1]};
  if (m.random().Chance(70)) y = m.One("Mul", {y, m.Weight(m.TypeOf(x), inner)});
  if (m.random().Chance(70)) m.One("Add", {y, m.Weight(m.TypeOf(x), inner)});
}

void MakeSoftmax(GraphMaker& m) {
  const ValueId x = Start(m, 1, 4);
  if (x == kNoValue || m.opset() < 11) return;
  const Setting axes = {"axes", int64_t{-1}};
  const auto most = m.Add("ReduceMax", {x}, {}, 1, {axes});
  if (most.empty()) return;
  const ValueId e = m.One("Exp", {m.One("Sub", {x, most[0]})});
  if (e == kNoValue) return;
  const auto sum = m.Add("ReduceSum", {e}, {}, 1, {axes});
  if (!sum.empty()) m.One("Div", {e, sum[0]});
}

void MakeSilu(GraphMaker& m) {
  const ValueId x = Start(m, 0, 4);
  if (x == kNoValue) return;
  if (m.random().Chance(50)) {
    m.One("Mul", {x, m.One("Sigmoid", {x})});
    return;
  }
  const ValueId shifted = m.One("Add", {x, Number(m, x, 3)});
  if (shifted == kNoValue || m.opset() < 12) return;
  const ValueId clipped = m.One("Clip", {shifted, Number(m, x, 0), Number(m, x, 6)});
  if (m.random().Chance(50)) {
    m.One("Div", {m.One("Mul", {x, clipped}), Number(m, x, 6)});
  } else {
    m.One("Div", {clipped, Number(m, x, 6)});
  }
}

void MakeAttention(GraphMaker& m) {
  const int64_t heads = m.random().Int(1, 3);
  const int64_t steps = m.random().Pick({1, 3, 5, 17});
  const int64_t width = m.random().Pick({4, 8, 16});
  const DType type = m.float_type();
  const Shape shape{m.random().Int(1, 2), steps, heads * width};
  const ValueId x = m.Operand(type, shape);
  const auto head = [&](std::vector<int64_t> perm) {
    const ValueId product = m.One("MatMul", {x, m.Weight(type, {heads * width, heads * width})});
    const ValueId split =
        m.One("Reshape", {product, m.Constant(Tensor::Vector<int64_t>({0, 0, heads, width}))});
    return m.One("Transpose", {split}, {{"perm", std::move(perm)}});
  };
  const ValueId q = head({0, 2, 1, 3});
  const ValueId k = head({0, 2, 3, 1});
  const ValueId v = head({0, 2, 1, 3});
  ValueId scores = m.One("MatMul", {q, k});
  if (scores == kNoValue) return;
  const double scale = 1 / std::sqrt(static_cast<double>(width));
  scores = m.One("Mul", {scores, Number(m, scores, scale)});
  if (m.random().Chance(50)) scores = m.One("Add", {scores, m.Weight(type, {1, 1, steps, steps})});
  const ValueId weights = m.One("Softmax", {scores}, {{"axis", int64_t{m.opset() < 13 ? 3 : -1}}});
  const ValueId mixed = m.One("MatMul", {weights, v});
  const ValueId back = m.One("Transpose", {mixed}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}});
  m.One("Reshape", {back, m.Constant(Tensor::Vector<int64_t>({0, 0, heads * width}))});
}

// Conv, then what may be folded into it or done at its end.
void MakeConvBlock(GraphMaker& m) {
  const ValueId given = m.Float(4, 4);
  const DType type = m.TypeOf(given);
  if (!m.Takes("Conv", type)) return;
  ValueId x = given;
  if (m.random().Chance(25) && m.opset() >= 11) {
    x = m.One("Pad", {x, m.Constant(Tensor::Vector<int64_t>({0, 0, 1, 1, 0, 0, 1, 1}))});
    if (x == kNoValue) return;
  }
  const int64_t channels = m.ShapeOf(x)[1];
  const bool depthwise = m.random().Chance(30);
  const ValueId w = m.Weight(type, {channels, depthwise ? 1 : channels, 3, 3});
  ValueId y = m.One("Conv", {x, w},
                    {{"kernel_shape", std::vector<int64_t>{3, 3}},
                     {"pads", std::vector<int64_t>{1, 1, 1, 1}},
                     {"group", depthwise ? channels : int64_t{1}}});
  if (y == kNoValue) return;
  const Shape per_channel{channels, 1, 1};
  for (int64_t i = m.random().Int(1, 4); i > 0 && y != kNoValue; --i) {
    switch (m.random().Int(0, 5)) {
      case 0:
        y = m.One("Add", {y, m.Weight(type, per_channel)});
        break;
      case 1:
        y = m.One("Mul", {y, m.Weight(type, per_channel)});
        break;
      case 2:
        if (m.ShapeOf(y) == m.ShapeOf(given)) y = m.One("Add", {y, given});
        break;
      case 3: {
        Tensor ones = Tensor::Allocate(DType::kFloat32, {channels});
        for (float& one : ones.mutable_data<float>()) one = 0.75F;
        y = m.One("BatchNormalization",
                  {y, m.Weight(type, {channels}), m.Weight(type, {channels}),
                   m.Weight(type, {channels}), m.Constant(*ConvertTensor(ones, type))});
        break;
      }
      default:
        y = m.One(m.random().Pick<std::string>({"Relu", "Sigmoid", "LeakyRelu", "HardSwish"}), {y});
    }
  }
}

void MakeLinearBlock(GraphMaker& m) {
  const ValueId x = m.Float(2, 3);
  const DType type = m.TypeOf(x);
  if (!m.Takes("MatMul", type)) return;
  const int64_t width = m.ShapeOf(x)[m.RankOf(x) - 1];
  ValueId y = m.One("MatMul", {x, m.Weight(type, {width, width})});
  if (y != kNoValue) y = m.One("Add", {y, m.Weight(type, {width})});
  if (y != kNoValue && m.random().Chance(50)) y = m.One("Add", {x, y});
  if (y != kNoValue) m.One(m.random().Pick<std::string>({"Relu", "Tanh", "Gelu", "Sigmoid"}), {y});
}

// The same twice, and what does nothing.
void MakeNoOps(GraphMaker& m) {
  const ValueId x = Start(m, 1, 4);
  if (x == kNoValue) return;
  switch (m.random().Int(0, 4)) {
    case 0:
      m.One("Mul", {x, Number(m, x, 1)});
      break;
    case 1:
      m.One("Add", {x, Number(m, x, m.random().Pick({0.0, -0.0}))});
      break;
    case 2:
      m.One("Add", {m.One("Tanh", {x}), m.One("Tanh", {x})});
      break;
    case 3: {
      const ValueId there = m.One("Transpose", {x});
      if (there != kNoValue) m.One("Transpose", {there});
      break;
    }
    default: {
      const ValueId sum = m.One("Add", {m.Weight(m.TypeOf(x), {1}), m.Weight(m.TypeOf(x), {1})});
      m.One("Mul", {x, sum});
    }
  }
}

// An example of any operator, its inputs replaced by values of the graph where they fit.
void MakeExample(GraphMaker& m) {
  static const std::vector<OpCaseOf> all = AllOpCases();
  const OpCaseOf& example = m.random().Pick(all);
  const OpDef& op = *example.op;
  const OpSchema* schema = op.SchemaFor(m.opset());
  if (!op.domain.empty() || op.random || schema == nullptr) return;
  const OpSchema* own =
      example.op_case.opset == 0 ? &op.schemas.back() : op.SchemaFor(example.op_case.opset);
  if (schema != own) return;
  const bool narrow = m.random().Chance(70);
  std::vector<ValueId> inputs;
  for (size_t i = 0; i < example.op_case.inputs.size(); ++i) {
    if (!example.op_case.inputs[i]) {
      inputs.push_back(kNoValue);
      continue;
    }
    Tensor tensor = *example.op_case.inputs[i];
    if (tensor.dtype() == DType::kString || IsComplex(tensor.dtype())) return;
    if (narrow && tensor.dtype() == DType::kFloat64) {
      tensor = *ConvertTensor(tensor, DType::kFloat32);
    }
    inputs.push_back(m.Given(tensor, 50));
  }
  if (inputs.empty()) return;
  const size_t outputs =
      std::max({example.op_case.output_types.size(), example.op_case.expected.size(), size_t{1}});
  m.Add(std::string(op.name), inputs, example.op_case.attributes, outputs);
}

}  // namespace

std::vector<Maker> PatternMakers() {
  return {{"gelu", 3, MakeGelu},
          {"layer-normalization", 3, MakeLayerNormalization},
          {"decomposed-softmax", 2, MakeSoftmax},
          {"silu", 3, MakeSilu},
          {"attention", 3, MakeAttention},
          {"conv-block", 8, MakeConvBlock},
          {"linear-block", 4, MakeLinearBlock},
          {"no-ops", 4, MakeNoOps}};
}

std::vector<Maker> ExampleMakers() { return {{"example", 24, MakeExample}}; }

}  // namespace assay::fuzz
