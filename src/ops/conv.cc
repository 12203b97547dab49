#include <limits>

#include "ops/convolution.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {11, 22},
     .inputs = {{"X", kFloats}, {"W", kFloats}, {"B", kFloats, Arity::kOptional}},
     .outputs = {{"Y", kFloats}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"),
                    OptionalAttribute("dilations", AttributeKind::kInts), IntAttribute("group", 1),
                    OptionalAttribute("kernel_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
};

Status Infer(InferContext& context) {
  return InferConvolution(context, 0, 1, context.InputType(0));
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(
      const Convolution convolution,
      ResolveConvolution(context, context.Input(0).shape(), context.Input(1).shape()));
  ASSAY_RETURN_IF_ERROR(CheckFilterBias(context, 2, convolution.filters));
  const auto out = context.AllocateOutput(0, convolution.OutputShape()).mutable_data<double>();
  Convolve(convolution, context.Doubles(0).data(), context.Doubles(1).data(), out.data(),
           context.threads());
  if (context.HasInput(2)) {
    AddFilterBias(context.Doubles(2), convolution.batch, convolution.output_count(), out,
                  context.threads());
  }
  return OkStatus();
}

using Ints = std::vector<int64_t>;

void AddPaddingCases(std::vector<OpCase>& cases) {
  const Tensor row = Tensor::Of<float>({1, 1, 5}, {1, 2, 3, 4, 5});
  const Tensor pair = Tensor::Of<float>({1, 1, 2}, {1, 10});
  cases.push_back({.name = "same_upper_pads_the_end",
                   .attributes = {{"auto_pad", std::string("SAME_UPPER")}},
                   .inputs = {row, pair},
                   .expected = {Tensor::Of<float>({1, 1, 5}, {21, 32, 43, 54, 5})}});
  cases.push_back({.name = "same_lower_pads_the_begin",
                   .attributes = {{"auto_pad", std::string("SAME_LOWER")}},
                   .inputs = {row, pair},
                   .expected = {Tensor::Of<float>({1, 1, 5}, {10, 21, 32, 43, 54})}});
  cases.push_back({.name = "same_upper_with_stride",
                   .attributes = {{"auto_pad", std::string("SAME_UPPER")}, {"strides", Ints{2}}},
                   .inputs = {row, pair},
                   .expected = {Tensor::Of<float>({1, 1, 3}, {21, 43, 5})}});
  cases.push_back({.name = "valid_ignores_pads",
                   .attributes = {{"auto_pad", std::string("VALID")}, {"pads", Ints{1, 1}}},
                   .inputs = {row, pair},
                   .expected = {Tensor::Of<float>({1, 1, 4}, {21, 32, 43, 54})}});
  cases.push_back({.name = "asymmetric_pads",
                   .attributes = {{"pads", Ints{2, 0}}},
                   .inputs = {row, pair},
                   .expected = {Tensor::Of<float>({1, 1, 6}, {0, 10, 21, 32, 43, 54})}});
  cases.push_back({.name = "kernel_larger_than_the_input",
                   .attributes = {{"pads", Ints{2, 2}}},
                   .inputs = {Tensor::Of<float>({1, 1, 1}, {3}),
                              Tensor::Of<float>({1, 1, 4}, {1, 10, 100, 1000})},
                   .expected = {Tensor::Of<float>({1, 1, 2}, {300, 30})}});
}

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor square = Tensor::Of<float>({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  cases.push_back({.name = "plain",
                   .inputs = {square, Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4})},
                   .expected = {Tensor::Of<float>({1, 1, 2, 2}, {37, 47, 67, 77})}});
  cases.push_back({.name = "bias_and_pads",
                   .attributes = {{"pads", Ints{1, 1, 1, 1}}, {"kernel_shape", Ints{3, 3}}},
                   .inputs = {square, Tensor::Of<float>({1, 1, 3, 3}, {1, 1, 1, 1, 1, 1, 1, 1, 1}),
                              Tensor::Of<float>({1}, {0.5F})},
                   .expected = {Tensor::Of<float>({1, 1, 3, 3}, {12.5F, 21.5F, 16.5F, 27.5F, 45.5F,
                                                                 33.5F, 24.5F, 39.5F, 28.5F})}});
  cases.push_back({.name = "strides_and_dilations",
                   .attributes = {{"strides", Ints{2, 1}},
                                  {"dilations", Ints{1, 2}},
                                  {"pads", Ints{1, 0, 1, 0}}},
                   .inputs = {square, Tensor::Of<float>({1, 1, 2, 2}, {1, 10, 100, 1000})},
                   .expected = {Tensor::Of<float>({1, 1, 2, 1}, {3100, 9764})}});
  cases.push_back({.name = "groups",
                   .attributes = {{"group", int64_t{2}}},
                   .inputs = {Tensor::Of<float>({1, 4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}),
                              Tensor::Of<float>({2, 2, 1}, {1, 10, 100, 1000})},
                   .expected = {Tensor::Of<float>({1, 2, 2}, {31, 42, 7500, 8600})}});
  cases.push_back(
      {.name = "groups_with_several_filters",
       .attributes = {{"group", int64_t{2}}},
       .inputs = {Tensor::Of<float>({1, 2, 2}, {1, 2, 3, 4}),
                  Tensor::Of<float>({6, 1, 1}, {1, 2, 3, 4, 5, 6})},
       .expected = {Tensor::Of<float>({1, 6, 2}, {1, 2, 2, 4, 3, 6, 12, 16, 15, 20, 18, 24})}});
  cases.push_back({.name = "depthwise_multiplier",
                   .attributes = {{"group", int64_t{2}}, {"pads", Ints{1, 1}}},
                   .inputs = {Tensor::Of<float>({1, 2, 2}, {1, 2, 3, 4}),
                              Tensor::Of<float>({4, 1, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1})},
                   .expected = {Tensor::Of<float>({1, 4, 2}, {0, 1, 1, 2, 4, 0, 7, 7})}});
  cases.push_back(
      {.name = "volume",
       .inputs = {Tensor::Of<float>({1, 1, 2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}),
                  Tensor::Of<float>({1, 1, 2, 1, 2}, {1, 10, 100, 1000})},
       .expected = {Tensor::Of<float>({1, 1, 1, 2, 2}, {8721, 9832, 12054, 13165})}});
  cases.push_back(
      {.name = "empty_batch",
       .inputs = {Tensor::Of<float>({0, 1, 3}, {}), Tensor::Of<float>({1, 1, 2}, {1, 1})},
       .expected = {Tensor::Of<float>({0, 1, 2}, {})}});
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Of<double>({1, 1, 4}, {inf, 1, nan, 2}),
                              Tensor::Of<double>({3, 1, 1}, {1, -1, 0})},
                   .expected = {Tensor::Of<double>(
                       {1, 3, 4}, {inf, 1, nan, 2, -inf, -1, nan, -2, nan, 0, nan, 0})}});
  AddPaddingCases(cases);
}

}  // namespace

extern const OpDef kConv;
const OpDef kConv = {
    .name = "Conv", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
