#include <algorithm>
#include <string>
#include <string_view>
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
     .outputs = {{"Y", kStrings}, {"Z", kInt64Only}},
     .attributes = {OptionalAttribute("delimiter", AttributeKind::kString),
                    OptionalAttribute("maxsplit", AttributeKind::kInt)}},
};

// The white space of ASCII.
constexpr std::string_view kSpaces = " \t\n\v\f\r";

Status Infer(InferContext& context) {
  std::optional<SymbolicShape> pieces;
  std::optional<SymbolicShape> counts;
  if (const SymbolicShape* shape = context.InputShape(0)) {
    counts = *shape;
    pieces = *shape;
    pieces->push_back(Dim::Unknown());
  }
  context.SetOutput(0, DType::kString, std::move(pieces));
  context.SetOutput(1, DType::kInt64, std::move(counts));
  return OkStatus();
}

// A negative `limit` is none.
using Pieces = std::vector<std::string_view>;

Pieces SplitAt(std::string_view text, std::string_view delimiter, int64_t limit) {
  Pieces pieces;
  while (limit < 0 || static_cast<int64_t>(pieces.size()) < limit) {
    const size_t end = text.find(delimiter);
    if (end == std::string_view::npos) break;
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end + delimiter.size());
  }
  pieces.push_back(text);
  return pieces;
}

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

Pieces SplitAtSpaces(std::string_view text, int64_t limit) {
  Pieces pieces;
  text = Trim(text);
  while (!text.empty() && (limit < 0 || static_cast<int64_t>(pieces.size()) < limit)) {
    const size_t end = std::min(text.find_first_of(kSpaces), text.size());
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
  }
  if (!text.empty()) pieces.push_back(text);
  return pieces;
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  const auto texts = input.data<std::string>();
  const std::string delimiter =
      context.HasAttribute("delimiter") ? context.String("delimiter") : std::string();
  const int64_t limit = context.HasAttribute("maxsplit") ? context.Int("maxsplit") : -1;

  std::vector<Pieces> pieces(texts.size());
  const auto counts = context.AllocateOutput(1, input.shape()).mutable_data<int64_t>();
  context.threads().ParallelFor(
      input.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
          pieces[i] = delimiter.empty() ? SplitAtSpaces(texts[i], limit)
                                        : SplitAt(texts[i], delimiter, limit);
          counts[i] = static_cast<int64_t>(pieces[i].size());
        }
      });

  Shape shape = input.shape();
  const int64_t most = counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
  shape.dims().push_back(most);
  if (!shape.CheckedElements()) return OpContext::Invalid("the pieces are too many for a tensor");
  const auto out = context.AllocateOutput(0, shape).mutable_data<std::string>();
  for (size_t i = 0; i < pieces.size(); ++i) {
    std::copy(pieces[i].begin(), pieces[i].end(), out.begin() + static_cast<int64_t>(i) * most);
  }
  return OkStatus();
}

struct Example {
  std::string name;
  std::vector<Attribute> attributes;
  std::vector<int64_t> counts;
  std::vector<std::string> pieces;
};

void Cases(std::vector<OpCase>& cases) {
  const std::vector<std::string> texts = {"  a b  c ", "", " \t", "x,,y "};
  const Attribute comma{"delimiter", std::string(",")};
  const Attribute once{"maxsplit", int64_t{1}};
  const std::vector<Example> examples = {
      {"spaces", {}, {3, 0, 0, 1}, {"a", "b", "c", "", "", "", "", "", "", "x,,y", "", ""}},
      {"empty_delimiter_once",
       {{"delimiter", std::string()}, once},
       {2, 0, 0, 1},
       {"a", "b  c", "", "", "", "", "x,,y", ""}},
      {"spaces_never", {{"maxsplit", int64_t{0}}}, {1, 0, 0, 1}, {"a b  c", "", "", "x,,y"}},
      {"comma",
       {comma},
       {1, 1, 1, 3},
       {"  a b  c ", "", "", "", "", "", " \t", "", "", "x", "", "y "}},
      {"comma_once", {comma, once}, {1, 1, 1, 2}, {"  a b  c ", "", "", "", " \t", "", "x", ",y "}},
      {"comma_without_limit",
       {comma, {"maxsplit", int64_t{-1}}},
       {1, 1, 1, 3},
       {"  a b  c ", "", "", "", "", "", " \t", "", "", "x", "", "y "}},
      {"long_delimiter",
       {{"delimiter", std::string("b  ")}},
       {2, 1, 1, 1},
       {"  a ", "c ", "", "", " \t", "", "x,,y ", ""}},
  };
  for (const Example& example : examples) {
    const auto width = static_cast<int64_t>(example.pieces.size() / texts.size());
    cases.push_back({.name = example.name,
                     .attributes = example.attributes,
                     .inputs = {Tensor::Of<std::string>({2, 2}, texts)},
                     .expected = {Tensor::Of<std::string>({2, 2, width}, example.pieces),
                                  Tensor::Of<int64_t>({2, 2}, example.counts)}});
  }
  cases.push_back(
      {.name = "scalar",
       .inputs = {Tensor::Scalar<std::string>("a b")},
       .expected = {Tensor::Vector<std::string>({"a", "b"}), Tensor::Scalar<int64_t>(2)}});
  cases.push_back(
      {.name = "nothing_but_spaces",
       .inputs = {Tensor::Vector<std::string>({"", " "})},
       .expected = {Tensor::Of<std::string>({2, 0}, {}), Tensor::Vector<int64_t>({0, 0})}});
  cases.push_back(
      {.name = "empty",
       .inputs = {Tensor::Of<std::string>({0, 3}, {})},
       .expected = {Tensor::Of<std::string>({0, 3, 0}, {}), Tensor::Of<int64_t>({0, 3}, {})}});
}

}  // namespace

extern const OpDef kStringSplit;
const OpDef kStringSplit = {.name = "StringSplit",
                            .schemas = kSchemas,
                            .infer = Infer,
                            .reference = Reference,
                            .cases = Cases};

}  // namespace assay
