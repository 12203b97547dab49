// MatMul, Gemm and the recurrent layers against their formulas, on random shapes.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "reference/naive.h"

namespace assay::naive {
namespace {

// The index of an operand whose leading axes are broadcast: the last axes of `at` that it has, 0
// where its extent is 1.
Index Narrowed(const Index& at, const Index& shape) {
  Index index(at.end() - static_cast<std::ptrdiff_t>(shape.size()), at.end());
  for (size_t a = 0; a < shape.size(); ++a) {
    if (shape[a] == 1) index[a] = 0;
  }
  return index;
}

TEST(NaiveMatMul, AgreesWithTheReference) {
  ExpectReferenceAgrees("MatMul", [](Draw& draw) {
    const int64_t depth = draw.Int(0, 5);
    const Index batch = draw.Ints(static_cast<size_t>(draw.Int(0, 3)), 1, 3);
    const Index product = {draw.Int(1, 4), draw.Int(1, 4)};
    Index shapes[2];
    for (Index& shape : shapes) {
      shape.assign(batch.end() - draw.Int(0, static_cast<int64_t>(batch.size())), batch.end());
      for (int64_t& extent : shape) extent = draw.Coin() ? 1 : extent;
    }
    // What neither operand has, the result does not have.
    Index out(std::max(shapes[0].size(), shapes[1].size()), 1);
    for (const Index& shape : shapes) {
      for (size_t a = 0; a < shape.size(); ++a) {
        int64_t& extent = out[out.size() - shape.size() + a];
        extent = std::max(extent, shape[a]);
      }
    }
    out.insert(out.end(), product.begin(), product.end());
    shapes[0].insert(shapes[0].end(), {product[0], depth});
    shapes[1].insert(shapes[1].end(), {depth, product[1]});
    const Array a = draw.Values(shapes[0]);
    const Array b = draw.Values(shapes[1]);
    Array y = Array::Zeros(out);
    for (const Index& at : IndicesOf(out)) {
      for (int64_t k = 0; k < depth; ++k) {
        Index left = at;
        Index right = at;
        left.back() = k;
        right[right.size() - 2] = k;
        y[at] += a[Narrowed(left, a.shape)] * b[Narrowed(right, b.shape)];
      }
    }
    Problem problem;
    problem.op_case.inputs = {a.AsTensor(), b.AsTensor()};
    problem.expected = {y};
    return problem;
  });
}

TEST(NaiveGemm, AgreesWithTheReference) {
  ExpectReferenceAgrees("Gemm", [](Draw& draw) {
    const int64_t rows = draw.Int(1, 5);
    const int64_t depth = draw.Int(1, 5);
    const int64_t columns = draw.Int(1, 5);
    const bool flip_a = draw.Coin();
    const bool flip_b = draw.Coin();
    const auto alpha = static_cast<float>(draw.Int(-4, 4)) / 2;
    const auto beta = static_cast<float>(draw.Int(-4, 4)) / 2;
    const Array a = draw.Values(flip_a ? Index{depth, rows} : Index{rows, depth});
    const Array b = draw.Values(flip_b ? Index{columns, depth} : Index{depth, columns});
    const Array c = draw.Values(
        draw.OneOf<Index>({{}, {1}, {columns}, {rows, 1}, {1, columns}, {rows, columns}}));
    const bool with_c = draw.Coin();
    Array y = Array::Zeros({rows, columns});
    for (const Index& at : IndicesOf(y.shape)) {
      for (int64_t k = 0; k < depth; ++k) {
        y[at] += a[flip_a ? Index{k, at[0]} : Index{at[0], k}] *
                 b[flip_b ? Index{at[1], k} : Index{k, at[1]}];
      }
      y[at] *= alpha;
      if (with_c) y[at] += beta * c[Narrowed(at, c.shape)];
    }
    Problem problem;
    problem.op_case.attributes = {
        {"alpha", alpha}, {"beta", beta}, {"transA", int64_t{flip_a}}, {"transB", int64_t{flip_b}}};
    problem.op_case.inputs = {a.AsTensor(), b.AsTensor()};
    if (with_c) problem.op_case.inputs.emplace_back(c.AsTensor());
    problem.expected = {y};
    return problem;
  });
}

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// A recurrent layer of `gates` gates with weights W (input), R (state) and both biases.
struct Layer {
  int64_t gates = 0, steps = 0, batch = 0, width = 0, state = 0, directions = 1;
  std::string direction;
  Array x, w, r, bias, initial_h, initial_c, lengths;

  // What gate `g` gets from the input at a step and its bias.
  double FromInput(int64_t d, int64_t g, int64_t j, int64_t step, int64_t n) const {
    double sum = bias[{d, g * state + j}];
    for (int64_t i = 0; i < width; ++i) sum += w[{d, g * state + j, i}] * x[{step, n, i}];
    return sum;
  }
  double StateBias(int64_t d, int64_t g, int64_t j) const {
    return bias[{d, (gates + g) * state + j}];
  }
  double FromState(int64_t d, int64_t g, int64_t j, const std::vector<double>& h) const {
    double sum = 0;
    for (int64_t i = 0; i < state; ++i) {
      sum += r[{d, g * state + j, i}] * h[static_cast<size_t>(i)];
    }
    return sum;
  }
  bool Reversed(int64_t d) const { return d == 1 || direction == "reverse"; }
};

Layer DrawLayer(Draw& draw, int64_t gates) {
  Layer layer;
  layer.gates = gates;
  layer.steps = draw.Int(1, 4);
  layer.batch = draw.Int(1, 3);
  layer.width = draw.Int(1, 3);
  layer.state = draw.Int(1, 3);
  layer.direction = draw.OneOf<std::string>({"forward", "reverse", "bidirectional"});
  layer.directions = layer.direction == "bidirectional" ? 2 : 1;
  const int64_t d = layer.directions;
  layer.x = draw.Values({layer.steps, layer.batch, layer.width});
  layer.w = draw.Values({d, gates * layer.state, layer.width});
  layer.r = draw.Values({d, gates * layer.state, layer.state});
  layer.bias = draw.Values({d, 2 * gates * layer.state});
  layer.initial_h = draw.Values({d, layer.batch, layer.state});
  layer.initial_c = draw.Values({d, layer.batch, layer.state});
  layer.lengths = Array::Zeros({layer.batch});
  for (double& length : layer.lengths.values) {
    length = static_cast<double>(draw.Int(1, layer.steps));
  }
  return layer;
}

// Runs `step(direction, sequence step, batch, h, c)`, which replaces both states, along every
// sequence.
template <typename Step>
Problem Recur(const Layer& layer, const Step& step, bool has_cell) {
  Array y = Array::Zeros({layer.steps, layer.directions, layer.batch, layer.state});
  Array last_h = Array::Zeros(layer.initial_h.shape);
  Array last_c = last_h;
  for (int64_t d = 0; d < layer.directions; ++d) {
    for (int64_t n = 0; n < layer.batch; ++n) {
      std::vector<double> h, c;
      for (int64_t j = 0; j < layer.state; ++j) {
        h.push_back(layer.initial_h[{d, n, j}]);
        c.push_back(layer.initial_c[{d, n, j}]);
      }
      const auto length = static_cast<int64_t>(layer.lengths[{n}]);
      for (int64_t t = 0; t < length; ++t) {
        const int64_t at = layer.Reversed(d) ? length - 1 - t : t;
        step(d, at, n, h, c);
        for (int64_t j = 0; j < layer.state; ++j) y[{at, d, n, j}] = h[static_cast<size_t>(j)];
      }
      for (int64_t j = 0; j < layer.state; ++j) {
        last_h[{d, n, j}] = h[static_cast<size_t>(j)];
        last_c[{d, n, j}] = c[static_cast<size_t>(j)];
      }
    }
  }
  Problem problem;
  problem.op_case.attributes = {{"hidden_size", layer.state}, {"direction", layer.direction}};
  problem.op_case.inputs = {layer.x.AsTensor(),
                            layer.w.AsTensor(),
                            layer.r.AsTensor(),
                            layer.bias.AsTensor(),
                            layer.lengths.AsTensor(DType::kInt32),
                            layer.initial_h.AsTensor()};
  problem.expected = {y, last_h};
  if (has_cell) {
    problem.op_case.inputs.emplace_back(layer.initial_c.AsTensor());
    problem.expected.push_back(last_c);
  }
  return problem;
}

TEST(NaiveGru, AgreesWithTheReference) {
  ExpectReferenceAgrees("GRU", [](Draw& draw) {
    const Layer layer = DrawLayer(draw, 3);
    const bool reset_after = draw.Coin();
    const auto step = [&](int64_t d, int64_t at, int64_t n, std::vector<double>& h,
                          std::vector<double>&) {
      std::vector<double> z, reset, reset_h, next;
      for (int64_t j = 0; j < layer.state; ++j) {
        z.push_back(Sigmoid(layer.FromInput(d, 0, j, at, n) + layer.FromState(d, 0, j, h) +
                            layer.StateBias(d, 0, j)));
        reset.push_back(Sigmoid(layer.FromInput(d, 1, j, at, n) + layer.FromState(d, 1, j, h) +
                                layer.StateBias(d, 1, j)));
        reset_h.push_back(reset.back() * h[static_cast<size_t>(j)]);
      }
      for (int64_t j = 0; j < layer.state; ++j) {
        const auto i = static_cast<size_t>(j);
        const double from_state =
            reset_after ? reset[i] * (layer.FromState(d, 2, j, h) + layer.StateBias(d, 2, j))
                        : layer.FromState(d, 2, j, reset_h) + layer.StateBias(d, 2, j);
        const double candidate = std::tanh(layer.FromInput(d, 2, j, at, n) + from_state);
        next.push_back((1 - z[i]) * candidate + z[i] * h[i]);
      }
      h = next;
    };
    Problem problem = Recur(layer, step, false);
    problem.op_case.attributes.push_back({"linear_before_reset", int64_t{reset_after}});
    return problem;
  });
}

TEST(NaiveLstm, AgreesWithTheReference) {
  ExpectReferenceAgrees("LSTM", [](Draw& draw) {
    const Layer layer = DrawLayer(draw, 4);
    const Array peepholes = draw.Values({layer.directions, 3 * layer.state});
    const auto step = [&](int64_t d, int64_t at, int64_t n, std::vector<double>& h,
                          std::vector<double>& c) {
      const std::vector<double> before = h;
      for (int64_t j = 0; j < layer.state; ++j) {
        double& cell = c[static_cast<size_t>(j)];
        const auto gate = [&](int64_t g) {
          return layer.FromInput(d, g, j, at, n) + layer.FromState(d, g, j, before) +
                 layer.StateBias(d, g, j);
        };
        const double input = Sigmoid(gate(0) + peepholes[{d, j}] * cell);
        const double forget = Sigmoid(gate(2) + peepholes[{d, 2 * layer.state + j}] * cell);
        cell = forget * cell + input * std::tanh(gate(3));
        const double output = Sigmoid(gate(1) + peepholes[{d, layer.state + j}] * cell);
        h[static_cast<size_t>(j)] = output * std::tanh(cell);
      }
    };
    Problem problem = Recur(layer, step, true);
    problem.op_case.inputs.emplace_back(peepholes.AsTensor());
    return problem;
  });
}

}  // namespace
}  // namespace assay::naive
