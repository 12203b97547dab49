#include "tensor/base64.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <vector>

namespace assay {
namespace {

std::string Encode(std::string_view data, size_t piece) {
  // Tests run in processes of their own, perhaps at the same time.
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) /
      (std::string("assay_base64_") +
       testing::UnitTest::GetInstance()->current_test_info()->name());
  Result<AtomicFile> file = AtomicFile::Create(path);
  EXPECT_TRUE(file.ok());
  Base64Writer writer(*file);
  while (!data.empty()) {
    const std::string_view part = data.substr(0, piece);
    EXPECT_TRUE(writer.Write(std::as_bytes(std::span(part.data(), part.size()))).ok());
    data.remove_prefix(part.size());
  }
  EXPECT_TRUE(writer.Finish().ok());
  EXPECT_TRUE(file->Commit().ok());
  return *ReadFile(path);
}

std::optional<std::string> Decode(std::string_view text) {
  const std::optional<size_t> size = Base64DecodedSize(text);
  if (!size) return std::nullopt;
  std::string out(*size, '\0');
  if (Base64Decode(text, std::as_writable_bytes(std::span(out.data(), out.size()))))
    return std::nullopt;
  return out;
}

TEST(Base64, MatchesTheExamplesOfRfc4648) {
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : examples) {
    EXPECT_EQ(Encode(plain, 100), text);
    EXPECT_EQ(Decode(text), plain);
  }
}

TEST(Base64, ComesBackWhateverTheLengthAndThePieces) {
  std::mt19937 random(5);
  for (size_t length : {1U, 2U, 3U, 4U, 63U, 3071U, 3072U, 3073U, 3074U, 40000U}) {
    std::string data(length, '\0');
    for (char& c : data) c = static_cast<char>(random());
    const std::string whole = Encode(data, length);
    for (size_t piece : {1U, 2U, 4U, 5U, 1000U, 12287U}) EXPECT_EQ(Encode(data, piece), whole);
    EXPECT_EQ(Decode(whole), data) << length;
  }
}

TEST(Base64, TheFirstBadCharacterIsFound) {
  std::string text(8192, 'A');
  std::vector<std::byte> out(*Base64DecodedSize(text));
  EXPECT_FALSE(Base64Decode(text, out).has_value());
  for (size_t position : {0U, 1U, 4095U, 4096U, 5002U, 8187U, 8188U, 8189U, 8190U}) {
    for (char bad : {'=', '-', '_', '\\', ' ', '\xff', '\0'}) {
      std::string broken = text;
      broken[position] = bad;
      EXPECT_EQ(Base64Decode(broken, out), position) << position << " " << static_cast<int>(bad);
    }
  }
}

TEST(Base64, WrongLengthAndPaddingAreRefused) {
  for (const char* text :
       {"A", "AA", "AAA", "AAAAA", "AA=", "====", "A===", "=AAA", "AA=A", "AAAA===="}) {
    EXPECT_FALSE(Decode(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace assay
