#pragma once

#include <string>
#include <vector>

#include "ops/op_context.h"
#include "ops/op_def.h"
#include "tensor/shape.h"

namespace assay {

// An input or output of an instance.
struct Operand {
  bool present = false;
  DType dtype = DType::kUndefined;
  Shape shape;
  const Tensor* constant = nullptr;  // weights and constants: known when the plan is made
};

// One operator with everything that is known before it runs: attributes, element types, concrete
// shapes and constant inputs. What a tactic decides on.
class Instance : public OpContext {
 public:
  Instance(const Node& node, const OpSchema& schema, std::vector<Operand> inputs,
           std::vector<Operand> outputs)
      : OpContext(node, schema), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  // From a graph whose values all have concrete shapes. Errors: kUnsupported for a shape that is
  // only known at run time, naming the value.
  static Result<Instance> Of(const Graph& graph, NodeId id);

  // The same with other operands.
  Instance WithInputs(std::vector<Operand> inputs) const;

  const Operand& input(int i) const { return inputs_[static_cast<size_t>(i)]; }
  const Operand& output(int i) const { return outputs_[static_cast<size_t>(i)]; }
  const std::vector<Operand>& inputs() const { return inputs_; }
  const std::vector<Operand>& outputs() const { return outputs_; }

  // A constant integer input as a list; nullopt if it is left out or computed.
  std::optional<std::vector<int64_t>> ConstantInts(int i) const;
  // True if input i is there and has this element type.
  bool Is(int i, DType dtype) const {
    return i < static_cast<int>(inputs_.size()) && input(i).present && input(i).dtype == dtype;
  }
  // True if every present input and output has this element type.
  bool AllAre(DType dtype) const;

 private:
  std::vector<Operand> inputs_;
  std::vector<Operand> outputs_;
};

}  // namespace assay
