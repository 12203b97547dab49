#include "ops/convolution.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/transposed_convolution.h"
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
                    OptionalAttribute("output_padding", AttributeKind::kInts),
                    OptionalAttribute("output_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
};

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(
      const TransposedConvolution convolution,
      ResolveTransposedConvolution(context, context.Input(0).shape(), context.Input(1).shape()));
  ASSAY_RETURN_IF_ERROR(CheckFilterBias(context, 2, convolution.filters));
  const auto out = context.AllocateOutput(0, convolution.OutputShape()).mutable_data<double>();
  ConvolveTransposed(convolution, context.Doubles(0).data(), context.Doubles(1).data(), out.data(),
                     context.threads());
  if (context.HasInput(2)) {
    AddFilterBias(context.Doubles(2), convolution.batch, convolution.output_count(), out,
                  context.threads());
  }
  return OkStatus();
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const Tensor square = Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4});
  const Tensor kernel = Tensor::Of<float>({1, 1, 2, 2}, {1, 10, 100, 1000});
  const Tensor row = Tensor::Of<float>({1, 1, 3}, {1, 2, 3});
  const Tensor triple = Tensor::Of<float>({1, 1, 3}, {1, 10, 100});
  cases.push_back({.name = "overlapping_windows",
                   .inputs = {square, kernel},
                   .expected = {Tensor::Of<float>({1, 1, 3, 3},
                                                  {1, 12, 20, 103, 1234, 2040, 300, 3400, 4000})}});
  cases.push_back(
      {.name = "strides_and_bias",
       .attributes = {{"strides", Ints{2, 2}}, {"kernel_shape", Ints{2, 2}}},
       .inputs = {square, kernel, Tensor::Of<float>({1}, {0.5F})},
       .expected = {Tensor::Of<float>(
           {1, 1, 4, 4}, {1.5F, 10.5F, 2.5F, 20.5F, 100.5F, 1000.5F, 200.5F, 2000.5F, 3.5F, 30.5F,
                          4.5F, 40.5F, 300.5F, 3000.5F, 400.5F, 4000.5F})}});
  cases.push_back({.name = "pads_cut_the_output",
                   .attributes = {{"pads", Ints{1, 0}}},
                   .inputs = {row, triple},
                   .expected = {Tensor::Of<float>({1, 1, 4}, {12, 123, 230, 300})}});
  cases.push_back({.name = "dilations",
                   .attributes = {{"dilations", Ints{2}}},
                   .inputs = {row, Tensor::Of<float>({1, 1, 2}, {1, 10})},
                   .expected = {Tensor::Of<float>({1, 1, 5}, {1, 2, 13, 20, 30})}});
  cases.push_back(
      {.name = "output_padding",
       .attributes = {{"strides", Ints{3}}, {"output_padding", Ints{2}}},
       .inputs = {Tensor::Of<float>({1, 1, 2}, {1, 2}), Tensor::Of<float>({1, 1, 2}, {1, 10})},
       .expected = {Tensor::Of<float>({1, 1, 7}, {1, 10, 0, 2, 20, 0, 0})}});
  cases.push_back({.name = "output_shape_cuts_the_begin_first",
                   .attributes = {{"output_shape", Ints{4}}},
                   .inputs = {row, triple},
                   .expected = {Tensor::Of<float>({1, 1, 4}, {12, 123, 230, 300})}});
  cases.push_back({.name = "same_upper",
                   .attributes = {{"auto_pad", std::string("SAME_UPPER")}, {"strides", Ints{2}}},
                   .inputs = {row, triple},
                   .expected = {Tensor::Of<float>({1, 1, 6}, {1, 10, 102, 20, 203, 30})}});
  cases.push_back({.name = "same_lower",
                   .attributes = {{"auto_pad", std::string("SAME_LOWER")}, {"strides", Ints{2}}},
                   .inputs = {row, triple},
                   .expected = {Tensor::Of<float>({1, 1, 6}, {10, 102, 20, 203, 30, 300})}});
  cases.push_back({.name = "groups",
                   .attributes = {{"group", int64_t{2}}},
                   .inputs = {Tensor::Of<float>({1, 4, 1}, {1, 2, 3, 4}),
                              Tensor::Of<float>({4, 2, 1}, {1, 10, 2, 20, 3, 30, 4, 40})},
                   .expected = {Tensor::Of<float>({1, 4, 1}, {5, 50, 25, 250})}});
  cases.push_back({.name = "volume",
                   .attributes = {{"strides", Ints{1, 2, 1}}},
                   .inputs = {Tensor::Of<float>({1, 1, 1, 2, 1}, {1, 2}),
                              Tensor::Of<float>({1, 1, 2, 1, 2}, {1, 10, 100, 1000})},
                   .expected = {Tensor::Of<float>(
                       {1, 1, 2, 3, 2}, {1, 10, 0, 0, 2, 20, 100, 1000, 0, 0, 200, 2000})}});
  cases.push_back({.name = "empty_batch",
                   .inputs = {Tensor::Of<float>({0, 1, 3}, {}), triple},
                   .expected = {Tensor::Of<float>({0, 1, 5}, {})}});
}

}  // namespace

extern const OpDef kConvTranspose;
const OpDef kConvTranspose = {.name = "ConvTranspose",
                              .schemas = kSchemas,
                              .infer = InferTransposedConvolution,
                              .reference = Reference,
                              .cases = Cases};

}  // namespace assay
