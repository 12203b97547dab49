#include <algorithm>

#include "ops/microsoft_activation.h"
#include "ops/transposed_product.h"
#include "passes/contrib_lowering.h"
#include "passes/pass.h"

namespace assay {
namespace {

bool LowerGelu(ContribLowering& lowering) {
  lowering.EmitLast("Gelu", 20, {lowering.Input(0)});
  return true;
}

bool LowerQuickGelu(ContribLowering& lowering) {
  lowering.EmitLast("Swish", 24, {lowering.Input(0)},
                    {{"alpha", lowering.attributes().Float("alpha")}});
  return true;
}

bool LowerFastGelu(ContribLowering& lowering) {
  ValueId x = lowering.Input(0);
  if (lowering.HasInput(1)) x = lowering.Emit("Add", 14, {x, lowering.Input(1)});
  lowering.EmitLast("Gelu", 20, {x}, {{"approximate", "tanh"}});
  return true;
}

bool LowerBiasGelu(ContribLowering& lowering) {
  const ValueId sum = lowering.Emit("Add", 14, {lowering.Input(0), lowering.Input(1)});
  lowering.EmitLast("Gelu", 20, {sum});
  return true;
}

bool LowerBiasAdd(ContribLowering& lowering) {
  const ValueId sum = lowering.Emit("Add", 14, {lowering.Input(0), lowering.Input(1)});
  lowering.EmitLast("Add", 14, {sum, lowering.Input(2)});
  return true;
}

// An operator, then perhaps a sum, then perhaps an activation: the last of them is emitted last.
bool EmitChain(ContribLowering& lowering, std::string op, int opset, std::vector<ValueId> inputs,
               std::vector<Attribute> attributes, ValueId added,
               const Result<NamedActivation>& activation) {
  if (!activation.ok()) return false;
  const bool activates = !activation->op.empty();
  if (added == kNoValue && !activates) {
    lowering.EmitLast(std::move(op), opset, std::move(inputs), std::move(attributes));
    return true;
  }
  ValueId y = lowering.Emit(std::move(op), opset, std::move(inputs), std::move(attributes));
  if (added != kNoValue) {
    if (!activates) {
      lowering.EmitLast("Add", 14, {y, added});
      return true;
    }
    y = lowering.Emit("Add", 14, {y, added});
  }
  lowering.EmitLast(activation->op, activation->opset, {y}, activation->attributes);
  return true;
}

std::vector<Attribute> AttributesWithout(const Node& node, std::string_view prefix) {
  std::vector<Attribute> attributes;
  for (const Attribute& attribute : node.attributes) {
    if (!attribute.name.starts_with(prefix)) attributes.push_back(attribute);
  }
  return attributes;
}

std::vector<ValueId> FirstInputs(const Node& node, size_t count) {
  std::vector<ValueId> inputs = node.inputs;
  inputs.resize(std::min(inputs.size(), count));
  while (!inputs.empty() && inputs.back() == kNoValue) inputs.pop_back();
  return inputs;
}

bool LowerFusedConv(ContribLowering& lowering) {
  return EmitChain(lowering, "Conv", 22, FirstInputs(lowering.node(), 3),
                   AttributesWithout(lowering.node(), "activation"), lowering.Input(3),
                   ConvActivation(lowering.attributes()));
}

bool LowerFusedGemm(ContribLowering& lowering) {
  return EmitChain(lowering, "Gemm", 13, lowering.node().inputs,
                   AttributesWithout(lowering.node(), "activation"), kNoValue,
                   GemmActivation(lowering.attributes()));
}

bool LowerFusedMatMul(ContribLowering& lowering) {
  std::vector<ValueId> operands;
  for (int i = 0; i < 2; ++i) {
    const std::optional<int> rank = lowering.rewriter().Rank(lowering.Input(i));
    if (!rank) return false;
    std::vector<int64_t> order = OperandOrder(lowering.attributes(), i, *rank);
    operands.push_back(
        std::ranges::is_sorted(order)
            ? lowering.Input(i)
            : lowering.Emit("Transpose", 13, {lowering.Input(i)}, {{"perm", std::move(order)}}));
  }
  const double alpha = lowering.attributes().Float("alpha");
  if (alpha == 1) {
    lowering.EmitLast("MatMul", 13, std::move(operands));
    return true;
  }
  const ValueId factor = lowering.Number("alpha", alpha, lowering.InputType(0));
  if (factor == kNoValue) return false;
  const ValueId product = lowering.Emit("MatMul", 13, std::move(operands));
  lowering.EmitLast("Mul", 14, {product, factor});
  return true;
}

// Input + skip, then the bias in input `bias`: output 3 where it is wanted.
ValueId EmitSkipSum(ContribLowering& lowering, int bias) {
  ValueId sum = lowering.Emit("Add", 14, {lowering.Input(0), lowering.Input(1)});
  if (lowering.HasInput(bias)) sum = lowering.Emit("Add", 14, {sum, lowering.Input(bias)});
  return lowering.Name(sum, 3);
}

bool LowerSkipLayerNormalization(ContribLowering& lowering) {
  const ValueId sum = EmitSkipSum(lowering, 4);
  std::vector<ValueId> inputs = {sum, lowering.Input(2)};
  if (lowering.HasInput(3)) inputs.push_back(lowering.Input(3));
  lowering.EmitLast("LayerNormalization", 17, std::move(inputs),
                    {{"epsilon", lowering.attributes().Float("epsilon")}}, {0, 1, 2});
  return true;
}

bool LowerSkipSimplifiedLayerNormalization(ContribLowering& lowering) {
  if (lowering.WantsOutput(1) || lowering.WantsOutput(2)) return false;
  const ValueId sum = EmitSkipSum(lowering, 3);
  lowering.EmitLast("RMSNormalization", 23, {sum, lowering.Input(2)},
                    {{"epsilon", lowering.attributes().Float("epsilon")}});
  return true;
}

bool LowerSimplifiedLayerNormalization(ContribLowering& lowering) {
  if (lowering.WantsOutput(1)) return false;
  std::vector<Attribute> attributes = AttributesWithout(lowering.node(), "stash_type");
  lowering.EmitLast("RMSNormalization", 23, lowering.node().inputs, std::move(attributes));
  return true;
}

// What is the same operator under another version.
template <int kOpset>
bool Rename(ContribLowering& lowering) {
  lowering.EmitLast(lowering.node().op, kOpset, lowering.node().inputs, lowering.node().attributes);
  return true;
}

bool LowerGatherND(ContribLowering& lowering) {
  return lowering.InputType(1) == DType::kInt64 && Rename<13>(lowering);
}

struct Rule {
  std::string_view domain;
  std::string_view op;
  bool (*lower)(ContribLowering& lowering);
};

constexpr Rule kRules[] = {
    {"", "SimplifiedLayerNormalization", LowerSimplifiedLayerNormalization},
    {kMicrosoftDomain, "Attention", LowerAttention},
    {kMicrosoftDomain, "BiasAdd", LowerBiasAdd},
    {kMicrosoftDomain, "BiasGelu", LowerBiasGelu},
    {kMicrosoftDomain, "DequantizeLinear", Rename<21>},
    {kMicrosoftDomain, "FastGelu", LowerFastGelu},
    {kMicrosoftDomain, "FusedConv", LowerFusedConv},
    {kMicrosoftDomain, "FusedGemm", LowerFusedGemm},
    {kMicrosoftDomain, "FusedMatMul", LowerFusedMatMul},
    {kMicrosoftDomain, "GatherND", LowerGatherND},
    {kMicrosoftDomain, "Gelu", LowerGelu},
    {kMicrosoftDomain, "MultiHeadAttention", LowerMultiHeadAttention},
    {kMicrosoftDomain, "QuantizeLinear", Rename<21>},
    {kMicrosoftDomain, "QuickGelu", LowerQuickGelu},
    {kMicrosoftDomain, "SkipLayerNormalization", LowerSkipLayerNormalization},
    {kMicrosoftDomain, "SkipSimplifiedLayerNormalization", LowerSkipSimplifiedLayerNormalization},
    {kMicrosoftDomain, "TransposeMatMul", LowerFusedMatMul},
    {kMicrosoftDomain, "Trilu", Rename<14>},
};

Result<int> Run(Graph& graph, PassContext&) {
  Rewriter rewriter(graph);
  int changes = 0;
  const size_t count = graph.nodes.size();
  for (size_t i = 0; i < count; ++i) {
    const Node& node = rewriter.node(static_cast<NodeId>(i));
    const auto* rule = std::ranges::find_if(kRules, [&](const Rule& candidate) {
      return candidate.op == node.op && candidate.domain == node.domain;
    });
    if (rule == std::end(kRules) || node.outputs[0] == kNoValue) continue;
    ContribLowering lowering(rewriter, static_cast<NodeId>(i));
    if (!rule->lower(lowering)) continue;
    lowering.Commit();
    ++changes;
  }
  rewriter.Finish();
  return changes;
}

}  // namespace

extern const Pass kLowerContribOperators;
const Pass kLowerContribOperators = {
    .name = "lower-contrib-operators",
    .summary = "makes operators of ONNX of those that ONNX Runtime fused",
    .effect = PassEffect::kExact,
    .again_with_shapes = true,
    .run = Run};

}  // namespace assay
