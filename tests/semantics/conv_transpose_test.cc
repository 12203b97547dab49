// M20: where ConvTranspose takes the odd element of its padding from. The operator's text says:
//   total_padding = stride * (input - 1) + output_padding + (kernel - 1) * dilation + 1 - output
//   SAME_UPPER: begin = total_padding / 2, end = total_padding - begin
//   else:       end = total_padding / 2, begin = total_padding - end

#include <gtest/gtest.h>

#include "tests/semantics/both_engines.h"

namespace assay {
namespace {

using namespace test;

// Without pads: 1 10 102 20 203 30 300.
OneNode Example(std::vector<Attribute> attributes) {
  attributes.push_back({"strides", Ints{2}});
  return {.opset = 11,
          .op = "ConvTranspose",
          .inputs = {Values(DType::kFloat32, {1, 1, 3}, {1, 2, 3}),
                     Values(DType::kFloat32, {1, 1, 3}, {1, 10, 100})},
          .attributes = std::move(attributes),
          .constant = {1}};
}

Tensor Row(const Doubles& values) {
  return Values(DType::kFloat32, {1, 1, static_cast<int64_t>(values.size())}, values);
}

Attribute AutoPad(const char* mode) { return {"auto_pad", std::string(mode)}; }
Attribute OutputShape(int64_t extent) { return {"output_shape", Ints{extent}}; }

TEST(ConvTransposeOddPadding, NotsetDropsTheFirst) {
  ExpectOutputs(Example({OutputShape(6)}), {Row({10, 102, 20, 203, 30, 300})});
  ExpectOutputs(Example({OutputShape(6), AutoPad("NOTSET")}), {Row({10, 102, 20, 203, 30, 300})});
}

TEST(ConvTransposeOddPadding, SameLowerDropsTheFirst) {
  ExpectOutputs(Example({OutputShape(6), AutoPad("SAME_LOWER")}),
                {Row({10, 102, 20, 203, 30, 300})});
  // Without output_shape the output has stride times the extent of the input.
  ExpectOutputs(Example({AutoPad("SAME_LOWER")}), {Row({10, 102, 20, 203, 30, 300})});
}

TEST(ConvTransposeOddPadding, SameUpperDropsTheLast) {
  ExpectOutputs(Example({OutputShape(6), AutoPad("SAME_UPPER")}), {Row({1, 10, 102, 20, 203, 30})});
  ExpectOutputs(Example({AutoPad("SAME_UPPER")}), {Row({1, 10, 102, 20, 203, 30})});
}

TEST(ConvTransposeOddPadding, ThreeElements) {
  ExpectOutputs(Example({OutputShape(4)}), {Row({102, 20, 203, 30})});
  ExpectOutputs(Example({OutputShape(4), AutoPad("SAME_LOWER")}), {Row({102, 20, 203, 30})});
  ExpectOutputs(Example({OutputShape(4), AutoPad("SAME_UPPER")}), {Row({10, 102, 20, 203})});
}

TEST(ConvTransposeOddPadding, EvenTotalsAreTheSameInEveryMode) {
  for (const char* mode : {"NOTSET", "SAME_LOWER", "SAME_UPPER"}) {
    ExpectOutputs(Example({OutputShape(5), AutoPad(mode)}), {Row({10, 102, 20, 203, 30})});
    ExpectOutputs(Example({OutputShape(7), AutoPad(mode)}), {Row({1, 10, 102, 20, 203, 30, 300})});
  }
}

TEST(ConvTransposeOddPadding, ExplicitPadsSayWhatIsMeant) {
  ExpectOutputs(Example({{"pads", Ints{1, 0}}}), {Row({10, 102, 20, 203, 30, 300})});
  ExpectOutputs(Example({{"pads", Ints{0, 1}}}), {Row({1, 10, 102, 20, 203, 30})});
}

TEST(ConvTransposeOddPadding, OutputPaddingCountsInTheTotal) {
  // Of 1 10 102 20 203 30 300 0.
  ExpectOutputs(Example({OutputShape(7), {"output_padding", Ints{1}}}),
                {Row({10, 102, 20, 203, 30, 300, 0})});
  ExpectOutputs(Example({OutputShape(7), {"output_padding", Ints{1}}, AutoPad("SAME_UPPER")}),
                {Row({1, 10, 102, 20, 203, 30, 300})});
}

TEST(ConvTransposeOddPadding, EachAxisByItself) {
  OneNode node = {.opset = 11,
                  .op = "ConvTranspose",
                  .inputs = {Values(DType::kFloat32, {1, 1, 1, 3}, {1, 2, 3}),
                             Values(DType::kFloat32, {1, 1, 2, 3}, {1, 10, 100, 2, 20, 200})},
                  .attributes = {{"strides", Ints{1, 2}}, {"output_shape", Ints{1, 6}}},
                  .constant = {1}};
  ExpectOutputs(node, {Values(DType::kFloat32, {1, 1, 1, 6}, {20, 204, 40, 406, 60, 600})});
  node.attributes.push_back(AutoPad("SAME_UPPER"));
  ExpectOutputs(node, {Values(DType::kFloat32, {1, 1, 1, 6}, {1, 10, 102, 20, 203, 30})});
}

}  // namespace
}  // namespace assay
