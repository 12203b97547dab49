#include <algorithm>
#include <cstring>
#include <map>
#include <span>
#include <string>

#include "ops/op_def.h"
#include "passes/pass.h"
#include "passes/rewriter.h"

namespace assay {
namespace {

// Text that is the same for equal things only: fields with their lengths before them.
class Key {
 public:
  void Add(std::string_view text) {
    Add(static_cast<int64_t>(text.size()));
    text_ += text;
  }
  void Add(int64_t number) { text_.append(reinterpret_cast<const char*>(&number), sizeof(number)); }
  void Add(float number) { text_.append(reinterpret_cast<const char*>(&number), sizeof(number)); }
  template <typename T>
  void Add(const std::vector<T>& list) {
    Add(static_cast<int64_t>(list.size()));
    for (const T& item : list) Add(item);
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

template <typename T>
constexpr bool kIsCompared =
    std::is_same_v<T, int64_t> || std::is_same_v<T, float> || std::is_same_v<T, std::string> ||
    std::is_same_v<T, std::vector<int64_t>> || std::is_same_v<T, std::vector<float>> ||
    std::is_same_v<T, std::vector<std::string>>;

// False if the attribute is a tensor, a graph or a type, which are not compared.
bool AddAttribute(const Attribute& attribute, Key& key) {
  key.Add(attribute.name);
  key.Add(static_cast<int64_t>(attribute.value.index()));
  if (!attribute.reference.empty()) return false;
  return std::visit(
      [&]<typename T>(const T& value) {
        if constexpr (kIsCompared<T>) key.Add(value);
        return kIsCompared<T>;
      },
      attribute.value);
}

// Empty for nodes that are not merged.
std::string KeyOf(const Node& node) {
  if (IsRandom(node)) return {};
  Key key;
  key.Add(node.op);
  key.Add(node.domain);
  key.Add(node.overload);
  key.Add(int64_t{node.opset});
  for (ValueId id : node.inputs) key.Add(int64_t{id});
  for (ValueId id : node.outputs) key.Add(int64_t{id == kNoValue ? 0 : 1});
  std::vector<const Attribute*> attributes;
  for (const Attribute& attribute : node.attributes) attributes.push_back(&attribute);
  std::ranges::sort(attributes, {}, &Attribute::name);
  for (const Attribute* attribute : attributes) {
    if (!AddAttribute(*attribute, key)) return {};
  }
  return key.Take();
}

class Merging {
 public:
  explicit Merging(Graph& graph) : rewriter_(graph) {}

  int Run() {
    MergeConstants();
    std::map<std::string, NodeId> known;
    for (size_t i = 0; i < rewriter_.graph().nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      const std::string key = KeyOf(rewriter_.node(id));
      if (key.empty()) continue;
      const auto [found, is_new] = known.emplace(key, id);
      if (!is_new) found->second = Merge(found->second, id);
    }
    rewriter_.Finish();
    return changes_;
  }

 private:
  // Constants of equal bytes become one.
  void MergeConstants() {
    constexpr size_t kSampleBytes = 256;
    std::map<std::string, std::vector<ValueId>> alike;
    const Graph& graph = rewriter_.graph();
    for (size_t i = 0; i < graph.values.size(); ++i) {
      const auto id = static_cast<ValueId>(i);
      const Tensor* tensor = rewriter_.Constant(id);
      if (tensor == nullptr || tensor->dtype() == DType::kString || rewriter_.IsGraphOutput(id)) {
        continue;
      }
      Key key;
      key.Add(static_cast<int64_t>(tensor->dtype()));
      key.Add(tensor->shape().ToString());
      const std::span<const std::byte> bytes = tensor->bytes();
      key.Add(std::string_view(reinterpret_cast<const char*>(bytes.data()),
                               std::min(bytes.size(), kSampleBytes)));
      std::vector<ValueId>& candidates = alike[key.Take()];
      const auto same = std::ranges::find_if(candidates, [&](ValueId other) {
        return bytes.empty() || std::memcmp(rewriter_.Constant(other)->bytes().data(), bytes.data(),
                                            bytes.size()) == 0;
      });
      if (same == candidates.end()) {
        candidates.push_back(id);
      } else if (!rewriter_.Uses(id).empty()) {
        rewriter_.ReplaceUses(id, *same);
        ++changes_;
      }
    }
  }

  bool WritesOutputs(NodeId id) const {
    return std::ranges::any_of(rewriter_.node(id).outputs, [&](ValueId output) {
      return output != kNoValue && rewriter_.IsGraphOutput(output);
    });
  }

  // Returns the node that stays for both.
  NodeId Merge(NodeId first, NodeId second) {
    if (WritesOutputs(first) && WritesOutputs(second)) return first;
    const NodeId kept = WritesOutputs(second) ? second : first;
    const NodeId gone = kept == first ? second : first;
    std::vector<std::string> origins = MergeOrigins(rewriter_.graph(), {first, second});
    for (size_t i = 0; i < rewriter_.node(gone).outputs.size(); ++i) {
      const ValueId output = rewriter_.node(gone).outputs[i];
      if (output != kNoValue) rewriter_.ReplaceUses(output, rewriter_.node(kept).outputs[i]);
    }
    rewriter_.RemoveNode(gone);
    rewriter_.graph().node(kept).origins = std::move(origins);
    ++changes_;
    return kept;
  }

  Rewriter rewriter_;
  int changes_ = 0;
};

Result<int> Run(Graph& graph, PassContext&) { return Merging(graph).Run(); }

}  // namespace

extern const Pass kMergeCommonSubexpressions;
const Pass kMergeCommonSubexpressions = {
    .name = "merge-common-subexpressions",
    .summary = "computes once what is computed twice, and keeps equal constants once",
    .effect = PassEffect::kExact,
    .again_with_shapes = true,
    .run = Run};

}  // namespace assay
