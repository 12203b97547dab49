#include "ir/select_outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/near_names.h"
#include "base/quote.h"
#include "base/wildcard.h"

namespace assay {
namespace {

bool SameLetters(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// An ordered set of values.
class ValueList {
 public:
  void Add(ValueId id) {
    if (seen_.insert(id).second) ids_.push_back(id);
  }
  bool Contains(ValueId id) const { return seen_.contains(id); }
  const std::vector<ValueId>& ids() const { return ids_; }

 private:
  std::vector<ValueId> ids_;
  std::unordered_set<ValueId> seen_;
};

class Selector {
 public:
  Selector(const Graph& graph, LogSink& log) : graph_(graph), log_(log) {
    for (const Node& node : graph.nodes) {
      for (ValueId id : node.outputs) {
        if (id != kNoValue && !graph.value(id).name.empty()) computed_.push_back(id);
      }
    }
    for (ValueId id : computed_) by_name_.emplace(graph.value(id).name, id);
    for (ValueId id : graph.inputs) by_name_.emplace(graph.value(id).name, id);
    for (ValueId id : graph.outputs) by_name_.emplace(graph.value(id).name, id);
  }

  Status AddNames(std::span<const std::string> names, ValueList& list) const {
    for (const std::string& name : names) {
      const auto exact = by_name_.find(name);
      if (exact != by_name_.end()) {
        list.Add(exact->second);
      } else if (HasWildcard(name)) {
        AddMatches(name, list);
      } else {
        return UnknownName(name);
      }
    }
    return OkStatus();
  }

  Status AddTypes(std::span<const std::string> types, ValueList& list) const {
    for (const std::string& type : types) {
      bool found = false;
      for (const Node& node : graph_.nodes) {
        if (!SameLetters(node.op, type)) continue;
        found = true;
        for (ValueId id : node.outputs) {
          if (id != kNoValue) list.Add(id);
        }
      }
      if (!found) return UnknownType(type);
    }
    return OkStatus();
  }

 private:
  void AddMatches(const std::string& pattern, ValueList& list) const {
    bool found = false;
    for (ValueId id : computed_) {
      if (!MatchesWildcard(pattern, graph_.value(id).name)) continue;
      list.Add(id);
      found = true;
    }
    if (!found) {
      log_.Write(Severity::kWarning,
                 fmt::format("No tensors matched wildcard pattern: '{}'", pattern));
    }
  }

  Status UnknownName(const std::string& name) const {
    std::vector<std::string_view> names;
    for (const auto& [known, id] : by_name_) names.push_back(known);
    const ValueId other = graph_.FindValue(name);
    if (other != kNoValue && graph_.value(other).constant) {
      return Status(StatusCode::kUsage,
                    fmt::format("outputs: expected a value that is computed, got {}, a constant",
                                Quote(name)));
    }
    std::string hint = DidYouMean(name, names);
    if (hint.empty()) hint = "assay inspect model --show layers lists the names";
    return Status(StatusCode::kUsage,
                  fmt::format("outputs: the model has no value {}", Quote(name)), std::move(hint));
  }

  Status UnknownType(const std::string& type) const {
    std::vector<std::string_view> types;
    for (const Node& node : graph_.nodes) types.push_back(node.op);
    std::ranges::sort(types);
    types.erase(std::unique(types.begin(), types.end()), types.end());
    std::string hint = DidYouMean(type, types);
    if (hint.empty()) hint = fmt::format("the model has {}", fmt::join(types, ", "));
    return Status(StatusCode::kUsage,
                  fmt::format("outputs: the model has no node of type {}", Quote(type)),
                  std::move(hint));
  }

  const Graph& graph_;
  LogSink& log_;
  std::vector<ValueId> computed_;  // outputs of nodes, in order
  std::unordered_map<std::string_view, ValueId> by_name_;
};

bool IsMarkAll(const std::vector<std::string>& names) {
  return names == std::vector<std::string>{"mark", "all"};
}

}  // namespace

Status SelectOutputs(Graph& graph, const OutputSelection& selection, LogSink& log) {
  if (selection.empty()) return OkStatus();
  const Selector selector(graph, log);
  ValueList wanted;
  if (selection.outputs.empty() && selection.by_type.empty()) {
    for (ValueId id : graph.outputs) wanted.Add(id);
  }
  const std::vector<std::string> all = {"*"};
  ASSAY_RETURN_IF_ERROR(
      selector.AddNames(IsMarkAll(selection.outputs) ? all : selection.outputs, wanted));
  ASSAY_RETURN_IF_ERROR(selector.AddTypes(selection.by_type, wanted));
  ValueList unwanted;
  ASSAY_RETURN_IF_ERROR(selector.AddNames(selection.exclude, unwanted));

  std::vector<ValueId> outputs;
  for (ValueId id : wanted.ids()) {
    if (!unwanted.Contains(id)) outputs.push_back(id);
  }
  if (outputs.empty()) {
    return Status(StatusCode::kUsage, "outputs: expected at least one, got none after selection",
                  "check the patterns and what they exclude");
  }
  graph.outputs = std::move(outputs);
  return OkStatus();
}

}  // namespace assay
