// The operators of losses, signals, random numbers, training and pictures say what is wrong with
// their inputs and attributes.

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "reference/bad_node.h"

namespace assay {
namespace {

using Ints = std::vector<int64_t>;

Tensor Zeros(Shape shape) { return Tensor::Zeros(DType::kFloat32, std::move(shape)); }
Tensor List(const Ints& values) { return Tensor::Vector<int64_t>(values); }
Tensor Int(int64_t value) { return Tensor::Scalar<int64_t>(value); }
Tensor Float(float value) { return Tensor::Scalar<float>(value); }

constexpr auto kNothing = std::nullopt;

std::vector<BadNode> LossNodes() {
  const Tensor scores = Zeros({2, 3});
  const char* nll = "NegativeLogLikelihoodLoss";
  const char* sce = "SoftmaxCrossEntropyLoss";
  return {
      {nll, "rank", {}, {Zeros({3}), List({0})}, "expected (N, C) or (N, C, d1, ...), got (3,)"},
      {nll, "labels", {}, {scores, List({0, 1, 2})}, "(2, 3) without axis 1, got (3,)"},
      {nll, "weights", {}, {scores, List({0, 1}), Zeros({2})}, "one for each of 3 classes"},
      {nll, "label", {}, {scores, List({0, 3})}, "expected a class in [0, 3), got 3"},
      {nll, "negative_label", {}, {scores, List({-1, 0})}, "got -1"},
      {nll, "reduction", {{"reduction", "avg"}}, {scores, List({0, 1})}, "got \"avg\""},
      {sce, "label", {{"ignore_index", int64_t{5}}}, {scores, List({5, 4})}, "got 4"},
      {sce, "labels", {}, {Zeros({2, 3, 2}), List({0, 1})}, "without axis 1, got (2,)"},
  };
}

std::vector<BadNode> SignalNodes() {
  const Attribute onesided{"onesided", int64_t{1}};
  const Attribute inverse{"inverse", int64_t{1}};
  const Tensor real = Zeros({2, 4, 1});
  const Tensor complex = Zeros({2, 4, 2});
  return {
      {"HannWindow", "size", {}, {Int(-1)}, "size: expected at least 0, got -1"},
      {"HannWindow", "scalar", {}, {List({1, 2})}, "shape of size: expected a scalar, got (2"},
      {"HammingWindow", "type", {{"output_datatype", int64_t{9}}}, {Int(4)}, "bool is not"},
      {"BlackmanWindow", "no_type", {{"output_datatype", int64_t{99}}}, {Int(4)}, "got 99"},
      {"MelWeightMatrix",
       "edges",
       {},
       {Int(2), Int(8), Int(8000), Float(200), Float(100)},
       "0 <= lower <= upper, both finite, got 200 and 100"},
      {"MelWeightMatrix",
       "sample_rate",
       {},
       {Int(2), Int(8), Int(0), Float(0), Float(100)},
       "sample_rate: expected at least 1, got 0"},
      {"DFT", "rank", {}, {Zeros({4})}, "expected at least 2"},
      {"DFT", "components", {}, {Zeros({2, 3})}, "1 (real) or 2 (complex), got 3"},
      {"DFT", "axis", {}, {real, kNothing, Int(2)}, "[-3, -2] or [0, 1] for rank 3, got 2"},
      {"DFT", "last_axis", {}, {real, kNothing, Int(-1)}, "got -1"},
      {"DFT", "length", {}, {real, Int(0)}, "dft_length: expected at least 1, got 0"},
      {"DFT", "nothing", {}, {Zeros({2, 0, 1})}, "dft_length: expected at least 1, got 0"},
      {"DFT", "onesided_complex", {onesided}, {complex}, "1 (real) for a onesided spectrum, got 2"},
      {"DFT", "onesided_real", {onesided, inverse}, {real}, "2 (complex) of a onesided spectrum"},
      {"DFT", "onesided_single", {onesided, inverse}, {Zeros({2, 1, 2})}, "got 0"},
      {"DFT", "flag", {{"inverse", int64_t{2}}}, {real}, "expected 0 or 1, got 2"},
      {"STFT", "rank", {}, {Zeros({4, 1}), Int(1)}, "expected (batch, length, 1 or 2)"},
      {"STFT", "complex", {}, {complex, Int(1)}, "1 (real) for a onesided spectrum, got 2"},
      {"STFT", "step", {}, {real, Int(0)}, "frame_step: expected at least 1, got 0"},
      {"STFT", "long", {}, {real, Int(1), kNothing, Int(5)}, "at most 4 as the signal has, got 5"},
      {"STFT", "window", {}, {real, Int(1), Zeros({3}), Int(2)}, "expected (2,), got (3,)"},
      {"STFT", "empty_window", {}, {real, Int(1), Zeros({0})}, "at least 1, got 0"},
      {"STFT", "window_rank", {}, {real, Int(1), Zeros({2, 1}), Int(2)}, ", got (2, 1)"},
  };
}

std::vector<BadNode> RandomNodes() {
  const Tensor one = Tensor::Vector<float>({1});
  return {
      {"RandomUniform", "shape", {{"shape", Ints{2, -1}}}, {}, "got (2, -1)"},
      {"RandomUniform",
       "ends",
       {{"shape", Ints{2}}, {"low", 2.0F}},
       {},
       "low <= high, got 2 and 1"},
      {"RandomNormal",
       "scale",
       {{"shape", Ints{2}}, {"scale", -1.0F}},
       {},
       "scale >= 0, got 0 and -1"},
      {"RandomNormal",
       "type",
       {{"shape", Ints{2}}, {"dtype", int64_t{7}}},
       {},
       "element type int64 is not permitted"},
      {"RandomUniformLike", "type", {}, {Int(1)}, "cannot have the element type of the input"},
      {"Bernoulli", "probability", {}, {Tensor::Vector<float>({0.5F, 1.5F})}, "[0, 1], got 1.5"},
      {"Bernoulli", "nan", {}, {Tensor::Vector<float>({NAN})}, "[0, 1], got nan"},
      {"Multinomial", "rank", {}, {one}, "(batch, at least one class), got (1"},
      {"Multinomial", "no_classes", {}, {Zeros({1, 0})}, "at least one class"},
      {"Multinomial",
       "impossible",
       {},
       {Tensor::Of<float>({1, 2}, {-INFINITY, -INFINITY})},
       "expected a possible class"},
      {"Multinomial", "nan", {}, {Tensor::Of<float>({1, 1}, {NAN})}, "below infinity, got nan"},
      {"Multinomial",
       "samples",
       {{"sample_size", int64_t{-1}}},
       {Zeros({1, 2})},
       "expected at least 0, got -1"},
      {"Unique", "axis", {{"axis", int64_t{1}}}, {one}, "got 1"},
      {"Unique", "sorted", {{"sorted", int64_t{2}}}, {one}, "expected 0 or 1, got 2"},
      {"ImageDecoder",
       "format",
       {{"pixel_format", "YUV"}},
       {Tensor::Vector<uint8_t>({1})},
       "got \"YUV\""},
      {"ImageDecoder", "rank", {}, {Tensor::Of<uint8_t>({1, 1}, {1})}, "expected 1, got 2"},
  };
}

std::vector<BadNode> TrainingNodes() {
  const auto bad = [](std::string op, std::string name, std::vector<Attribute> attributes,
                      std::vector<std::optional<Tensor>> inputs, std::string message) {
    return BadNode{std::move(op),
                   std::move(name),
                   std::move(attributes),
                   std::move(inputs),
                   std::move(message),
                   1,
                   "ai.onnx.preview.training"};
  };
  const Tensor x = Zeros({2});
  return {
      bad("Adagrad", "groups", {}, {Float(1), Int(0), x, x}, "a multiple of 3"),
      bad("Adagrad", "outputs", {}, {Float(1), Int(0), x, x, x}, "expected 2 for 1 tensors, got 1"),
      bad("Adam", "groups", {}, {Float(1), Int(0), x, x, x}, "a multiple of 4"),
      bad("Momentum", "mode",
          {{"alpha", 1.0F}, {"beta", 1.0F}, {"norm_coefficient", 0.0F}, {"mode", "other"}},
          {Float(1), Int(0), x, x, x}, "got \"other\""),
  };
}

class BadSignals : public testing::TestWithParam<BadNode> {};

TEST_P(BadSignals, SayWhatIsWrong) { ExpectSaysWhatIsWrong(GetParam()); }

std::string NameOf(const testing::TestParamInfo<BadNode>& info) {
  return info.param.op + "_" + info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Losses, BadSignals, testing::ValuesIn(LossNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Signals, BadSignals, testing::ValuesIn(SignalNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Random, BadSignals, testing::ValuesIn(RandomNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Training, BadSignals, testing::ValuesIn(TrainingNodes()), NameOf);

}  // namespace
}  // namespace assay
