#include <algorithm>

#include "passes/pass.h"
#include "passes/product.h"
#include "passes/rewriter.h"

namespace assay {
namespace {

bool IsReshape(const Node& node) {
  return IsOp(node, "Reshape") || IsOp(node, "Flatten") || IsOp(node, "Squeeze") ||
         IsOp(node, "Unsqueeze");
}

// The second input of a Reshape that makes `to` of `from`; nullopt where extents are not known well
// enough to write it down. 0 copies an extent, -1 stands for the one that follows from the others.
std::optional<std::vector<int64_t>> ReshapeTarget(const ValueType& from, const ValueType& to) {
  if (!from.shape || !to.shape) return std::nullopt;
  std::vector<int64_t> target;
  bool has_open = false;
  for (size_t i = 0; i < to.shape->size(); ++i) {
    const Dim& dim = (*to.shape)[i];
    if (dim.IsKnown()) {
      if (dim.value() == 0) return std::nullopt;
      target.push_back(dim.value());
    } else if (i < from.shape->size() && dim.SameAs((*from.shape)[i])) {
      target.push_back(0);
    } else if (!has_open) {
      has_open = true;
      target.push_back(-1);
    } else {
      return std::nullopt;
    }
  }
  return target;
}

class Cleaning {
 public:
  explicit Cleaning(Graph& graph) : rewriter_(graph) {}

  int Run() {
    for (size_t i = 0; i < rewriter_.graph().nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      if (rewriter_.IsRemoved(id)) continue;
      const bool changed = CleanReshape(id) || ComposeTransposes(id) || ReshapeForTranspose(id) ||
                           TakeTransposes(id);
      if (changed) ++changes_;
    }
    rewriter_.Finish();
    return changes_;
  }

 private:
  // A Reshape behind others does all at once; computed extents become constants.
  bool CleanReshape(NodeId id) {
    const Node& node = rewriter_.node(id);
    if (!IsReshape(node)) return false;
    std::vector<NodeId> chain = {id};
    while (true) {
      const NodeId before = rewriter_.Producer(rewriter_.node(chain.front()).inputs[0]);
      if (before == kNoNode || !IsReshape(rewriter_.node(before))) break;
      chain.insert(chain.begin(), before);
    }
    const bool is_computed = node.op == "Reshape" && rewriter_.Constant(node.inputs[1]) == nullptr;
    if (chain.size() == 1 && !is_computed) return false;
    return MakeReshape(chain, rewriter_.node(chain.front()).inputs[0]);
  }

  // Replaces the last of the nodes by one that gives its shape to `source`.
  bool MakeReshape(const std::vector<NodeId>& nodes, ValueId source) {
    const ValueId output = rewriter_.node(nodes.back()).outputs[0];
    const ValueType& from = rewriter_.type(source);
    if (SameShape(from, rewriter_.type(output)) && nodes.size() > 1) {
      return rewriter_.Forward(nodes.back(), source);
    }
    const std::optional<std::vector<int64_t>> target = ReshapeTarget(from, rewriter_.type(output));
    if (!target) return false;
    Node reshape;
    reshape.name = rewriter_.node(nodes.back()).name;
    reshape.op = "Reshape";
    reshape.opset = 14;
    const Shape extents({static_cast<int64_t>(target->size())});
    reshape.inputs = {source,
                      rewriter_.AddFreshConstant(rewriter_.graph().value(output).name + "_shape",
                                                 Tensor::Of<int64_t>(extents, *target))};
    rewriter_.Replace(nodes, std::move(reshape));
    return true;
  }

  std::vector<int64_t> OrderOf(const Node& node) const {
    std::vector<int64_t> order = AttributesOf(node).Ints("perm");
    if (!order.empty()) return order;
    for (int axis = rewriter_.Rank(node.inputs[0]).value_or(0); axis-- > 0;) order.push_back(axis);
    return order;
  }

  bool ComposeTransposes(NodeId id) {
    const Node& second = rewriter_.node(id);
    if (!IsOp(second, "Transpose")) return false;
    const NodeId before = rewriter_.ProducerOf(second.inputs[0], "Transpose");
    if (before == kNoNode) return false;
    const Node& first = rewriter_.node(before);
    const std::vector<int64_t> inner = OrderOf(first);
    std::vector<int64_t> order = OrderOf(second);
    if (inner.empty() || inner.size() != order.size()) return false;
    for (int64_t& axis : order) axis = inner[static_cast<size_t>(axis)];
    if (std::ranges::is_sorted(order)) return rewriter_.Forward(id, first.inputs[0]);
    Node composed;
    composed.name = second.name;
    composed.op = "Transpose";
    composed.opset = 13;
    composed.inputs = {first.inputs[0]};
    composed.attributes = {{"perm", order}};
    rewriter_.Replace({before, id}, std::move(composed));
    return true;
  }

  // A Transpose that moves only axes of extent 1 leaves the elements in their order.
  bool ReshapeForTranspose(NodeId id) {
    const Node& node = rewriter_.node(id);
    if (!IsOp(node, "Transpose") || !rewriter_.type(node.inputs[0]).shape) return false;
    const SymbolicShape& shape = *rewriter_.type(node.inputs[0]).shape;
    std::vector<int64_t> order = OrderOf(node);
    std::erase_if(order, [&](int64_t axis) {
      const Dim& dim = shape[static_cast<size_t>(axis)];
      return dim.IsKnown() && dim.value() == 1;
    });
    return std::ranges::is_sorted(order) && MakeReshape({id}, node.inputs[0]);
  }

  // The matrix whose transpose the value is; kNoNode if it is none.
  NodeId MatrixTranspose(ValueId id) const {
    const NodeId node = rewriter_.ProducerOf(id, "Transpose");
    return node != kNoNode && rewriter_.Rank(id) == 2 && OrderOf(rewriter_.node(node))[0] == 1
               ? node
               : kNoNode;
  }

  // Gemm reads its matrices in either order.
  bool TakeTransposes(NodeId id) {
    const Node& node = rewriter_.node(id);
    const bool is_gemm = IsOp(node, "Gemm") && node.opset >= 7;
    if (!is_gemm && !IsOp(node, "MatMul")) return false;
    if (rewriter_.Rank(node.inputs[0]) != 2 || rewriter_.Rank(node.inputs[1]) != 2 ||
        !rewriter_.IsFloatingValue(node.outputs[0])) {
      return false;
    }
    std::vector<NodeId> replaced;
    Node gemm = node;
    if (!is_gemm) {
      gemm.op = "Gemm";
      gemm.opset = 13;
    }
    for (size_t i = 0; i < 2; ++i) {
      const NodeId transpose = MatrixTranspose(node.inputs[i]);
      if (transpose == kNoNode) continue;
      const std::string name = i == 0 ? "transA" : "transB";
      const bool was_transposed = is_gemm && AttributesOf(node).Int(name) != 0;
      std::erase_if(gemm.attributes, [&](const Attribute& a) { return a.name == name; });
      gemm.attributes.push_back({name, int64_t{was_transposed ? 0 : 1}});
      gemm.inputs[i] = rewriter_.node(transpose).inputs[0];
      replaced.push_back(transpose);
    }
    if (replaced.empty()) return false;
    replaced.push_back(id);
    gemm.outputs.clear();
    rewriter_.Replace(replaced, std::move(gemm));
    return true;
  }

  Rewriter rewriter_;
  int changes_ = 0;
};

Result<int> Run(Graph& graph, PassContext&) { return Cleaning(graph).Run(); }

}  // namespace

extern const Pass kCleanReshapes;
const Pass kCleanReshapes = {
    .name = "clean-reshapes",
    .summary = "joins reshapes and transposes that follow each other, and takes them into products",
    .effect = PassEffect::kExact,
    .again_with_shapes = true,
    .run = Run};

}  // namespace assay
