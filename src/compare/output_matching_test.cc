#include "compare/output_matching.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

OutputMatching Match(const std::vector<std::string>& outputs,
                     const std::vector<std::string>& references) {
  return MatchOutputs(outputs, references, "onnxrt");
}

TEST(MatchOutputs, PrefersTheExactName) {
  const OutputMatching matching = Match({"a", "ab"}, {"ab", "a"});
  ASSERT_EQ(matching.pairs.size(), 2u);
  EXPECT_EQ(matching.pairs[0].reference, 1u);
  EXPECT_EQ(matching.pairs[1].reference, 0u);
  EXPECT_EQ(matching.pairs[0].kind, MatchKind::kExact);
  EXPECT_TRUE(matching.warnings.empty());
  EXPECT_TRUE(matching.complete());
}

TEST(MatchOutputs, TakesASubstringInEitherDirectionRegardlessOfCase) {
  const OutputMatching longer = Match({"Out"}, {"x", "model/OUT:0"});
  ASSERT_EQ(longer.pairs.size(), 1u);
  EXPECT_EQ(longer.pairs[0].reference, 1u);
  EXPECT_EQ(longer.pairs[0].kind, MatchKind::kSubstring);
  ASSERT_EQ(longer.warnings.size(), 1u);
  EXPECT_EQ(
      longer.warnings[0],
      "Output names did not match exactly. Assuming onnxrt output: model/OUT:0 corresponds to "
      "output: Out");
  EXPECT_EQ(longer.unmatched_references, (std::vector<size_t>{0}));
  EXPECT_EQ(Match({"model/OUT:0"}, {"out"}).pairs[0].kind, MatchKind::kSubstring);
}

TEST(MatchOutputs, FallsBackToThePosition) {
  const OutputMatching matching = Match({"p", "q"}, {"x", "y"});
  ASSERT_EQ(matching.pairs.size(), 2u);
  EXPECT_EQ(matching.pairs[1].reference, 1u);
  EXPECT_EQ(matching.pairs[1].kind, MatchKind::kIndex);
  EXPECT_EQ(matching.warnings.size(), 2u);
}

TEST(MatchOutputs, RefusesAPartnerThatBelongsToAnother) {
  const OutputMatching matching = Match({"p", "q"}, {"q"});
  ASSERT_EQ(matching.pairs.size(), 1u);
  EXPECT_EQ(matching.pairs[0].output, 1u);
  EXPECT_EQ(matching.unmatched_outputs, (std::vector<size_t>{0}));
  ASSERT_EQ(matching.notes.size(), 1u);
  EXPECT_NE(matching.notes[0].find("Will not compare q with p"), std::string::npos);
}

TEST(MatchOutputs, ListsEverythingWithoutAPartner) {
  const OutputMatching missing = Match({"a", "b"}, {"a"});
  EXPECT_EQ(missing.unmatched_outputs, (std::vector<size_t>{1}));
  EXPECT_FALSE(missing.complete());
  const OutputMatching extra = Match({"a"}, {"a", "b"});
  EXPECT_EQ(extra.unmatched_references, (std::vector<size_t>{1}));
  EXPECT_TRUE(Match({}, {}).complete());
  EXPECT_EQ(Match({}, {"a"}).unmatched_references.size(), 1u);
}

}  // namespace
}  // namespace assay
