#include <vector>

#include "ops/cases.h"
#include "ops/op_def.h"
#include "ops/random_draws.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

using Ints = std::vector<int64_t>;

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {22},
     .outputs = {{"output", kFloats}},
     .attributes = {IntAttribute("dtype", 1), FloatAttribute("high", 1), FloatAttribute("low", 0),
                    kSeed, RequiredAttribute("shape", AttributeKind::kInts)}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckUniform(context));
  return InferRandomShape(context);
}

Status Reference(ReferenceContext& context) {
  return DrawUniform(context, Shape(context.Ints("shape")));
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "of_three_axes",
                   .attributes = {{"shape", Ints{2, 1, 3}}},
                   .output_types = {DType::kFloat32}});
  cases.push_back({.name = "other_type",
                   .attributes = {{"shape", Ints{4}},
                                  {"dtype", int64_t{10}},
                                  {"low", -2.0F},
                                  {"high", 2.0F},
                                  {"seed", 3.0F}},
                   .output_types = {DType::kFloat16}});
  cases.push_back({.name = "without_spread",
                   .attributes = {{"shape", Ints{2}}, {"low", 0.75F}, {"high", 0.75F}},
                   .output_types = {DType::kFloat32},
                   .expected = {Tensor::Vector<double>({0.75, 0.75})}});
  cases.push_back({.name = "scalar",
                   .attributes = {{"shape", Ints{}}, {"low", 0.75F}, {"high", 0.75F}},
                   .output_types = {DType::kFloat32},
                   .expected = {Tensor::Scalar<double>(0.75)}});
  cases.push_back({.name = "empty",
                   .attributes = {{"shape", Ints{2, 0}}},
                   .output_types = {DType::kFloat32},
                   .expected = {Tensor::Of<float>({2, 0}, {})}});
}

}  // namespace

extern const OpDef kRandomUniform;
const OpDef kRandomUniform = {.name = "RandomUniform",
                              .schemas = kSchemas,
                              .infer = Infer,
                              .reference = Reference,
                              .random = true,
                              .cases = Cases};

}  // namespace assay
