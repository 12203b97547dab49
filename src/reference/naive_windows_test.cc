// Conv, ConvTranspose, the pools and Resize against their formulas, on random shapes.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/naive.h"

namespace assay::naive {
namespace {

// Geometry of a window that moves over 1 to 3 axes.
struct Window {
  Index kernel, strides, dilations, begins, ends;
  size_t axes = 0;

  std::vector<Attribute> Attributes() const {
    Index pads = begins;
    pads.insert(pads.end(), ends.begin(), ends.end());
    return {
        {"kernel_shape", kernel}, {"strides", strides}, {"dilations", dilations}, {"pads", pads}};
  }
  // Where tap `k` of the window of output `o` reads, without the two leading axes.
  Index Place(const Index& o, const Index& k) const {
    Index at(axes);
    for (size_t a = 0; a < axes; ++a) {
      at[a] = o[a] * strides[a] + k[a] * dilations[a] - begins[a];
    }
    return at;
  }
};

Window DrawWindow(Draw& draw, bool pads_below_kernel) {
  Window window;
  window.axes = static_cast<size_t>(draw.Int(1, 3));
  window.kernel = draw.Ints(window.axes, 1, 3);
  window.strides = draw.Ints(window.axes, 1, 3);
  window.dilations = draw.Ints(window.axes, 1, 2);
  window.begins = draw.Ints(window.axes, 0, 2);
  window.ends = draw.Ints(window.axes, 0, 2);
  for (size_t a = 0; a < window.axes && pads_below_kernel; ++a) {
    window.begins[a] = std::min(window.begins[a], window.kernel[a] - 1);
    window.ends[a] = std::min(window.ends[a], window.kernel[a] - 1);
  }
  return window;
}

int64_t Reach(const Window& window, size_t axis) {
  return window.dilations[axis] * (window.kernel[axis] - 1) + 1;
}

Index Tail(const Index& index) { return {index.begin() + 2, index.end()}; }

Index Join(int64_t a, int64_t b, const Index& rest) {
  Index index = {a, b};
  index.insert(index.end(), rest.begin(), rest.end());
  return index;
}

Index DrawExtents(Draw& draw, const Window& window) {
  Index extents(window.axes);
  for (size_t a = 0; a < window.axes; ++a) extents[a] = Reach(window, a) + draw.Int(0, 4);
  return extents;
}

TEST(NaiveConv, AgreesWithTheReference) {
  ExpectReferenceAgrees("Conv", [](Draw& draw) {
    const Window window = DrawWindow(draw, false);
    const int64_t groups = draw.Int(1, 3);
    const int64_t channels = draw.Int(1, 2);  // of a group
    const int64_t filters = draw.Int(1, 2);
    const Index extents = DrawExtents(draw, window);
    const Array x = draw.Values(Join(draw.Int(1, 2), groups * channels, extents));
    const Array w = draw.Values(Join(groups * filters, channels, window.kernel));
    const Array bias = draw.Values({groups * filters});
    Index out = extents;
    for (size_t a = 0; a < window.axes; ++a) {
      out[a] =
          (extents[a] + window.begins[a] + window.ends[a] - Reach(window, a)) / window.strides[a] +
          1;
    }
    Array y = Array::Zeros(Join(x.shape[0], groups * filters, out));
    const bool with_bias = draw.Coin();
    for (const Index& at : IndicesOf(y.shape)) {
      y[at] = with_bias ? bias[{at[1]}] : 0;
      for (int64_t c = 0; c < channels; ++c) {
        for (const Index& k : IndicesOf(window.kernel)) {
          const int64_t channel = at[1] / filters * channels + c;
          const Index from = Join(at[0], channel, window.Place(Tail(at), k));
          if (x.Has(from)) y[at] += x[from] * w[Join(at[1], c, k)];
        }
      }
    }
    Problem problem;
    problem.op_case.attributes = window.Attributes();
    problem.op_case.attributes.push_back({"group", groups});
    problem.op_case.inputs = {x.AsTensor(), w.AsTensor()};
    if (with_bias) problem.op_case.inputs.emplace_back(bias.AsTensor());
    problem.expected = {y};
    return problem;
  });
}

// The transpose of Conv as a matrix: every input is spread over the outputs that a Conv would have
// read to make it.
TEST(NaiveConvTranspose, AgreesWithTheReference) {
  ExpectReferenceAgrees("ConvTranspose", [](Draw& draw) {
    Window window = DrawWindow(draw, true);
    const int64_t groups = draw.Int(1, 3);
    const int64_t channels = draw.Int(1, 2);
    const int64_t filters = draw.Int(1, 2);
    const Index extents = draw.Ints(window.axes, 1, 4);
    Index output_padding(window.axes);
    Index out(window.axes);
    for (size_t a = 0; a < window.axes; ++a) {
      output_padding[a] = draw.Int(0, std::max(window.strides[a], window.dilations[a]) - 1);
      out[a] = window.strides[a] * (extents[a] - 1) + output_padding[a] + Reach(window, a) -
               window.begins[a] - window.ends[a];
    }
    if (*std::min_element(out.begin(), out.end()) < 1) {
      for (size_t a = 0; a < window.axes; ++a) {
        out[a] += window.begins[a] + window.ends[a];
        window.begins[a] = window.ends[a] = 0;
      }
    }
    const Array x = draw.Values(Join(draw.Int(1, 2), groups * channels, extents));
    const Array w = draw.Values(Join(groups * channels, filters, window.kernel));
    Array y = Array::Zeros(Join(x.shape[0], groups * filters, out));
    for (const Index& at : IndicesOf(x.shape)) {
      for (int64_t f = 0; f < filters; ++f) {
        for (const Index& k : IndicesOf(window.kernel)) {
          const int64_t filter = at[1] / channels * filters + f;
          const Index to = Join(at[0], filter, window.Place(Tail(at), k));
          if (y.Has(to)) y[to] += x[at] * w[Join(at[1], f, k)];
        }
      }
    }
    Problem problem;
    problem.op_case.attributes = window.Attributes();
    problem.op_case.attributes.push_back({"group", groups});
    problem.op_case.attributes.push_back({"output_padding", output_padding});
    problem.op_case.inputs = {x.AsTensor(), w.AsTensor()};
    problem.expected = {y};
    return problem;
  });
}

// Outputs along each axis. With `ceil` a last window that only partly fits counts, unless it would
// start behind the input and its padding in front.
Index PooledExtents(const Window& window, const Index& extents, bool ceil) {
  Index out(window.axes);
  for (size_t a = 0; a < window.axes; ++a) {
    const int64_t room = extents[a] + window.begins[a] + window.ends[a];
    for (int64_t o = 0;; ++o) {
      const int64_t start = o * window.strides[a];
      const bool fits = start + Reach(window, a) <= room;
      const bool hangs_over = ceil && start < extents[a] + window.begins[a] &&
                              start - window.strides[a] + Reach(window, a) < room;
      if (!fits && !hangs_over) break;
      out[a] = o + 1;
    }
  }
  return out;
}

TEST(NaiveMaxPool, AgreesWithTheReference) {
  ExpectReferenceAgrees("MaxPool", [](Draw& draw) {
    const Window window = DrawWindow(draw, true);
    const Index extents = DrawExtents(draw, window);
    const bool ceil = draw.Coin();
    const Array x = draw.Values(Join(draw.Int(1, 2), draw.Int(1, 3), extents));
    Array y = Array::Zeros(Join(x.shape[0], x.shape[1], PooledExtents(window, extents, ceil)));
    Array places = y;
    for (const Index& at : IndicesOf(y.shape)) {
      y[at] = -std::numeric_limits<double>::infinity();
      for (const Index& k : IndicesOf(window.kernel)) {
        const Index from = Join(at[0], at[1], window.Place(Tail(at), k));
        if (!x.Has(from) || x[from] <= y[at]) continue;
        y[at] = x[from];
        places[at] = static_cast<double>(x.Offset(from));
      }
    }
    Problem problem;
    problem.op_case.attributes = window.Attributes();
    problem.op_case.attributes.push_back({"ceil_mode", int64_t{ceil}});
    problem.op_case.inputs = {x.AsTensor()};
    problem.op_case.output_types = {DType::kFloat64, DType::kInt64};
    problem.expected = {y, places};
    return problem;
  });
}

TEST(NaiveAveragePool, AgreesWithTheReference) {
  ExpectReferenceAgrees("AveragePool", [](Draw& draw) {
    const Window window = DrawWindow(draw, true);
    const Index extents = DrawExtents(draw, window);
    const bool ceil = draw.Coin();
    const bool count_pads = draw.Coin();
    const Array x = draw.Values(Join(draw.Int(1, 2), draw.Int(1, 3), extents));
    Array y = Array::Zeros(Join(x.shape[0], x.shape[1], PooledExtents(window, extents, ceil)));
    for (const Index& at : IndicesOf(y.shape)) {
      double sum = 0;
      int64_t count = 0;
      for (const Index& k : IndicesOf(window.kernel)) {
        const Index place = window.Place(Tail(at), k);
        const Index from = Join(at[0], at[1], place);
        if (x.Has(from)) sum += x[from];
        bool padded = true;
        for (size_t a = 0; a < window.axes; ++a) {
          padded = padded && place[a] < extents[a] + window.ends[a];
        }
        if (count_pads ? padded : x.Has(from)) ++count;
      }
      y[at] = sum / static_cast<double>(count);
    }
    Problem problem;
    problem.op_case.attributes = window.Attributes();
    problem.op_case.attributes.push_back({"ceil_mode", int64_t{ceil}});
    problem.op_case.attributes.push_back({"count_include_pad", int64_t{count_pads}});
    problem.op_case.inputs = {x.AsTensor()};
    problem.expected = {y};
    return problem;
  });
}

// Where output `o` of `out` lies on an axis of `in` elements.
double SourceOf(const std::string& transform, int64_t o, int64_t in, int64_t out, double scale) {
  const auto place = static_cast<double>(o);
  if (transform == "asymmetric") return place / scale;
  if (transform == "align_corners") {
    return out == 1 ? 0 : place * static_cast<double>(in - 1) / static_cast<double>(out - 1);
  }
  if (transform == "pytorch_half_pixel" && out == 1) return 0;
  return (place + 0.5) / scale - 0.5;
}

int64_t NearestOf(const std::string& mode, double source) {
  const double floor = std::floor(source);
  if (mode == "floor") return static_cast<int64_t>(floor);
  if (mode == "ceil") return static_cast<int64_t>(std::ceil(source));
  const double rest = source - floor;
  const bool up = rest > 0.5 || (rest == 0.5 && mode == "round_prefer_ceil");
  return static_cast<int64_t>(floor) + (up ? 1 : 0);
}

// Scales are powers of two, so that no rounding decides which element is nearest.
TEST(NaiveResize, AgreesWithTheReference) {
  ExpectReferenceAgrees("Resize", [](Draw& draw) {
    const std::string mode = draw.OneOf<std::string>({"nearest", "linear"});
    const std::string transform = draw.OneOf<std::string>(
        {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"});
    const std::string nearest =
        draw.OneOf<std::string>({"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"});
    const auto rank = static_cast<size_t>(draw.Int(1, 4));
    const Array x = draw.Values(draw.Ints(rank, 2, 5));
    Array scales = Array::Zeros({static_cast<int64_t>(rank)});
    Index out(rank);
    for (size_t a = 0; a < rank; ++a) {
      scales.values[a] = draw.OneOf<double>({0.5, 1, 2, 4});
      out[a] = static_cast<int64_t>(static_cast<double>(x.shape[a]) * scales.values[a]);
    }
    Array y = Array::Zeros(out);
    for (const Index& at : IndicesOf(out)) {
      for (const Index& side : IndicesOf(Index(rank, mode == "linear" ? 2 : 1))) {
        double weight = 1;
        Index from(rank);
        for (size_t a = 0; a < rank; ++a) {
          const double source = SourceOf(transform, at[a], x.shape[a], out[a], scales.values[a]);
          from[a] = NearestOf(nearest, source);
          if (mode == "linear") {
            const double rest = source - std::floor(source);
            from[a] = static_cast<int64_t>(std::floor(source)) + side[a];
            weight *= side[a] == 1 ? rest : 1 - rest;
          }
          from[a] = std::clamp<int64_t>(from[a], 0, x.shape[a] - 1);
        }
        y[at] += weight * x[from];
      }
    }
    Problem problem;
    problem.op_case.attributes = {
        {"mode", mode}, {"coordinate_transformation_mode", transform}, {"nearest_mode", nearest}};
    problem.op_case.inputs = {x.AsTensor(), std::nullopt, scales.AsTensor(DType::kFloat32)};
    problem.expected = {y};
    return problem;
  });
}

}  // namespace
}  // namespace assay::naive
