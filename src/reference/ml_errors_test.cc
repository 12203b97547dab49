// Bad attributes and inputs of the operators of ai.onnx.ml.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reference/bad_node.h"

namespace assay {
namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using Strings = std::vector<std::string>;

constexpr int kVersion = 5;

Tensor Zeros(Shape shape) { return Tensor::Zeros(DType::kFloat32, std::move(shape)); }

BadNode Bad(const std::string& op, const std::string& name, std::vector<Attribute> attributes,
            Tensor input, const std::string& message) {
  return {op, name, std::move(attributes), {std::move(input)}, message, kVersion, "ai.onnx.ml"};
}

std::vector<BadNode> EncodingNodes() {
  const Tensor integers = Tensor::Vector<int64_t>({1, 2});
  const Attribute keys{"keys_int64s", Ints{1, 2}};
  const Attribute values{"values_int64s", Ints{3, 4}};
  BadNode index{"ArrayFeatureExtractor",
                "index",
                {},
                {Zeros({2, 3}), Tensor::Vector<int64_t>({0, 3})},
                "indices in [0, 3), got 3",
                kVersion,
                "ai.onnx.ml"};
  BadNode negative = index;
  negative.name = "negative_index";
  negative.inputs[1] = Tensor::Vector<int64_t>({-1});
  negative.message = "got -1";
  BadNode scalar = index;
  scalar.name = "scalar";
  scalar.inputs[0] = Zeros({});
  scalar.message = "got a scalar";
  return {
      index,
      negative,
      scalar,
      Bad("LabelEncoder", "no_keys", {values}, integers, "expected one of keys_*, got 0"),
      Bad("LabelEncoder", "two_values", {keys, values, {"values_floats", Floats{1, 2}}}, integers,
          "expected one of values_*, got 2"),
      Bad("LabelEncoder", "lengths", {keys, {"values_int64s", Ints{3}}}, integers,
          "as many values as keys (2), got 1"),
      Bad("LabelEncoder", "type", {keys, values}, Zeros({1}), "expected int64"),
      Bad("LabelEncoder", "default",
          {keys, values, {"default_tensor", Tensor::Vector<int64_t>({1, 2})}}, integers,
          "expected one int64, as the values are, got 2 of int64"),
      Bad("LabelEncoder", "values_type",
          {keys, {"values_tensor", Tensor::Vector<bool>({true, false})}}, integers, "of type bool"),
      Bad("CategoryMapper", "lengths", {{"cats_int64s", Ints{1}}}, integers, "got 1 and 0"),
      Bad("OneHotEncoder", "kind", {{"cats_strings", Strings{"a"}}}, integers, "\"cats_int64s\""),
      Bad("OneHotEncoder", "both", {{"cats_strings", Strings{"a"}}, {"cats_int64s", Ints{1}}},
          integers, "got both"),
      Bad("OneHotEncoder", "unknown", {{"cats_int64s", Ints{1}}, {"zeros", int64_t{0}}}, integers,
          "got another as element 1"),
  };
}

std::vector<BadNode> FeatureNodes() {
  const Tensor rows = Zeros({2, 3});
  return {
      Bad("Scaler", "lengths", {{"offset", Floats{1}}, {"scale", Floats{1, 2, 3}}}, rows,
          "got 1 and 3"),
      Bad("Scaler", "nothing", {}, rows, "got 0 and 0"),
      Bad("Scaler", "features", {{"offset", Floats{1, 2}}, {"scale", Floats{1, 2}}}, rows,
          "each feature of (2, 3), got 2"),
      Bad("Imputer", "kind", {{"imputed_value_int64s", Ints{1}}}, rows, "imputed_value_floats"),
      Bad("Imputer", "features", {{"imputed_value_floats", Floats{1, 2}}}, rows, "got 2"),
      Bad("Imputer", "range", {{"imputed_value_int64s", Ints{int64_t{1} << 40}}},
          Tensor::Vector<int32_t>({1}), "values of int32"),
      Bad("Normalizer", "norm", {{"norm", std::string("L3")}}, rows, "expected MAX, L1 or L2"),
      Bad("Normalizer", "rank", {}, Zeros({1, 2, 3}), "expected [N, F] or [F]"),
      Bad("FeatureVectorizer", "sizes", {{"inputdimensions", Ints{1, 2}}}, rows, "got [1, 2]"),
      Bad("FeatureVectorizer", "negative", {{"inputdimensions", Ints{-1}}}, rows, "got [-1]"),
      Bad("FeatureVectorizer", "rank", {}, Zeros({1, 1, 1}), "expected [N, C] or [C]"),
  };
}

std::vector<BadNode> ModelNodes() {
  const Tensor rows = Zeros({2, 3});
  const Attribute three{"coefficients", Floats{1, 2, 3}};
  const Attribute labels{"classlabels_ints", Ints{1, 2}};
  const Attribute rho{"rho", Floats{0}};
  return {
      Bad("LinearRegressor", "coefficients", {{"coefficients", Floats{1, 2}}}, rows,
          "sets of 3 values, got 2"),
      Bad("LinearRegressor", "targets", {three, {"targets", int64_t{2}}}, rows, "expected 2 sets"),
      Bad("LinearRegressor", "intercepts", {three, {"intercepts", Floats{1, 2}}}, rows, "got 2"),
      Bad("LinearRegressor", "transform", {three, {"post_transform", std::string("EXP")}}, rows,
          "got \"EXP\""),
      Bad("LinearRegressor", "no_features", {three}, Zeros({2, 0}), "sets of 0 values"),
      Bad("LinearClassifier", "labels", {three, {"classlabels_ints", Ints{1}}}, rows,
          "expected 2 for 1 sets"),
      Bad("SVMRegressor", "kernel", {rho, {"kernel_type", std::string("RBG")}}, rows,
          "got \"RBG\""),
      Bad("SVMRegressor", "params", {rho, {"kernel_type", std::string("RBF")}}, rows,
          "expected gamma, coef0 and degree, got 0"),
      Bad("SVMRegressor", "rho", {three}, rows, "\"rho\": expected one value, got 0"),
      Bad("SVMRegressor", "vectors",
          {three, rho, {"n_supports", int64_t{3}}, {"support_vectors", Floats{1, 2, 3}}}, rows,
          "3 support vectors of 3 features"),
      Bad("SVMRegressor", "supports", {three, rho, {"n_supports", int64_t{-1}}}, rows, "got -1"),
      Bad("SVMClassifier", "no_labels", {three, rho}, rows, "class labels and rho"),
      Bad("SVMClassifier", "linear", {three, rho, labels}, rows, "expected 2 sets of 3 features"),
      Bad("SVMClassifier", "vectors_per_class",
          {three, rho, labels, {"vectors_per_class", Ints{1, -1}}}, rows, "got -1"),
      Bad("SVMClassifier", "pairs",
          {three, {"rho", Floats{1, 2}}, labels, {"vectors_per_class", Ints{1, 2}}}, rows,
          "\"rho\": expected 1 values, got 2"),
      Bad("SVMClassifier", "probabilities",
          {three, rho, labels, {"vectors_per_class", Ints{1, 2}}, {"prob_a", Floats{1}}}, rows,
          "\"prob_b\": expected 1 values, got 0"),
  };
}

// A good tree, x0 > 0 ? 1 : 2, with some of its attributes replaced.
std::vector<Attribute> ListedTree(const std::vector<Attribute>& changes) {
  std::vector<Attribute> attributes = {{"nodes_treeids", Ints{0, 0, 0}},
                                       {"nodes_nodeids", Ints{0, 1, 2}},
                                       {"nodes_modes", Strings{"BRANCH_GT", "LEAF", "LEAF"}},
                                       {"nodes_featureids", Ints{0, 0, 0}},
                                       {"nodes_values", Floats{0, 0, 0}},
                                       {"nodes_truenodeids", Ints{1, 0, 0}},
                                       {"nodes_falsenodeids", Ints{2, 0, 0}},
                                       {"target_treeids", Ints{0, 0}},
                                       {"target_nodeids", Ints{1, 2}},
                                       {"target_ids", Ints{0, 0}},
                                       {"target_weights", Floats{1, 2}},
                                       {"n_targets", int64_t{1}}};
  for (const Attribute& change : changes) {
    std::erase_if(attributes, [&](const Attribute& a) { return a.name == change.name; });
    attributes.push_back(change);
  }
  return attributes;
}

std::vector<BadNode> TreeNodes() {
  const auto bad = [](const std::string& name, const std::vector<Attribute>& changes,
                      const std::string& message) {
    return Bad("TreeEnsembleRegressor", name, ListedTree(changes), Zeros({1, 2}), message);
  };
  return {
      bad("no_nodes", {{"nodes_treeids", Ints{}}}, "expected 0 values"),
      bad("lengths", {{"nodes_values", Floats{0, 0}}}, "expected 3 values, as \"nodes_treeids\""),
      bad("same_node", {{"nodes_nodeids", Ints{0, 1, 1}}}, "got it twice"),
      bad("child", {{"nodes_truenodeids", Ints{9, 0, 0}}}, "node 9 of tree 0"),
      bad("mode", {{"nodes_modes", Strings{"BRANCH_IN", "LEAF", "LEAF"}}}, "got \"BRANCH_IN\""),
      bad("cycle",
          {{"nodes_modes", Strings{"BRANCH_GT", "BRANCH_GT", "LEAF"}},
           {"nodes_truenodeids", Ints{1, 0, 0}},
           {"nodes_falsenodeids", Ints{2, 2, 0}}},
          "a path from node 0 back to it"),
      bad("feature", {{"nodes_featureids", Ints{2, 0, 0}}}, "in [0, 2), got 2"),
      bad("negative_feature", {{"nodes_featureids", Ints{-1, 0, 0}}}, "got -1"),
      bad("target", {{"target_ids", Ints{0, 1}}},
          "target of a leaf: expected one in [0, 1), got 1"),
      bad("vote", {{"target_nodeids", Ints{1, 3}}}, "node 3 of tree 0"),
      bad("weights", {{"target_weights", Floats{1}}}, "expected 2 values"),
      bad("targets", {{"n_targets", int64_t{0}}}, "at least 1, got 0"),
      bad("base", {{"base_values", Floats{1, 2}}}, "each of 1 targets, got 2"),
      bad("aggregate", {{"aggregate_function", std::string("MEAN")}}, "got \"MEAN\""),
      bad("both_values", {{"nodes_values_as_tensor", Tensor::Vector<double>({0, 0, 0})}},
          "expected one of them"),
  };
}

std::vector<Attribute> Ensemble(const std::vector<Attribute>& changes) {
  std::vector<Attribute> attributes = {{"n_targets", int64_t{1}},
                                       {"tree_roots", Ints{0}},
                                       {"nodes_featureids", Ints{0}},
                                       {"nodes_modes", Tensor::Vector<uint8_t>({0})},
                                       {"nodes_splits", Tensor::Vector<float>({0})},
                                       {"nodes_truenodeids", Ints{0}},
                                       {"nodes_trueleafs", Ints{1}},
                                       {"nodes_falsenodeids", Ints{1}},
                                       {"nodes_falseleafs", Ints{1}},
                                       {"leaf_targetids", Ints{0, 0}},
                                       {"leaf_weights", Tensor::Vector<float>({1, 2})}};
  for (const Attribute& change : changes) {
    std::erase_if(attributes, [&](const Attribute& a) { return a.name == change.name; });
    attributes.push_back(change);
  }
  return attributes;
}

std::vector<BadNode> EnsembleNodes() {
  const auto bad = [](const std::string& name, const std::vector<Attribute>& changes,
                      const std::string& message) {
    return Bad("TreeEnsemble", name, Ensemble(changes), Zeros({1, 2}), message);
  };
  return {
      bad("root", {{"tree_roots", Ints{1}}}, "nodes in [0, 1), got 1"),
      bad("leaf", {{"nodes_truenodeids", Ints{2}}}, "a leaf in [0, 2), got 2"),
      bad("cycle", {{"nodes_trueleafs", Ints{0}}}, "a path from node 0 back to it"),
      bad("mode", {{"nodes_modes", Tensor::Vector<uint8_t>({7})}}, "expected 0 to 6, got 7"),
      bad("modes_type", {{"nodes_modes", Tensor::Vector<float>({0})}}, "tensor of integers"),
      bad("splits", {{"nodes_splits", Tensor::Vector<float>({0, 1})}}, "expected 1 values"),
      bad("members", {{"nodes_modes", Tensor::Vector<uint8_t>({6})}}, "got fewer"),
      bad("surplus_members", {{"membership_values", Tensor::Vector<float>({0})}}, "no more lists"),
      bad("weights", {{"leaf_weights", Tensor::Vector<float>({1})}}, "expected 2 values"),
      bad("transform", {{"post_transform", int64_t{5}}}, "expected 0 to 4, got 5"),
      bad("aggregate", {{"aggregate_function", int64_t{4}}}, "expected 0 to 3, got 4"),
  };
}

class BadMlNodes : public testing::TestWithParam<BadNode> {};

TEST_P(BadMlNodes, SayWhatIsWrong) { ExpectSaysWhatIsWrong(GetParam()); }

std::string NameOf(const testing::TestParamInfo<BadNode>& info) {
  return info.param.op + "_" + info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Encodings, BadMlNodes, testing::ValuesIn(EncodingNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Features, BadMlNodes, testing::ValuesIn(FeatureNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Models, BadMlNodes, testing::ValuesIn(ModelNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Trees, BadMlNodes, testing::ValuesIn(TreeNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Ensembles, BadMlNodes, testing::ValuesIn(EnsembleNodes()), NameOf);

}  // namespace
}  // namespace assay
