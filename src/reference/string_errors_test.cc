// Bad attributes and inputs of the operators on strings.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reference/bad_node.h"

namespace assay {
namespace {

using Ints = std::vector<int64_t>;
using Strings = std::vector<std::string>;

std::vector<BadNode> StringNodes() {
  const Tensor words = Tensor::Vector<std::string>({"a", "b"});
  return {
      {"StringConcat",
       "shapes",
       {},
       {words, Tensor::Vector<std::string>({"a", "b", "c"})},
       "cannot be broadcast"},
      {"RegexFullMatch", "no_pattern", {}, {words}, "expected an RE2 expression, got none"},
      {"RegexFullMatch",
       "open_parenthesis",
       {{"pattern", std::string("a(")}},
       {words},
       "got \"a(\" (missing ): a()"},
      {"RegexFullMatch", "back_reference", {{"pattern", std::string("(a)\\1")}}, {words}, "\\1"},
      {"StringNormalizer",
       "rank",
       {},
       {Tensor::Of<std::string>({2, 1}, {"a", "b"})},
       "expected [C] or [1, C]"},
      {"StringNormalizer",
       "scalar",
       {},
       {Tensor::Scalar<std::string>("a")},
       "expected [C] or [1, C]"},
      {"StringNormalizer",
       "case_change_action",
       {{"case_change_action", std::string("TITLE")}},
       {words},
       "expected LOWER, UPPER or NONE, got \"TITLE\""},
  };
}

// A good TfIdfVectorizer with some of its attributes replaced.
std::vector<Attribute> Vectorizer(const std::vector<Attribute>& changes) {
  std::vector<Attribute> attributes = {
      {"mode", std::string("TF")},      {"min_gram_length", int64_t{1}},
      {"max_gram_length", int64_t{2}},  {"max_skip_count", int64_t{0}},
      {"ngram_counts", Ints{0, 2}},     {"ngram_indexes", Ints{0, 1, 2}},
      {"pool_int64s", Ints{5, 6, 5, 6}}};
  for (const Attribute& change : changes) {
    std::erase_if(attributes, [&](const Attribute& a) { return a.name == change.name; });
    attributes.push_back(change);
  }
  return attributes;
}

std::vector<BadNode> VectorizerNodes() {
  const Tensor tokens = Tensor::Vector<int64_t>({5, 6});
  const auto bad = [&](const std::string& name, const std::vector<Attribute>& changes,
                       const std::string& message) {
    return BadNode{"TfIdfVectorizer", name, Vectorizer(changes), {tokens}, message};
  };
  return {
      bad("mode", {{"mode", std::string("IT")}}, "expected TF, IDF or TFIDF"),
      bad("two_pools", {{"pool_strings", Strings{"a"}}}, "either pool_strings or pool_int64s"),
      bad("ends", {{"ngram_counts", Ints{0, 5}}}, "1-grams from 0 to 5 in a pool of 4"),
      bad("descending", {{"ngram_counts", Ints{2, 0}}}, "1-grams from 2 to 0"),
      bad("negative_start", {{"ngram_counts", Ints{-1, 2}}}, "from -1"),
      bad("half_a_pair", {{"ngram_counts", Ints{0, 1}}}, "2-grams from 1 to 4"),
      bad("few_indexes", {{"ngram_indexes", Ints{0, 1}}}, "each of 3 n-grams, got 2"),
      bad("negative_index", {{"ngram_indexes", Ints{0, 1, -1}}}, "got -1"),
      bad("weights", {{"weights", std::vector<float>{1}}}, "as ngram_indexes (3), got 1"),
      bad("lengths", {{"max_gram_length", int64_t{3}}}, "got 1 and 3"),
      bad("zero_length", {{"min_gram_length", int64_t{0}}}, "got 0 and 2"),
      bad("skips", {{"max_skip_count", int64_t{-1}}}, "at least 0, got -1"),
      {"TfIdfVectorizer",
       "strings_for_integers",
       Vectorizer({}),
       {Tensor::Vector<std::string>({"a"})},
       "expected integers, as the pool has"},
      {"TfIdfVectorizer",
       "rank",
       Vectorizer({}),
       {Tensor::Of<int64_t>({1, 1, 1}, {5})},
       "expected [C] or [N, C]"},
  };
}

class BadStrings : public testing::TestWithParam<BadNode> {};

TEST_P(BadStrings, SayWhatIsWrong) { ExpectSaysWhatIsWrong(GetParam()); }

std::string NameOf(const testing::TestParamInfo<BadNode>& info) {
  return info.param.op + "_" + info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Strings, BadStrings, testing::ValuesIn(StringNodes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Vectorizer, BadStrings, testing::ValuesIn(VectorizerNodes()), NameOf);

}  // namespace
}  // namespace assay
