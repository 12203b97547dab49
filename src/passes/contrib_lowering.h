#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ops/microsoft.h"
#include "passes/rewriter.h"

namespace assay {

// One node of ONNX Runtime's domain under replacement by nodes of ONNX: nodes are emitted one after
// the other and take its place when all are there.
class ContribLowering {
 public:
  ContribLowering(Rewriter& rewriter, NodeId id)
      : rewriter_(rewriter), id_(id), attributes_(AttributesOf(rewriter.node(id))) {}

  const Node& node() const { return rewriter_.node(id_); }
  const OpContext& attributes() const { return attributes_; }
  const Rewriter& rewriter() const { return rewriter_; }
  bool HasInput(int i) const { return attributes_.HasInput(i); }
  bool WantsOutput(int i) const { return attributes_.WantsOutput(i); }
  // kNoValue where it is left out.
  ValueId Input(int i) const {
    return HasInput(i) ? node().inputs[static_cast<size_t>(i)] : kNoValue;
  }
  const ValueType& Type(ValueId id) const { return rewriter_.type(id); }
  DType InputType(int i) const { return Type(Input(i)).dtype; }
  // The extents of an input; nullptr if its rank is not known.
  const SymbolicShape* InputShape(int i) const {
    return HasInput(i) && Type(Input(i)).shape ? &*Type(Input(i)).shape : nullptr;
  }

  // Emits a node with one new output of the type of its first input, or of `dtype`.
  ValueId Emit(std::string op, int opset, std::vector<ValueId> inputs,
               std::vector<Attribute> attributes = {}, DType dtype = DType::kUndefined);
  // The same for a fused operator of Assay.
  ValueId EmitFused(std::string op, std::vector<ValueId> inputs, std::vector<Attribute> attributes);
  // Parts of these widths along an axis.
  std::vector<ValueId> EmitSplit(ValueId value, int64_t axis, const std::vector<int64_t>& widths);
  // Emits the node that writes these outputs of the one that is replaced.
  void EmitLast(std::string op, int opset, std::vector<ValueId> inputs,
                std::vector<Attribute> attributes = {}, const std::vector<int>& outputs = {0});
  // The node's output `output` is `value`, which a node emitted before writes: then that one writes
  // the output.
  ValueId Name(ValueId value, int output);

  ValueId Constant(const std::string& what, Tensor tensor);
  ValueId Ints(const std::string& what, const std::vector<int64_t>& values);
  // A number of the given type; kNoValue where the type does not hold it.
  ValueId Number(const std::string& what, double value, DType dtype);

  // Replaces the node by what was emitted.
  void Commit();

 private:
  Rewriter& rewriter_;
  NodeId id_;
  OpContext attributes_;
  std::vector<Node> nodes_;
};

// Emits what Attention and MultiHeadAttention are made of. False where that is not known, or has no
// equal in the operators of ONNX.
bool LowerAttention(ContribLowering& lowering);
bool LowerMultiHeadAttention(ContribLowering& lowering);

}  // namespace assay
