#include "tests/fuzz/graphs/minimise.h"

#include <algorithm>
#include <map>
#include <set>

#include "ops/infer_graph.h"

namespace assay::fuzz {
namespace {

class Minimisation {
 public:
  Minimisation(const Case& c, const std::function<bool(const Case&)>& fails, ThreadPool& threads)
      : case_(c), graph_(case_.model.graph), typed_(graph_), fails_(fails), threads_(threads) {}

  Case Run() {
    Result<std::vector<RuntimeValue>> values = AllValues(case_, threads_);
    if (!InferGraph(typed_).ok() || !values.ok()) return case_;
    values_ = std::move(*values);
    outputs_ = graph_.outputs;
    if (AsOneNode()) return Extract(outputs_, cuts_);
    DropOutputs();
    if (outputs_.size() == 1) TakeEarlierOutput();
    CutInputs();
    return Extract(outputs_, cuts_);
  }

 private:
  bool Holds(const std::vector<ValueId>& outputs, const std::set<ValueId>& cuts) {
    return fails_(Extract(outputs, cuts));
  }

  bool IsTensor(ValueId id) const {
    return id != kNoValue && values_[static_cast<size_t>(id)].is_tensor();
  }

  std::vector<ValueId> InputsOf(const Node& node) const {
    std::vector<ValueId> inputs = node.inputs;
    for (const Attribute& attribute : node.attributes) {
      const auto* body = std::get_if<std::shared_ptr<const Graph>>(&attribute.value);
      if (body == nullptr) continue;
      for (const auto& [id, name] : (*body)->captures) inputs.push_back(graph_.FindValue(name));
    }
    return inputs;
  }

  bool AsOneNode() {
    for (const Node& node : graph_.nodes) {
      std::set<ValueId> cuts;
      bool fits = std::ranges::all_of(node.outputs, [&](ValueId id) { return IsTensor(id); });
      for (const ValueId id : InputsOf(node)) {
        if (id == kNoValue) continue;
        fits = fits && IsTensor(id);
        if (graph_.value(id).producer != kNoNode) cuts.insert(id);
      }
      if (!fits || !Holds(node.outputs, cuts)) continue;
      outputs_ = node.outputs;
      cuts_ = cuts;
      return true;
    }
    return false;
  }

  void DropOutputs() {
    for (const ValueId id : graph_.outputs) {
      if (!Holds({id}, {})) continue;
      outputs_ = {id};
      return;
    }
    for (size_t i = outputs_.size(); i-- > 0 && outputs_.size() > 1;) {
      std::vector<ValueId> fewer = outputs_;
      fewer.erase(fewer.begin() + static_cast<int64_t>(i));
      if (Holds(fewer, {})) outputs_ = fewer;
    }
  }

  void TakeEarlierOutput() {
    for (const Node& node : graph_.nodes) {
      for (const ValueId id : node.outputs) {
        if (id == outputs_[0]) return;
        if (!IsTensor(id) || !Holds({id}, {})) continue;
        outputs_ = {id};
        return;
      }
    }
  }

  void CutInputs() {
    for (size_t i = graph_.nodes.size(); i-- > 0;) {
      for (const ValueId id : graph_.nodes[i].outputs) {
        if (!IsTensor(id) || std::ranges::find(outputs_, id) != outputs_.end()) continue;
        std::set<ValueId> more = cuts_;
        more.insert(id);
        if (Holds(outputs_, more)) cuts_ = more;
      }
    }
  }

  ValueId Copy(ValueId id, const std::set<ValueId>& cuts, Case& to,
               std::map<ValueId, ValueId>& copies) const {
    if (id == kNoValue) return kNoValue;
    if (const auto found = copies.find(id); found != copies.end()) return found->second;
    const Value& value = graph_.value(id);
    Graph& graph = to.model.graph;
    if (value.constant) return copies[id] = graph.AddConstant(value.name, *value.constant);
    if (value.producer == kNoNode) {
      to.inputs.Add(value.name, *case_.inputs.Find(value.name));
      return copies[id] = graph.AddInput(value.name, value.type);
    }
    if (cuts.contains(id)) {
      const DType type = typed_.value(id).type.dtype;
      const Tensor tensor = *ConvertTensor(values_[static_cast<size_t>(id)].tensor(), type);
      to.inputs.Add(value.name, tensor);
      return copies[id] =
                 graph.AddInput(value.name, ValueType::TensorOf(type, ToSymbolic(tensor.shape())));
    }
    Node node = graph_.node(value.producer);
    for (const ValueId input : InputsOf(node)) Copy(input, cuts, to, copies);
    for (ValueId& input : node.inputs) input = input == kNoValue ? input : copies.at(input);
    for (ValueId& output : node.outputs) {
      const ValueId own = graph.AddValue(graph_.value(output).name, graph_.value(output).type);
      copies[output] = own;
      output = own;
    }
    graph.AddNode(std::move(node));
    return copies[id];
  }

  Case Extract(const std::vector<ValueId>& outputs, const std::set<ValueId>& cuts) const {
    Case small;
    small.model.opsets = case_.model.opsets;
    small.model.graph.name = graph_.name;
    std::map<ValueId, ValueId> copies;
    for (const ValueId id : outputs) {
      small.model.graph.outputs.push_back(Copy(id, cuts, small, copies));
    }
    return small;
  }

  const Case case_;
  const Graph& graph_;
  Graph typed_;
  const std::function<bool(const Case&)>& fails_;
  ThreadPool& threads_;
  std::vector<RuntimeValue> values_;
  std::vector<ValueId> outputs_;
  std::set<ValueId> cuts_;
};

}  // namespace

Case Minimise(const Case& c, const std::function<bool(const Case&)>& fails, ThreadPool& threads) {
  return Minimisation(c, fails, threads).Run();
}

}  // namespace assay::fuzz
