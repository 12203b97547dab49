#include "ops/op_def.h"

namespace assay {

// One head of depth 2 (a rotation needs two elements), queries of 0: every key weighs the same.
void GroupQueryAttentionCases(std::vector<OpCase>& cases) {
  const std::vector<Attribute> heads = {{"num_heads", int64_t{2}}, {"kv_num_heads", int64_t{1}}};
  const auto with = [&](std::vector<Attribute> more) {
    more.insert(more.end(), heads.begin(), heads.end());
    return more;
  };
  const Tensor query = Tensor::Of<float>({1, 2, 4}, {0, 0, 0, 0, 0, 0, 0, 0});
  const Tensor key = Tensor::Of<float>({1, 2, 2}, {1, 2, 3, 4});
  const Tensor value = Tensor::Of<float>({1, 2, 2}, {10, 20, 30, 60});
  const Tensor last = Tensor::Vector<int32_t>({1});
  const Tensor two = Tensor::Scalar<int32_t>(2);
  cases.push_back({.name = "two_heads_share_a_key",
                   .attributes = heads,
                   .inputs = {query, key, value, std::nullopt, std::nullopt, last, two},
                   .expected = {Tensor::Of<float>({1, 2, 4}, {10, 20, 10, 20, 20, 40, 20, 40})}});
  cases.push_back({.name = "sees_all_without_causal",
                   .attributes = with({{"causal", int64_t{0}}}),
                   .inputs = {query, key, value, std::nullopt, std::nullopt, last, two},
                   .expected = {Tensor::Of<float>({1, 2, 4}, {20, 40, 20, 40, 20, 40, 20, 40})}});
  cases.push_back({.name = "smooth",
                   .attributes = with({{"smooth_softmax", int64_t{1}}}),
                   .inputs = {query, key, value, std::nullopt, std::nullopt, last, two},
                   .expected = {Tensor::Of<double>(
                       {1, 2, 4}, {5, 10, 5, 10, 40.0 / 3, 80.0 / 3, 40.0 / 3, 80.0 / 3})}});
  cases.push_back({.name = "packed_inside_a_window",
                   .attributes = with({{"local_window_size", int64_t{1}}}),
                   .inputs = {Tensor::Of<float>({1, 2, 8}, {0, 0, 0, 0, 1, 2, 10, 20,  //
                                                            0, 0, 0, 0, 3, 4, 30, 60}),
                              std::nullopt, std::nullopt, std::nullopt, std::nullopt, last, two},
                   .expected = {Tensor::Of<float>({1, 2, 4}, {10, 20, 10, 20, 30, 60, 30, 60})}});
  // A quarter turn at position 1 makes (3, 4) of the key (-4, 3).
  cases.push_back(
      {.name = "cache_rotation_and_weights",
       .attributes = with({{"do_rotary", int64_t{1}}}),
       .inputs = {Tensor::Of<float>({1, 1, 4}, {0, 0, 0, 0}), Tensor::Of<float>({1, 1, 2}, {3, 4}),
                  Tensor::Of<float>({1, 1, 2}, {30, 60}), Tensor::Of<float>({1, 1, 1, 2}, {1, 2}),
                  Tensor::Of<float>({1, 1, 1, 2}, {10, 20}), last, two,
                  Tensor::Of<float>({2, 1}, {1, 0}), Tensor::Of<float>({2, 1}, {0, 1})},
       .output_types = {DType::kFloat32, DType::kFloat32, DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<float>({1, 1, 4}, {20, 40, 20, 40}),
                    Tensor::Of<float>({1, 1, 2, 2}, {1, 2, -4, 3}),
                    Tensor::Of<float>({1, 1, 2, 2}, {10, 20, 30, 60}),
                    Tensor::Of<float>({1, 2, 1, 2}, {0.5F, 0.5F, 0.5F, 0.5F})}});
  // Mean squares 12.5 and 50 become keys (0.6, 0.8) sqrt 2, whatever their length.
  cases.push_back(
      {.name = "normalized_heads",
       .attributes = with({{"qk_norm_epsilon", 1.0F}, {"k_norm_epsilon", 1e-12F}}),
       .inputs = {query, Tensor::Of<float>({1, 2, 2}, {3, 4, 6, 8}), value, std::nullopt,
                  std::nullopt, last, two, std::nullopt, std::nullopt, std::nullopt, std::nullopt,
                  std::nullopt, std::nullopt, std::nullopt, Tensor::Vector<float>({1, 1}),
                  Tensor::Vector<float>({1, 10})},
       .output_types = {DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<float>({1, 2, 4}, {10, 20, 10, 20, 20, 40, 20, 40}),
                    Tensor::Of<double>({1, 1, 2, 2}, {0.848528137423857, 11.313708498984761,
                                                      0.848528137423857, 11.313708498984761})}});
  // The second token of the chunk is padding: its row is 0.
  cases.push_back({.name = "padded_chunk",
                   .attributes = heads,
                   .inputs = {query, key, value, Tensor::Of<float>({1, 1, 1, 2}, {7, 8}),
                              Tensor::Of<float>({1, 1, 1, 2}, {50, 100}), last,
                              Tensor::Scalar<int32_t>(3), std::nullopt, std::nullopt, std::nullopt,
                              std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt,
                              std::nullopt, Tensor::Vector<int32_t>({1})},
                   .expected = {Tensor::Of<float>({1, 2, 4}, {30, 60, 30, 60, 0, 0, 0, 0})}});
}

}  // namespace assay
