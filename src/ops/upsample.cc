#include <fmt/format.h>

#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/resampling.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kAllTypes}},
     .outputs = {{"Y", kAllTypes}},
     .attributes = {RequiredAttribute("height_scale", AttributeKind::kFloat),
                    StringAttribute("mode", "nearest"),
                    RequiredAttribute("width_scale", AttributeKind::kFloat)}},
    {.since = 7,
     .inputs = {{"X", kAllTypes}},
     .outputs = {{"Y", kAllTypes}},
     .attributes = {StringAttribute("mode", "nearest"),
                    RequiredAttribute("scales", AttributeKind::kFloats)}},
    {.since = 9,
     .inputs = {{"X", kAllTypes}, {"scales", DTypeSet::Of(DType::kFloat32)}},
     .outputs = {{"Y", kAllTypes}},
     .attributes = {StringAttribute("mode", "nearest")}},
};

std::vector<float> AttributeScales(const OpContext& context) {
  if (context.opset() >= 7) return context.Floats("scales");
  return {1, 1, context.Float("height_scale"), context.Float("width_scale")};
}

Status CheckUpsampleScales(const std::vector<float>& scales, size_t rank) {
  if (scales.size() != rank) {
    return OpContext::Invalid(
        fmt::format("scales: expected {} values, got {}", rank, scales.size()));
  }
  return CheckScales(scales);
}

Status Infer(InferContext& context) {
  const SymbolicShape* shape = context.InputShape(0);
  std::optional<SymbolicShape> output;
  if (shape != nullptr) {
    output = SymbolicShape(shape->size());
    std::vector<float> scales;
    if (!context.HasInput(1)) {
      scales = AttributeScales(context);
    } else if (const Tensor* constant = context.ConstantInput(1)) {
      ASSAY_ASSIGN_OR_RETURN(const Tensor values, ConvertTensor(*constant, DType::kFloat32));
      scales.assign(values.data<float>().begin(), values.data<float>().end());
    }
    if (!context.HasInput(1) || context.ConstantInput(1) != nullptr) {
      ASSAY_RETURN_IF_ERROR(CheckUpsampleScales(scales, shape->size()));
      for (size_t i = 0; i < scales.size(); ++i) {
        (*output)[i] = ScaledExtent((*shape)[i], scales[i]);
      }
    }
  }
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  ResampleOptions options = {.coordinates = CoordinateMode::kAsymmetric,
                             .nearest = NearestMode::kCeilWhenShrinking};
  ASSAY_ASSIGN_OR_RETURN(options.interpolation, ParseInterpolation(context.String("mode")));
  std::vector<float> scales;
  if (context.HasInput(1)) {
    scales.assign(context.Doubles(1).begin(), context.Doubles(1).end());
  } else {
    scales = AttributeScales(context);
  }
  ASSAY_RETURN_IF_ERROR(CheckUpsampleScales(scales, shape.dims().size()));
  std::vector<ResampleAxis> axes;
  for (size_t i = 0; i < scales.size(); ++i) {
    axes.push_back({.input = shape.dims()[i],
                    .output = ScaledExtent(shape.dims()[i], scales[i]).value(),
                    .scale_numerator = scales[i]});
  }
  ASSAY_ASSIGN_OR_RETURN(Tensor result,
                         Resample(context.Input(0), axes, options, context.threads()));
  context.SetOutput(0, std::move(result));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor square = Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4});
  const Tensor doubled =
      Tensor::Of<float>({1, 1, 4, 4}, {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4});
  cases.push_back({.name = "nearest_opset1",
                   .opset = 1,
                   .attributes = {{"height_scale", 2.0F}, {"width_scale", 2.0F}},
                   .inputs = {square},
                   .expected = {doubled}});
  cases.push_back({.name = "nearest_opset7",
                   .opset = 7,
                   .attributes = {{"scales", std::vector<float>{1, 1, 2, 2}}},
                   .inputs = {square},
                   .expected = {doubled}});
  cases.push_back(
      {.name = "nearest_strings",
       .inputs = {Tensor::Of<std::string>({2}, {"a", "b"}), Tensor::Vector<float>({2.5F})},
       .expected = {Tensor::Of<std::string>({5}, {"a", "a", "a", "b", "b"})}});
  cases.push_back({.name = "linear",
                   .attributes = {{"mode", std::string("linear")}},
                   .inputs = {Tensor::Of<float>({1, 2}, {1, 3}), Tensor::Vector<float>({1, 2})},
                   .expected = {Tensor::Of<float>({1, 4}, {1, 2, 3, 3})}});
  cases.push_back(
      {.name = "integers",
       .inputs = {Tensor::Of<int64_t>({2}, {9007199254740993, -1}), Tensor::Vector<float>({2})},
       .expected = {Tensor::Of<int64_t>({4}, {9007199254740993, 9007199254740993, -1, -1})}});
}

}  // namespace

extern const OpDef kUpsample;
const OpDef kUpsample = {.name = "Upsample",
                         .schemas = kSchemas,
                         .infer = Infer,
                         .reference = Reference,
                         .cases = Cases};

}  // namespace assay
