#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"
#include "ops/unicode_case.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 10,
     .inputs = {{"X", kStrings}},
     .outputs = {{"Y", kStrings}},
     .attributes = {StringAttribute("case_change_action", "NONE"),
                    IntAttribute("is_case_sensitive", 0),
                    OptionalAttribute("locale", AttributeKind::kString),
                    OptionalAttribute("stopwords", AttributeKind::kStrings)}},
};

enum class CaseChange { kNone, kLower, kUpper };

Result<CaseChange> CaseChangeOf(const OpContext& context) {
  const std::string name = context.String("case_change_action");
  if (name == "NONE") return CaseChange::kNone;
  if (name == "LOWER") return CaseChange::kLower;
  if (name == "UPPER") return CaseChange::kUpper;
  return OpContext::Invalid(fmt::format(
      "attribute \"case_change_action\": expected LOWER, UPPER or NONE, got \"{}\"", name));
}

// A locale decides on one thing only: whether its letters i are those of Turkish.
CaseRules RulesOf(const OpContext& context) {
  if (!context.HasAttribute("locale")) return CaseRules::kGeneral;
  const std::string locale = context.String("locale");
  const std::string language = locale.substr(0, locale.find_first_of("_-.@"));
  return language == "tr" || language == "az" ? CaseRules::kTurkic : CaseRules::kGeneral;
}

Status CheckShape(const SymbolicShape& shape) {
  const size_t rank = shape.size();
  if (rank == 1 || (rank == 2 && shape[0].MaybeValue().value_or(1) == 1)) return OkStatus();
  return OpContext::Invalid(fmt::format("shape: expected [C] or [1, C], got {}", ToString(shape)));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(CaseChangeOf(context).status());
  std::optional<SymbolicShape> shape;
  if (const SymbolicShape* input = context.InputShape(0)) {
    ASSAY_RETURN_IF_ERROR(CheckShape(*input));
    shape = *input;
    if (shape->size() == 2) (*shape)[0] = Dim(1);
    const bool all_stay =
        context.Strings("stopwords").empty() && shape->back().MaybeValue().value_or(0) > 0;
    if (!all_stay) shape->back() = Dim::Unknown();
  }
  context.SetOutput(0, DType::kString, std::move(shape));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const CaseChange change, CaseChangeOf(context));
  const Tensor& input = context.Input(0);
  ASSAY_RETURN_IF_ERROR(CheckShape(ToSymbolic(input.shape())));
  const CaseRules rules = RulesOf(context);
  const bool sensitive = context.Int("is_case_sensitive") != 0;
  const auto key = [&](const std::string& word) { return sensitive ? word : ToLower(word, rules); };

  std::unordered_set<std::string> stopwords;
  for (const std::string& word : context.Strings("stopwords")) stopwords.insert(key(word));
  std::vector<std::string> kept;
  for (const std::string& word : input.data<std::string>()) {
    if (!stopwords.empty() && stopwords.contains(key(word))) continue;
    kept.push_back(change == CaseChange::kLower   ? ToLower(word, rules)
                   : change == CaseChange::kUpper ? ToUpper(word, rules)
                                                  : word);
  }
  if (kept.empty()) kept.emplace_back();
  Shape shape = input.shape();
  shape.dims().back() = static_cast<int64_t>(kept.size());
  context.SetOutput(0, Tensor::Of<std::string>(std::move(shape), kept));
  return OkStatus();
}

using Strings = std::vector<std::string>;

void AddCase(std::vector<OpCase>& cases, const std::string& name,
             const std::vector<Attribute>& attributes, const Strings& in, const Strings& out) {
  cases.push_back({.name = name,
                   .attributes = attributes,
                   .inputs = {Tensor::Vector(in)},
                   .expected = {Tensor::Vector(out)}});
}

void Cases(std::vector<OpCase>& cases) {
  const Attribute lower{"case_change_action", std::string("LOWER")};
  const Attribute upper{"case_change_action", std::string("UPPER")};
  const Attribute sensitive{"is_case_sensitive", int64_t{1}};
  const auto stopwords = [](Strings words) { return Attribute{"stopwords", std::move(words)}; };
  const Strings words = {"", "a", "É", "A", "b"};
  AddCase(cases, "nothing_to_do", {}, words, words);
  AddCase(cases, "stop_words_of_any_case", {stopwords({"é", "A"})}, words, {"", "b"});
  AddCase(cases, "stop_words_as_written", {sensitive, stopwords({"é", "A"})}, words,
          {"", "a", "É", "b"});
  AddCase(cases, "stop_words_before_case_change", {sensitive, stopwords({"a"}), lower}, {"A", "a"},
          {"a"});
  AddCase(cases, "upper", {upper}, {"Straße", "été", "İi"}, {"STRAßE", "ÉTÉ", "İI"});
  AddCase(cases, "lower", {lower}, {"ÉCOLE", "ΑΣ", "I"}, {"école", "ασ", "i"});
  AddCase(cases, "turkish", {lower, {"locale", std::string("tr_TR.UTF-8")}}, {"Iİ"}, {"ıi"});
  AddCase(cases, "english", {lower, {"locale", std::string("en_US")}}, {"IA"}, {"ia"});
  AddCase(cases, "nothing_left", {stopwords({"x", ""})}, {"x", "X", ""}, {""});
  AddCase(cases, "nothing_given", {}, {}, {""});
  cases.push_back({.name = "row",
                   .attributes = {stopwords({"x"}), upper},
                   .inputs = {Tensor::Of<std::string>({1, 3}, {"x", "y", "z"})},
                   .expected = {Tensor::Of<std::string>({1, 2}, {"Y", "Z"})}});
  cases.push_back({.name = "nothing_left_of_a_row",
                   .attributes = {stopwords({"x"})},
                   .inputs = {Tensor::Of<std::string>({1, 1}, {"x"})},
                   .expected = {Tensor::Of<std::string>({1, 1}, {""})}});
}

}  // namespace

extern const OpDef kStringNormalizer;
const OpDef kStringNormalizer = {.name = "StringNormalizer",
                                 .schemas = kSchemas,
                                 .infer = Infer,
                                 .reference = Reference,
                                 .cases = Cases};

}  // namespace assay
