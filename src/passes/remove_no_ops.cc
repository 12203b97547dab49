#include <algorithm>
#include <cmath>

#include "passes/pass.h"
#include "passes/product.h"
#include "passes/rewriter.h"

namespace assay {
namespace {

// Adding -0 or subtracting +0 changes nothing; adding +0 turns -0 into +0.
bool IsNeutral(const Tensor& constant, const Node& node) {
  const bool is_sum = node.op == "Add" || node.op == "Sub";
  for (int64_t i = 0; i < constant.elements(); ++i) {
    if (IsFloating(constant.dtype())) {
      const double value = constant.ValueAsDouble(i);
      if (value != (is_sum ? 0 : 1)) return false;
      if (is_sum && std::signbit(value) != (node.op == "Add")) return false;
    } else if (!IsInteger(constant.dtype()) || constant.ValueAsInt(i) != (is_sum ? 0 : 1)) {
      return false;
    }
  }
  return true;
}

class Removal {
 public:
  explicit Removal(Graph& graph) : rewriter_(graph) {}

  int Run() {
    int changes = 0;
    for (size_t id = 0; id < rewriter_.graph().nodes.size(); ++id) {
      const ValueId same = SameValue(rewriter_.node(static_cast<NodeId>(id)));
      if (same != kNoValue && rewriter_.Forward(static_cast<NodeId>(id), same)) ++changes;
    }
    rewriter_.Finish();
    return changes;
  }

 private:
  // The input that output 0 of the node is equal to, whatever the data; kNoValue if there is none.
  ValueId SameValue(const Node& node) const {
    if (!node.domain.empty() || node.inputs.empty() || node.outputs[0] == kNoValue) return kNoValue;
    for (size_t i = 1; i < node.outputs.size(); ++i) {
      const ValueId other = node.outputs[i];
      if (other != kNoValue && (rewriter_.IsGraphOutput(other) || !rewriter_.Uses(other).empty())) {
        return kNoValue;
      }
    }
    if (node.op == "Add" || node.op == "Sub" || node.op == "Mul" || node.op == "Div") {
      return BesideNeutral(node);
    }
    const ValueId in = node.inputs[0];
    if (in == kNoValue) return kNoValue;
    return IsIdentity(node) || (KeepsShape(node) && MovesNothing(node)) ? in : kNoValue;
  }

  ValueId BesideNeutral(const Node& node) const {
    if (node.opset < 7) return kNoValue;
    const bool commutes = node.op == "Add" || node.op == "Mul";
    for (size_t i = commutes ? 0 : 1; i < 2; ++i) {
      const Tensor* constant = rewriter_.Constant(node.inputs[i]);
      const ValueId other = node.inputs[1 - i];
      if (constant != nullptr && IsNeutral(*constant, node) &&
          SameShape(rewriter_.type(other), rewriter_.type(node.outputs[0]))) {
        return other;
      }
    }
    return kNoValue;
  }

  // True if the operator itself says that output and input are equal.
  bool IsIdentity(const Node& node) const {
    if (node.op == "Identity") return true;
    if (node.op == "Dropout") {
      if (node.opset < 12) return node.opset >= 7;
      const ValueId training = InputAt(node, 2);
      if (training == kNoValue) return true;
      const Tensor* constant = rewriter_.Constant(training);
      return constant != nullptr && constant->elements() == 1 && constant->ValueAsInt(0) == 0;
    }
    if (node.op == "Cast" || node.op == "CastLike") {
      return rewriter_.type(node.inputs[0]).dtype == rewriter_.type(node.outputs[0]).dtype;
    }
    if (node.op == "Concat" || node.op == "Sum" || node.op == "Max" || node.op == "Min" ||
        node.op == "Mean") {
      return node.inputs.size() == 1;
    }
    if (node.op == "Clip" && node.opset >= 11) {
      // Of floats it makes infinities finite.
      return !IsFloating(rewriter_.type(node.inputs[0]).dtype) && InputAt(node, 1) == kNoValue &&
             InputAt(node, 2) == kNoValue;
    }
    return false;
  }

  bool KeepsShape(const Node& node) const {
    return SameShape(rewriter_.type(node.inputs[0]), rewriter_.type(node.outputs[0]));
  }

  // For nodes whose output has the shape of input 0: true if every element stays where it is.
  bool MovesNothing(const Node& node) const {
    if (node.op == "Reshape" || node.op == "Flatten" || node.op == "Squeeze" ||
        node.op == "Unsqueeze" || node.op == "Expand") {
      return true;
    }
    if (node.op == "Transpose") return KeepsOrder(node);
    if (node.op == "Slice") return node.opset < 10 || HasUnitSteps(node);
    if (node.op == "Pad") return node.opset >= 11 && AllAre(rewriter_.Ints(node, 1), 0);
    if (node.op == "Tile") return node.opset >= 6 && AllAre(rewriter_.Ints(node, 1), 1);
    if (node.op == "Resize") return node.opset >= 11 && IsUnitResize(node);
    return false;
  }

  // Axes of extent 1 may go anywhere.
  bool KeepsOrder(const Node& node) const {
    const std::vector<int64_t> order = AttributesOf(node).Ints("perm");
    const SymbolicShape& shape = *rewriter_.type(node.inputs[0]).shape;
    if (order.size() != shape.size()) return false;
    int64_t last = -1;
    for (int64_t axis : order) {
      const Dim& dim = shape[static_cast<size_t>(axis)];
      if (dim.IsKnown() && dim.value() == 1) continue;
      if (axis < last) return false;
      last = axis;
    }
    return true;
  }

  bool HasUnitSteps(const Node& node) const {
    return InputAt(node, 4) == kNoValue || AllAre(rewriter_.Ints(node, 4), 1);
  }

  // Interpolation would multiply neighbours by zero, which an infinite one does not survive.
  bool IsUnitResize(const Node& node) const {
    const OpContext attributes = AttributesOf(node);
    if (attributes.String("mode") != "nearest" ||
        attributes.String("coordinate_transformation_mode") == "tf_crop_and_resize") {
      return false;
    }
    const ValueId scales = InputAt(node, 2);
    const Tensor* constant = rewriter_.Constant(scales);
    if (constant == nullptr && scales != kNoValue) return false;
    for (int64_t i = 0; constant != nullptr && i < constant->elements(); ++i) {
      if (constant->ValueAsDouble(i) != 1) return false;
    }
    return true;
  }

  static bool AllAre(const std::optional<std::vector<int64_t>>& values, int64_t expected) {
    return values && std::ranges::all_of(*values, [=](int64_t v) { return v == expected; });
  }

  Rewriter rewriter_;
};

Result<int> Run(Graph& graph, PassContext&) { return Removal(graph).Run(); }

}  // namespace

extern const Pass kRemoveNoOps;
const Pass kRemoveNoOps = {.name = "remove-no-ops",
                           .summary = "drops nodes that give back their input",
                           .effect = PassEffect::kExact,
                           .again_with_shapes = true,
                           .run = Run};

}  // namespace assay
