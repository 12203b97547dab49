#include "cli/parser.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "cli/run/run_settings.h"

namespace assay {
namespace {

constexpr std::string_view kModes[] = {"fast", "exact"};
constexpr std::string_view kLevels[] = {"all", "none"};
constexpr OptionDef kRows[] = {
    {.names = {"-h", "--help"}, .arity = ArgumentCount::kFlag},
    {.names = {"-v", "--verbose"}, .arity = ArgumentCount::kCount},
    {.names = {"-q", "--quiet"}, .arity = ArgumentCount::kCount},
    {.names = {"-o", "--output"}, .arity = ArgumentCount::kOne},
    {.names = {"model"}, .arity = ArgumentCount::kOptional},
    {.names = {"--atol", "--abs-tol"}, .arity = ArgumentCount::kOneOrMore},
    {.names = {"--iterations", "--iters"},
     .arity = ArgumentCount::kOne,
     .type = ArgumentType::kInteger},
    {.names = {"--mode"}, .arity = ArgumentCount::kOneOrMore, .choices = kModes},
    {.names = {"--level"}, .arity = ArgumentCount::kChoices, .choices = kLevels},
    {.names = {"--blob"}, .arity = ArgumentCount::kOptional},
    {.names = {"--sources"}, .arity = ArgumentCount::kAny},
    {.names = {"--load-inputs"}, .arity = ArgumentCount::kOneOrMore, .exclusive_set = 1},
    {.names = {"--load-script"}, .arity = ArgumentCount::kOne, .exclusive_set = 1},
    {.names = {"--load-images"}, .arity = ArgumentCount::kOne, .assay_only = true},
    {.names = {"--report"}, .arity = ArgumentCount::kOne, .assay_only = true},
    {.names = {"--save"}, .arity = ArgumentCount::kOne, .path = PathUse::kWriteFile},
};
constexpr OptionGroup kGroup = {"Test", "", kRows};

Result<ParsedOptions> Parse(std::vector<std::string> words) {
  return ParseArguments({&kGroup}, words);
}

std::string ErrorOf(std::vector<std::string> words) {
  const auto parsed = Parse(std::move(words));
  return parsed.ok() ? "" : parsed.status().message();
}

std::vector<std::string> ValuesOf(const ParsedOptions& parsed, std::string_view name) {
  const auto values = parsed.Values(name);
  return {values.begin(), values.end()};
}

using Words = std::vector<std::string>;

TEST(ParseArguments, TakesValuesUpToTheNextOption) {
  const auto parsed = Parse({"m.onnx", "--atol", "1e-3", "y:1e-2", "-v", "--iters", "4"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->Value("model"), "m.onnx");
  EXPECT_EQ(ValuesOf(*parsed, "--abs-tol"), (Words{"1e-3", "y:1e-2"}));
  EXPECT_EQ(parsed->Integer("--iterations"), 4);
  EXPECT_EQ(parsed->Count("--verbose"), 1);
  EXPECT_FALSE(parsed->Has("--mode"));
}

TEST(ParseArguments, RefusesEmptyPaths) {
  EXPECT_EQ(ErrorOf({"--save", ""}), "argument --save: expected a path, got an empty one");
  EXPECT_EQ(ErrorOf({"--save="}), "argument --save: expected a path, got an empty one");
  EXPECT_EQ(ErrorOf({"--output", ""}), "");
}

TEST(ParseArguments, KeepsTheValuesOfEveryUse) {
  const auto parsed = Parse({"--atol", "1", "2", "-v", "--abs-tol", "3"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(ValuesOf(*parsed, "--atol"), Words{"3"});
  EXPECT_EQ(parsed->AllValues("--atol"), (Words{"1", "2", "3"}));
}

TEST(ParseArguments, TakesPositionalArgumentsWhereverTheyStand) {
  for (const Words& words :
       {Words{"m", "-v", "--iters", "2"}, Words{"-v", "m", "--iters", "2"},
        Words{"--iters", "2", "-v", "m"}, Words{"--iters=2", "m", "-v"},
        Words{"--atol", "1", "--iters", "2", "m"}, Words{"--atol", "1", "--", "m"}}) {
    const auto parsed = Parse(words);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->Value("model"), "m");
    EXPECT_TRUE(parsed->unrecognized.empty());
  }
}

TEST(ParseArguments, TakesNegativeNumbersAsValues) {
  const auto parsed = Parse({"--atol", "-1", "-.5", "-2.5", "--iters", "-3"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(ValuesOf(*parsed, "--atol"), (Words{"-1", "-.5", "-2.5"}));
  EXPECT_EQ(parsed->Integer("--iters"), -3);
  EXPECT_EQ(ErrorOf({"--atol", "-1e-3"}),
            "argument --atol/--abs-tol: expected at least one argument");
}

TEST(ParseArguments, LetsTheLastUseOfAnOptionCount) {
  const auto parsed = Parse({"--atol", "1", "2", "--abs-tol", "3"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(ValuesOf(*parsed, "--atol"), (Words{"3"}));
}

TEST(ParseArguments, CombinesShortFlags) {
  const auto parsed = Parse({"-vvq", "-vofile", "-v"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->Count("-v"), 4);
  EXPECT_EQ(parsed->Count("-q"), 1);
  EXPECT_EQ(parsed->Value("--output"), "file");
  EXPECT_EQ(ErrorOf({"-vx"}), "argument -v/--verbose: ignored explicit argument 'x'");
}

TEST(ParseArguments, TakesUniquePrefixes) {
  const auto parsed = Parse({"--verb", "--at=5", "--bl"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->Count("--verbose"), 1);
  EXPECT_EQ(parsed->Value("--atol"), "5");
  EXPECT_TRUE(parsed->Has("--blob"));
}

TEST(ParseArguments, TakesAPrefixThatOnlyAliasesShare) {
  const auto parsed = Parse({"--iter", "7"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->Integer("--iterations"), 7);
}

TEST(ParseArguments, RefusesAnAmbiguousPrefix) {
  EXPECT_EQ(ErrorOf({"--load", "x"}),
            "ambiguous option: --load could match --load-inputs, --load-script");
}

TEST(ParseArguments, PrefersOptionsThatPolygraphyHasToo) {
  const auto parsed = Parse({"--load-i", "a.json", "--re", "r.json"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->Value("--load-inputs"), "a.json");
  EXPECT_EQ(parsed->Value("--report"), "r.json");
}

TEST(ParseArguments, ChecksValues) {
  EXPECT_EQ(ErrorOf({"--iters", "many"}),
            "argument --iterations/--iters: invalid int value: 'many'");
  EXPECT_EQ(ErrorOf({"--iters"}), "argument --iterations/--iters: expected one argument");
  EXPECT_EQ(ErrorOf({"--mode", "fast", "exakt"}),
            "argument --mode: invalid choice: 'exakt' (choose from 'fast', 'exact')");
  EXPECT_EQ(Parse({"--mode", "exakt"}).status().hint(), "did you mean exact?");
  EXPECT_EQ(ErrorOf({"--load-inputs", "a", "--load-script", "b"}),
            "argument --load-script: not allowed with argument --load-inputs");
  EXPECT_EQ(ErrorOf({"--help=now"}), "argument -h/--help: ignored explicit argument 'now'");
}

TEST(ParseArguments, TakesFurtherValuesOnlyIfTheyAreChoices) {
  const auto parsed = Parse({"--level", "all", "none", "model"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->Values("--level").size(), 2u);
  EXPECT_EQ(parsed->Value("model"), "model");
  EXPECT_EQ(ErrorOf({"--level"}), "argument --level: expected one argument");
  EXPECT_EQ(ErrorOf({"--level", "most"}),
            "argument --level: invalid choice: 'most' (choose from 'all', 'none')");
}

TEST(ParseArguments, AllowsNoValueWhereTheOptionDoes) {
  const auto parsed = Parse({"--blob", "--sources", "-v"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->Has("--blob"));
  EXPECT_EQ(parsed->Value("--blob"), std::nullopt);
  EXPECT_TRUE(parsed->Has("--sources"));
  EXPECT_EQ(Parse({"--sources", "a", "b"})->Values("--sources").size(), 2u);
}

TEST(ParseArguments, CollectsWhatIsNoOption) {
  const auto parsed = Parse({"m", "--itrations", "3", "--foo=bar", "-x"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->unrecognized, (Words{"--itrations", "3", "--foo=bar", "-x"}));
  EXPECT_EQ(NearOptions({&kGroup}, "--itrations=3"), "did you mean --iterations?");
  EXPECT_EQ(NearOptions({&kGroup}, "--zzzzzzzzzz"), "");
}

TEST(ParseArguments, StopsAtHelp) {
  const auto parsed = Parse({"-h", "--iters", "many"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->help_requested);
}

// Every option of Polygraphy 0.53.6's run is known, under all its names and with as many values.
// The list is made by tests/data/cli/polygraphy_options.py.
TEST(RunOptionGroups, HoldEveryOptionOfPolygraphy) {
  const std::map<std::string, ArgumentCount> arities = {{"flag", ArgumentCount::kFlag},
                                                        {"count", ArgumentCount::kCount},
                                                        {"one", ArgumentCount::kOne},
                                                        {"optional", ArgumentCount::kOptional},
                                                        {"one_or_more", ArgumentCount::kOneOrMore},
                                                        {"any", ArgumentCount::kAny}};
  std::map<std::string_view, const OptionDef*> known;
  for (const OptionGroup* group : RunOptionGroups()) {
    for (const OptionDef& option : group->options) {
      for (std::string_view name : option.names) {
        EXPECT_TRUE(known.emplace(name, &option).second) << name << " stands in the table twice";
      }
    }
  }
  std::ifstream list(ASSAY_SOURCE_DIR "/tests/data/cli/polygraphy_options.txt");
  ASSERT_TRUE(list.good());
  int count = 0;
  for (std::string line; std::getline(list, line); ++count) {
    std::istringstream fields(line);
    std::string names;
    std::string arity;
    std::string choices;
    fields >> names >> arity >> choices;
    const OptionDef* first = nullptr;
    std::istringstream split(names);
    for (std::string name; std::getline(split, name, '/');) {
      ASSERT_TRUE(known.contains(name)) << name << " is missing";
      const OptionDef* option = known[name];
      if (first == nullptr) first = option;
      EXPECT_EQ(option, first) << name << " is an alias of " << first->names[0];
      EXPECT_FALSE(option->assay_only) << name;
    }
    if (first->arity == ArgumentCount::kChoices) {
      EXPECT_EQ(arity, "one") << names;
      continue;
    }
    EXPECT_EQ(first->arity, arities.at(arity)) << names;
    std::string own;
    for (std::string_view choice : first->choices) {
      own += (own.empty() ? "" : ",") + std::string(choice);
    }
    EXPECT_EQ(own, choices) << names;
  }
  EXPECT_GT(count, 140);
}

}  // namespace
}  // namespace assay
