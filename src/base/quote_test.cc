#include "base/quote.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(Quote, LeavesNamesAsTheyAre) { EXPECT_EQ(Quote("/layer1/conv.é"), "\"/layer1/conv.é\""); }

TEST(Quote, EscapesWhatWouldChangeTheTerminal) {
  EXPECT_EQ(Quote("a\"b\\\n\t\x1b[31m\x7f"), "\"a\\\"b\\\\\\n\\t\\x1b[31m\\x7f\"");
}

TEST(Quote, CutsLongTextBetweenCharacters) {
  EXPECT_EQ(Quote("abcdef", 3), "\"abc\"... (6 bytes)");
  EXPECT_EQ(Quote("abéd", 3), "\"ab\"... (5 bytes)");
}

TEST(Quote, EscapesControlsOfTwoBytes) {
  EXPECT_EQ(Quote("a\xc2\x9b"
                  "1mÀ"),
            "\"a\\x9b1mÀ\"");
}

TEST(Printable, EscapesControlsAlone) {
  EXPECT_EQ(Printable("a \"b\" \\ é"), "a \"b\" \\ é");
  EXPECT_EQ(Printable("a\n\x1b[31m"), "a\\n\\x1b[31m");
}

TEST(QuoteUnlessPlain, QuotesWhatIsNoPlainWord) {
  EXPECT_EQ(QuoteUnlessPlain("com.microsoft:v2/a-b_1"), "com.microsoft:v2/a-b_1");
  EXPECT_EQ(QuoteUnlessPlain("two words"), "\"two words\"");
  EXPECT_EQ(QuoteUnlessPlain(""), "\"\"");
}

}  // namespace
}  // namespace assay
