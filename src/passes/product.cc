#include "passes/product.h"

namespace assay {
namespace {

// Extent of axis `axis` of a value, counted from the end if negative.
std::optional<int64_t> Extent(const Rewriter& rewriter, ValueId id, int axis) {
  const std::optional<SymbolicShape>& shape = rewriter.type(id).shape;
  if (!shape) return std::nullopt;
  const int rank = static_cast<int>(shape->size());
  const int at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at >= rank) return std::nullopt;
  return (*shape)[static_cast<size_t>(at)].MaybeValue();
}

std::optional<int64_t> Channels(const Rewriter& rewriter, const Node& node) {
  const ValueId weights = node.inputs[1];
  if (node.op == "Conv") return Extent(rewriter, weights, 0);
  if (node.op == "ConvTranspose") {
    const std::optional<int64_t> per_group = Extent(rewriter, weights, 1);
    if (!per_group) return std::nullopt;
    return *per_group * AttributesOf(node).Int("group");
  }
  if (node.op == "Gemm") {
    return Extent(rewriter, weights, AttributesOf(node).Int("transB") != 0 ? 0 : 1);
  }
  return Extent(rewriter, weights, -1);
}

}  // namespace

std::optional<Product> ReadProduct(const Rewriter& rewriter, NodeId id) {
  const Node& node = rewriter.node(id);
  if (!node.domain.empty() && node.domain != kFusedDomain) return std::nullopt;
  const bool is_convolution = node.op == "Conv" || node.op == "ConvTranspose";
  const bool is_gemm = node.op == "Gemm" && (node.domain == kFusedDomain || node.opset >= 7);
  if (!is_convolution && !is_gemm && node.op != "MatMul") return std::nullopt;
  const ValueId output = node.outputs[0];
  if (!rewriter.IsFloatingValue(output)) return std::nullopt;
  const std::optional<int> rank = rewriter.Rank(output);
  const std::optional<int> weight_rank = rewriter.Rank(node.inputs[1]);
  const std::optional<int64_t> channels = Channels(rewriter, node);
  if (!rank || *rank < 2 || !weight_rank || *weight_rank < 2 || !channels) return std::nullopt;
  // A vector on the left of a MatMul leaves the columns last all the same.
  const int channel_axis = is_convolution ? 1 : *rank - 1;
  return Product{id, *rank, channel_axis, *channels};
}

std::optional<std::vector<double>> PerChannel(const Tensor& constant, const Product& product) {
  if (!IsFloating(constant.dtype())) return std::nullopt;
  const Shape& shape = constant.shape();
  if (shape.rank() > product.rank) return std::nullopt;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const bool is_channel = axis + product.rank - shape.rank() == product.channel_axis;
    if (shape[axis] != 1 && !(is_channel && shape[axis] == product.channels)) return std::nullopt;
  }
  std::vector<double> values = Doubles(constant);
  if (values.size() == 1) values.assign(static_cast<size_t>(product.channels), values[0]);
  return values;
}

}  // namespace assay
