#include <algorithm>

#include "ops/fused.h"
#include "passes/pass.h"
#include "passes/product.h"
#include "tensor/narrow_float.h"

namespace assay {
namespace {

struct Activation {
  std::string op;
  float alpha = 0;
  float beta = 0;
};

// A bound of Clip: a number, `otherwise` if it is left out, nullopt if it is computed or no float.
std::optional<float> Bound(const Rewriter& rewriter, const Node& node, size_t input,
                           double otherwise) {
  const ValueId id = InputAt(node, input);
  const std::optional<double> number = id == kNoValue ? otherwise : rewriter.Number(id);
  if (!number || static_cast<double>(static_cast<float>(*number)) != *number) return std::nullopt;
  return static_cast<float>(*number);
}

std::optional<Activation> ReadClip(const Rewriter& rewriter, const Node& node) {
  if (node.opset < 6) return std::nullopt;
  if (node.opset < 11) {
    const OpContext attributes = AttributesOf(node);
    return Activation{"Clip", attributes.Float("min"), attributes.Float("max")};
  }
  // Bounds that are left out are those of the type, which stop infinities.
  const double largest = LargestFinite(rewriter.type(node.inputs[0]).dtype);
  const std::optional<float> least = Bound(rewriter, node, 1, -largest);
  const std::optional<float> most = Bound(rewriter, node, 2, largest);
  if (!least || !most) return std::nullopt;
  return Activation{"Clip", *least, *most};
}

// The activation that a node computes of its input 0.
std::optional<Activation> ReadActivation(const Rewriter& rewriter, const Node& node) {
  if (!node.domain.empty() || FindFusedActivation(node.op) == nullptr) return std::nullopt;
  if (node.op == "Clip") return ReadClip(rewriter, node);
  const OpContext attributes = AttributesOf(node);
  Activation activation = {node.op};
  if (node.op == "Gelu" && attributes.String("approximate") != "none") return std::nullopt;
  if (node.op == "Swish" && attributes.Float("alpha") != 1) return std::nullopt;
  if (node.op == "LeakyRelu" || node.op == "HardSigmoid") {
    activation.alpha = attributes.Float("alpha");
  }
  if (node.op == "HardSigmoid") activation.beta = attributes.Float("beta");
  return activation;
}

class Fusion {
 public:
  explicit Fusion(Graph& graph) : rewriter_(graph) {}

  int Run() {
    // Of two products that are added, the later one takes the sum: the other is computed by then.
    for (auto id = static_cast<NodeId>(rewriter_.graph().nodes.size()); id-- > 0;) {
      if (!rewriter_.IsRemoved(id)) Visit(id);
    }
    rewriter_.Finish();
    return changes_;
  }

 private:
  void Visit(NodeId id) {
    const std::optional<Product> product = ReadProduct(rewriter_, id);
    if (!product) return;
    const Node& node = rewriter_.node(id);
    if (const Attribute* done = node.FindAttribute("activation")) {
      if (!std::get<std::string>(done->value).empty()) return;
    }
    chain_ = {id};
    drops_beta_ = false;
    activation_.reset();
    inputs_ = node.inputs;
    inputs_.resize(4, kNoValue);
    if (inputs_[3] == kNoValue) {
      TakeBias(*product);
      TakeResidual();
    }
    TakeActivation();
    if (chain_.size() > 1) Build();
  }

  ValueId Result() const { return rewriter_.node(chain_.back()).outputs[0]; }
  // The node that alone reads the result so far; nullptr if there is none.
  const Node* Next() const {
    const NodeId reader = rewriter_.OnlyReader(Result());
    return reader == kNoNode ? nullptr : &rewriter_.node(reader);
  }
  void Take() { chain_.push_back(rewriter_.OnlyReader(Result())); }

  // The other operand if the result goes into an Add; kNoValue if not.
  ValueId Added() const {
    const Node* next = Next();
    if (next == nullptr || !IsOp(*next, "Add") || next->opset < 7) return kNoValue;
    return OtherInput(*next, Result());
  }

  void TakeBias(const Product& product) {
    const ValueId added = Added();
    if (inputs_[2] != kNoValue || added == kNoValue) return;
    const ValueId bias = AsBias(added, product);
    if (bias == kNoValue) return;
    inputs_[2] = bias;
    drops_beta_ = true;
    Take();
  }

  ValueId AsBias(ValueId added, const Product& product) {
    const ValueType& type = rewriter_.type(added);
    if (product.channel_axis == product.rank - 1 && type.shape && type.shape->size() == 1 &&
        (*type.shape)[0].SameAs(Dim(product.channels))) {
      return added;
    }
    const Tensor* constant = rewriter_.Constant(added);
    if (constant == nullptr) return kNoValue;
    const std::optional<std::vector<double>> values = PerChannel(*constant, product);
    if (!values) return kNoValue;
    const std::optional<Tensor> bias = Rounded(*values, {product.channels}, constant->dtype());
    if (!bias) return kNoValue;
    // Plans for several shapes share packed weights by name: a name stands for one content.
    std::string name = rewriter_.graph().value(added).name + "_bias";
    if (constant->elements() != product.channels) name += std::to_string(product.channels);
    return rewriter_.AddFreshConstant(name, *bias);
  }

  void TakeResidual() {
    const ValueId added = Added();
    if (added == kNoValue || !SameShape(rewriter_.type(added), rewriter_.type(Result()))) return;
    inputs_[3] = added;
    Take();
  }

  void TakeActivation() {
    const Node* next = Next();
    if (next == nullptr || next->inputs[0] != Result()) return;
    activation_ = ReadActivation(rewriter_, *next);
    if (activation_) Take();
  }

  void Build() {
    const Node& product = rewriter_.node(chain_.front());
    Node fused;
    fused.name = product.name;
    fused.op = product.op;
    fused.domain = kFusedDomain;
    fused.opset = 1;
    fused.metadata = product.metadata;
    fused.attributes = product.attributes;
    std::erase_if(fused.attributes, [&](const Attribute& attribute) {
      return attribute.name.starts_with("activation") || (drops_beta_ && attribute.name == "beta");
    });
    fused.inputs = inputs_;
    while (fused.inputs.back() == kNoValue) fused.inputs.pop_back();
    if (activation_) {
      const FusedActivation& known = *FindFusedActivation(activation_->op);
      fused.attributes.push_back({"activation", activation_->op});
      if (!known.alpha.empty())
        fused.attributes.push_back({"activation_alpha", activation_->alpha});
      if (!known.beta.empty()) fused.attributes.push_back({"activation_beta", activation_->beta});
    }
    rewriter_.Replace(chain_, std::move(fused));
    ++changes_;
  }

  Rewriter rewriter_;
  int changes_ = 0;
  // Of the product at hand.
  std::vector<NodeId> chain_;
  std::vector<ValueId> inputs_;
  bool drops_beta_ = false;
  std::optional<Activation> activation_;
};

Result<int> Run(Graph& graph, PassContext&) { return Fusion(graph).Run(); }

}  // namespace

extern const Pass kFuseBiasActivation;
const Pass kFuseBiasActivation = {
    .name = "fuse-bias-activation",
    .summary = "joins products with the bias, residual and activation behind them",
    .effect = PassEffect::kExact,
    .again_with_shapes = true,
    .run = Run};

}  // namespace assay
