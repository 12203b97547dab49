#include "reference/naive.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ir/print.h"
#include "ops/cases.h"
#include "ops/infer_graph.h"
#include "ops/op_cases.h"
#include "reference/interpreter.h"

namespace assay::naive {

std::vector<Index> IndicesOf(const Index& shape) {
  std::vector<Index> indices = {{}};
  for (const int64_t extent : shape) {
    std::vector<Index> longer;
    for (const Index& index : indices) {
      for (int64_t i = 0; i < extent; ++i) {
        longer.push_back(index);
        longer.back().push_back(i);
      }
    }
    indices = std::move(longer);
  }
  return indices;
}

Array Array::Zeros(Index shape) {
  Array array;
  array.values.resize(IndicesOf(shape).size());
  array.shape = std::move(shape);
  return array;
}

int64_t Array::Offset(const Index& at) const {
  int64_t offset = 0;
  for (size_t axis = 0; axis < shape.size(); ++axis) offset = offset * shape[axis] + at[axis];
  return offset;
}

bool Array::Has(const Index& at) const {
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (at[axis] < 0 || at[axis] >= shape[axis]) return false;
  }
  return true;
}

Tensor Array::AsTensor(DType dtype) const { return TensorAs(dtype, Shape(shape), values); }

Index Draw::Ints(size_t count, int64_t low, int64_t high) {
  Index ints(count);
  for (int64_t& value : ints) value = Int(low, high);
  return ints;
}

Array Draw::Values(Index shape) {
  Array array = Array::Zeros(std::move(shape));
  for (double& value : array.values) value = static_cast<double>(Int(-32, 32)) / 8;
  return array;
}

namespace {

void ExpectEqual(const Tensor& got, const Array& expected) {
  ASSERT_EQ(got.shape(), Shape(expected.shape));
  double largest = 1;  // of what was added up, at least
  for (const double value : expected.values) largest = std::max(largest, std::fabs(value));
  for (size_t i = 0; i < expected.values.size(); ++i) {
    ASSERT_NEAR(got.ValueAsDouble(static_cast<int64_t>(i)), expected.values[i], 1e-12 * largest)
        << "element " << i;
  }
}

}  // namespace

void ExpectReferenceAgrees(std::string_view op, const std::function<Problem(Draw&)>& draw,
                           int count) {
  ThreadPool threads(2);
  for (int seed = 0; seed < count; ++seed) {
    Draw random(static_cast<uint64_t>(seed));
    Problem problem = draw(random);
    OpCase& op_case = problem.op_case;
    if (op_case.output_types.empty()) {
      op_case.output_types.assign(problem.expected.size(), DType::kFloat64);
    }
    Graph graph = SingleNodeGraph(*FindOp("", op), op_case);
    const Status inferred = InferGraph(graph);
    SCOPED_TRACE(fmt::format("seed {}: {}", seed, PrintGraph(graph)));
    ASSERT_TRUE(inferred.ok()) << inferred.ToString();
    TensorMap inputs;
    for (size_t i = 0; i < op_case.inputs.size(); ++i) {
      if (op_case.inputs[i]) inputs.Add("input" + std::to_string(i), *op_case.inputs[i]);
    }
    Interpreter interpreter(graph, threads);
    const Result<TensorMap> outputs = interpreter.Run(inputs);
    ASSERT_TRUE(outputs.ok()) << outputs.status().ToString();
    ASSERT_EQ(outputs->size(), problem.expected.size());
    for (size_t i = 0; i < outputs->size(); ++i) {
      SCOPED_TRACE("output " + std::to_string(i));
      ExpectEqual((*outputs)[i].tensor, problem.expected[i]);
    }
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace assay::naive
