#include <cmath>

#include "tests/fuzz/graphs/graph_maker.h"
#include "tests/fuzz/graphs/windows.h"

namespace assay::fuzz {
namespace {

void MakeMatMul(GraphMaker& m) {
  const ValueId a = m.Float(1, 4);
  const DType type = m.TypeOf(a);
  if (!m.Takes("MatMul", type)) return;
  const Shape& shape = m.ShapeOf(a);
  Shape right;
  if (m.random().Chance(30)) {
    for (int i = 0; i + 2 < shape.rank(); ++i) {
      right.dims().push_back(m.random().Chance(30) ? 1 : shape[i]);
    }
  }
  right.dims().push_back(shape[shape.rank() - 1]);
  if (right.rank() > 1 || m.random().Chance(90)) {
    right.dims().push_back(m.random().Pick({1, 2, 3, 5, 8, 16, 17, 33}));
  }
  m.One("MatMul", {a, m.Operand(type, right)});
}

void MakeGemm(GraphMaker& m) {
  const ValueId a = m.Float(2, 2);
  const DType type = m.TypeOf(a);
  if (!m.Takes("Gemm", type)) return;
  const int64_t flip_a = m.random().Chance(30) ? 1 : 0;
  const int64_t flip_b = m.random().Int(0, 1);
  const int64_t rows = m.ShapeOf(a)[static_cast<int>(flip_a)];
  const int64_t depth = m.ShapeOf(a)[static_cast<int>(1 - flip_a)];
  const int64_t columns = m.random().Pick({1, 3, 4, 8, 16, 19});
  std::vector<ValueId> inputs = {
      a, m.Operand(type, flip_b != 0 ? Shape{columns, depth} : Shape{depth, columns})};
  if (m.opset() < 11 || m.random().Chance(70)) {
    inputs.push_back(m.Broadcastable(type, {rows, columns}));
  }
  std::vector<Attribute> attributes = {{"transA", flip_a}, {"transB", flip_b}};
  if (m.random().Chance(30)) attributes.push_back({"alpha", m.random().Pick({0.5F, -2.0F})});
  if (m.random().Chance(30)) attributes.push_back({"beta", m.random().Pick({0.25F, 0.0F, 3.0F})});
  m.One("Gemm", inputs, attributes);
}

// A batch of pictures of 1 to 3 axes, wide enough for the window; kNoValue if there is none.
void MakeConv(GraphMaker& m) {
  const ValueId x = m.Float(3, 5);
  const DType type = m.TypeOf(x);
  if (!m.Takes("Conv", type)) return;
  const Shape& shape = m.ShapeOf(x);
  const int64_t channels = shape[1];
  int64_t groups = m.random().Chance(60) ? 1 : m.random().Pick({channels, int64_t{2}, int64_t{4}});
  if (groups == 0 || channels % groups != 0) groups = 1;
  const int64_t filters = groups * m.random().Pick({1, 1, 2, 3, 8, 16});
  Window window = DrawWindow(m, shape, true);
  Shape weights{filters, channels / groups};
  weights.dims().insert(weights.dims().end(), window.kernel.begin(), window.kernel.end());
  std::vector<ValueId> inputs = {x, m.Operand(type, weights)};
  if (m.random().Chance(50)) inputs.push_back(m.Weight(type, {filters}));
  window.attributes.push_back({"group", groups});
  m.One("Conv", inputs, window.attributes);
}

void MakeConvTranspose(GraphMaker& m) {
  const ValueId x = m.Float(3, 5);
  const DType type = m.TypeOf(x);
  if (!m.Takes("ConvTranspose", type)) return;
  const Shape& shape = m.ShapeOf(x);
  const int64_t channels = shape[1];
  int64_t groups = m.random().Chance(60) ? 1 : m.random().Pick({channels, int64_t{2}});
  if (groups == 0 || channels % groups != 0) groups = 1;
  const int64_t filters = m.random().Pick({1, 2, 3, 8});
  Window window = DrawWindow(m, shape, false);
  Shape weights{channels, filters};
  weights.dims().insert(weights.dims().end(), window.kernel.begin(), window.kernel.end());
  std::vector<ValueId> inputs = {x, m.Operand(type, weights)};
  if (m.random().Chance(50)) inputs.push_back(m.Weight(type, {filters * groups}));
  window.attributes.push_back({"group", groups});
  if (m.random().Chance(20)) {
    std::vector<int64_t> extra;
    for (const int64_t stride : window.strides) extra.push_back(m.random().Int(0, stride - 1));
    window.attributes.push_back({"output_padding", extra});
  }
  m.One("ConvTranspose", inputs, window.attributes);
}

ValueId Scale(GraphMaker& m, DType type, const Shape& shape) {
  Tensor tensor = Tensor::Allocate(DType::kFloat32, shape);
  for (float& v : tensor.mutable_data<float>()) {
    v = m.random().Chance(40) ? 0x1p-5F : static_cast<float>(0.01 + 0.05 * m.random().Unit());
  }
  return m.Constant(*ConvertTensor(tensor, type));
}

ValueId Bytes(GraphMaker& m, int low, int high) {
  const ValueId found = m.Find([&](ValueId id) {
    const DType type = m.TypeOf(id);
    return (type == DType::kInt8 || type == DType::kUInt8) && m.RankOf(id) >= low &&
           m.RankOf(id) <= high;
  });
  if (found != kNoValue && m.random().Chance(80)) return found;
  return m.Input(m.random().Pick({DType::kInt8, DType::kUInt8}), m.RandomShape(low, high));
}

void MakeQuantize(GraphMaker& m) {
  const ValueId x = m.Float(1, 4);
  const DType type = m.TypeOf(x);
  if (!m.Takes("QuantizeLinear", type)) return;
  const DType to = m.random().Pick({DType::kInt8, DType::kUInt8});
  const bool by_axis = m.opset() >= 13 && m.random().Chance(40);
  const int64_t axis = m.random().Int(0, m.RankOf(x) - 1);
  const Shape shape = by_axis ? Shape{m.ShapeOf(x)[static_cast<int>(axis)]} : Shape{};
  const ValueId q = m.One("QuantizeLinear", {x, Scale(m, type, shape), m.Weight(to, shape)},
                          {{"axis", m.Written(axis, m.RankOf(x))}});
  if (q == kNoValue || m.random().Chance(50)) return;
  m.One("DequantizeLinear", {q, Scale(m, type, shape), m.Weight(to, shape)},
        {{"axis", m.Written(axis, m.RankOf(x))}});
}

void MakeDequantize(GraphMaker& m) {
  const ValueId q = Bytes(m, 0, 4);
  std::vector<ValueId> inputs = {q, Scale(m, DType::kFloat32, {})};
  if (m.random().Chance(70)) inputs.push_back(m.Weight(m.TypeOf(q), {}));
  m.One("DequantizeLinear", inputs);
}

void MakeDynamicQuantize(GraphMaker& m) {
  const ValueId x = m.Float(1, 4);
  if (m.TypeOf(x) == DType::kFloat32) m.Add("DynamicQuantizeLinear", {x}, {}, 3);
}

void MakeIntegerMatMul(GraphMaker& m) {
  const ValueId a = Bytes(m, 2, 4);
  const DType type = m.TypeOf(a);
  const int64_t depth = m.ShapeOf(a)[m.RankOf(a) - 1];
  const ValueId b = m.Weight(m.random().Pick({DType::kInt8, DType::kUInt8}),
                             {depth, m.random().Pick({1, 3, 8, 17})});
  if (m.random().Chance(50)) {
    std::vector<ValueId> inputs = {a, b};
    if (m.random().Chance(60)) inputs.push_back(m.Weight(type, {}));
    m.One("MatMulInteger", inputs);
    return;
  }
  const DType out = m.random().Pick({DType::kInt8, DType::kUInt8});
  m.One("QLinearMatMul",
        {a, Scale(m, DType::kFloat32, {}), m.Weight(type, {}), b, Scale(m, DType::kFloat32, {}),
         m.Weight(m.TypeOf(b), {}), Scale(m, DType::kFloat32, {}), m.Weight(out, {})});
}

void MakeIntegerConv(GraphMaker& m) {
  const ValueId x = Bytes(m, 3, 4);
  const DType type = m.TypeOf(x);
  const Window window = DrawWindow(m, m.ShapeOf(x), true);
  const int64_t filters = m.random().Int(1, 5);
  Shape weights{filters, m.ShapeOf(x)[1]};
  weights.dims().insert(weights.dims().end(), window.kernel.begin(), window.kernel.end());
  const ValueId w = m.Weight(m.random().Pick({DType::kInt8, DType::kUInt8}), weights);
  if (m.random().Chance(50)) {
    std::vector<ValueId> inputs = {x, w};
    if (m.random().Chance(60)) inputs.push_back(m.Weight(type, {}));
    m.One("ConvInteger", inputs, window.attributes);
    return;
  }
  const ValueId w_scale =
      Scale(m, DType::kFloat32, m.random().Chance(50) ? Shape{filters} : Shape{});
  std::vector<ValueId> inputs = {x,
                                 Scale(m, DType::kFloat32, {}),
                                 m.Weight(type, {}),
                                 w,
                                 w_scale,
                                 m.Constant(Tensor::Zeros(m.TypeOf(w), m.ShapeOf(w_scale))),
                                 Scale(m, DType::kFloat32, {}),
                                 m.Weight(type, {})};
  if (m.random().Chance(50)) inputs.push_back(m.Weight(DType::kInt32, {filters}));
  m.One("QLinearConv", inputs, window.attributes);
}

}  // namespace

std::vector<Maker> ProductMakers() {
  return {{"matmul", 12, MakeMatMul},
          {"gemm", 6, MakeGemm},
          {"conv", 14, MakeConv},
          {"conv-transpose", 6, MakeConvTranspose},
          {"quantize", 4, MakeQuantize},
          {"dequantize", 3, MakeDequantize},
          {"dynamic-quantize", 1, MakeDynamicQuantize},
          {"integer-matmul", 3, MakeIntegerMatMul},
          {"integer-conv", 3, MakeIntegerConv}};
}

}  // namespace assay::fuzz
