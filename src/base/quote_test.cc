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

}  // namespace
}  // namespace assay
