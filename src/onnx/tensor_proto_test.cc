#include "onnx/tensor_proto.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "ir/print.h"
#include "onnx/tensor_file.h"
#include "onnx/test_messages.h"

namespace assay {
namespace {

using namespace test;

Tensor Read(const std::string& message) {
  auto owner = std::make_shared<const std::string>(message);
  TensorContext context;
  context.owner = owner;
  const Result<TensorProto> proto = ReadTensorProto(*owner, context);
  EXPECT_EQ(proto.status().ToString(), "ok");
  return proto.ok() ? *proto->tensor : Tensor();
}

std::string Elements(const std::string& message) { return PrintElements(Read(message), 100); }

std::string Header(int64_t count, DType dtype) {
  return Number(1, count) + Number(2, static_cast<int64_t>(dtype));
}

template <typename T>
std::string RawElements(DType dtype, int64_t count, std::initializer_list<T> values) {
  return Elements(Header(count, dtype) + Bytes(9, Raw<T>(values)));
}

TEST(ReadTensorProto, RawDataOfEveryType) {
  EXPECT_EQ(RawElements<float>(DType::kFloat32, 2, {1.5f, -0.0f}), "[1.5, -0.0]");
  EXPECT_EQ(RawElements<uint8_t>(DType::kUInt8, 2, {0, 255}), "[0, 255]");
  EXPECT_EQ(RawElements<int8_t>(DType::kInt8, 2, {-128, 127}), "[-128, 127]");
  EXPECT_EQ(RawElements<uint16_t>(DType::kUInt16, 1, {65535}), "[65535]");
  EXPECT_EQ(RawElements<int16_t>(DType::kInt16, 1, {-32768}), "[-32768]");
  EXPECT_EQ(RawElements<int32_t>(DType::kInt32, 1, {-5}), "[-5]");
  EXPECT_EQ(RawElements<int64_t>(DType::kInt64, 1, {-6}), "[-6]");
  EXPECT_EQ(RawElements<uint8_t>(DType::kBool, 2, {0, 1}), "[false, true]");
  EXPECT_EQ(RawElements<uint16_t>(DType::kFloat16, 2, {0x3C00, 0xC100}), "[1.0, -2.5]");
  EXPECT_EQ(RawElements<double>(DType::kFloat64, 1, {0.1}), "[0.1]");
  EXPECT_EQ(RawElements<uint32_t>(DType::kUInt32, 1, {4294967295u}), "[4294967295]");
  EXPECT_EQ(RawElements<uint64_t>(DType::kUInt64, 1, {~uint64_t{0}}), "[18446744073709551615]");
  EXPECT_EQ(RawElements<float>(DType::kComplex64, 1, {1, -2}), "[(1.0, -2.0)]");
  EXPECT_EQ(RawElements<double>(DType::kComplex128, 1, {0.5, 2}), "[(0.5, 2.0)]");
  EXPECT_EQ(RawElements<uint16_t>(DType::kBFloat16, 2, {0x3F80, 0xC020}), "[1.0, -2.5]");
  EXPECT_EQ(RawElements<uint8_t>(DType::kFloat8E4M3FN, 2, {0x38, 0xC0}), "[1.0, -2.0]");
  EXPECT_EQ(RawElements<uint8_t>(DType::kFloat8E4M3FNUZ, 1, {0x40}), "[1.0]");
  EXPECT_EQ(RawElements<uint8_t>(DType::kFloat8E5M2, 2, {0x3C, 0xC1}), "[1.0, -2.5]");
  EXPECT_EQ(RawElements<uint8_t>(DType::kFloat8E5M2FNUZ, 1, {0x40}), "[1.0]");
  EXPECT_EQ(RawElements<uint8_t>(DType::kUInt4, 3, {0xF1, 0x07}), "[1, 15, 7]");
  EXPECT_EQ(RawElements<uint8_t>(DType::kInt4, 3, {0xF1, 0x08}), "[1, -1, -8]");
  EXPECT_EQ(RawElements<uint8_t>(DType::kFloat4E2M1, 3, {0xA2, 0x07}), "[1.0, -1.0, 6.0]");
  EXPECT_EQ(RawElements<uint8_t>(DType::kFloat8E8M0, 2, {127, 128}), "[1.0, 2.0]");
  EXPECT_EQ(RawElements<uint8_t>(DType::kUInt2, 5, {0xE4, 0x02}), "[0, 1, 2, 3, 2]");
  EXPECT_EQ(RawElements<uint8_t>(DType::kInt2, 4, {0xE4}), "[0, 1, -2, -1]");
  // 6 bits each, low bits first: 0x08, 0x3F, 0x20, 0x01, 0x0C.
  EXPECT_EQ(RawElements<uint8_t>(DType::kFloat6E2M3, 5, {0xC8, 0x0F, 0x06, 0x0C}),
            "[1.0, -7.5, -0.0, 0.125, 1.5]");
  EXPECT_EQ(RawElements<uint8_t>(DType::kFloat6E3M2, 2, {0xCC, 0x0F}), "[1.0, -28.0]");
}

TEST(ReadTensorProto, TypedFields) {
  EXPECT_EQ(Elements(Header(2, DType::kFloat32) + Bytes(4, Raw<float>({1, 2}))), "[1.0, 2.0]");
  EXPECT_EQ(Elements(Header(2, DType::kFloat32) + Float(4, 1) + Float(4, 2)), "[1.0, 2.0]");
  EXPECT_EQ(Elements(Header(3, DType::kFloat32) + Bytes(4, Raw<float>({1, 2})) + Float(4, 3)),
            "[1.0, 2.0, 3.0]");
  EXPECT_EQ(Elements(Header(1, DType::kComplex64) + Bytes(4, Raw<float>({1, 2}))), "[(1.0, 2.0)]");
  EXPECT_EQ(Elements(Header(1, DType::kFloat64) + Bytes(10, Raw<double>({0.1}))), "[0.1]");
  EXPECT_EQ(Elements(Header(2, DType::kInt64) + Number(7, -1) + Number(7, 3)), "[-1, 3]");
  EXPECT_EQ(Elements(Header(2, DType::kUInt64) + Number(11, -1) + Number(11, 3)),
            "[18446744073709551615, 3]");
  EXPECT_EQ(Elements(Header(1, DType::kUInt32) + Number(11, 4294967295)), "[4294967295]");
  EXPECT_EQ(Elements(Header(2, DType::kInt32) + Number(5, -7) + Number(5, 0xFFFFFFFF)), "[-7, -1]");
  EXPECT_EQ(Elements(Header(2, DType::kInt8) + Number(5, -7) + Number(5, 255)), "[-7, -1]");
  EXPECT_EQ(Elements(Header(2, DType::kBool) + Number(5, 1) + Number(5, 0)), "[true, false]");
  EXPECT_EQ(Elements(Header(1, DType::kFloat16) + Number(5, 0xC100)), "[-2.5]");
  EXPECT_EQ(Elements(Header(1, DType::kFloat8E5M2) + Number(5, 0xC1)), "[-2.5]");
  EXPECT_EQ(Elements(Header(3, DType::kInt4) + Number(5, 0xF1) + Number(5, 0x08)), "[1, -1, -8]");
  EXPECT_EQ(Elements(Header(4, DType::kUInt2) + Number(5, 0xE4)), "[0, 1, 2, 3]");
  EXPECT_EQ(Elements(Header(2, DType::kFloat6E3M2) + Number(5, 0x0C) + Number(5, 0x3F)),
            "[1.0, -28.0]");
  EXPECT_EQ(Elements(Header(2, DType::kString) + Bytes(6, "a") + Bytes(6, "")), "[\"a\", \"\"]");
}

TEST(ReadTensorProto, BytesOtherThanOneAreTrue) {
  const Tensor tensor =
      Read(Header(3, DType::kBool) + Bytes(9, std::string_view("\x00\x02\xFF", 3)));
  EXPECT_EQ(tensor.data<bool>()[1], true);
  EXPECT_EQ(static_cast<const uint8_t*>(tensor.raw())[2], 1);
}

TEST(ReadTensorProto, EmptyTensorsNeedNoData) {
  const Tensor tensor = Read(Number(1, 0) + Number(1, 5) + Number(2, 1));
  EXPECT_EQ(tensor.shape(), (Shape{0, 5}));
  EXPECT_EQ(tensor.data<float>().size(), 0u);
}

// A tensor whose bytes are 0, 1, 2... of the right number, as far as every byte is valid.
Tensor Pattern(DType dtype, const Shape& shape) {
  Tensor tensor = Tensor::Zeros(dtype, shape);
  if (dtype == DType::kString) {
    for (std::string& text : tensor.mutable_data<std::string>()) text = "text";
    return tensor;
  }
  auto* bytes = static_cast<uint8_t*>(tensor.mutable_raw());
  const unsigned limit = dtype == DType::kBool                     ? 2
                         : DTypeName(dtype).starts_with("float6_") ? 64
                                                                   : 256;
  for (size_t i = 0; i < tensor.byte_size(); ++i) bytes[i] = static_cast<uint8_t>(i * 7 % limit);
  return tensor;
}

TEST(TensorFile, EveryTypeSurvivesWritingAndReading) {
  const std::string path = testing::TempDir() + "tensor.pb";
  for (int type = 1; type < kDTypeCount; ++type) {
    const Tensor tensor = Pattern(static_cast<DType>(type), {2, 3, 4});
    ASSERT_TRUE(SaveTensorProto({"name", tensor}, path).ok());
    const Result<NamedTensor> read = LoadTensorProto(path);
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    EXPECT_EQ(read->name, "name");
    EXPECT_EQ(read->tensor.shape(), tensor.shape());
    EXPECT_EQ(PrintElements(read->tensor, 100), PrintElements(tensor, 100))
        << DTypeName(tensor.dtype());
  }
  std::filesystem::remove(path);
}

TEST(TensorFile, SequencesAndOptionals) {
  const std::string tensor = Header(1, DType::kInt64) + Number(7, 5);
  const std::string path = testing::TempDir() + "sequence.pb";
  const auto write = [&](const std::string& bytes) {
    ASSERT_TRUE(WriteFileAtomically(path, bytes).ok());
  };
  write(Number(2, 1) + Bytes(3, tensor) + Bytes(3, tensor));
  const auto sequence = LoadSequenceProto(path);
  ASSERT_TRUE(sequence.ok());
  ASSERT_EQ(sequence->size(), 2u);
  EXPECT_EQ((*sequence)[1].data<int64_t>()[0], 5);

  write(Number(2, 3));
  EXPECT_EQ(LoadSequenceProto(path).status().code(), StatusCode::kUnsupported);

  write(Number(2, 1) + Bytes(3, tensor));
  const auto optional = LoadOptionalProto(path);
  ASSERT_TRUE(optional.ok());
  EXPECT_EQ((*optional)->data<int64_t>()[0], 5);

  write(Number(2, 0));
  const auto nothing = LoadOptionalProto(path);
  ASSERT_TRUE(nothing.ok());
  EXPECT_FALSE(nothing->has_value());
  std::filesystem::remove(path);
}

TEST(TensorFile, OtherFilesAreErrors) {
  const std::string path = testing::TempDir() + "bad.pb";
  ASSERT_TRUE(WriteFileAtomically(path, "just some text").ok());
  EXPECT_EQ(LoadTensorProto(path).status().message(),
            "expected an ONNX tensor, got text (" + path + ")");
  ASSERT_TRUE(WriteFileAtomically(path, Header(2, DType::kInt64) + Bytes(9, "1234")).ok());
  EXPECT_EQ(
      LoadTensorProto(path).status().message(),
      "tensor without a name: expected 16 bytes for int64(2,), got 4 in raw_data (" + path + ")");
  std::filesystem::remove(path);
  EXPECT_EQ(LoadTensorProto(path).status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace assay
