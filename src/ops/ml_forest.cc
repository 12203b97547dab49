#include "ops/ml_forest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "ops/axis_lines.h"
#include "ops/ml_features.h"

namespace assay {
namespace {

Status CheckIndex(std::string_view what, int64_t index, size_t size) {
  if (index >= 0 && index < static_cast<int64_t>(size)) return OkStatus();
  return OpContext::Invalid(fmt::format("{}: expected one in [0, {}), got {}", what, size, index));
}

// Walks the graph below a node depth first. Nodes may be shared, but not lie below themselves.
class CycleFinder {
 public:
  explicit CycleFinder(const std::vector<Forest::Node>& nodes)
      : nodes_(nodes), states_(nodes.size(), State::kNew) {}

  Status Visit(int64_t root) {
    std::vector<std::pair<int64_t, int>> path;
    if (Enter(root)) path.push_back({root, 0});
    while (!path.empty()) {
      auto& [id, step] = path.back();
      const Forest::Node& node = nodes_[static_cast<size_t>(id)];
      if (node.test == Forest::Test::kLeaf || step == 2) {
        states_[static_cast<size_t>(id)] = State::kDone;
        path.pop_back();
        continue;
      }
      const int64_t child = step++ == 0 ? node.if_true : node.if_false;
      ASSAY_RETURN_IF_ERROR(CheckIndex("child of a node", child, nodes_.size()));
      if (states_[static_cast<size_t>(child)] == State::kOpen) {
        return OpContext::Invalid(
            fmt::format("nodes: expected trees, got a path from node {} back to it", child));
      }
      if (Enter(child)) path.push_back({child, 0});
    }
    return OkStatus();
  }

 private:
  enum class State : uint8_t { kNew, kOpen, kDone };

  bool Enter(int64_t id) {
    State& state = states_[static_cast<size_t>(id)];
    if (state != State::kNew) return false;
    state = State::kOpen;
    return true;
  }

  const std::vector<Forest::Node>& nodes_;
  std::vector<State> states_;
};

bool Holds(const Forest::Node& node, double x) {
  switch (node.test) {
    case Forest::Test::kAtMost:
      return x <= node.value;
    case Forest::Test::kBelow:
      return x < node.value;
    case Forest::Test::kAtLeast:
      return x >= node.value;
    case Forest::Test::kAbove:
      return x > node.value;
    case Forest::Test::kEqual:
      return x == node.value;
    case Forest::Test::kNotEqual:
      return x != node.value;
    case Forest::Test::kMember:
      return std::find(node.members.begin(), node.members.end(), x) != node.members.end();
    case Forest::Test::kLeaf:
      break;
  }
  return false;
}

}  // namespace

Status Forest::Finish(int64_t targets) {
  CycleFinder finder(nodes);
  for (int64_t root : roots) {
    ASSAY_RETURN_IF_ERROR(CheckIndex("root of a tree", root, nodes.size()));
    ASSAY_RETURN_IF_ERROR(finder.Visit(root));
  }
  std::stable_sort(votes.begin(), votes.end(),
                   [](const Vote& a, const Vote& b) { return a.node < b.node; });
  first_votes.assign(nodes.size() + 1, 0);
  for (const Vote& vote : votes) {
    ASSAY_RETURN_IF_ERROR(
        CheckIndex("target of a leaf", vote.target, static_cast<size_t>(targets)));
    ASSAY_RETURN_IF_ERROR(CheckIndex("node of a vote", vote.node, nodes.size()));
    ++first_votes[static_cast<size_t>(vote.node) + 1];
  }
  for (size_t i = 1; i < first_votes.size(); ++i) first_votes[i] += first_votes[i - 1];
  return OkStatus();
}

Status Forest::CheckFeatures(int64_t features) const {
  for (const Node& node : nodes) {
    if (node.test == Test::kLeaf) continue;
    ASSAY_RETURN_IF_ERROR(
        CheckIndex("feature of a node", node.feature, static_cast<size_t>(features)));
  }
  return OkStatus();
}

int64_t Forest::Leaf(int64_t root, std::span<const double> x) const {
  int64_t at = root;
  while (nodes[static_cast<size_t>(at)].test != Test::kLeaf) {
    const Node& node = nodes[static_cast<size_t>(at)];
    const double value = x[static_cast<size_t>(node.feature)];
    const bool holds = std::isnan(value) ? node.nan_is_true : Holds(node, value);
    at = holds ? node.if_true : node.if_false;
  }
  return at;
}

std::span<const Forest::Vote> Forest::VotesOf(int64_t node) const {
  const size_t begin = first_votes[static_cast<size_t>(node)];
  return std::span(votes).subspan(begin, first_votes[static_cast<size_t>(node) + 1] - begin);
}

Result<Aggregation> AggregationOf(const OpContext& context) {
  const std::string name = context.String("aggregate_function");
  if (name == "AVERAGE") return Aggregation::kAverage;
  if (name == "SUM") return Aggregation::kSum;
  if (name == "MIN") return Aggregation::kMin;
  if (name == "MAX") return Aggregation::kMax;
  return OpContext::Invalid(fmt::format(
      "attribute \"aggregate_function\": expected AVERAGE, SUM, MIN or MAX, got \"{}\"", name));
}

Result<Aggregation> AggregationByNumber(const OpContext& context) {
  const int64_t number = context.Int("aggregate_function");
  if (number >= 0 && number <= 3) return static_cast<Aggregation>(number);
  return OpContext::Invalid(
      fmt::format("attribute \"aggregate_function\": expected 0 to 3, got {}", number));
}

void Predict(const Forest& forest, Aggregation aggregation, std::span<const double> base,
             std::span<const double> x, std::span<double> scores) {
  std::fill(scores.begin(), scores.end(), 0.0);
  std::vector<bool> has_votes(scores.size());
  for (int64_t root : forest.roots) {
    for (const Forest::Vote& vote : forest.VotesOf(forest.Leaf(root, x))) {
      const auto target = static_cast<size_t>(vote.target);
      double& score = scores[target];
      if (!has_votes[target]) {
        score = vote.weight;
      } else if (aggregation == Aggregation::kMin) {
        score = std::min(score, vote.weight);
      } else if (aggregation == Aggregation::kMax) {
        score = std::max(score, vote.weight);
      } else {
        score += vote.weight;
      }
      has_votes[target] = true;
    }
  }
  for (size_t t = 0; t < scores.size(); ++t) {
    if (aggregation == Aggregation::kAverage && has_votes[t]) {
      scores[t] /= static_cast<double>(forest.roots.size());
    }
    if (!base.empty()) scores[t] += base[t];
  }
}

Status CheckLength(std::string_view name, size_t size, size_t expected, std::string_view of) {
  if (size == expected) return OkStatus();
  return OpContext::Invalid(fmt::format(
      "attribute \"{}\": expected {} values, as \"{}\" has, got {}", name, expected, of, size));
}

Status InferForestRegressor(InferContext& context, const ForestRegressor& regressor, DType dtype) {
  ASSAY_ASSIGN_OR_RETURN(const SymbolicRows rows, InferFeatureRows(context));
  if (rows.features.IsKnown()) {
    ASSAY_RETURN_IF_ERROR(regressor.forest.CheckFeatures(rows.features.value()));
  }
  context.SetOutput(0, dtype, SymbolicShape{rows.count, Dim(regressor.targets)});
  return OkStatus();
}

Status EvaluateForestRegressor(ReferenceContext& context, const ForestRegressor& regressor) {
  ASSAY_ASSIGN_OR_RETURN(const FeatureRows rows, FeatureRowsOf(context));
  ASSAY_RETURN_IF_ERROR(regressor.forest.CheckFeatures(rows.features));
  const Shape shape{rows.count, regressor.targets};
  if (!shape.CheckedElements()) return OpContext::Invalid("the result is too large");
  const auto out = context.AllocateOutput(0, shape).mutable_data<double>();
  const auto width = static_cast<size_t>(regressor.targets);
  const auto work = static_cast<int64_t>(regressor.forest.roots.size() * 16 + width);
  ForEachSlice(context.threads(), rows.count, work, [&](int64_t row) {
    const auto scores = out.subspan(static_cast<size_t>(row) * width, width);
    Predict(regressor.forest, regressor.aggregation, regressor.base, rows[row], scores);
    Apply(regressor.transform, scores);
  });
  return OkStatus();
}

}  // namespace assay
