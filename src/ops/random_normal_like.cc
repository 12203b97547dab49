#include <string>

#include "ops/cases.h"
#include "ops/op_def.h"
#include "ops/random_draws.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = kBasicTypes | kFloats;

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {22},
     .inputs = {{"input", kTypes}},
     .outputs = {{"output", kFloats}},
     .attributes = {kDtypeFromInput, FloatAttribute("mean", 0), FloatAttribute("scale", 1), kSeed}},
};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckNormal(context));
  return InferRandomLike(context, kFloats);
}

Status Reference(ReferenceContext& context) {
  return DrawNormal(context, context.Input(0).shape());
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "of_the_input",
                   .inputs = {Tensor::Zeros(DType::kFloat16, {3, 4})},
                   .output_types = {DType::kFloat16}});
  cases.push_back(
      {.name = "other_type",
       .attributes = {{"dtype", int64_t{11}}, {"mean", 2.0F}, {"scale", 3.0F}, {"seed", 3.0F}},
       .inputs = {Tensor::Vector<int32_t>({1, 2})},
       .output_types = {DType::kFloat64}});
  cases.push_back({.name = "without_spread",
                   .attributes = {{"mean", -1.5F}, {"scale", 0.0F}},
                   .inputs = {Tensor::Of<double>({2, 1}, {5, 6})},
                   .output_types = {DType::kFloat64},
                   .expected = {Tensor::Of<double>({2, 1}, {-1.5, -1.5})}});
  cases.push_back({.name = "like_text",
                   .attributes = {{"dtype", int64_t{1}}},
                   .inputs = {Tensor::Vector<std::string>({"a"})},
                   .output_types = {DType::kFloat32}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Zeros(DType::kFloat32, {0, 2})},
                   .output_types = {DType::kFloat32},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kRandomNormalLike;
const OpDef kRandomNormalLike = {.name = "RandomNormalLike",
                                 .schemas = kSchemas,
                                 .infer = Infer,
                                 .reference = Reference,
                                 .random = true,
                                 .cases = Cases};

}  // namespace assay
