#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kScores = DTypeSet::Of(DType::kFloat32);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"input_ids", kInt64Only}, {"scores", kScores}},
     .outputs = {{"scores_out", kScores}},
     .attributes = {RequiredAttribute("ngram_size", AttributeKind::kInt)}},
};

Status CheckSize(const OpContext& context) {
  if (context.Int("ngram_size") > 0) return OkStatus();
  return OpContext::Invalid(fmt::format(
      "attribute \"ngram_size\": expected a positive number, got {}", context.Int("ngram_size")));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckSize(context));
  context.CopyInput(1, 0);
  return OkStatus();
}

// A token is blocked where the last n - 1 ids and it have come one after the other before.
Status Reference(ReferenceContext& context) {
  const Shape& ids = context.Input(0).shape();
  const Shape& scores = context.Input(1).shape();
  if (ids.rank() != 2 || scores.rank() != 2 || ids[0] != scores[0]) {
    return OpContext::Invalid(
        fmt::format("input_ids and scores: expected matrices with the same rows, got {} and {}",
                    ids.ToString(), scores.ToString()));
  }
  const int64_t size = context.Int("ngram_size");
  const int64_t length = ids[1];
  const std::span<const int64_t> tokens = context.Input(0).data<int64_t>();
  const std::span<double> out = context.AllocateOutput(0, scores).mutable_data<double>();
  std::ranges::copy(context.Doubles(1), out.begin());
  for (int64_t row = 0; row < ids[0]; ++row) {
    const int64_t* sequence = tokens.data() + row * length;
    for (int64_t start = 0; start <= length - size; ++start) {
      const int64_t* last = sequence + length - (size - 1);
      if (!std::equal(sequence + start, sequence + start + size - 1, last)) continue;
      const int64_t token = sequence[start + size - 1];
      if (token < 0 || token >= scores[1]) {
        return OpContext::Invalid(
            fmt::format("input_ids: expected 0 to {}, got {}", scores[1] - 1, token));
      }
      out[static_cast<size_t>(row * scores[1] + token)] = -std::numeric_limits<double>::infinity();
    }
  }
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "pairs",
                   .attributes = {{"ngram_size", int64_t{2}}},
                   .inputs = {Tensor::Of<int64_t>({2, 4}, {1, 2, 0, 1, 0, 1, 0, 2}),
                              Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6})},
                   .expected = {Tensor::Of<double>({2, 3}, {1, 2, -kInfinity, 4, 5, 6})}});
  cases.push_back({.name = "single_ids",
                   .attributes = {{"ngram_size", int64_t{1}}},
                   .inputs = {Tensor::Of<int64_t>({1, 1}, {1}), Tensor::Of<float>({1, 2}, {1, 2})},
                   .expected = {Tensor::Of<double>({1, 2}, {1, -kInfinity})}});
  cases.push_back({.name = "longer_than_the_sequence",
                   .attributes = {{"ngram_size", int64_t{3}}},
                   .inputs = {Tensor::Of<int64_t>({1, 1}, {1}), Tensor::Of<float>({1, 2}, {1, 2})},
                   .expected = {Tensor::Of<double>({1, 2}, {1, 2})}});
}

}  // namespace

extern const OpDef kMicrosoftNGramRepeatBlock;
const OpDef kMicrosoftNGramRepeatBlock = {.name = "NGramRepeatBlock",
                                          .domain = kMicrosoftDomain,
                                          .schemas = kSchemas,
                                          .infer = Infer,
                                          .reference = Reference,
                                          .cases = Cases};

}  // namespace assay
