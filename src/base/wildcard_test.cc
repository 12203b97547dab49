#include "base/wildcard.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(Wildcard, PlainTextMatchesItselfOnly) {
  EXPECT_TRUE(MatchesWildcard("conv1", "conv1"));
  EXPECT_FALSE(MatchesWildcard("conv1", "conv"));
  EXPECT_FALSE(MatchesWildcard("conv", "conv1"));
  EXPECT_FALSE(MatchesWildcard("conv", "Conv"));
}

TEST(Wildcard, StarTakesAnyTextSlashesIncluded) {
  EXPECT_TRUE(MatchesWildcard("*", ""));
  EXPECT_TRUE(MatchesWildcard("/layer*/out*", "/layer1/block0/out_3"));
  EXPECT_TRUE(MatchesWildcard("a*b*c", "aXbXbXc"));
  EXPECT_FALSE(MatchesWildcard("a*b*c", "aXbXb"));
}

TEST(Wildcard, QuestionMarkTakesOneByte) {
  EXPECT_TRUE(MatchesWildcard("t?", "t1"));
  EXPECT_FALSE(MatchesWildcard("t?", "t"));
  EXPECT_FALSE(MatchesWildcard("t?", "t12"));
}

TEST(Wildcard, SetsHaveRangesNegationAndLiteralBrackets) {
  EXPECT_TRUE(MatchesWildcard("t[0-3x]", "t2"));
  EXPECT_TRUE(MatchesWildcard("t[0-3x]", "tx"));
  EXPECT_FALSE(MatchesWildcard("t[0-3x]", "t4"));
  EXPECT_TRUE(MatchesWildcard("t[!0-3]", "t4"));
  EXPECT_FALSE(MatchesWildcard("t[!0-3]", "t2"));
  EXPECT_TRUE(MatchesWildcard("t[]]", "t]"));
  EXPECT_TRUE(MatchesWildcard("t[-a]", "t-"));
  EXPECT_TRUE(MatchesWildcard("t[1", "t[1"));
  EXPECT_FALSE(MatchesWildcard("t[1]", "t[1]"));
}

TEST(Wildcard, LongPatternsEndInReasonableTime) {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "a*";
  EXPECT_FALSE(MatchesWildcard(pattern + "b", std::string(2000, 'a')));
}

}  // namespace
}  // namespace assay
