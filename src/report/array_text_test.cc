#include "report/array_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/file.h"
#include "tensor/base64.h"
#include "tensor/npy.h"

namespace assay {
namespace {

TEST(ArrayText, IsWhatNumpyPrints) {
  const auto file = ReadFile(ASSAY_SOURCE_DIR "/tests/data/array_text/array_text.json");
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  const auto cases = nlohmann::json::parse(*file);
  ASSERT_GT(cases.size(), 100u);
  for (const auto& item : cases) {
    const auto text = item["npy"].get<std::string>();
    std::vector<std::byte> bytes(Base64DecodedSize(text).value());
    ASSERT_EQ(Base64Decode(text, bytes), std::nullopt);
    const auto tensor = ParseNpy(bytes, nullptr, "test");
    ASSERT_TRUE(tensor.ok()) << tensor.status().ToString();
    EXPECT_EQ(ArrayText(*tensor), item["str"].get<std::string>());
    EXPECT_EQ(ArrayRepr(*tensor), item["repr"].get<std::string>());
  }
}

TEST(ArrayText, PrintsTypesThatNumpyLacksByTheirValues) {
  const Tensor floats = Tensor::Vector<float>({1.0F, -0.5F, 3.0F});
  const auto narrow = ConvertTensor(floats, DType::kBFloat16);
  ASSERT_TRUE(narrow.ok());
  EXPECT_EQ(ArrayText(*narrow), "[ 1.  -0.5  3. ]");
  EXPECT_EQ(ArrayRepr(*narrow), "array([ 1. , -0.5,  3. ], dtype=bfloat16)");
}

}  // namespace
}  // namespace assay
