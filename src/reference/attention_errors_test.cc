// The operators of attention say what is wrong with their inputs and attributes.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reference/bad_node.h"

namespace assay {
namespace {

using Ints = std::vector<int64_t>;

Tensor Zeros(Shape shape) { return Tensor::Zeros(DType::kFloat32, std::move(shape)); }
Attribute Int(std::string name, int64_t value) { return {std::move(name), value}; }

// Q, K and V of one head of one sample, then `more` inputs.
std::vector<std::optional<Tensor>> Operands(std::vector<std::optional<Tensor>> more = {}) {
  std::vector<std::optional<Tensor>> inputs = {Zeros({1, 1, 2, 4}), Zeros({1, 1, 3, 4}),
                                               Zeros({1, 1, 3, 5})};
  inputs.insert(inputs.end(), more.begin(), more.end());
  return inputs;
}

std::vector<BadNode> AttentionNodes() {
  const auto bad = [](std::string name, std::vector<Attribute> attributes,
                      std::vector<std::optional<Tensor>> inputs, std::string message,
                      int opset = 25) {
    return BadNode{"Attention",       std::move(name),    std::move(attributes),
                   std::move(inputs), std::move(message), opset};
  };
  const Tensor four = Zeros({1, 1, 3, 4});
  const Tensor three = Zeros({1, 3, 4});
  const auto nothing = std::nullopt;
  return {
      bad("ranks", {}, {four, three, four}, "K: expected rank 4, got shape (1, 3, 4)"),
      bad("rank_2", {}, {Zeros({3, 4}), four, four}, "Q: expected rank 4, got shape (3, 4)"),
      bad("depth", {}, {Zeros({1, 1, 2, 5}), four, four}, "last axis of K: expected 5, got 4"),
      bad("samples", {}, {Zeros({2, 1, 2, 4}), four, four}, "batch of K: expected 2, got 1"),
      bad("lengths", {}, {four, four, Zeros({1, 1, 2, 4})}, "length of V: expected 3, got 2"),
      bad("heads", {}, {four, four, Zeros({1, 2, 3, 4})}, "heads of V: expected 1, got 2"),
      bad("groups", {}, {Zeros({1, 3, 1, 4}), Zeros({1, 2, 1, 4}), Zeros({1, 2, 1, 4})},
          "expected a multiple of the 2 heads of K and V, got 3"),
      bad("no_key_heads", {}, {four, Zeros({1, 0, 3, 4}), Zeros({1, 0, 3, 4})},
          "expected a multiple of the 0 heads of K and V, got 1"),
      bad("packed_without_heads", {}, {three, three, three}, "operands of rank 3 need it"),
      bad("packed_with_no_heads", {Int("q_num_heads", 0), Int("kv_num_heads", 1)},
          {three, three, three}, "\"q_num_heads\": expected at least 1, got 0"),
      bad("packed_parts", {Int("q_num_heads", 3), Int("kv_num_heads", 3)}, {three, three, three},
          "last axis of Q: expected a multiple of 3 heads, got 4"),
      bad("heads_twice", {Int("q_num_heads", 1), Int("kv_num_heads", 1)}, Operands(),
          "expected none with Q of rank 4"),
      bad("heads_differ", {Int("q_num_heads", 2)}, Operands(), "heads of Q: expected 2, got 1", 23),
      bad("mode", {Int("qk_matmul_output_mode", 4)}, Operands(), "expected 0 to 3, got 4"),
      bad("precision", {Int("softmax_precision", 7)}, Operands(), "or 16 (bfloat16), got 7", 24),
      bad("window", {Int("left_window_size", -2)}, Operands(), "got -2 and -1"),
      bad("mask_extent", {}, Operands({Zeros({2, 2})}), "shape (2, 2) does not broadcast", 23),
      bad("mask_too_long", {}, Operands({Zeros({2, 4})}), "shape (2, 4) does not broadcast"),
      bad("mask_rank", {}, Operands({Zeros({1, 1, 1, 1, 1})}), "does not broadcast to the scores"),
      bad("half_a_cache", {}, Operands({nothing, Zeros({1, 1, 1, 4})}), "expected both or none"),
      bad("cache_lengths", {}, Operands({nothing, Zeros({1, 1, 1, 4}), Zeros({1, 1, 2, 5})}),
          "length of past_value: expected 1, got 2"),
      bad("cache_columns", {}, Operands({nothing, Zeros({1, 1, 1, 4}), Zeros({1, 1, 1, 4})}),
          "last axis of past_value: expected 5, got 4"),
      bad("cache_rank", {}, Operands({nothing, Zeros({1, 1, 4}), Zeros({1, 1, 1, 5})}),
          "past_key: expected rank 4"),
      bad("cache_and_counts", {},
          Operands(
              {nothing, Zeros({1, 1, 1, 4}), Zeros({1, 1, 1, 5}), Tensor::Vector<int64_t>({1})}),
          "got both"),
      bad("counts_extent", {},
          Operands({nothing, nothing, nothing, Tensor::Vector<int64_t>({1, 1})}),
          "extent of nonpad_kv_seqlen: expected 1, got 2"),
      bad("counts_rank", {}, Operands({nothing, nothing, nothing, Tensor::Scalar<int64_t>(1)}),
          "nonpad_kv_seqlen: expected rank 1"),
      bad("count", {}, Operands({nothing, nothing, nothing, Tensor::Vector<int64_t>({4})}),
          "expected 0 to 3, the extent of the keys, got 4"),
      bad("negative_count", {},
          Operands({nothing, nothing, nothing, Tensor::Vector<int64_t>({-1})}), "got -1"),
      bad("count_behind_mask", {},
          Operands({Zeros({1, 2}), nothing, nothing, Tensor::Vector<int64_t>({3})}),
          "expected 0 to 2, the extent of the keys and the mask, got 3"),
  };
}

std::vector<BadNode> RotaryNodes() {
  const auto bad = [](std::string name, std::vector<Attribute> attributes,
                      std::vector<std::optional<Tensor>> inputs, std::string message) {
    return BadNode{"RotaryEmbedding", std::move(name),    std::move(attributes),
                   std::move(inputs), std::move(message), 23};
  };
  const Tensor x = Zeros({1, 1, 2, 4});
  const Tensor angles = Zeros({1, 2, 2});
  const Tensor rows = Zeros({5, 2});
  const auto ids = [](Shape shape, const std::vector<int64_t>& values) {
    return Tensor::Of<int64_t>(std::move(shape), values);
  };
  return {
      bad("rank", {}, {Zeros({2, 4}), angles, angles}, "X: expected rank 3 or 4"),
      bad("heads", {}, {Zeros({1, 2, 4}), angles, angles}, "operands of rank 3 need it"),
      bad("parts", {Int("num_heads", 3)}, {Zeros({1, 2, 4}), angles, angles}, "multiple of 3"),
      bad("other_heads", {Int("num_heads", 2)}, {x, angles, angles}, "expected 1, got 2"),
      bad("too_many", {Int("rotary_embedding_dim", 6)}, {x, angles, angles}, "expected 0 to 4"),
      bad("negative", {Int("rotary_embedding_dim", -2)}, {x, angles, angles}, "got -2"),
      bad("odd", {Int("rotary_embedding_dim", 3)}, {x, angles, angles}, "even number, got 3"),
      bad("cosines_rank", {}, {x, rows, angles}, "cos_cache: expected rank 3 without"),
      bad("sines_rank", {}, {x, rows, angles, ids({1, 2}, {0, 0})},
          "sin_cache: expected rank 2 with"),
      bad("cosines", {}, {x, Zeros({1, 2, 1}), angles},
          "last axis of cos_cache: expected 2, got 1"),
      bad("sines", {}, {x, angles, Zeros({1, 3, 2})}, "length of sin_cache: expected 2, got 3"),
      bad("rows", {}, {x, rows, Zeros({4, 2}), ids({1, 2}, {0, 0})},
          "sin_cache: expected 5, got 4"),
      bad("ids_rank", {}, {x, rows, rows, ids({2}, {0, 0})}, "position_ids: expected rank 2"),
      bad("ids_shape", {}, {x, rows, rows, ids({1, 1}, {0})}, "length of position_ids: expected 2"),
      bad("id", {}, {x, rows, rows, ids({1, 2}, {0, 5})}, "expected values in [0, 5), got 5"),
      bad("negative_id", {}, {x, rows, rows, ids({1, 2}, {-1, 0})}, "got -1"),
  };
}

std::vector<BadNode> StateNodes() {
  const auto scatter = [](std::string name, std::vector<Attribute> attributes,
                          std::vector<std::optional<Tensor>> inputs, std::string message) {
    return BadNode{"TensorScatter",   std::move(name),    std::move(attributes),
                   std::move(inputs), std::move(message), 24};
  };
  const auto convolution = [](std::string name, std::vector<Attribute> attributes,
                              std::vector<std::optional<Tensor>> inputs, std::string message) {
    return BadNode{"CausalConvWithState", std::move(name),    std::move(attributes),
                   std::move(inputs),     std::move(message), 27};
  };
  const Tensor cache = Zeros({2, 3, 4});
  const Tensor one = Zeros({2, 1, 4});
  const Tensor signal = Zeros({2, 3, 4});
  const Tensor weight = Zeros({3, 1, 2});
  const auto nothing = std::nullopt;
  return {
      scatter("mode", {{"mode", std::string("ring")}}, {cache, one}, "got \"ring\""),
      scatter("axis", {Int("axis", 3)}, {cache, one}, "axis"),
      scatter("samples", {Int("axis", -3)}, {cache, one}, "expected another axis than 0"),
      scatter("rank", {}, {cache, Zeros({2, 1})}, "update: expected the shape (2, 3, 4)"),
      scatter("extent", {}, {cache, Zeros({2, 1, 3})}, "got (2, 1, 3)"),
      scatter("length", {}, {cache, Zeros({2, 4, 4})}, "at most as much along axis 1"),
      scatter("indices", {}, {cache, one, Tensor::Vector<int64_t>({0})}, "expected shape (2,)"),
      scatter("behind", {}, {cache, one, Tensor::Vector<int64_t>({0, 3})}, "in [0, 2] for 1 of 3"),
      scatter("before", {}, {cache, one, Tensor::Vector<int64_t>({-1, 0})}, "got -1"),
      convolution("activation", {{"activation", std::string("relu")}}, {signal, weight},
                  "got \"relu\""),
      convolution("rank", {}, {Zeros({2, 3}), weight}, "input: expected rank 3"),
      convolution("weight_rank", {}, {signal, Zeros({3, 2})}, "weight: expected rank 3"),
      convolution("channels", {}, {signal, Zeros({2, 1, 2})}, "weight: expected 3, got 2"),
      convolution("depthwise", {}, {signal, Zeros({3, 3, 2})}, "expected 1, got 3"),
      convolution("no_kernel", {}, {signal, Zeros({3, 1, 0})}, "expected a kernel"),
      convolution("bias", {}, {signal, weight, Zeros({2})}, "bias: expected 3, got 2"),
      convolution("state", {}, {signal, weight, nothing, Zeros({2, 3, 2})}, "expected 2, got 3"),
      convolution("state_rank", {}, {signal, weight, nothing, Zeros({2, 3})},
                  "past_state: expected rank 3"),
      {"SwiGLU", "shapes", {}, {cache, one}, "shape of B: expected (2, 3, 4) as of A", 28},
      {"CumProd", "axis", {}, {cache, Tensor::Scalar<int64_t>(3)}, "axis", 26},
      {"CumProd", "axes", {}, {cache, Tensor::Vector<int64_t>({0, 1})}, "expected a scalar", 26},
  };
}

std::vector<BadNode> LinearNodes() {
  const auto bad = [](std::string name, std::string rule, std::vector<int64_t> heads,
                      std::vector<std::optional<Tensor>> inputs, std::string message) {
    return BadNode{"LinearAttention",
                   std::move(name),
                   {{"update_rule", std::move(rule)},
                    Int("q_num_heads", heads[0]),
                    Int("kv_num_heads", heads[1])},
                   std::move(inputs),
                   std::move(message),
                   27};
  };
  const Tensor x = Zeros({1, 2, 4});
  const auto nothing = std::nullopt;
  return {
      bad("rule", "other", {1, 1}, {x, x, x}, "got \"other\""),
      bad("no_decay", "gated", {1, 1}, {x, x, x}, "decay: expected it by update_rule gated"),
      bad("no_beta", "delta", {1, 1}, {x, x, x}, "beta: expected it by update_rule delta"),
      bad("decay", "linear", {1, 1}, {x, x, x, nothing, x}, "decay: expected none"),
      bad("heads", "linear", {0, 1}, {x, x, x}, "expected at least 1, got 0"),
      bad("groups", "linear", {2, 4}, {x, Zeros({1, 2, 8}), x}, "multiple of the 4 heads"),
      bad("parts", "linear", {3, 1}, {x, x, x}, "multiple of 3 heads, got 4"),
      bad("rank", "linear", {1, 1}, {x, Zeros({2, 4}), x}, "key: expected rank 3"),
      bad("length", "linear", {1, 1}, {Zeros({1, 3, 4}), x, x}, "length of query"),
      bad("state_rank", "linear", {1, 1}, {x, x, x, x}, "past_state: expected rank 4"),
      bad("state", "linear", {1, 1}, {x, x, x, Zeros({1, 1, 4, 3})}, "columns of past_state"),
      bad("decays", "gated", {1, 1}, {x, x, x, nothing, Zeros({1, 2, 3})},
          "expected 1 or 4, got 3"),
      bad("betas", "delta", {2, 2}, {x, x, x, nothing, nothing, Zeros({1, 2, 3})},
          "expected 2 or 1, got 3"),
      bad("beta_length", "delta", {2, 2}, {x, x, x, nothing, nothing, Zeros({1, 3, 1})},
          "length of beta: expected 2, got 3"),
  };
}

// A body that applies one operator to its input.
std::shared_ptr<const Graph> Body(std::string op, std::vector<Attribute> attributes = {}) {
  auto body = std::make_shared<Graph>();
  Node node;
  node.op = std::move(op);
  node.opset = 13;
  node.attributes = std::move(attributes);
  node.inputs = {body->AddInput("scores", ValueType())};
  node.outputs = {body->AddValue("modified")};
  body->outputs = node.outputs;
  body->AddNode(std::move(node));
  return body;
}

std::vector<BadNode> FlexNodes() {
  const auto bad = [](std::string name, std::vector<Attribute> attributes,
                      std::vector<std::optional<Tensor>> inputs, std::string message) {
    return BadNode{"FlexAttention",   std::move(name),    std::move(attributes),
                   std::move(inputs), std::move(message), 1,
                   "ai.onnx.preview"};
  };
  const Tensor x = Zeros({1, 2, 3, 4});
  const std::vector<std::optional<Tensor>> good = {x, x, x};
  auto two_outputs = std::make_shared<Graph>(*Body("Neg"));
  two_outputs->outputs.push_back(two_outputs->outputs[0]);
  return {
      bad("rank", {}, {x, Zeros({1, 3, 8}), x}, "K: expected rank 4, got shape (1, 3, 8)"),
      bad("depth", {}, {x, Zeros({1, 2, 3, 5}), x}, "last axis of K: expected 4, got 5"),
      bad("groups", {}, {Zeros({1, 3, 3, 4}), x, x}, "multiple of the 2 heads"),
      bad("precision", {Int("softmax_precision", 7)}, good, "or 16 (bfloat16), got 7"),
      bad("shape_of_scores", {{"score_mod", Body("Transpose", {{"perm", Ints{0, 2, 1, 3}}})}}, good,
          "output of the graph \"score_mod\": expected"),
      bad("type_of_weights", {{"prob_mod", Body("Cast", {Int("to", 7)})}}, good,
          "output of the graph \"prob_mod\": expected float32"),
      bad("two_outputs", {{"prob_mod", std::shared_ptr<const Graph>(two_outputs)}}, good,
          "outputs of the graph \"prob_mod\": expected 1, got 2"),
  };
}

class BadAttentions : public testing::TestWithParam<BadNode> {};

TEST_P(BadAttentions, SayWhatIsWrong) { ExpectSaysWhatIsWrong(GetParam()); }

std::string NameOf(const testing::TestParamInfo<BadNode>& info) {
  return info.param.op + "_" + info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Attention, BadAttentions, testing::ValuesIn(AttentionNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Rotary, BadAttentions, testing::ValuesIn(RotaryNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(States, BadAttentions, testing::ValuesIn(StateNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Linear, BadAttentions, testing::ValuesIn(LinearNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Flex, BadAttentions, testing::ValuesIn(FlexNodes()), NameOf);

}  // namespace
}  // namespace assay
