#include <fmt/format.h>

#include <utility>

#include "ops/cases.h"
#include "ops/cast_values.h"
#include "ops/op_def.h"
#include "ops/random_draws.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kResults = kNumeric | kBools;

constexpr OpSchema kSchemas[] = {
    {.since = 15,
     .also_since = {22},
     .inputs = {{"input", kFloats}},
     .outputs = {{"output", kResults}},
     .attributes = {kDtypeFromInput, kSeed}},
};

Status Infer(InferContext& context) { return InferRandomLike(context, kResults); }

Status Reference(ReferenceContext& context) {
  const std::span<const double> probabilities = context.Doubles(0);
  for (const double p : probabilities) {
    if (p >= 0 && p <= 1) continue;
    return OpContext::Invalid(fmt::format("probability: expected a value in [0, 1], got {}", p));
  }
  const CounterRandom random = RandomStream(context);
  ASSAY_ASSIGN_OR_RETURN(
      Tensor draws, FillDoubles(context.threads(), context.Input(0).shape(), [&](int64_t i) {
        const bool one =
            random.Uniform(static_cast<uint64_t>(i)) < probabilities[static_cast<size_t>(i)];
        return one ? 1.0 : 0.0;
      }));
  ASSAY_ASSIGN_OR_RETURN(
      Tensor cast,
      CastElements(draws, DType::kFloat64, context.DeclaredOutput(0), {}, context.threads()));
  context.SetOutput(0, std::move(cast));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor certain = Tensor::Of<double>({2, 2}, {0, 1, 1, 0});
  cases.push_back({.name = "certain", .inputs = {certain}, .expected = {certain}});
  cases.push_back({.name = "certain_as_bool",
                   .opset = 15,
                   .attributes = {{"dtype", int64_t{9}}, {"seed", 5.0F}},
                   .inputs = {certain},
                   .expected = {Tensor::Of<bool>({2, 2}, {false, true, true, false})}});
  cases.push_back({.name = "certain_as_int8",
                   .attributes = {{"dtype", int64_t{3}}},
                   .inputs = {certain},
                   .expected = {Tensor::Of<int8_t>({2, 2}, {0, 1, 1, 0})}});
  cases.push_back({.name = "even_odds",
                   .inputs = {Tensor::Vector<float>({0.5F, 0.5F, 0.5F})},
                   .output_types = {DType::kFloat32}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0}, {})},
                   .expected = {Tensor::Of<float>({0}, {})}});
}

}  // namespace

extern const OpDef kBernoulli;
const OpDef kBernoulli = {.name = "Bernoulli",
                          .schemas = kSchemas,
                          .infer = Infer,
                          .reference = Reference,
                          .random = true,
                          .cases = Cases};

}  // namespace assay
