#include "tensor/npy.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "base/file.h"
#include "tensor/npy_header.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(ASSAY_SOURCE_DIR) / "tests" / "data" / "tensor";

Tensor Read(const std::string& name) {
  Result<Tensor> tensor = ReadNpy(kFolder / name);
  EXPECT_TRUE(tensor.ok()) << tensor.status().ToString();
  return tensor.ok() ? *tensor : Tensor();
}

std::string FileOf(const Tensor& tensor) {
  Result<NpyParts> parts = EncodeNpy(tensor);
  EXPECT_TRUE(parts.ok()) << parts.status().ToString();
  std::string file = parts->header;
  file.append(reinterpret_cast<const char*>(parts->elements.data()), parts->elements.size());
  return file;
}

Result<Tensor> Parse(std::string_view file) {
  return ParseNpy(std::as_bytes(std::span(file.data(), file.size())), nullptr, "test.npy");
}

// A version 1 file with any header text.
std::string FileWith(std::string_view header, std::string_view elements = {}) {
  std::string file = "\x93NUMPY\x01";
  file += '\0';
  file += static_cast<char>(header.size() & 0xFF);
  file += static_cast<char>(header.size() >> 8);
  return file.append(header).append(elements);
}

TEST(ReadNpy, ReadsPlainFloats) {
  const Tensor tensor = Read("float32.npy");
  ASSERT_EQ(tensor.dtype(), DType::kFloat32);
  EXPECT_EQ(tensor.shape(), (Shape{2, 3, 4}));
  for (int64_t i = 0; i < 24; ++i) EXPECT_EQ(tensor.ValueAsDouble(i), static_cast<double>(i) / 8);
}

TEST(ReadNpy, SwapsBigEndianElements) {
  const Tensor half = Read("float16_big_endian.npy");
  ASSERT_EQ(half.dtype(), DType::kFloat16);
  for (int64_t i = 0; i < 24; ++i) EXPECT_EQ(half.ValueAsDouble(i), static_cast<double>(i) / 8);

  const Tensor complex = Read("complex64_big_endian.npy");
  ASSERT_EQ(complex.dtype(), DType::kComplex64);
  float values[4];
  ASSERT_EQ(complex.byte_size(), sizeof(values));
  std::memcpy(values, complex.raw(), sizeof(values));
  EXPECT_EQ(values[0], 1.0F);
  EXPECT_EQ(values[1], 2.0F);
  EXPECT_EQ(values[2], -3.5F);
  EXPECT_EQ(values[3], -4.0F);
}

TEST(ReadNpy, BringsFortranOrderIntoRowMajorOrder) {
  const Tensor plain = Read("int32_fortran.npy");
  const Tensor swapped = Read("int64_big_endian_fortran.npy");
  ASSERT_EQ(plain.shape(), (Shape{2, 3, 4}));
  ASSERT_EQ(swapped.dtype(), DType::kInt64);
  for (int64_t i = 0; i < 24; ++i) {
    EXPECT_EQ(plain.ValueAsInt(i), i);
    EXPECT_EQ(swapped.ValueAsInt(i), i - 7);
  }
}

TEST(ReadNpy, ReadsBoolScalarAndEmpty) {
  const Tensor flags = Read("bool.npy");
  ASSERT_EQ(flags.dtype(), DType::kBool);
  for (int64_t i = 0; i < 24; ++i) EXPECT_EQ(flags.ValueAsInt(i), i % 3 == 0 ? 1 : 0);
  const Tensor scalar = Read("scalar.npy");
  EXPECT_EQ(scalar.shape(), Shape{});
  EXPECT_EQ(scalar.ValueAsDouble(0), 0.1);
  const Tensor empty = Read("empty.npy");
  EXPECT_EQ(empty.shape(), (Shape{0, 5}));
  EXPECT_EQ(empty.dtype(), DType::kUInt8);
}

TEST(ReadNpy, TextBecomesUtf8Strings) {
  const Tensor text = Read("text.npy");
  ASSERT_EQ(text.dtype(), DType::kString);
  ASSERT_EQ(text.shape(), (Shape{2, 2}));
  EXPECT_EQ(text.data<std::string>()[0], "a");
  EXPECT_EQ(text.data<std::string>()[1], "h\xC3\xA9llo");
  EXPECT_EQ(text.data<std::string>()[2], "");
  EXPECT_EQ(text.data<std::string>()[3], "\xE2\x82\xAC\xF0\x9F\x98\x80");

  const Tensor turned = Read("text_fortran_big_endian.npy");
  ASSERT_EQ(turned.shape(), (Shape{2, 2}));
  EXPECT_EQ(turned.data<std::string>()[1], "bc");
  EXPECT_EQ(turned.data<std::string>()[2], "def");

  const Tensor bytes = Read("bytes.npy");
  EXPECT_EQ(bytes.data<std::string>()[0], "\xff\xfe");
  EXPECT_EQ(bytes.data<std::string>()[1], std::string("ab\0c", 4));
  EXPECT_EQ(bytes.data<std::string>()[2], "");
}

TEST(ReadNpy, ReadsVersions2And3) {
  for (const char* name : {"version2.npy", "version3.npy"}) {
    const Tensor tensor = Read(name);
    ASSERT_EQ(tensor.dtype(), DType::kUInt16);
    for (int64_t i = 0; i < 24; ++i) EXPECT_EQ(tensor.ValueAsInt(i), i);
  }
}

TEST(ReadNpy, AlignedFilesAreMappedAndNotCopied) {
  const Result<std::shared_ptr<const MappedFile>> file = MappedFile::Open(kFolder / "float32.npy");
  ASSERT_TRUE(file.ok());
  const Result<Tensor> view = ParseNpy((*file)->bytes(), *file, "float32.npy");
  const Result<Tensor> copy = ParseNpy((*file)->bytes(), nullptr, "float32.npy");
  ASSERT_TRUE(view.ok() && copy.ok());
  EXPECT_EQ(view->raw(), (*file)->bytes().data() + 128);
  EXPECT_NE(copy->raw(), (*file)->bytes().data() + 128);
  EXPECT_EQ(std::memcmp(view->raw(), copy->raw(), 96), 0);
}

TEST(ReadNpy, MisalignedElementsAreCopied) {
  const auto owner = std::make_shared<std::string>("x");
  *owner += FileOf(Tensor::Vector<float>({1, 2, 3}));
  const auto bytes = std::as_bytes(std::span(owner->data(), owner->size())).subspan(1);
  const Result<Tensor> tensor = ParseNpy(bytes, owner, "x");
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(tensor->data<float>()[2], 3.0F);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor->raw()) % alignof(float), 0U);
}

TEST(ReadNpy, OtherTruthValuesBecomeOne) {
  std::string file =
      FileWith("{'descr': '|b1', 'fortran_order': False, 'shape': (3,)}", {"\0\x02\xff", 3});
  const auto owner = std::make_shared<std::string>(file);
  const Result<Tensor> tensor =
      ParseNpy(std::as_bytes(std::span(owner->data(), owner->size())), owner, "x");
  ASSERT_TRUE(tensor.ok()) << tensor.status().ToString();
  const auto* bytes = static_cast<const uint8_t*>(tensor->raw());
  EXPECT_EQ(bytes[0], 0);
  EXPECT_EQ(bytes[1], 1);
  EXPECT_EQ(bytes[2], 1);
}

TEST(ReadNpy, TypesOfMlDtypesAreReadWhereTheFileTellsThem) {
  for (const char* name : {"bfloat16_ml_dtypes.npy", "bfloat16_named.npy"}) {
    const Tensor tensor = Read(name);
    ASSERT_EQ(tensor.dtype(), DType::kBFloat16) << name;
    EXPECT_EQ(tensor.ValueAsDouble(0), -1.5);
    EXPECT_EQ(tensor.ValueAsDouble(3), 448.0);
  }
  const Tensor e5m2 = Read("float8_e5m2_ml_dtypes.npy");
  ASSERT_EQ(e5m2.dtype(), DType::kFloat8E5M2);
  EXPECT_EQ(e5m2.ValueAsDouble(0), -1.5);
  const Tensor int4 = Read("int4_named.npy");
  ASSERT_EQ(int4.dtype(), DType::kInt4);
  const int64_t expected[] = {-8, 7, 3, -1, 0};
  for (int64_t i = 0; i < 5; ++i) EXPECT_EQ(int4.ValueAsInt(i), expected[i]);
}

TEST(ReadNpy, TypesThatCannotBeReadAreExplained) {
  const struct {
    const char* file;
    const char* message;
  } cases[] = {{"object.npy", "pickled Python objects"},
               {"structured.npy", "structured type"},
               {"longdouble.npy", "extended precision"},
               {"datetime.npy", "dates and times"},
               {"float8_e4m3fn_ml_dtypes.npy", "without saying which they are"}};
  for (const auto& c : cases) {
    const Status status = ReadNpy(kFolder / c.file).status();
    EXPECT_EQ(status.code(), StatusCode::kUnsupported) << c.file;
    EXPECT_NE(status.message().find(c.message), std::string::npos) << status.message();
    EXPECT_NE(status.message().find(c.file), std::string::npos) << status.message();
    EXPECT_FALSE(status.hint().empty()) << c.file;
  }
}

TEST(ReadNpy, EveryTruncationIsAnError) {
  const std::string file = FileOf(Tensor::Vector<double>({1, 2}));
  for (size_t length = 0; length < file.size(); ++length) {
    const Status status = Parse(file.substr(0, length)).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidInput) << length;
  }
  EXPECT_TRUE(Parse(file).ok());
  EXPECT_EQ(Parse(file.substr(0, file.size() - 1)).status().message(),
            ".npy: truncated: expected 16 bytes of elements for float64 of shape (2,), got 15 "
            "(test.npy)");
  EXPECT_EQ(Parse(file + "x").status().code(), StatusCode::kInvalidInput);
}

TEST(ReadNpy, HugeShapesAreRefusedBeforeAnythingIsAllocated) {
  for (const char* shape : {"(9223372036854775807,)", "(4611686018427387904, 4)",
                            "(99999999999999999999,)", "(1000000000000,)", "(-1,)"}) {
    const std::string file =
        FileWith(std::string("{'descr': '<f8', 'fortran_order': False, 'shape': ") + shape + "}",
                 "12345678");
    EXPECT_EQ(Parse(file).status().code(), StatusCode::kInvalidInput) << shape;
  }
  EXPECT_EQ(Parse(FileWith("{'descr': '<U0', 'fortran_order': True, 'shape': (4294967296, 4)}"))
                .status()
                .code(),
            StatusCode::kResourceLimit);
}

TEST(ReadNpy, MalformedHeadersAreRefused) {
  for (const char* header :
       {"", "{", "{}", "[]", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': ()}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1} ",
        "{'descr': '<f4', 'fortran_order': False, 'shape': ()} x", "{'descr': '<f4",
        "{'descr': '', 'fortran_order': False, 'shape': ()}",
        "{'descr': '<q4', 'fortran_order': False, 'shape': ()}",
        "{'descr': '<f', 'fortran_order': False, 'shape': ()}",
        "{'descr': '<U99999999999999999999', 'fortran_order': False, 'shape': ()}"}) {
    EXPECT_EQ(Parse(FileWith(header, "1234")).status().code(), StatusCode::kInvalidInput) << header;
  }
}

TEST(ReadNpy, CodePointsOutsideUnicodeAreRefused) {
  const std::string header = "{'descr': '<U1', 'fortran_order': False, 'shape': ()}";
  EXPECT_TRUE(Parse(FileWith(header, {"\xff\xff\x10\0", 4})).ok());
  EXPECT_EQ(Parse(FileWith(header, {"\0\0\x11\0", 4})).status().code(), StatusCode::kInvalidInput);
  EXPECT_EQ(Parse(FileWith(header, {"\0\xd8\0\0", 4})).status().code(), StatusCode::kInvalidInput);
}

TEST(EncodeNpy, WritesWhatNumpyWrites) {
  for (const char* name : {"float32.npy", "bool.npy", "scalar.npy", "empty.npy", "text.npy",
                           "bytes.npy", "bfloat16_named.npy", "int4_named.npy"}) {
    const Result<std::string> file = ReadFile(kFolder / name);
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(FileOf(Read(name)), *file) << name;
  }
}

TEST(EncodeNpy, EveryTypeComesBack) {
  for (int i = 1; i < kDTypeCount; ++i) {
    const auto dtype = static_cast<DType>(i);
    if (dtype == DType::kString) continue;
    Tensor tensor = Tensor::Zeros(dtype, Shape{3, 5});
    auto* bytes = static_cast<uint8_t*>(tensor.mutable_raw());
    for (size_t b = 0; b < tensor.byte_size(); ++b) {
      bytes[b] = static_cast<uint8_t>(dtype == DType::kBool ? b % 2 : b * 37);
    }
    if (DTypeBits(dtype) < 8)
      bytes[tensor.byte_size() - 1] &= static_cast<uint8_t>((1 << DTypeBits(dtype)) - 1);
    const Result<Tensor> back = Parse(FileOf(tensor));
    ASSERT_TRUE(back.ok()) << DTypeName(dtype) << ": " << back.status().ToString();
    EXPECT_EQ(back->dtype(), dtype);
    EXPECT_EQ(back->shape(), tensor.shape());
    EXPECT_EQ(std::memcmp(back->raw(), tensor.raw(), tensor.byte_size()), 0) << DTypeName(dtype);
  }
}

TEST(EncodeNpy, StringsThatNumpyWouldShortenAreRefused) {
  const Tensor tensor = Tensor::Vector<std::string>({std::string("a\0", 2)});
  EXPECT_EQ(EncodeNpy(tensor).status().code(), StatusCode::kUnsupported);
}

TEST(WriteNpy, LeavesNothingBehindWhenTheFolderIsMissing) {
  const fs::path path = fs::path(testing::TempDir()) / "assay_no_such_folder" / "x.npy";
  EXPECT_EQ(WriteNpy(path, Tensor::Scalar(1.0F)).code(), StatusCode::kNotFound);
  EXPECT_FALSE(fs::exists(path.parent_path()));
}

}  // namespace
}  // namespace assay
