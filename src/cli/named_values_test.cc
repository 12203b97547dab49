#include "cli/named_values.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(SplitNamedText, SplitsAtTheLastColon) {
  EXPECT_EQ(SplitNamedText("1e-3").name, "");
  EXPECT_EQ(SplitNamedText("a:b:1e-3").name, "a:b");
  EXPECT_EQ(SplitNamedText("a:b:1e-3").value, "1e-3");
  EXPECT_EQ(SplitNamedText(":5").name, "");
}

TEST(ParseNamedNumbers, KeepsDefaultsAndNames) {
  const std::string arguments[] = {"1e-4", "out:0:2", "out:0:3", "w: 1 "};
  const auto numbers = ParseNamedNumbers("--atol/--abs-tol", arguments);
  ASSERT_TRUE(numbers.ok());
  EXPECT_EQ(numbers->Find("anything")->value, 1e-4);
  EXPECT_EQ(numbers->Find("out:0")->value, 3);
  EXPECT_EQ(numbers->Find("out:0")->ToString(), "3");
  EXPECT_EQ(numbers->Find("w")->ToString(), "1");
  EXPECT_EQ(numbers->Find("x")->ToString(), "0.0001");
  EXPECT_EQ(numbers->items().size(), 3u);
}

TEST(ParseNamedNumbers, SaysWhatIsNoNumber) {
  const std::string arguments[] = {"y:tiny"};
  const auto numbers = ParseNamedNumbers("--atol/--abs-tol", arguments);
  ASSERT_FALSE(numbers.ok());
  EXPECT_EQ(numbers.status().code(), StatusCode::kUsage);
  EXPECT_EQ(numbers.status().message(),
            "argument --atol/--abs-tol: expected [name:]number, got 'y:tiny'");
  EXPECT_EQ(numbers.status().hint(), "for example --atol 1e-3, or --atol scores:1e-2 1e-3");
}

TEST(ParseShapes, ReadsNumbersSymbolsAndScalars) {
  const std::string arguments[] = {"image:[1, 3,-1,H]", "a:b:[]", "c:[7]"};
  const auto shapes = ParseShapes("--input-shapes/--inputs", arguments);
  ASSERT_TRUE(shapes.ok());
  ASSERT_EQ(shapes->size(), 3u);
  EXPECT_EQ((*shapes)[0].name, "image");
  EXPECT_TRUE((*shapes)[0].is_dynamic());
  EXPECT_EQ((*shapes)[0].extents[3].text, "H");
  EXPECT_EQ((*shapes)[1].name, "a:b");
  EXPECT_TRUE((*shapes)[1].extents.empty());
  EXPECT_FALSE((*shapes)[1].is_dynamic());
  EXPECT_EQ((*shapes)[2].values(), std::vector<int64_t>{7});
}

TEST(ParseShapes, RefusesWhatIsMalformed) {
  for (const std::string argument : {"image", "image:1x3", "image:[1,3", "image:1,3]", "image=[1]",
                                     ":[1]", "image:[1,,3]", "image:[1.5]", "image:[[1]]", ""}) {
    const auto shapes = ParseShapes("--input-shapes/--inputs", std::span(&argument, 1));
    ASSERT_FALSE(shapes.ok()) << argument;
    EXPECT_EQ(shapes.status().code(), StatusCode::kUsage);
  }
  const std::string twice[] = {"image:[1]", "image:[2]"};
  EXPECT_EQ(ParseShapes("--input-shapes/--inputs", twice).status().code(), StatusCode::kUsage);
  const std::string argument = "image=[1,3,2,2]";
  EXPECT_EQ(ParseShapes("--input-shapes/--inputs", std::span(&argument, 1)).status().message(),
            "argument --input-shapes/--inputs: expected name:[extent,...], got 'image=[1,3,2,2]'");
}

TEST(ParseByteCount, UnderstandsSuffixesAndExponents) {
  EXPECT_EQ(*ParseByteCount("--size", "16"), 16);
  EXPECT_EQ(*ParseByteCount("--size", "16e3"), 16000);
  EXPECT_EQ(*ParseByteCount("--size", "2K"), 2048);
  EXPECT_EQ(*ParseByteCount("--size", "1.5m"), 1572864);
  EXPECT_EQ(*ParseByteCount("--size", "16G"), 17179869184);
  EXPECT_FALSE(ParseByteCount("--size", "lots").ok());
  EXPECT_FALSE(ParseByteCount("--size", "-1").ok());
  EXPECT_FALSE(ParseByteCount("--size", "").ok());
}

}  // namespace
}  // namespace assay
