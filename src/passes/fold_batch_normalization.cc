#include <algorithm>
#include <cmath>

#include "passes/pass.h"
#include "passes/product.h"

namespace assay {
namespace {

// x -> scale x + shift, per channel, in float64.
struct Affine {
  std::vector<double> scale;
  std::vector<double> shift;
};

bool IsInference(const Node& node) {
  if (!IsOp(node, "BatchNormalization") || node.opset < 9) return false;
  if (node.opset >= 14 && AttributesOf(node).Int("training_mode") != 0) return false;
  return std::all_of(node.outputs.begin() + 1, node.outputs.end(),
                     [](ValueId id) { return id == kNoValue; });
}

std::optional<Affine> ReadBatchNormalization(const Rewriter& rewriter, const Node& node) {
  if (!IsInference(node)) return std::nullopt;
  std::vector<double> parameters[4];
  for (size_t i = 0; i < 4; ++i) {
    const Tensor* constant = rewriter.Constant(node.inputs[i + 1]);
    if (constant == nullptr) return std::nullopt;
    parameters[i] = Doubles(*constant);
    if (parameters[i].size() != parameters[0].size()) return std::nullopt;
  }
  const auto& [scale, offset, mean, variance] = parameters;
  const double epsilon = AttributesOf(node).Float("epsilon");
  Affine affine;
  for (size_t i = 0; i < scale.size(); ++i) {
    affine.scale.push_back(scale[i] / std::sqrt(variance[i] + epsilon));
    affine.shift.push_back(offset[i] - mean[i] * affine.scale[i]);
  }
  return affine;
}

// What an Add, Sub, Mul or Div by a constant does to `in`.
std::optional<Affine> ReadArithmetic(const Rewriter& rewriter, const Node& node, ValueId in,
                                     const Product& product) {
  const bool is_sum = node.op == "Add" || node.op == "Sub";
  if (!node.domain.empty() || node.opset < 7 || (!is_sum && node.op != "Mul" && node.op != "Div")) {
    return std::nullopt;
  }
  const Tensor* constant = rewriter.Constant(OtherInput(node, in));
  if (constant == nullptr) return std::nullopt;
  const std::optional<std::vector<double>> values = PerChannel(*constant, product);
  if (!values) return std::nullopt;
  const bool is_first = node.inputs[0] == in;
  Affine affine = {std::vector<double>(values->size(), 1), std::vector<double>(values->size(), 0)};
  if (is_sum) {
    affine.shift = *values;
    if (node.op == "Sub" && is_first) {
      for (double& value : affine.shift) value = -value;
    } else if (node.op == "Sub") {
      affine.scale.assign(values->size(), -1);
    }
    return affine;
  }
  if (node.op == "Div" && !is_first) return std::nullopt;
  affine.scale = *values;
  if (node.op == "Div") {
    for (double& value : affine.scale) value = 1 / value;
  }
  return affine;
}

// Multiplies the weights that make channel m by scale[m].
void ScaleWeights(const Node& node, const Shape& shape, const std::vector<double>& scale,
                  std::vector<double>& weights) {
  const auto multiply = [&](int64_t outer, int64_t channels, int64_t inner, auto channel_of) {
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t c = 0; c < channels; ++c) {
        double* at = weights.data() + (o * channels + c) * inner;
        const double factor = scale[static_cast<size_t>(channel_of(o, c))];
        for (int64_t i = 0; i < inner; ++i) at[i] *= factor;
      }
    }
  };
  const int64_t count = shape.elements();
  if (count == 0) return;
  if (node.op == "ConvTranspose") {
    const int64_t inputs_per_group = shape[0] / AttributesOf(node).Int("group");
    multiply(shape[0], shape[1], count / (shape[0] * shape[1]),
             [&](int64_t o, int64_t c) { return o / inputs_per_group * shape[1] + c; });
    return;
  }
  const bool is_first =
      node.op == "Conv" || (node.op == "Gemm" && AttributesOf(node).Int("transB") != 0);
  const int64_t channels = is_first ? shape[0] : shape[shape.rank() - 1];
  const auto itself = [](int64_t, int64_t c) { return c; };
  if (is_first) {
    multiply(1, channels, count / channels, itself);
  } else {
    multiply(count / channels, channels, 1, itself);
  }
}

class Folding {
 public:
  explicit Folding(Graph& graph) : rewriter_(graph) {}

  int Run() {
    const auto count = static_cast<NodeId>(rewriter_.graph().nodes.size());
    for (NodeId id = 0; id < count; ++id) {
      if (!rewriter_.IsRemoved(id)) FoldIntoProduct(id);
    }
    for (NodeId id = 0; id < count; ++id) {
      if (!rewriter_.IsRemoved(id)) SplitNormalization(id);
    }
    rewriter_.Finish();
    return changes_;
  }

 private:
  // Follows the nodes behind a product as long as each is affine per channel, so that weights are
  // rounded once for all of them.
  void FoldIntoProduct(NodeId id) {
    const std::optional<Product> product = ReadProduct(rewriter_, id);
    const Node& node = rewriter_.node(id);
    if (!product || !node.domain.empty() || rewriter_.Constant(node.inputs[1]) == nullptr) return;
    Affine total = {std::vector<double>(static_cast<size_t>(product->channels), 1),
                    std::vector<double>(static_cast<size_t>(product->channels), 0)};
    if (!StartWithBias(node, *product, total)) return;
    std::vector<NodeId> chain = {id};
    while (true) {
      const ValueId result = rewriter_.node(chain.back()).outputs[0];
      const NodeId next = rewriter_.OnlyReader(result);
      if (next == kNoNode) break;
      const std::optional<Affine> step = ReadStep(next, result, *product);
      if (!step) break;
      for (size_t i = 0; i < total.scale.size(); ++i) {
        total.scale[i] *= step->scale[i];
        total.shift[i] = total.shift[i] * step->scale[i] + step->shift[i];
      }
      chain.push_back(next);
    }
    if (chain.size() == 1) return;
    // An Add alone is the bias that the product does not have yet.
    const bool is_bias = chain.size() == 2 && IsOp(rewriter_.node(chain[1]), "Add");
    if (is_bias && InputAt(node, 2) == kNoValue) return;
    if (!std::ranges::all_of(total.scale, [](double s) { return std::isfinite(s); })) return;
    Rebuild(chain, *product, total);
  }

  bool StartWithBias(const Node& node, const Product& product, Affine& total) const {
    const ValueId bias = InputAt(node, 2);
    if (bias == kNoValue) return true;
    const Tensor* constant = rewriter_.Constant(bias);
    if (constant == nullptr) return false;
    std::optional<std::vector<double>> values;
    if (node.op == "Gemm") {
      values = PerChannel(*constant, product);
      const double beta = AttributesOf(node).Float("beta");
      if (values) {
        for (double& value : *values) value *= beta;
      }
    } else if (constant->elements() == product.channels) {
      values = Doubles(*constant);
    }
    if (!values) return false;
    total.shift = *values;
    return true;
  }

  std::optional<Affine> ReadStep(NodeId id, ValueId in, const Product& product) const {
    const Node& node = rewriter_.node(id);
    if (node.op != "BatchNormalization") return ReadArithmetic(rewriter_, node, in, product);
    if (node.inputs[0] != in || product.channel_axis != 1) return std::nullopt;
    std::optional<Affine> affine = ReadBatchNormalization(rewriter_, node);
    if (affine && static_cast<int64_t>(affine->scale.size()) != product.channels) {
      return std::nullopt;
    }
    return affine;
  }

  void Rebuild(const std::vector<NodeId>& chain, const Product& product, const Affine& total) {
    Node node = rewriter_.node(chain.front());
    const Tensor& weights = *rewriter_.Constant(node.inputs[1]);
    std::vector<double> scaled = Doubles(weights);
    ScaleWeights(node, weights.shape(), total.scale, scaled);
    const std::optional<Tensor> new_weights = Rounded(scaled, weights.shape(), weights.dtype());
    const std::optional<Tensor> bias = Rounded(total.shift, {product.channels}, weights.dtype());
    if (!new_weights || !bias) return;
    const std::string name = rewriter_.graph().value(node.inputs[1]).name;
    node.inputs[1] = rewriter_.AddFreshConstant(name + "_folded", *new_weights);
    const bool shifts = std::ranges::any_of(total.shift, [](double s) { return s != 0; });
    node.inputs.resize(2);
    if (shifts || (node.op == "Gemm" && node.opset < 11)) {
      node.inputs.push_back(rewriter_.AddFreshConstant(name + "_bias", *bias));
      if (node.op == "MatMul") {
        node.domain = kFusedDomain;
        node.opset = 1;
      }
    }
    std::erase_if(node.attributes, [](const Attribute& a) { return a.name == "beta"; });
    node.outputs.clear();
    rewriter_.Replace(chain, std::move(node));
    ++changes_;
  }

  // BatchNormalization that no product stands before.
  void SplitNormalization(NodeId id) {
    const Node node = rewriter_.node(id);
    const std::optional<Affine> affine = ReadBatchNormalization(rewriter_, node);
    if (!affine) return;
    const std::optional<int> rank = rewriter_.Rank(node.inputs[0]);
    if (!rank || *rank < 2) return;
    std::vector<int64_t> extents(static_cast<size_t>(*rank) - 1, 1);
    extents[0] = static_cast<int64_t>(affine->scale.size());
    const ValueType type = rewriter_.type(node.outputs[0]);
    const std::optional<Tensor> scale = Rounded(affine->scale, Shape(extents), type.dtype);
    const std::optional<Tensor> shift = Rounded(affine->shift, Shape(extents), type.dtype);
    if (!scale || !shift) return;
    const std::string name = rewriter_.graph().value(node.outputs[0]).name;
    Node multiply;
    multiply.name = node.name;
    multiply.op = "Mul";
    multiply.opset = 14;
    multiply.origins = OriginsOf(rewriter_.graph(), id);
    multiply.inputs = {node.inputs[0], rewriter_.AddFreshConstant(name + "_scale", *scale)};
    multiply.outputs = {rewriter_.AddFreshValue(name + "_scaled", type)};
    Node add = multiply;
    add.op = "Add";
    add.inputs = {multiply.outputs[0], rewriter_.AddFreshConstant(name + "_shift", *shift)};
    add.outputs.clear();
    rewriter_.AddNode(std::move(multiply), id);
    rewriter_.Replace({id}, std::move(add));
    ++changes_;
  }

  Rewriter rewriter_;
  int changes_ = 0;
};

Result<int> Run(Graph& graph, PassContext&) { return Folding(graph).Run(); }

}  // namespace

extern const Pass kFoldBatchNormalization;
const Pass kFoldBatchNormalization = {
    .name = "fold-batch-normalization",
    .summary = "takes scales and shifts per channel into the weights of the product before them",
    .effect = PassEffect::kReassociates,
    .run = Run};

}  // namespace assay
