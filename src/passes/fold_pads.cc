#include <algorithm>
#include <limits>

#include "passes/pass.h"
#include "passes/product.h"
#include "passes/rewriter.h"

namespace assay {
namespace {

// A Pad of spatial axes by one constant becomes the padding of the window operator behind it:
// zeros for Conv and for an AveragePool that counts padding, minus infinity for MaxPool.
class Folding {
 public:
  explicit Folding(Graph& graph) : rewriter_(graph) {}

  int Run() {
    int changes = 0;
    for (size_t i = 0; i < rewriter_.graph().nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      if (!rewriter_.IsRemoved(id) && Fold(id)) ++changes;
    }
    rewriter_.Finish();
    return changes;
  }

 private:
  // The value that the operator's own padding stands for; nullopt for other nodes.
  static std::optional<double> PaddingOf(const Node& node) {
    if (IsOp(node, "Conv")) return 0;
    const bool is_average = IsOp(node, "AveragePool") && node.opset >= 7;
    if (!is_average && !IsOp(node, "MaxPool")) return std::nullopt;
    // Windows that are rounded up may not begin in the operator's padding.
    const OpContext attributes = AttributesOf(node);
    if (node.opset >= 10 && attributes.Int("ceil_mode") != 0) return std::nullopt;
    if (!std::ranges::all_of(attributes.Ints("dilations"), [](int64_t d) { return d == 1; })) {
      return std::nullopt;
    }
    if (is_average) {
      return attributes.Int("count_include_pad") != 0 ? std::optional<double>(0) : std::nullopt;
    }
    // Positions in the padded input are others.
    if (node.outputs.size() > 1) return std::nullopt;
    return -std::numeric_limits<double>::infinity();
  }

  // Begins of all spatial axes, then ends; nullopt unless the Pad adds only those, by `value`.
  std::optional<std::vector<int64_t>> SpatialPads(const Node& pad, double value) const {
    if (pad.opset < 11 || AttributesOf(pad).String("mode") != "constant" ||
        InputAt(pad, 3) != kNoValue) {
      return std::nullopt;
    }
    const ValueId constant = InputAt(pad, 2);
    const std::optional<double> number =
        constant == kNoValue ? std::optional<double>(0) : rewriter_.Number(constant);
    const std::optional<std::vector<int64_t>> pads = rewriter_.Ints(pad, 1);
    const std::optional<int> rank = rewriter_.Rank(pad.inputs[0]);
    if (!number || *number != value || !pads || !rank || *rank < 3) return std::nullopt;
    const auto count = static_cast<size_t>(*rank);
    if (pads->size() != 2 * count ||
        !std::ranges::all_of(*pads, [](int64_t p) { return p >= 0; })) {
      return std::nullopt;
    }
    std::vector<int64_t> spatial;
    for (size_t i = 0; i < pads->size(); ++i) {
      if (i % count >= 2) {
        spatial.push_back((*pads)[i]);
      } else if ((*pads)[i] != 0) {
        return std::nullopt;
      }
    }
    return spatial;
  }

  bool Fold(NodeId id) {
    const Node& node = rewriter_.node(id);
    const std::optional<double> value = PaddingOf(node);
    if (!value) return false;
    const NodeId pad = rewriter_.PrivateProducerOf(node.inputs[0], "Pad");
    if (pad == kNoNode) return false;
    const std::optional<std::vector<int64_t>> added = SpatialPads(rewriter_.node(pad), *value);
    if (!added) return false;
    const OpContext attributes = AttributesOf(node);
    const std::string automatic = attributes.String("auto_pad");
    if (automatic != "NOTSET" && automatic != "VALID") return false;
    std::vector<int64_t> pads = attributes.Ints("pads");
    if (pads.empty() || automatic == "VALID") pads.assign(added->size(), 0);
    if (pads.size() != added->size()) return false;
    for (size_t i = 0; i < pads.size(); ++i) pads[i] += (*added)[i];
    if (node.op != "Conv" && !FitsWindows(attributes, pads)) return false;
    Node padded = node;
    padded.inputs[0] = rewriter_.node(pad).inputs[0];
    padded.outputs.clear();
    std::erase_if(padded.attributes,
                  [](const Attribute& a) { return a.name == "pads" || a.name == "auto_pad"; });
    padded.attributes.push_back({"pads", pads});
    rewriter_.Replace({pad, id}, std::move(padded));
    return true;
  }

  // Pooling may not pad by a whole window: some would hold nothing else.
  static bool FitsWindows(const OpContext& attributes, const std::vector<int64_t>& pads) {
    const std::vector<int64_t> kernel = attributes.Ints("kernel_shape");
    for (size_t i = 0; i < pads.size(); ++i) {
      if (pads[i] >= kernel[i % kernel.size()]) return false;
    }
    return true;
  }

  Rewriter rewriter_;
};

Result<int> Run(Graph& graph, PassContext&) { return Folding(graph).Run(); }

}  // namespace

extern const Pass kFoldPads;
const Pass kFoldPads = {.name = "fold-pads",
                        .summary = "takes constant padding into the window operator behind it",
                        .effect = PassEffect::kReassociates,
                        .again_with_shapes = true,
                        .run = Run};

}  // namespace assay
