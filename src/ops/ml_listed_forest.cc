#include "ops/ml_listed_forest.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>
#include <vector>

namespace assay {
namespace {

// Positions of nodes by the numbers of their tree and of themselves.
using NodeNames = std::map<std::pair<int64_t, int64_t>, int64_t>;

Result<Forest::Test> TestOf(const std::string& mode) {
  constexpr std::pair<std::string_view, Forest::Test> kModes[] = {
      {"BRANCH_LEQ", Forest::Test::kAtMost},  {"BRANCH_LT", Forest::Test::kBelow},
      {"BRANCH_GTE", Forest::Test::kAtLeast}, {"BRANCH_GT", Forest::Test::kAbove},
      {"BRANCH_EQ", Forest::Test::kEqual},    {"BRANCH_NEQ", Forest::Test::kNotEqual},
      {"LEAF", Forest::Test::kLeaf}};
  for (const auto& [name, test] : kModes) {
    if (name == mode) return test;
  }
  return OpContext::Invalid(fmt::format(
      "attribute \"nodes_modes\": expected BRANCH_LEQ, BRANCH_LT, BRANCH_GTE, BRANCH_GT, "
      "BRANCH_EQ, BRANCH_NEQ or LEAF, got \"{}\"",
      mode));
}

Result<int64_t> FindNode(const NodeNames& names, int64_t tree, int64_t node) {
  const auto found = names.find({tree, node});
  if (found != names.end()) return found->second;
  return OpContext::Invalid(
      fmt::format("nodes: expected node {} of tree {}, got no such node", node, tree));
}

// The lists of attributes that have one entry for each node.
struct NodeLists {
  std::vector<int64_t> trees;
  std::vector<int64_t> ids;
  std::vector<int64_t> features;
  std::vector<int64_t> if_true;
  std::vector<int64_t> if_false;
  std::vector<int64_t> missing;
  std::vector<std::string> modes;
  std::vector<double> values;
};

Result<NodeLists> ReadLists(const OpContext& context) {
  NodeLists lists{.trees = context.Ints("nodes_treeids"),
                  .ids = context.Ints("nodes_nodeids"),
                  .features = context.Ints("nodes_featureids"),
                  .if_true = context.Ints("nodes_truenodeids"),
                  .if_false = context.Ints("nodes_falsenodeids"),
                  .missing = context.Ints("nodes_missing_value_tracks_true"),
                  .modes = context.Strings("nodes_modes"),
                  .values = {}};
  ASSAY_ASSIGN_OR_RETURN(lists.values, DoublesOrTensor(context, "nodes_values"));
  const size_t count = lists.trees.size();
  if (lists.missing.empty()) lists.missing.resize(count);
  const std::pair<std::string_view, size_t> sizes[] = {
      {"nodes_nodeids", lists.ids.size()},
      {"nodes_featureids", lists.features.size()},
      {"nodes_truenodeids", lists.if_true.size()},
      {"nodes_falsenodeids", lists.if_false.size()},
      {"nodes_missing_value_tracks_true", lists.missing.size()},
      {"nodes_modes", lists.modes.size()},
      {"nodes_values", lists.values.size()}};
  for (const auto& [name, size] : sizes) {
    ASSAY_RETURN_IF_ERROR(CheckLength(name, size, count, "nodes_treeids"));
  }
  if (count > 0) return lists;
  return OpContext::Invalid("attribute \"nodes_treeids\": expected nodes, got none");
}

Status AddVotes(const OpContext& context, const std::string& prefix, const NodeNames& names,
                Forest& forest) {
  const std::vector<int64_t> trees = context.Ints(prefix + "_treeids");
  const std::vector<int64_t> nodes = context.Ints(prefix + "_nodeids");
  const std::vector<int64_t> targets = context.Ints(prefix + "_ids");
  ASSAY_ASSIGN_OR_RETURN(const std::vector<double> weights,
                         DoublesOrTensor(context, prefix + "_weights"));
  const std::string ids = prefix + "_ids";
  ASSAY_RETURN_IF_ERROR(CheckLength(prefix + "_treeids", trees.size(), targets.size(), ids));
  ASSAY_RETURN_IF_ERROR(CheckLength(prefix + "_nodeids", nodes.size(), targets.size(), ids));
  ASSAY_RETURN_IF_ERROR(CheckLength(prefix + "_weights", weights.size(), targets.size(), ids));
  for (size_t i = 0; i < targets.size(); ++i) {
    Forest::Vote vote{.node = 0, .target = targets[i], .weight = weights[i]};
    ASSAY_ASSIGN_OR_RETURN(vote.node, FindNode(names, trees[i], nodes[i]));
    forest.votes.push_back(vote);
  }
  return OkStatus();
}

}  // namespace

Result<Forest> ListedForestOf(const OpContext& context, const std::string& prefix,
                              int64_t targets) {
  ASSAY_ASSIGN_OR_RETURN(const NodeLists lists, ReadLists(context));
  NodeNames names;
  Forest forest;
  std::set<int64_t> trees;
  for (size_t i = 0; i < lists.trees.size(); ++i) {
    const auto position = static_cast<int64_t>(i);
    if (!names.emplace(std::pair{lists.trees[i], lists.ids[i]}, position).second) {
      return OpContext::Invalid(fmt::format("nodes: expected node {} of tree {} once, got it twice",
                                            lists.ids[i], lists.trees[i]));
    }
    if (trees.insert(lists.trees[i]).second) forest.roots.push_back(position);
  }
  for (size_t i = 0; i < lists.trees.size(); ++i) {
    Forest::Node node{.nan_is_true = lists.missing[i] != 0,
                      .feature = lists.features[i],
                      .value = lists.values[i]};
    ASSAY_ASSIGN_OR_RETURN(node.test, TestOf(lists.modes[i]));
    if (node.test != Forest::Test::kLeaf) {
      ASSAY_ASSIGN_OR_RETURN(node.if_true, FindNode(names, lists.trees[i], lists.if_true[i]));
      ASSAY_ASSIGN_OR_RETURN(node.if_false, FindNode(names, lists.trees[i], lists.if_false[i]));
    }
    forest.nodes.push_back(node);
  }
  ASSAY_RETURN_IF_ERROR(AddVotes(context, prefix, names, forest));
  ASSAY_RETURN_IF_ERROR(forest.Finish(targets));
  return forest;
}

}  // namespace assay
