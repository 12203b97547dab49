#include "tensor/utf8.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(Utf8, EveryCodePointSurvives) {
  for (uint32_t code_point = 0; code_point <= 0x110000; ++code_point) {
    const bool valid = code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF);
    std::string text;
    ASSERT_EQ(AppendUtf8(code_point, text), valid) << code_point;
    if (!valid) continue;
    std::string_view rest = text;
    ASSERT_EQ(TakeUtf8(rest), code_point);
    ASSERT_TRUE(rest.empty());
  }
}

TEST(Utf8, EncodesAsTheStandardSays) {
  std::string text;
  AppendUtf8(0xE9, text);
  AppendUtf8(0x20AC, text);
  AppendUtf8(0x1F600, text);
  EXPECT_EQ(text, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(CountUtf8(text), 3U);
}

TEST(Utf8, RefusesOverlongTruncatedAndSurrogateForms) {
  for (std::string_view text :
       {"\xC0\x80", "\xE0\x80\x80", "\xF0\x80\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC3",
        "\xE2\x82", "\x80", "\xFF", "\xC3\x28"}) {
    std::string_view rest = text;
    EXPECT_FALSE(TakeUtf8(rest).has_value());
    EXPECT_EQ(rest, text);
    EXPECT_FALSE(CountUtf8(text).has_value());
  }
}

}  // namespace
}  // namespace assay
