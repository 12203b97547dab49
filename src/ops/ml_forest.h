#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "ops/infer_context.h"
#include "ops/ml_post_transform.h"
#include "ops/op_context.h"
#include "ops/reference_context.h"

namespace assay {

// Decision trees. A node compares one feature with a value and goes to one of two others; a leaf
// has votes for targets.
struct Forest {
  enum class Test : uint8_t {
    kAtMost = 0,
    kBelow = 1,
    kAtLeast = 2,
    kAbove = 3,
    kEqual = 4,
    kNotEqual = 5,
    kMember = 6,
    kLeaf = 7,
  };

  struct Node {
    Test test = Test::kLeaf;
    bool nan_is_true = false;
    int64_t feature = 0;
    double value = 0;
    int64_t if_true = 0;
    int64_t if_false = 0;
    std::vector<double> members;  // of kMember
  };

  struct Vote {
    int64_t node = 0;
    int64_t target = 0;
    double weight = 0;
  };

  std::vector<Node> nodes;
  std::vector<int64_t> roots;
  std::vector<Vote> votes;
  // Votes of node i: first_votes[i] to first_votes[i + 1].
  std::vector<size_t> first_votes;

  // Sorts the votes by node and checks that children and roots exist, that no path comes back to a
  // node, and that targets lie in [0, targets).
  Status Finish(int64_t targets);
  // An error unless every node's feature lies in [0, features).
  Status CheckFeatures(int64_t features) const;

  // The leaf that one example comes to.
  int64_t Leaf(int64_t root, std::span<const double> x) const;
  std::span<const Vote> VotesOf(int64_t node) const;
};

// How the votes for a target become its score. The numbers are those of TreeEnsemble.
enum class Aggregation : int8_t { kAverage = 0, kSum = 1, kMin = 2, kMax = 3 };
Result<Aggregation> AggregationOf(const OpContext& context);
Result<Aggregation> AggregationByNumber(const OpContext& context);

// scores[t] = base[t] + aggregated votes for t (0 if there are none). No base is zero.
void Predict(const Forest& forest, Aggregation aggregation, std::span<const double> base,
             std::span<const double> x, std::span<double> scores);

// A forest whose scores are what an operator gives: one row of `targets` for each example.
struct ForestRegressor {
  Forest forest;
  Aggregation aggregation = Aggregation::kSum;
  PostTransform transform = PostTransform::kNone;
  std::vector<double> base;  // one per target, or none
  int64_t targets = 0;
};
Status InferForestRegressor(InferContext& context, const ForestRegressor& regressor, DType dtype);
Status EvaluateForestRegressor(ReferenceContext& context, const ForestRegressor& regressor);

// Lists that describe the same things must have one length.
Status CheckLength(std::string_view name, size_t size, size_t expected, std::string_view of);

}  // namespace assay
