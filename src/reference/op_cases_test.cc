// Runs the examples that every operator brings along through inference and the float64 reference.

#include "ops/op_cases.h"

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "ops/infer_graph.h"
#include "reference/interpreter.h"

namespace assay {

static void PrintTo(const OpCaseOf& ref, std::ostream* out) { *out << ref.ToString(); }

namespace {

void ExpectTensorsMatch(const Tensor& got, const Tensor& expected, double tolerance) {
  ASSERT_EQ(got.shape(), expected.shape());
  if (expected.dtype() == DType::kString) {
    for (int64_t i = 0; i < got.elements(); ++i) {
      EXPECT_EQ(got.data<std::string>()[i], expected.data<std::string>()[i]) << "element " << i;
    }
    return;
  }
  if (!IsFloating(expected.dtype())) {
    ASSERT_EQ(got.dtype(), expected.dtype());
    for (int64_t i = 0; i < got.elements(); ++i) {
      EXPECT_EQ(got.ValueAsInt(i), expected.ValueAsInt(i)) << "element " << i;
    }
    return;
  }
  double largest = 0;
  for (int64_t i = 0; i < expected.elements(); ++i) {
    const double value = std::fabs(expected.ValueAsDouble(i));
    if (std::isfinite(value)) largest = std::max(largest, value);
  }
  // Expected values that are written in a narrower type carry its rounding.
  const double narrow = expected.dtype() == DType::kFloat64 ? 0 : std::ldexp(1.0, -24);
  for (int64_t i = 0; i < got.elements(); ++i) {
    const double a = got.ValueAsDouble(i);
    const double b = expected.ValueAsDouble(i);
    if (std::isnan(b) || std::isinf(b)) {
      EXPECT_TRUE(std::isnan(b) ? std::isnan(a) : a == b) << "element " << i << ": " << a;
    } else {
      EXPECT_NEAR(a, b, std::max(tolerance, narrow) * std::max(largest, 1e-300)) << "element " << i;
      if (b == 0 && std::signbit(b)) {
        EXPECT_TRUE(std::signbit(a)) << "element " << i << ": " << a;
      }
    }
  }
}

class OpCases : public testing::TestWithParam<OpCaseOf> {};

TEST_P(OpCases, ReferenceGivesTheExpectedValues) {
  const auto& [op, op_case] = GetParam();
  Graph graph = SingleNodeGraph(*op, op_case);
  const Status inferred = InferGraph(graph);
  ASSERT_TRUE(inferred.ok()) << inferred.ToString();

  TensorMap inputs;
  for (size_t i = 0; i < op_case.inputs.size(); ++i) {
    if (op_case.inputs[i]) inputs.Add("input" + std::to_string(i), *op_case.inputs[i]);
  }
  ThreadPool threads(2);
  Interpreter interpreter(graph, threads);
  const Result<TensorMap> outputs = interpreter.Run(inputs);
  ASSERT_TRUE(outputs.ok()) << outputs.status().ToString();

  for (size_t i = 0; i < outputs->size(); ++i) {
    SCOPED_TRACE("output " + std::to_string(i));
    const Tensor& got = (*outputs)[i].tensor;
    const ValueType& type = graph.value(graph.outputs[i]).type;
    EXPECT_EQ(got.dtype(), IsFloating(type.dtype) ? DType::kFloat64 : type.dtype);
    if (i < op_case.output_types.size()) {
      EXPECT_EQ(type.dtype, op_case.output_types[i]);
    }
    if (type.shape) {
      ASSERT_EQ(type.shape->size(), static_cast<size_t>(got.shape().rank()));
      for (int axis = 0; axis < got.shape().rank(); ++axis) {
        const Dim& dim = (*type.shape)[static_cast<size_t>(axis)];
        if (!dim.IsKnown()) continue;
        EXPECT_EQ(dim.value(), got.shape()[axis]) << "inferred axis " << axis;
      }
    }
    if (i < op_case.expected.size())
      ExpectTensorsMatch(got, op_case.expected[i], op_case.tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Operators, OpCases, testing::ValuesIn(AllOpCases()), [](const auto& info) {
  std::string name = std::string(info.param.op->name) + "_" + info.param.op_case.name;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name + "_" + std::to_string(info.index);
});

TEST(OpTable, IsSortedAndEveryOperatorIsComplete) {
  const OpDef* previous = nullptr;
  for (const OpDef* op : AllOps()) {
    EXPECT_NE(op->infer, nullptr) << op->name;
    EXPECT_NE(op->reference, nullptr) << op->name;
    EXPECT_TRUE(op->moves_values || op->cases != nullptr) << op->name;
    EXPECT_FALSE(op->schemas.empty()) << op->name;
    if (previous != nullptr) {
      EXPECT_LT(std::make_pair(previous->domain, previous->name),
                std::make_pair(op->domain, op->name));
    }
    for (size_t i = 1; i < op->schemas.size(); ++i) {
      EXPECT_LT(op->schemas[i - 1].since, op->schemas[i].since) << op->name;
    }
    previous = op;
  }
}

}  // namespace
}  // namespace assay
