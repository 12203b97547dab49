#include "ops/attention_cases.h"

#include "ops/cases.h"

// Scores are logarithms of small whole numbers, so that weights are fractions of them.

namespace assay {
namespace {

constexpr double kLn2 = 0.6931471805599453;
constexpr double kLn6 = 1.791759469228055;

// Two queries of depth 1 on three keys: weights 1, 2, 6 of 9 and 6, 3, 1 of 10.
Tensor Queries() { return Tensor::Of<double>({1, 1, 2, 1}, {1, -1}); }
Tensor Keys() { return Tensor::Of<double>({1, 1, 3, 1}, {0, kLn2, kLn6}); }
Tensor Values() { return Tensor::Of<double>({1, 1, 3, 2}, {9, 0, 18, 9, -9, 90}); }
Tensor Attended() { return Tensor::Of<double>({1, 1, 2, 2}, {-1, 62, 9.9, 11.7}); }

// `count` zeros as (1, 1, count, 1): every key gets the same weight.
Tensor Zeros(int64_t count) { return Tensor::Zeros(DType::kFloat64, {1, 1, count, 1}); }
Tensor Column(const std::vector<double>& values) {
  return Tensor::Of<double>({1, 1, static_cast<int64_t>(values.size()), 1}, values);
}
Tensor Bools(Shape shape, const std::vector<double>& values) {
  return TensorAs(DType::kBool, std::move(shape), values);
}
Attribute Int(std::string name, int64_t value) { return {std::move(name), value}; }

void AddShapes(std::vector<OpCase>& cases) {
  cases.push_back({.name = "rank_4",
                   .opset = 23,
                   .inputs = {Queries(), Keys(), Values()},
                   .expected = {Attended(), Keys(), Values()}});
  cases.push_back({.name = "scale",
                   .attributes = {{"scale", 0.25F}},
                   .inputs = {Tensor::Of<double>({1, 1, 2, 1}, {4, -4}), Keys(), Values()},
                   .expected = {Attended()}});
  cases.push_back({.name = "negative_scale",
                   .attributes = {{"scale", -1.0F}},
                   .inputs = {Tensor::Of<double>({1, 1, 2, 1}, {-1, 1}), Keys(), Values()},
                   .expected = {Attended()}});
  cases.push_back(
      {.name = "depth_4_halves_scores",
       .inputs = {Tensor::Of<double>({1, 1, 1, 4}, {2, 0, 1, 1}),
                  Tensor::Of<double>({1, 1, 2, 4}, {0, 5, 1, -1, kLn2, 7, 2, -2}), Column({3, 6})},
       .expected = {Column({5})}});
  cases.push_back(
      {.name = "packed_heads_share_a_key_head",
       .attributes = {Int("q_num_heads", 2), Int("kv_num_heads", 1)},
       .inputs = {Tensor::Of<double>({1, 1, 2}, {1, -1}),
                  Tensor::Of<double>({1, 3, 1}, {0, kLn2, kLn6}),
                  Tensor::Of<double>({1, 3, 2}, {9, 0, 18, 9, -9, 90})},
       .expected = {Tensor::Of<double>({1, 1, 4}, {-1, 62, 9.9, 11.7}), Keys(), Values()}});
  cases.push_back(
      {.name = "packed_samples_and_heads",
       .attributes = {Int("q_num_heads", 2), Int("kv_num_heads", 2)},
       .inputs = {Tensor::Of<double>({2, 2, 2}, {0, 0, 0, 0, 0, 0, 0, 0}),
                  Tensor::Of<double>({2, 1, 2}, {1, 2, 3, 4}),
                  Tensor::Of<double>({2, 1, 4}, {1, 2, 3, 4, 5, 6, 7, 8})},
       .expected = {Tensor::Of<double>({2, 2, 4}, {1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 5, 6, 7, 8}),
                    Tensor::Of<double>({2, 2, 1, 1}, {1, 2, 3, 4}),
                    Tensor::Of<double>({2, 2, 1, 2}, {1, 2, 3, 4, 5, 6, 7, 8})}});
  cases.push_back({.name = "neighbouring_heads_share",
                   .opset = 24,
                   .attributes = {Int("q_num_heads", 4), Int("kv_num_heads", 2)},
                   .inputs = {Tensor::Of<double>({1, 4, 1, 1}, {1, 2, 3, 4}),
                              Tensor::Of<double>({1, 2, 1, 1}, {1, 1}),
                              Tensor::Of<double>({1, 2, 1, 1}, {5, 7})},
                   .expected = {Tensor::Of<double>({1, 4, 1, 1}, {5, 5, 7, 7})}});
  cases.push_back({.name = "types_of_keys_and_values",
                   .inputs = {TensorAs(DType::kFloat16, {1, 1, 1, 1}, {1}),
                              TensorAs(DType::kFloat16, {1, 1, 1, 1}, {2}), Column({0.5})},
                   .output_types = {DType::kFloat16, DType::kFloat16, DType::kFloat64},
                   .expected = {TensorAs(DType::kFloat16, {1, 1, 1, 1}, {0.5}),
                                TensorAs(DType::kFloat16, {1, 1, 1, 1}, {2}), Column({0.5})}});
  cases.push_back({.name = "no_depth_weighs_all_the_same",
                   .inputs = {Tensor::Of<double>({1, 1, 1, 0}, {}),
                              Tensor::Of<double>({1, 1, 2, 0}, {}), Column({1, 4})},
                   .expected = {Column({2.5})}});
  cases.push_back({.name = "no_keys_give_zeros",
                   .inputs = {Zeros(2), Zeros(0), Zeros(0)},
                   .expected = {Column({0, 0})}});
  cases.push_back({.name = "no_queries",
                   .inputs = {Zeros(0), Zeros(2), Column({1, 4})},
                   .expected = {Zeros(0), Zeros(2), Column({1, 4})}});
  cases.push_back(
      {.name = "no_samples",
       .inputs = {Tensor::Of<double>({0, 1, 1, 1}, {}), Tensor::Of<double>({0, 1, 1, 1}, {}),
                  Tensor::Of<double>({0, 1, 1, 2}, {})},
       .expected = {Tensor::Of<double>({0, 1, 1, 2}, {})}});
}

void AddMasks(std::vector<OpCase>& cases) {
  const auto mask = [&](std::string name, Tensor tensor, const std::vector<double>& expected,
                        int opset = 0) {
    cases.push_back({.name = "mask_" + std::move(name),
                     .opset = opset,
                     .inputs = {Zeros(2), Zeros(3), Column({3, 6, 12}), std::move(tensor)},
                     .expected = {Column(expected)}});
  };
  mask("of_keys", Tensor::Of<double>({3}, {0, 0, -kInfinity}), {4.5, 4.5}, 23);
  mask("of_bools", Bools({2, 3}, {1, 0, 0, 0, 1, 1}), {3, 9}, 23);
  mask("of_each_query", Tensor::Of<double>({2, 1}, {5, -7}), {7, 7}, 23);
  mask("of_one_column_ends_early", Tensor::Of<double>({2, 1}, {5, -7}), {3, 3});
  mask("without_axes", Tensor::Scalar<double>(-3), {7, 7});
  mask("without_axes_hides_all", Bools({}, {0}), {0, 0});
  mask("that_ends_early", Tensor::Of<double>({1, 1, 1, 2}, {kLn2, 0}), {4, 4}, 24);
  mask("of_bools_that_ends_early", Bools({2, 2}, {1, 1, 0, 1}), {4.5, 6});
  mask("adds_logarithms", Tensor::Of<double>({2, 3}, {0, kLn2, kLn6, kLn6, -kInfinity, 0}),
       {87.0 / 9, 30.0 / 7});
  mask("of_integers_is_added", TensorAs(DType::kInt8, {1, 3}, {-128, 127, -128}), {6, 6});
  mask("hides_everything_from_one", Bools({1, 1, 2, 3}, {0, 0, 0, 1, 1, 1}), {0, 7}, 23);
  cases.push_back(
      {.name = "mask_of_each_head",
       .inputs = {Tensor::Zeros(DType::kFloat64, {1, 2, 1, 1}),
                  Tensor::Zeros(DType::kFloat64, {1, 2, 2, 1}),
                  Tensor::Of<double>({1, 2, 2, 1}, {1, 2, 3, 4}), Bools({2, 1, 2}, {1, 0, 0, 1})},
       .expected = {Tensor::Of<double>({1, 2, 1, 1}, {1, 4})}});
  cases.push_back({.name = "mask_of_each_sample",
                   .inputs = {Tensor::Zeros(DType::kFloat64, {2, 1, 1, 1}),
                              Tensor::Zeros(DType::kFloat64, {2, 1, 2, 1}),
                              Tensor::Of<double>({2, 1, 2, 1}, {1, 2, 3, 4}),
                              Bools({2, 1, 1, 2}, {1, 0, 0, 1})},
                   .expected = {Tensor::Of<double>({2, 1, 1, 1}, {1, 4})}});
  cases.push_back({.name = "sees_nothing_of_infinite_values",
                   .inputs = {Zeros(2), Zeros(1), Column({kInfinity}), Bools({2, 1}, {0, 1})},
                   .expected = {Column({0, kInfinity})}});
}

void AddPositions(std::vector<OpCase>& cases) {
  const Attribute causal = Int("is_causal", 1);
  cases.push_back({.name = "causal",
                   .opset = 23,
                   .attributes = {causal},
                   .inputs = {Zeros(2), Zeros(3), Column({3, 6, 12})},
                   .expected = {Column({3, 4.5})}});
  cases.push_back({.name = "causal_and_mask",
                   .attributes = {causal},
                   .inputs = {Zeros(3), Zeros(3), Column({3, 6, 12}), Bools({3}, {0, 1, 1})},
                   .expected = {Column({0, 6, 9})}});
  cases.push_back({.name = "causal_after_a_cache",
                   .opset = 23,
                   .attributes = {causal},
                   .inputs = {Zeros(2), Column({0, 0}), Column({6, 12}), std::nullopt, Column({0}),
                              Column({3})},
                   .expected = {Column({4.5, 7}), Zeros(3), Column({3, 6, 12})}});
  cases.push_back(
      {.name = "packed_after_a_cache",
       .attributes = {Int("q_num_heads", 2), Int("kv_num_heads", 2)},
       .inputs = {Tensor::Of<double>({1, 1, 2}, {0, 0}), Tensor::Of<double>({1, 1, 2}, {1, 2}),
                  Tensor::Of<double>({1, 1, 2}, {3, 5}), std::nullopt,
                  Tensor::Of<double>({1, 2, 1, 1}, {8, 9}),
                  Tensor::Of<double>({1, 2, 1, 1}, {7, 11})},
       .expected = {Tensor::Of<double>({1, 1, 2}, {5, 8}),
                    Tensor::Of<double>({1, 2, 2, 1}, {8, 1, 9, 2}),
                    Tensor::Of<double>({1, 2, 2, 1}, {7, 3, 11, 5})}});
  cases.push_back({.name = "counts_of_keys",
                   .opset = 24,
                   .inputs = {Tensor::Zeros(DType::kFloat64, {2, 1, 1, 1}),
                              Tensor::Zeros(DType::kFloat64, {2, 1, 3, 1}),
                              Tensor::Of<double>({2, 1, 3, 1}, {3, 6, 12, 3, 6, 12}), std::nullopt,
                              std::nullopt, std::nullopt, Tensor::Vector<int64_t>({2, 0})},
                   .expected = {Tensor::Of<double>({2, 1, 1, 1}, {4.5, 0})}});
  cases.push_back({.name = "causal_counts_of_keys",
                   .opset = 24,
                   .attributes = {causal},
                   .inputs = {Tensor::Zeros(DType::kFloat64, {2, 1, 2, 1}),
                              Tensor::Zeros(DType::kFloat64, {2, 1, 3, 1}),
                              Tensor::Of<double>({2, 1, 3, 1}, {3, 6, 12, 3, 6, 12}), std::nullopt,
                              std::nullopt, std::nullopt, Tensor::Vector<int64_t>({3, 1})},
                   .expected = {Tensor::Of<double>({2, 1, 2, 1}, {4.5, 7, 0, 3})}});
  cases.push_back({.name = "window_to_both_sides",
                   .attributes = {Int("left_window_size", 1), Int("right_window_size", 2)},
                   .inputs = {Zeros(4), Zeros(5), Column({1, 3, 5, 9, 22})},
                   .expected = {Column({3, 4.5, 9.75, 12})}});
  cases.push_back({.name = "causal_window_after_a_cache",
                   .attributes = {causal, Int("left_window_size", 1), Int("right_window_size", 7)},
                   .inputs = {Zeros(1), Column({0}), Column({12}), std::nullopt, Column({0, 0}),
                              Column({3, 6})},
                   .expected = {Column({9})}});
  cases.push_back(
      {.name = "widest_windows",
       .attributes = {Int("left_window_size", INT64_MAX), Int("right_window_size", INT64_MAX)},
       .inputs = {Zeros(1), Zeros(2), Column({3, 6}), std::nullopt, std::nullopt, std::nullopt,
                  Tensor::Vector<int64_t>({0})},
       .expected = {Column({0})}});
}

void AddScores(std::vector<OpCase>& cases) {
  const double capped_to_ln2 = 0.7230886465030969;  // 2 tanh(x / 2) = ln 2
  const auto scores = [&](int64_t mode, const std::vector<double>& shown) {
    cases.push_back(
        {.name = "scores_in_mode_" + std::to_string(mode),
         .attributes = {Int("qk_matmul_output_mode", mode), {"softcap", 2.0F}, {"scale", 0.5F}},
         .inputs = {Column({2, 2}), Column({0, capped_to_ln2, 0}), Column({3, 6, 12}),
                    Bools({2, 3}, {1, 1, 0, 0, 0, 0})},
         .expected = {Column({5, 0}), Column({0, capped_to_ln2, 0}), Column({3, 6, 12}),
                      Tensor::Of<double>({1, 1, 2, 3}, shown)}});
  };
  scores(0, {0, capped_to_ln2, 0, 0, capped_to_ln2, 0});
  scores(1, {0, kLn2, 0, 0, kLn2, 0});
  scores(2, {0, kLn2, -kInfinity, -kInfinity, -kInfinity, -kInfinity});
  scores(3, {1.0 / 3, 2.0 / 3, 0, 0, 0, 0});
  cases.push_back({.name = "softmax_precision",
                   .attributes = {Int("softmax_precision", 11)},
                   .inputs = {Queries(), Keys(), Values()},
                   .expected = {Attended()}});
  cases.push_back({.name = "special_values",
                   .inputs = {Column({1, kNaN, kInfinity, 0}), Column({1, 1}), Column({1, 3})},
                   .expected = {Column({2, kNaN, kNaN, 2})}});
}

}  // namespace

void AddAttentionCases(std::vector<OpCase>& cases) {
  AddShapes(cases);
  AddMasks(cases);
  AddPositions(cases);
  AddScores(cases);
}

}  // namespace assay
