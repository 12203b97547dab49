// The operators of attention say what is wrong with their inputs and attributes.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "reference/bad_node.h"

namespace assay {
namespace {

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

class BadAttentions : public testing::TestWithParam<BadNode> {};

TEST_P(BadAttentions, SayWhatIsWrong) { ExpectSaysWhatIsWrong(GetParam()); }

std::string NameOf(const testing::TestParamInfo<BadNode>& info) {
  return info.param.op + "_" + info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Attention, BadAttentions, testing::ValuesIn(AttentionNodes()), NameOf);

}  // namespace
}  // namespace assay
