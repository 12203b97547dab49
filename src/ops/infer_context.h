#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "ir/dim.h"
#include "ops/op_context.h"

namespace assay {

// What shape inference tells an operator about its inputs, and takes from it about its outputs.
class InferContext : public OpContext {
 public:
  struct Input {
    const ValueType* type = nullptr;   // nullptr: left out
    const Tensor* constant = nullptr;  // weights and constants
    // Contents of an integer tensor of rank 0 or 1 as extents, where they follow from shapes.
    const std::vector<Dim>* contents = nullptr;
  };
  struct Output {
    ValueType type;
    std::optional<std::vector<Dim>> contents;
  };

  // Infers the body that attribute `name` holds from the types of its inputs, and keeps what was
  // found in the node; gives the types of its outputs.
  using InferBodyFunction =
      std::function<Result<std::vector<ValueType>>(std::string_view name, std::vector<ValueType>)>;

  InferContext(const Node& node, const OpSchema& schema, std::vector<Input> inputs,
               InferBodyFunction infer_body = nullptr)
      : OpContext(node, schema),
        inputs_(std::move(inputs)),
        outputs_(node.outputs.size()),
        infer_body_(std::move(infer_body)) {}

  // The types of what a body gives for inputs of these types. May be called again with others; the
  // last call decides what the body is taken for when it runs. Errors: a number of inputs that the
  // body does not have, those of its nodes.
  Result<std::vector<ValueType>> InferBody(std::string_view name,
                                           std::vector<ValueType> inputs) const {
    return infer_body_(name, std::move(inputs));
  }

  // kUndefined if the input is left out or its type is not known.
  DType InputType(int i) const;
  // The whole type, for sequences and optionals; nullptr if left out.
  const ValueType* InputValueType(int i) const;
  // nullptr: left out or rank not known.
  const SymbolicShape* InputShape(int i) const;
  // Rank of input i if known.
  std::optional<int> InputRank(int i) const;
  // Data of a constant input; nullptr if it is not constant.
  const Tensor* ConstantInput(int i) const;
  // A constant integer input as a list (rank 0 gives one element); nullopt if not constant.
  std::optional<std::vector<int64_t>> ConstantInts(int i) const;
  // Contents of an integer input as extents: constants and values computed from shapes.
  std::optional<std::vector<Dim>> InputContents(int i) const;

  // Outputs that are not set stay untyped, which is an error for the node.
  void SetOutput(int i, DType dtype, std::optional<SymbolicShape> shape);
  void SetOutputType(int i, ValueType type);
  void SetOutputContents(int i, std::vector<Dim> contents);
  // Output i has the type and shape of input j.
  void CopyInput(int j, int i);

  // Error unless the given inputs (all that are there if the list is empty) have one element type.
  Status RequireSameTypes(std::initializer_list<int> indices = {}) const;

  // Shape of the broadcast of inputs `indices` (all inputs if empty); error if they cannot be.
  // nullopt inside the result if a rank is unknown.
  Result<std::optional<SymbolicShape>> BroadcastInputs(std::vector<int> indices = {}) const;

  std::vector<Output>& outputs() { return outputs_; }

 private:
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  InferBodyFunction infer_body_;
};

// The least type that covers both: the same extents where they agree, unknown ones elsewhere.
// nullopt if kinds or element types differ.
std::optional<ValueType> CommonType(const ValueType& a, const ValueType& b);

// Broadcast of two extents: known ones win over symbols; error text is the caller's.
std::optional<Dim> BroadcastDims(const Dim& a, const Dim& b);

}  // namespace assay
