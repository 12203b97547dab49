#include "ops/cases.h"
#include "ops/cast_values.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"

namespace assay {
namespace {

constexpr OpSchema Schema(int since, InlineList<int, 8> also_since, DTypeSet types,
                          InlineList<AttributeDef, 24> attributes) {
  return {since,
          also_since,
          {{"input", types}, {"target_type", types}},
          {{"output", types}},
          attributes};
}

constexpr DTypeSet kTypesOfOpset23 =
    kNumeric | kBools | kStrings | kFloat8s | kInteger4s | DTypeSet::Of(DType::kFloat4E2M1);
constexpr DTypeSet kLaterTypes =
    kTypesOfOpset23 | kNarrowIntegers | DTypeSet::Of(DType::kFloat8E8M0);

constexpr OpSchema kSchemas[] = {
    Schema(15, {}, kNumeric | kBools | kStrings, {}),
    Schema(19, {21, 23}, kTypesOfOpset23, {IntAttribute("saturate", 1)}),
    Schema(24, {25}, kLaterTypes,
           {StringAttribute("round_mode", "up"), IntAttribute("saturate", 1)}),
};

Status Infer(InferContext& context) {
  if (auto options = CastOptionsOf(context); !options.ok()) return options.status();
  return InferCast(context, context.InputType(1));
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const CastOptions options, CastOptionsOf(context));
  ASSAY_ASSIGN_OR_RETURN(Tensor result,
                         CastElements(context.Input(0), context.DeclaredInput(0),
                                      context.DeclaredInput(1), options, context.threads()));
  context.SetOutput(0, std::move(result));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "float_to_int32",
       .opset = 15,
       .inputs = {Tensor::Of<float>({2, 1}, {2.7F, -2.7F}), Tensor::Vector<int32_t>({})},
       .expected = {Tensor::Of<int32_t>({2, 1}, {2, -2})}});
  cases.push_back({.name = "int64_to_text",
                   .inputs = {Tensor::Vector<int64_t>({-5, 12}), Tensor::Scalar<std::string>("")},
                   .expected = {Tensor::Vector<std::string>({"-5", "12"})}});
  cases.push_back({.name = "bool_to_float16",
                   .inputs = {Tensor::Vector<bool>({true, false}), Tensor::Of<Float16>({1}, {{0}})},
                   .expected = {Tensor::Vector<double>({1, 0})}});
  cases.push_back({.name = "same_type",
                   .inputs = {Tensor::Scalar<uint8_t>(7), Tensor::Scalar<uint8_t>(0)},
                   .expected = {Tensor::Scalar<uint8_t>(7)}});
}

}  // namespace

extern const OpDef kCastLike;
const OpDef kCastLike = {.name = "CastLike",
                         .schemas = kSchemas,
                         .infer = Infer,
                         .reference = Reference,
                         .cases = Cases};

}  // namespace assay
