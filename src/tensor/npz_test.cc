#include "tensor/npz.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/file.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(ASSAY_SOURCE_DIR) / "tests" / "data" / "tensor";

// Tests run in processes of their own, perhaps at the same time.
fs::path Temporary(const std::string& name) {
  const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
  return fs::path(testing::TempDir()) / ("assay_npz_" + test + "_" + name);
}

Result<TensorMap> Parse(std::string_view file) {
  return ParseNpz(std::as_bytes(std::span(file.data(), file.size())), nullptr, "test.npz");
}

TensorMap Sample() {
  TensorMap map;
  map.Add("/layer4/conv2", Tensor::Of<float>(Shape{2, 3}, {0, 1, 2, 3, 4, 5}));
  map.Add("h\xC3\xA9", Tensor::Vector<int64_t>({7, -7}));
  map.Add("", Tensor::Scalar<uint8_t>(9));
  map.Add("none", Tensor::Zeros(DType::kFloat32, Shape{0}));
  map.Add("text", Tensor::Vector<std::string>({"a", "bc"}));
  map.Add("half", Tensor::Zeros(DType::kBFloat16, Shape{3}));
  return map;
}

void ExpectSame(const TensorMap& a, const TensorMap& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].name, b[i].name);
    ASSERT_EQ(a[i].tensor.dtype(), b[i].tensor.dtype()) << a[i].name;
    ASSERT_EQ(a[i].tensor.shape(), b[i].tensor.shape()) << a[i].name;
    if (a[i].tensor.dtype() == DType::kString) {
      const auto x = a[i].tensor.data<std::string>();
      const auto y = b[i].tensor.data<std::string>();
      EXPECT_TRUE(std::equal(x.begin(), x.end(), y.begin()));
    } else {
      EXPECT_EQ(std::memcmp(a[i].tensor.raw(), b[i].tensor.raw(), a[i].tensor.byte_size()), 0);
    }
  }
}

std::string FileOf(const TensorMap& map, NpzCompression compression,
                   uint64_t zip64_threshold = 0xFFFFFFFF) {
  const fs::path path = Temporary("file.npz");
  Result<NpzWriter> writer = NpzWriter::Create(path, compression);
  EXPECT_TRUE(writer.ok());
  writer->set_zip64_threshold(zip64_threshold);
  for (const NamedTensor& item : map) EXPECT_TRUE(writer->Add(item.name, item.tensor).ok());
  EXPECT_TRUE(writer->Finish().ok());
  return *ReadFile(path);
}

TEST(ReadNpz, ReadsWhatNumpyStored) {
  const Result<TensorMap> map = ReadNpz(kFolder / "stored.npz");
  ASSERT_TRUE(map.ok()) << map.status().ToString();
  ASSERT_EQ(map->size(), 2U);
  EXPECT_EQ((*map)[0].name, "a");
  EXPECT_EQ((*map)[0].tensor.shape(), (Shape{2, 3}));
  EXPECT_EQ((*map)[0].tensor.data<float>()[5], 5.0F);
  EXPECT_EQ((*map)[1].name, "/model/b");
  EXPECT_EQ((*map)[1].tensor.data<int64_t>()[999], 999 % 7);
}

TEST(ReadNpz, ReadsWhatNumpyCompressed) {
  const Result<TensorMap> map = ReadNpz(kFolder / "deflated.npz");
  ASSERT_TRUE(map.ok()) << map.status().ToString();
  ASSERT_EQ(map->size(), 2U);
  EXPECT_EQ(map->Find("a")->data<float>()[4], 4.0F);
  EXPECT_EQ(map->Find("b")->data<int64_t>()[500], 500 % 7);
}

TEST(ReadNpz, AnEmptyArchiveHasNoArrays) {
  const Result<TensorMap> map = ReadNpz(kFolder / "empty.npz");
  ASSERT_TRUE(map.ok()) << map.status().ToString();
  EXPECT_TRUE(map->empty());
}

TEST(ReadNpz, OtherCompressionIsExplained) {
  const Status status = ReadNpz(kFolder / "lzma.npz").status();
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_NE(status.message().find("got 14"), std::string::npos) << status.message();
}

TEST(NpzWriter, StoredAndDeflatedComeBack) {
  for (NpzCompression compression : {NpzCompression::kNone, NpzCompression::kDeflate}) {
    const Result<TensorMap> back = Parse(FileOf(Sample(), compression));
    ASSERT_TRUE(back.ok()) << back.status().ToString();
    ExpectSame(*back, Sample());
  }
}

TEST(NpzWriter, Zip64FormsComeBack) {
  for (NpzCompression compression : {NpzCompression::kNone, NpzCompression::kDeflate}) {
    for (uint64_t threshold : {0U, 150U, 500U, 1500U}) {
      const Result<TensorMap> back = Parse(FileOf(Sample(), compression, threshold));
      ASSERT_TRUE(back.ok()) << threshold << back.status().ToString();
      ExpectSame(*back, Sample());
    }
  }
}

TEST(NpzWriter, ManyArraysComeBack) {
  TensorMap map;
  for (int i = 0; i < 70000; ++i) map.Add(std::to_string(i), Tensor::Scalar<int32_t>(i));
  const Result<TensorMap> back = Parse(FileOf(map, NpzCompression::kNone));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  ASSERT_EQ(back->size(), 70000U);
  EXPECT_EQ((*back)[69999].name, "69999");
  EXPECT_EQ((*back)[69999].tensor.data<int32_t>()[0], 69999);
}

TEST(NpzWriter, StoredElementsAreMappedAndNotCopied) {
  const fs::path path = Temporary("mapped.npz");
  ASSERT_TRUE(WriteNpz(path, Sample()).ok());
  const auto file = MappedFile::Open(path);
  ASSERT_TRUE(file.ok());
  const std::span<const std::byte> bytes = (*file)->bytes();
  const Result<TensorMap> map = ParseNpz(bytes, *file, "mapped.npz");
  ASSERT_TRUE(map.ok());
  for (size_t i : {0U, 1U, 2U}) {
    const auto* data = static_cast<const std::byte*>((*map)[i].tensor.raw());
    EXPECT_TRUE(data > bytes.data() && data < bytes.data() + bytes.size()) << (*map)[i].name;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % 64, 0U);
  }
}

TEST(NpzWriter, EqualNamesAreRefused) {
  Result<NpzWriter> writer = NpzWriter::Create(Temporary("equal.npz"));
  ASSERT_TRUE(writer.ok());
  EXPECT_TRUE(writer->Add("x", Tensor::Scalar(1.0F)).ok());
  EXPECT_EQ(writer->Add("x", Tensor::Scalar(1.0F)).code(), StatusCode::kInvalidInput);
  EXPECT_EQ(writer->Add(std::string("a\0b", 3), Tensor::Scalar(1.0F)).code(),
            StatusCode::kInvalidInput);
  EXPECT_EQ(writer->Add(std::string(70000, 'n'), Tensor::Scalar(1.0F)).code(),
            StatusCode::kInvalidInput);
}

TEST(NpzWriter, WithoutFinishNothingIsLeft) {
  const fs::path path = Temporary("unfinished.npz");
  fs::remove(path);
  {
    Result<NpzWriter> writer = NpzWriter::Create(path);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(writer->Add("x", Tensor::Scalar(1.0F)).ok());
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(ReadNpz, EveryTruncationIsAnError) {
  for (NpzCompression compression : {NpzCompression::kNone, NpzCompression::kDeflate}) {
    const std::string file = FileOf(Sample(), compression, 500);
    for (size_t length = 0; length < file.size(); ++length) {
      EXPECT_EQ(Parse(file.substr(0, length)).status().code(), StatusCode::kInvalidInput) << length;
    }
  }
}

TEST(ReadNpz, EveryDamagedElementByteIsNoticed) {
  for (NpzCompression compression : {NpzCompression::kNone, NpzCompression::kDeflate}) {
    TensorMap map;
    map.Add("x", Tensor::Vector<int32_t>({1, 2, 3, 4, 5, 6, 7, 8}));
    const std::string file = FileOf(map, compression);
    const size_t start = compression == NpzCompression::kNone ? 64 : 35;
    const size_t bytes = compression == NpzCompression::kNone ? 160 : 40;
    for (size_t i = start; i < start + bytes; ++i) {
      std::string damaged = file;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
      const Result<TensorMap> back = Parse(damaged);
      if (back.ok()) ExpectSame(*back, map);  // deflate has a few bits without meaning
      if (compression == NpzCompression::kNone) {
        EXPECT_FALSE(back.ok()) << i;
      }
    }
  }
}

// Offsets of fields in the central directory record of the only entry "x.npy".
std::string WithDirectoryField(std::string file, size_t field, uint32_t value) {
  const size_t record = file.rfind("PK\x01\x02");
  std::memcpy(file.data() + record + field, &value, 4);
  return file;
}

TEST(ReadNpz, DeclaredSizesAreCheckedAgainstTheFile) {
  TensorMap map;
  map.Add("x", Tensor::Vector<int32_t>({1, 2, 3}));
  constexpr size_t kCompressedBytes = 20;
  constexpr size_t kBytes = 24;
  constexpr size_t kOffset = 42;
  const std::string stored = FileOf(map, NpzCompression::kNone);
  const std::string deflated = FileOf(map, NpzCompression::kDeflate);
  for (const std::string& file :
       {WithDirectoryField(stored, kBytes, 0x7fffffff),
        WithDirectoryField(stored, kCompressedBytes, 1),
        WithDirectoryField(stored, kCompressedBytes, 0x7fffffff),
        WithDirectoryField(stored, kOffset, 1), WithDirectoryField(stored, kOffset, 0xfffffff0),
        WithDirectoryField(deflated, kBytes, 0x7fffffff), WithDirectoryField(deflated, kBytes, 139),
        WithDirectoryField(deflated, kBytes, 141),
        WithDirectoryField(deflated, kCompressedBytes, 10)}) {
    const Status status = Parse(file).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidInput);
    EXPECT_NE(status.message().find("x.npy"), std::string::npos) << status.message();
  }
}

TEST(ReadNpz, OverlappingEntriesCannotMultiplyTheFile) {
  TensorMap map;
  for (int i = 0; i < 50; ++i)
    map.Add(std::to_string(i % 10) + std::to_string(i / 10),
            Tensor::Zeros(DType::kUInt8, Shape{1000}));
  std::string file = FileOf(map, NpzCompression::kNone);
  // Every entry of the directory points at the first one.
  size_t record = 0;
  while ((record = file.find("PK\x01\x02", record)) != std::string::npos) {
    const uint32_t zero = 0;
    std::memcpy(file.data() + record + 42, &zero, 4);
    std::memcpy(file.data() + record + 46, "00.npy", 6);
    ++record;
  }
  EXPECT_EQ(Parse(file).status().code(), StatusCode::kInvalidInput);
}

TEST(ReadNpz, EncryptedArraysAreExplained) {
  TensorMap map;
  map.Add("x", Tensor::Scalar(1.0F));
  std::string file = FileOf(map, NpzCompression::kNone);
  file[file.rfind("PK\x01\x02") + 8] |= 1;
  EXPECT_EQ(Parse(file).status().code(), StatusCode::kUnsupported);
}

TEST(ReadNpz, OtherFilesAreNotArchives) {
  EXPECT_NE(Parse("hello").status().message().find("expected a ZIP archive"), std::string::npos);
  EXPECT_EQ(ReadNpz(kFolder / "float32.npy").status().code(), StatusCode::kInvalidInput);
  EXPECT_EQ(ReadNpz(kFolder / "no_such.npz").status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace assay
