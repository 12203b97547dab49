// Operators along axes, and those that move elements, against their formulas, on random shapes.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "reference/naive.h"

namespace assay::naive {
namespace {

// The axis, or now and then the same axis counted from behind.
int64_t Written(Draw& draw, int64_t axis, size_t rank) {
  return draw.Coin() ? axis : axis - static_cast<int64_t>(rank);
}

TEST(NaiveSoftmax, AgreesWithTheReference) {
  ExpectReferenceAgrees("Softmax", [](Draw& draw) {
    const Array x = draw.Values(draw.Ints(static_cast<size_t>(draw.Int(1, 4)), 1, 4));
    const int64_t axis = draw.Int(0, static_cast<int64_t>(x.shape.size()) - 1);
    const auto a = static_cast<size_t>(axis);
    Array y = x;
    for (const Index& at : IndicesOf(x.shape)) {
      double sum = 0;
      Index along = at;
      for (along[a] = 0; along[a] < x.shape[a]; ++along[a]) sum += std::exp(x[along]);
      y[at] = std::exp(x[at]) / sum;
    }
    Problem problem;
    problem.op_case.attributes = {{"axis", Written(draw, axis, x.shape.size())}};
    problem.op_case.inputs = {x.AsTensor()};
    problem.expected = {y};
    return problem;
  });
}

TEST(NaiveLayerNormalization, AgreesWithTheReference) {
  ExpectReferenceAgrees("LayerNormalization", [](Draw& draw) {
    const Array x = draw.Values(draw.Ints(static_cast<size_t>(draw.Int(1, 4)), 1, 4));
    const int64_t axis = draw.Int(0, static_cast<int64_t>(x.shape.size()) - 1);
    const Index rows(x.shape.begin(), x.shape.begin() + axis);
    const Index inner(x.shape.begin() + axis, x.shape.end());
    const float epsilon = draw.Coin() ? 1e-5F : 0.25F;
    const Array scale = draw.Values(inner);
    const Array bias = draw.Values(inner);
    Index one_per_row = rows;
    one_per_row.resize(x.shape.size(), 1);
    Array y = x;
    Array means = Array::Zeros(one_per_row);
    Array inverses = means;
    const std::vector<Index> places = IndicesOf(inner);
    const auto count = static_cast<double>(places.size());
    for (const Index& row : IndicesOf(rows)) {
      const auto whole = [&](const Index& place) {
        Index at = row;
        at.insert(at.end(), place.begin(), place.end());
        return at;
      };
      double mean = 0;
      double variance = 0;
      for (const Index& place : places) mean += x[whole(place)] / count;
      for (const Index& place : places) {
        variance += (x[whole(place)] - mean) * (x[whole(place)] - mean) / count;
      }
      const double inverse = 1 / std::sqrt(variance + epsilon);
      for (const Index& place : places) {
        y[whole(place)] = (x[whole(place)] - mean) * inverse * scale[place] + bias[place];
      }
      Index at = row;
      at.resize(x.shape.size(), 0);
      means[at] = mean;
      inverses[at] = inverse;
    }
    Problem problem;
    problem.op_case.attributes = {{"axis", Written(draw, axis, x.shape.size())},
                                  {"epsilon", epsilon}};
    problem.op_case.inputs = {x.AsTensor(), scale.AsTensor(), bias.AsTensor()};
    problem.op_case.output_types = {DType::kFloat64, DType::kFloat32, DType::kFloat32};
    problem.expected = {y, means, inverses};
    return problem;
  });
}

TEST(NaiveReduceSum, AgreesWithTheReference) {
  ExpectReferenceAgrees("ReduceSum", [](Draw& draw) {
    const auto rank = static_cast<size_t>(draw.Int(0, 4));
    const Array x = draw.Values(draw.Ints(rank, 0, 4));
    const bool keep = draw.Coin();
    const bool noop = draw.Coin();
    Array axes;
    std::vector<bool> reduced(rank, false);
    for (size_t a = 0; a < rank; ++a) {
      if (!draw.Coin()) continue;
      reduced[a] = true;
      axes.values.push_back(static_cast<double>(Written(draw, static_cast<int64_t>(a), rank)));
    }
    axes.shape = {static_cast<int64_t>(axes.values.size())};
    if (axes.values.empty() && !noop) reduced.assign(rank, true);
    const auto project = [&](const Index& at, int64_t kept) {
      Index projected;
      for (size_t a = 0; a < rank; ++a) {
        if (!reduced[a]) projected.push_back(at[a]);
        if (reduced[a] && keep) projected.push_back(kept);
      }
      return projected;
    };
    Array y = Array::Zeros(project(x.shape, 1));
    for (const Index& at : IndicesOf(x.shape)) y[project(at, 0)] += x[at];
    Problem problem;
    problem.op_case.attributes = {{"keepdims", int64_t{keep}},
                                  {"noop_with_empty_axes", int64_t{noop}}};
    problem.op_case.inputs = {x.AsTensor(), axes.AsTensor(DType::kInt64)};
    problem.expected = {y};
    return problem;
  });
}

TEST(NaiveCumSum, AgreesWithTheReference) {
  ExpectReferenceAgrees("CumSum", [](Draw& draw) {
    const Array x = draw.Values(draw.Ints(static_cast<size_t>(draw.Int(1, 4)), 1, 4));
    const int64_t axis = draw.Int(0, static_cast<int64_t>(x.shape.size()) - 1);
    const auto a = static_cast<size_t>(axis);
    const bool exclusive = draw.Coin();
    const bool reverse = draw.Coin();
    Array y = Array::Zeros(x.shape);
    for (const Index& at : IndicesOf(x.shape)) {
      Index along = at;
      for (along[a] = 0; along[a] < x.shape[a]; ++along[a]) {
        const int64_t before = reverse ? along[a] - at[a] : at[a] - along[a];
        if (exclusive ? before > 0 : before >= 0) y[at] += x[along];
      }
    }
    Problem problem;
    problem.op_case.attributes = {{"exclusive", int64_t{exclusive}}, {"reverse", int64_t{reverse}}};
    problem.op_case.inputs = {x.AsTensor(), Tensor::Scalar(Written(draw, axis, x.shape.size()))};
    problem.expected = {y};
    return problem;
  });
}

TEST(NaiveTopK, AgreesWithTheReference) {
  ExpectReferenceAgrees("TopK", [](Draw& draw) {
    const Array x = draw.Values(draw.Ints(static_cast<size_t>(draw.Int(1, 3)), 1, 20));
    const int64_t axis = draw.Int(0, static_cast<int64_t>(x.shape.size()) - 1);
    const auto a = static_cast<size_t>(axis);
    const int64_t k = draw.Int(0, x.shape[a]);
    const bool largest = draw.Coin();
    Index out = x.shape;
    out[a] = k;
    Array values = Array::Zeros(out);
    Array places = values;
    Index lines = x.shape;
    lines[a] = 1;
    for (const Index& line : IndicesOf(lines)) {
      std::vector<int64_t> left(static_cast<size_t>(x.shape[a]));
      for (size_t i = 0; i < left.size(); ++i) left[i] = static_cast<int64_t>(i);
      Index at = line;
      const auto value = [&](int64_t place) {
        Index from = line;
        from[a] = place;
        return x[from];
      };
      for (at[a] = 0; at[a] < k; ++at[a]) {
        // The first of the best.
        auto best = left.begin();
        for (auto place = left.begin(); place != left.end(); ++place) {
          const bool better = largest ? value(*place) > value(*best) : value(*place) < value(*best);
          if (better) best = place;
        }
        values[at] = value(*best);
        places[at] = static_cast<double>(*best);
        left.erase(best);
      }
    }
    Problem problem;
    problem.op_case.attributes = {{"axis", Written(draw, axis, x.shape.size())},
                                  {"largest", int64_t{largest}}};
    problem.op_case.inputs = {x.AsTensor(), Tensor::Vector<int64_t>({k})};
    problem.op_case.output_types = {DType::kFloat64, DType::kInt64};
    problem.expected = {values, places};
    return problem;
  });
}

TEST(NaiveTranspose, AgreesWithTheReference) {
  ExpectReferenceAgrees("Transpose", [](Draw& draw) {
    const Array x = draw.Values(draw.Ints(static_cast<size_t>(draw.Int(0, 5)), 0, 4));
    Index perm(x.shape.size());
    for (size_t a = 0; a < perm.size(); ++a) {
      perm[a] = static_cast<int64_t>(a);
      std::swap(perm[a], perm[static_cast<size_t>(draw.Int(0, static_cast<int64_t>(a)))]);
    }
    Index out(perm.size());
    for (size_t a = 0; a < perm.size(); ++a) out[a] = x.shape[static_cast<size_t>(perm[a])];
    Array y = Array::Zeros(out);
    for (const Index& at : IndicesOf(out)) {
      Index from(perm.size());
      for (size_t a = 0; a < perm.size(); ++a) from[static_cast<size_t>(perm[a])] = at[a];
      y[at] = x[from];
    }
    Problem problem;
    problem.op_case.attributes = {{"perm", perm}};
    problem.op_case.inputs = {x.AsTensor()};
    problem.expected = {y};
    return problem;
  });
}

TEST(NaiveGather, AgreesWithTheReference) {
  ExpectReferenceAgrees("Gather", [](Draw& draw) {
    const Array x = draw.Values(draw.Ints(static_cast<size_t>(draw.Int(1, 4)), 1, 4));
    const int64_t axis = draw.Int(0, static_cast<int64_t>(x.shape.size()) - 1);
    const int64_t extent = x.shape[static_cast<size_t>(axis)];
    Array indices = Array::Zeros(draw.Ints(static_cast<size_t>(draw.Int(0, 2)), 0, 3));
    for (double& index : indices.values) index = static_cast<double>(draw.Int(-extent, extent - 1));
    Index out(x.shape.begin(), x.shape.begin() + axis);
    out.insert(out.end(), indices.shape.begin(), indices.shape.end());
    out.insert(out.end(), x.shape.begin() + axis + 1, x.shape.end());
    Array y = Array::Zeros(out);
    for (const Index& at : IndicesOf(out)) {
      const auto first = at.begin() + axis;
      const auto last = first + static_cast<std::ptrdiff_t>(indices.shape.size());
      const auto index = static_cast<int64_t>(indices[Index(first, last)]);
      Index from(at.begin(), first);
      from.push_back(index < 0 ? index + extent : index);
      from.insert(from.end(), last, at.end());
      y[at] = x[from];
    }
    Problem problem;
    problem.op_case.attributes = {{"axis", Written(draw, axis, x.shape.size())}};
    problem.op_case.inputs = {x.AsTensor(), indices.AsTensor(DType::kInt64)};
    problem.expected = {y};
    return problem;
  });
}

double Combine(const std::string& reduction, double a, double b) {
  if (reduction == "add") return a + b;
  if (reduction == "mul") return a * b;
  if (reduction == "max") return std::max(a, b);
  if (reduction == "min") return std::min(a, b);
  return b;
}

TEST(NaiveScatterElements, AgreesWithTheReference) {
  ExpectReferenceAgrees("ScatterElements", [](Draw& draw) {
    const Array x = draw.Values(draw.Ints(static_cast<size_t>(draw.Int(1, 4)), 1, 4));
    const int64_t axis = draw.Int(0, static_cast<int64_t>(x.shape.size()) - 1);
    const auto a = static_cast<size_t>(axis);
    const std::string reduction = draw.OneOf<std::string>({"none", "add", "mul", "max", "min"});
    Index shape = x.shape;
    for (int64_t& extent : shape) extent = draw.Int(1, extent);
    const Array updates = draw.Values(shape);
    Array indices = Array::Zeros(shape);
    const int64_t extent = x.shape[a];
    const int64_t shift = draw.Int(0, extent - 1);
    Array y = x;
    for (const Index& at : IndicesOf(shape)) {
      // Without a reduction no place may be written twice.
      const int64_t index =
          reduction == "none" ? (at[a] + shift) % extent : draw.Int(0, extent - 1);
      indices[at] = static_cast<double>(Written(draw, index, static_cast<size_t>(extent)));
      Index to = at;
      to[a] = index;
      y[to] = Combine(reduction, y[to], updates[at]);
    }
    Problem problem;
    problem.op_case.attributes = {{"axis", Written(draw, axis, x.shape.size())},
                                  {"reduction", reduction}};
    problem.op_case.inputs = {x.AsTensor(), indices.AsTensor(DType::kInt64), updates.AsTensor()};
    problem.expected = {y};
    return problem;
  });
}

}  // namespace
}  // namespace assay::naive
