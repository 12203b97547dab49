#include <fmt/format.h>
#include <re2/re2.h>

#include <string>
#include <vector>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 20,
     .inputs = {{"X", kStrings}},
     .outputs = {{"Y", kBools}},
     .attributes = {OptionalAttribute("pattern", AttributeKind::kString)}},
};

RE2::Options Quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

Status CheckPattern(const OpContext& context, const RE2& expression) {
  if (!context.HasAttribute("pattern")) {
    return OpContext::Invalid("attribute \"pattern\": expected an RE2 expression, got none");
  }
  if (expression.ok()) return OkStatus();
  return OpContext::Invalid(
      fmt::format("attribute \"pattern\": expected an RE2 expression, got \"{}\" ({})",
                  expression.pattern(), expression.error()));
}

std::string PatternOf(const OpContext& context) {
  return context.HasAttribute("pattern") ? context.String("pattern") : std::string();
}

Status Infer(InferContext& context) {
  std::optional<SymbolicShape> shape;
  if (const SymbolicShape* input = context.InputShape(0)) shape = *input;
  context.SetOutput(0, DType::kBool, std::move(shape));
  return CheckPattern(context, RE2(PatternOf(context), Quiet()));
}

Status Reference(ReferenceContext& context) {
  const RE2 expression(PatternOf(context), Quiet());
  ASSAY_RETURN_IF_ERROR(CheckPattern(context, expression));
  const Tensor& input = context.Input(0);
  const auto texts = input.data<std::string>();
  const auto out = context.AllocateOutput(0, input.shape()).mutable_data<bool>();
  context.threads().ParallelFor(
      input.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
          out[i] = RE2::FullMatch(texts[i], expression);
        }
      });
  return OkStatus();
}

void AddCase(std::vector<OpCase>& cases, const std::string& name, const std::string& pattern,
             const std::vector<std::string>& texts, const std::vector<bool>& matches) {
  Tensor expected = Tensor::Allocate(DType::kBool, {static_cast<int64_t>(matches.size())});
  std::copy(matches.begin(), matches.end(), expected.mutable_data<bool>().begin());
  cases.push_back({.name = name,
                   .attributes = {{"pattern", pattern}},
                   .inputs = {Tensor::Vector(texts)},
                   .expected = {expected}});
}

void Cases(std::vector<OpCase>& cases) {
  AddCase(cases, "whole_string", "a+b", {"ab", "aaab", "xab", "abx", ""},
          {true, true, false, false, false});
  AddCase(cases, "alternatives_are_leftmost_longest_enough", "a|ab", {"a", "ab", "abc"},
          {true, true, false});
  AddCase(cases, "code_points", "(?i)\\pL.", {"é1", "1é", "éé", "日本", "日"},
          {true, false, true, true, false});
  AddCase(cases, "empty_pattern", "", {"", "a"}, {true, false});
  AddCase(cases, "dot_and_newline", ".*", {"a\nb", "ab", std::string("a\0b", 3)},
          {false, true, true});
  AddCase(cases, "no_catastrophe", "(a*)*b", {std::string(10000, 'a'), std::string(100, 'a') + "b"},
          {false, true});
  cases.push_back({.name = "empty",
                   .attributes = {{"pattern", std::string("x")}},
                   .inputs = {Tensor::Of<std::string>({2, 0}, {})},
                   .expected = {Tensor::Of<bool>({2, 0}, {})}});
}

}  // namespace

extern const OpDef kRegexFullMatch;
const OpDef kRegexFullMatch = {.name = "RegexFullMatch",
                               .schemas = kSchemas,
                               .infer = Infer,
                               .reference = Reference,
                               .cases = Cases};

}  // namespace assay
