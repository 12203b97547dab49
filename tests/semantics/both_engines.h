#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "ir/model_builder.h"
#include "reference/interpreter.h"
#include "runtime/engine.h"

// Models of a few nodes, run by the float64 reference and by the engine.
namespace assay::test {

using Ints = std::vector<int64_t>;
using Doubles = std::vector<double>;
using SharedModel = std::shared_ptr<const Model>;

inline const double kNaN = std::numeric_limits<double>::quiet_NaN();
inline const double kInfinity = std::numeric_limits<double>::infinity();

inline SharedModel Shared(ModelBuilder builder) {
  return std::make_shared<const Model>(std::move(builder).Build());
}

// `values`, each rounded once to a numeric type.
Tensor Values(DType dtype, const Shape& shape, const Doubles& values);
inline Tensor Floats(const Doubles& values) {
  return Values(DType::kFloat32, {static_cast<int64_t>(values.size())}, values);
}

// One node whose inputs are graph inputs, or constants where `constant` says so by index; invalid
// tensors are inputs that are left out.
struct OneNode {
  int opset = 0;
  std::string op;
  std::vector<Tensor> inputs;
  std::vector<Attribute> attributes = {};
  int outputs = 1;
  std::vector<int> constant = {};

  SharedModel model() const;
  // Of `inputs`, those that are no constants.
  std::vector<Tensor> bound() const;
};

// The model's outputs by the reference, in declared types (typed) or with floats as kFloat64.
std::vector<Tensor> RunReference(const SharedModel& model, const std::vector<Tensor>& inputs,
                                 TruthKind truth = TruthKind::kTyped);
// By the engine.
std::vector<Tensor> RunEngine(const SharedModel& model, const std::vector<Tensor>& inputs,
                              const EngineOptions& options = {});

// Same types, shapes and values: floats as exact numbers with their signs, NaN equal to NaN.
void ExpectEqual(const Tensor& got, const Tensor& expected);
// |got - expected| <= tolerance * max |expected|.
void ExpectNear(const Tensor& got, const Tensor& expected, double tolerance);

// The engine's outputs with all passes and then without any, each the same bits with 1, 2 and 3
// threads.
std::vector<std::vector<Tensor>> RunEngineInEveryWay(const SharedModel& model,
                                                     const std::vector<Tensor>& inputs);
// Typed reference and engine both give `expected`.
void ExpectOutputs(const SharedModel& model, const std::vector<Tensor>& inputs,
                   const std::vector<Tensor>& expected);
void ExpectOutputs(const OneNode& node, const std::vector<Tensor>& expected);

}  // namespace assay::test
