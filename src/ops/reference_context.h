#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/thread_pool.h"
#include "ops/op_context.h"
#include "tensor/runtime_value.h"

namespace assay {

// Runs a body of a node: its inputs, then what it captures.
using BodyRunner = std::function<Result<std::vector<RuntimeValue>>(
    const Graph& body, std::vector<RuntimeValue> inputs, std::vector<RuntimeValue> captures)>;

// How the float64 reference hands a node its inputs and takes its outputs. Floating-point tensors
// of every declared type are kFloat64 here; rounding to declared types (typed truth) happens
// outside.
class ReferenceContext : public OpContext {
 public:
  ReferenceContext(const Node& node, const OpSchema& schema,
                   std::vector<const RuntimeValue*> inputs, std::vector<DType> input_types,
                   std::vector<DType> output_types, ThreadPool& threads, const BodyRunner& run_body,
                   bool declared_types = false)
      : OpContext(node, schema),
        inputs_(std::move(inputs)),
        input_types_(std::move(input_types)),
        output_types_(std::move(output_types)),
        outputs_(node.outputs.size()),
        threads_(threads),
        run_body_(run_body),
        declared_types_(declared_types) {}

  const Tensor& Input(int i) const { return InputValue(i).tensor(); }
  // For operators that take sequences and optionals.
  const RuntimeValue& InputValue(int i) const { return *inputs_[static_cast<size_t>(i)]; }
  // Elements of a floating-point input.
  std::span<const double> Doubles(int i) const { return Input(i).data<double>(); }
  // An integer input of any width as a list.
  std::vector<int64_t> IntValues(int i) const;

  // Element types that the model declares (kFloat16 where the tensor here is kFloat64).
  DType DeclaredInput(int i) const { return input_types_[static_cast<size_t>(i)]; }
  DType DeclaredOutput(int i) const { return output_types_[static_cast<size_t>(i)]; }

  // Makes output i: kFloat64 if its declared type is floating (unless tensors come in declared
  // types, see OpDef::moves_values), else the declared type.
  // Uninitialised. Valid until the next call for the same output. For an output that nobody wants
  // it gives scratch.
  Tensor& AllocateOutput(int i, Shape shape);
  // Sets output i to a value that may share memory with an input.
  void SetOutput(int i, RuntimeValue value);

  // Runs the body that attribute `name` holds. Errors: those of its nodes.
  Result<std::vector<RuntimeValue>> RunBody(std::string_view name,
                                            std::vector<RuntimeValue> inputs) const;

  ThreadPool& threads() const { return threads_; }
  std::vector<RuntimeValue>& outputs() { return outputs_; }

 private:
  std::vector<const RuntimeValue*> inputs_;
  std::vector<DType> input_types_;
  std::vector<DType> output_types_;
  std::vector<RuntimeValue> outputs_;
  ThreadPool& threads_;
  const BodyRunner& run_body_;
  const bool declared_types_;  // floating tensors come and go as the model declares them
};

}  // namespace assay
