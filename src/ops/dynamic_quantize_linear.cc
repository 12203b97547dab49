#include <algorithm>
#include <cmath>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/op_def.h"
#include "ops/quantization.h"
#include "ops/running_extreme.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 11,
     .inputs = {{"x", DTypeSet::Of(DType::kFloat32)}},
     .outputs = {{"y", DTypeSet::Of(DType::kUInt8)},
                 {"y_scale", DTypeSet::Of(DType::kFloat32)},
                 {"y_zero_point", DTypeSet::Of(DType::kUInt8)}}},
};

Status Infer(InferContext& context) {
  const SymbolicShape* shape = context.InputShape(0);
  context.SetOutput(0, DType::kUInt8, shape == nullptr ? std::nullopt : std::optional(*shape));
  context.SetOutput(1, DType::kFloat32, SymbolicShape{});
  context.SetOutput(2, DType::kUInt8, SymbolicShape{});
  return OkStatus();
}

// NaN, as of 0 / 0 for an input of zeros, gives 0.
uint8_t ToByte(double x) {
  return std::isnan(x) ? 0 : static_cast<uint8_t>(std::clamp(x, 0.0, 255.0));
}

// The scale stays exact where it is an output; the steps of both quantisations are those of
// float32, the only type that the operator has.
Status Reference(ReferenceContext& context) {
  const std::span<const double> x = context.Doubles(0);
  double least = 0;
  double most = 0;
  for (double value : x) {
    if (IsBelow(value, least)) least = value;
    if (IsAbove(value, most)) most = value;
  }
  const double scale = (most - least) / 255;
  const double step = RoundToDType(DType::kFloat32, scale);
  const uint8_t zero_point =
      ToByte(std::nearbyint(std::clamp(StepsOf(-least, step, DType::kFloat32), 0.0, 255.0)));
  const std::span<uint8_t> y =
      context.AllocateOutput(0, context.Input(0).shape()).mutable_data<uint8_t>();
  context.threads().ParallelFor(
      static_cast<int64_t>(x.size()), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
          y[i] = ToByte(std::nearbyint(StepsOf(x[i], step, DType::kFloat32)) + zero_point);
        }
      });
  context.SetOutput(1, Tensor::Scalar(scale));
  context.SetOutput(2, Tensor::Scalar(zero_point));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const auto scale = [](double value) { return Tensor::Scalar<double>(value); };
  cases.push_back({.name = "both_signs",
                   .inputs = {Tensor::Of<float>({2, 3}, {-51, 0, 204, 1, -2.5F, 100})},
                   .output_types = {DType::kUInt8, DType::kFloat32, DType::kUInt8},
                   .expected = {Tensor::Of<uint8_t>({2, 3}, {0, 51, 255, 52, 49, 151}), scale(1),
                                Tensor::Scalar<uint8_t>(51)}});
  cases.push_back({.name = "positive_range_reaches_down_to_zero",
                   .inputs = {Tensor::Vector<float>({127.5F, 63.75F, 1})},
                   .expected = {Tensor::Vector<uint8_t>({255, 128, 2}), scale(0.5),
                                Tensor::Scalar<uint8_t>(0)}});
  cases.push_back(
      {.name = "negative_range_reaches_up_to_zero",
       .inputs = {Tensor::Vector<float>({-510, -1})},
       .expected = {Tensor::Vector<uint8_t>({0, 255}), scale(2), Tensor::Scalar<uint8_t>(255)}});
  // 2.5 and 0.5 are 127.5 and 25.5 steps of 5 / 255; in float32 the first is less and the other is
  // still a tie.
  cases.push_back({.name = "ties_are_those_of_float32",
                   .inputs = {Tensor::Vector<float>({0, 2, -3, -2.5F, 1.34F, 0.5F})},
                   .output_types = {DType::kUInt8, DType::kFloat32, DType::kUInt8},
                   .expected = {Tensor::Vector<uint8_t>({153, 255, 0, 26, 221, 179}),
                                scale(5.0 / 255), Tensor::Scalar<uint8_t>(153)}});
  cases.push_back(
      {.name = "zeros",
       .inputs = {Tensor::Vector<float>({0, 0})},
       .expected = {Tensor::Vector<uint8_t>({0, 0}), scale(0), Tensor::Scalar<uint8_t>(0)}});
}

}  // namespace

extern const OpDef kDynamicQuantizeLinear;
const OpDef kDynamicQuantizeLinear = {.name = "DynamicQuantizeLinear",
                                      .schemas = kSchemas,
                                      .infer = Infer,
                                      .reference = Reference,
                                      .cases = Cases};

}  // namespace assay
