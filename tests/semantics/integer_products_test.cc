// M19: products of 8-bit integers are exact in 32 bits. Kernels that add pairs in 16 bits give
// 1048544 for the first of them.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/semantics/both_engines.h"

namespace assay {
namespace {

using namespace test;

template <typename T>
Tensor Filled(const Shape& shape, T value) {
  return Tensor::Of<T>(shape, std::vector<T>(static_cast<size_t>(shape.elements()), value));
}

TEST(IntegerProducts, MatMulIntegerOfLength64) {
  ExpectOutputs({.opset = 10,
                 .op = "MatMulInteger",
                 .inputs = {Filled<uint8_t>({2, 64}, 255), Filled<int8_t>({64, 3}, 127)},
                 .constant = {1}},
                {Filled<int32_t>({2, 3}, 2072640)});
  ExpectOutputs({.opset = 10,
                 .op = "MatMulInteger",
                 .inputs = {Filled<uint8_t>({1, 64}, 255), Filled<int8_t>({64, 1}, -128),
                            Tensor::Scalar<uint8_t>(255), Tensor::Scalar<int8_t>(127)}},
                {Filled<int32_t>({1, 1}, 0)});
}

// The longest products of extremes that fit.
TEST(IntegerProducts, MatMulIntegerUpToTheLimitOfInt32) {
  ExpectOutputs({.opset = 10,
                 .op = "MatMulInteger",
                 .inputs = {Filled<uint8_t>({1, 66311}, 255), Filled<int8_t>({66311, 1}, 127)}},
                {Filled<int32_t>({1, 1}, 66311 * 255 * 127)});
  ExpectOutputs({.opset = 10,
                 .op = "MatMulInteger",
                 .inputs = {Filled<uint8_t>({1, 65793}, 255), Filled<int8_t>({65793, 1}, -128)}},
                {Filled<int32_t>({1, 1}, -65793 * 255 * 128)});
  ExpectOutputs({.opset = 10,
                 .op = "MatMulInteger",
                 .inputs = {Filled<uint8_t>({1, 33025}, 255), Filled<uint8_t>({33025, 1}, 255)}},
                {Filled<int32_t>({1, 1}, 2147450625)});
}

TEST(IntegerProducts, QLinearMatMulOfLength64) {
  const auto node = [](float y_scale) {
    return OneNode{.opset = 21,
                   .op = "QLinearMatMul",
                   .inputs = {Filled<uint8_t>({2, 64}, 255), Tensor::Scalar<float>(0.5F),
                              Tensor::Scalar<uint8_t>(0), Filled<int8_t>({64, 2}, 127),
                              Tensor::Scalar<float>(0.25F), Tensor::Scalar<int8_t>(0),
                              Tensor::Scalar<float>(y_scale), Tensor::Scalar<uint8_t>(3)},
                   .constant = {1, 2, 3, 4, 5, 6, 7}};
  };
  // 2072640 / 8 / 4096 = 63.25; 1048544 / 8 / 4096 = 32.
  ExpectOutputs(node(4096), {Filled<uint8_t>({2, 2}, 66)});
  ExpectOutputs(node(64), {Filled<uint8_t>({2, 2}, 255)});
}

TEST(IntegerProducts, ConvIntegerOf64Taps) {
  ExpectOutputs(
      {.opset = 10,
       .op = "ConvInteger",
       .inputs = {Filled<uint8_t>({1, 16, 3, 3}, 255), Filled<int8_t>({2, 16, 2, 2}, 127)},
       .constant = {1}},
      {Filled<int32_t>({1, 2, 2, 2}, 2072640)});
}

// Padding is the zero point of x: it adds nothing.
TEST(IntegerProducts, ConvIntegerPadsWithTheZeroPoint) {
  ExpectOutputs({.opset = 10,
                 .op = "ConvInteger",
                 .inputs = {Filled<uint8_t>({1, 1, 1, 2}, 255), Filled<int8_t>({1, 1, 1, 3}, -128),
                            Tensor::Scalar<uint8_t>(5)},
                 .attributes = {{"pads", Ints{0, 1, 0, 1}}}},
                {Filled<int32_t>({1, 1, 1, 2}, -2 * 250 * 128)});
}

TEST(IntegerProducts, QLinearConvOf64Taps) {
  ExpectOutputs({.opset = 10,
                 .op = "QLinearConv",
                 .inputs = {Filled<uint8_t>({1, 16, 3, 3}, 255), Tensor::Scalar<float>(0.5F),
                            Tensor::Scalar<uint8_t>(0), Filled<int8_t>({2, 16, 2, 2}, 127),
                            Tensor::Vector<float>({0.25F, 0.125F}), Tensor::Vector<int8_t>({0, 0}),
                            Tensor::Scalar<float>(4096), Tensor::Scalar<uint8_t>(0),
                            Tensor::Vector<int32_t>({0, 8192})},
                 .constant = {1, 2, 3, 4, 5, 6, 7, 8}},
                // (2072640 + 8192) / 16 / 4096 = 31.75.
                {Tensor::Of<uint8_t>({1, 2, 2, 2}, {63, 63, 63, 63, 32, 32, 32, 32})});
}

// What exporters write for a dynamically quantised linear layer.
TEST(IntegerProducts, DynamicQuantizationWithMatMulInteger) {
  ModelBuilder b(13);
  const ValueId x = b.Input("x", DType::kFloat32, {2, 64});
  const std::vector<ValueId> q = b.Add("DynamicQuantizeLinear", {x}, {"q", "scale", "zero"});
  const ValueId w = b.Constant("w", Filled<int8_t>({64, 2}, 127));
  const ValueId zero = b.Constant("w_zero", Tensor::Scalar<int8_t>(0));
  const ValueId sum = b.Add("MatMulInteger", {q[0], w, q[2], zero}, "sum");
  b.Output(sum);
  const ValueId wide =
      b.Add("Cast", {sum}, "wide", {{"to", static_cast<int64_t>(DType::kFloat32)}});
  const ValueId w_scale = b.Constant("w_scale", Tensor::Scalar<float>(0.5F));
  const ValueId scale = b.Add("Mul", {q[1], w_scale}, "both");
  b.Output(b.Add("Mul", {wide, scale}, "y"));
  // 0 .. 255: a scale of 1 and a zero point of 0.
  ExpectOutputs(Shared(std::move(b)), {Filled<float>({2, 64}, 255.0F)},
                {Filled<int32_t>({2, 2}, 2072640), Filled<float>({2, 2}, 1036320.0F)});
}

// 89 % of a body of values vanish beside one value of 400, and none with a scale of their own.
TEST(IntegerProducts, OneScaleForOneOutlierLosesTheBody) {
  Doubles values;
  for (int i = 0; i < 999; ++i) values.push_back(std::sin(i) * 1.5);
  values.push_back(400);
  const Tensor x = Values(DType::kFloat32, {1000}, values);
  ModelBuilder b(13);
  const ValueId in = b.Input("x", DType::kFloat32, {1000});
  const ValueId scale = b.Constant("scale", Tensor::Scalar<float>(400.0F / 127));
  const ValueId zero = b.Constant("zero", Tensor::Scalar<int8_t>(0));
  const ValueId q = b.Add("QuantizeLinear", {in, scale, zero}, "q");
  b.Output(b.Add("DequantizeLinear", {q, scale, zero}, "y"));
  const SharedModel model = Shared(std::move(b));
  const Tensor y = RunReference(model, {x})[0];
  int64_t zeros = 0;
  for (int64_t i = 0; i < 999; ++i) zeros += y.ValueAsDouble(i) == 0 ? 1 : 0;
  EXPECT_EQ(zeros, 999);
  EXPECT_EQ(y.ValueAsDouble(999), 400);
  ExpectOutputs(model, {x}, {y});
}

}  // namespace
}  // namespace assay
