#include "ops/unicode_case.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

constexpr CaseRules kGeneral = CaseRules::kGeneral;

TEST(UnicodeCase, MapsLettersOfEveryLengthInUtf8) {
  EXPECT_EQ(ToLower("aZ[É ΣЖ Ꙁ 𐐀", kGeneral), "az[é σж ꙁ 𐐨");
  EXPECT_EQ(ToUpper("Az{é σж ꙁ 𐐨", kGeneral), "AZ{É ΣЖ Ꙁ 𐐀");
}

TEST(UnicodeCase, MapsOneCodePointToOne) {
  EXPECT_EQ(ToUpper("ßŉﬁᾀ", kGeneral), "ßŉﬁᾈ");
  EXPECT_EQ(ToLower("ǅİ", kGeneral), "ǆi");
  EXPECT_EQ(ToUpper("ǅı", kGeneral), "ǄI");
  EXPECT_EQ(ToUpper("Āāĸ", kGeneral), "ĀĀĸ");
}

TEST(UnicodeCase, KeepsTheTwoLettersIOfTurkishApart) {
  EXPECT_EQ(ToLower("Iİ", CaseRules::kTurkic), "ıi");
  EXPECT_EQ(ToUpper("ıi", CaseRules::kTurkic), "Iİ");
}

TEST(UnicodeCase, LeavesWhatIsNotUtf8) {
  for (const std::string text : {"\xFF", "\xC3", "\xC0\xA9", "\xE0\x80\xA9", "\xED\xA0\x80",
                                 "\xF4\x90\x80\x80", "\xE2\x82", "\x80"}) {
    EXPECT_EQ(ToUpper("a" + text + "b", kGeneral), "A" + text + "B");
  }
}

}  // namespace
}  // namespace assay
