#include "ops/cases.h"
#include "ops/op_def.h"
#include "ops/softmax_lines.h"

namespace assay {
namespace {

constexpr auto kSchemas = SoftmaxSchemas();

Status Reference(ReferenceContext& context) {
  return MapSoftmaxLines(context, [](const double* in, double* out, const AxisLines& lines) {
    const int64_t first = LargestOfLine(in, lines);
    for (int64_t i = 0; i < lines.length; ++i) out[i * lines.inner] = i == first ? 1 : 0;
  });
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input =
      Tensor::Of<double>({2, 3, 2}, {1, -2, 0.5, 3, 0, 3, -1.5, 2.25, 0.75, -0.25, 4, 1});
  cases.push_back(
      {.name = "last_axis",
       .inputs = {input},
       .expected = {Tensor::Of<double>({2, 3, 2}, {1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0})}});
  cases.push_back(
      {.name = "axis_0",
       .attributes = {{"axis", int64_t{0}}},
       .inputs = {input},
       .expected = {Tensor::Of<double>({2, 3, 2}, {1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0})}});
  cases.push_back(
      {.name = "axis_minus_2",
       .attributes = {{"axis", int64_t{-2}}},
       .inputs = {input},
       .expected = {Tensor::Of<double>({2, 3, 2}, {1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0})}});
  cases.push_back(
      {.name = "opset_11_flattens_from_axis_1",
       .opset = 11,
       .inputs = {input},
       .expected = {Tensor::Of<double>({2, 3, 2}, {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0})}});
  cases.push_back(
      {.name = "opset_11_flattens_from_axis_0",
       .opset = 11,
       .attributes = {{"axis", int64_t{-3}}},
       .inputs = {input},
       .expected = {Tensor::Of<double>({2, 3, 2}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0})}});
  cases.push_back(
      {.name = "opset_1",
       .opset = 1,
       .attributes = {{"axis", int64_t{2}}},
       .inputs = {input},
       .expected = {Tensor::Of<double>({2, 3, 2}, {1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0})}});
  cases.push_back({.name = "empty_line",
                   .inputs = {Tensor::Of<float>({2, 0}, {})},
                   .expected = {Tensor::Of<float>({2, 0}, {})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
  cases.push_back({.name = "first_of_equal",
                   .inputs = {Tensor::Of<double>({4}, {3, 1, 3, 3})},
                   .expected = {Tensor::Of<double>({4}, {1, 0, 0, 0})}});
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Of<double>({2, 3}, {-kInfinity, kInfinity, 0, 0, kNaN, 5})},
                   .expected = {Tensor::Of<double>({2, 3}, {0, 1, 0, 0, 1, 0})}});
}

}  // namespace

extern const OpDef kHardmax;
const OpDef kHardmax = {.name = "Hardmax",
                        .schemas = kSchemas,
                        .infer = InferSoftmax,
                        .reference = Reference,
                        .cases = Cases};

}  // namespace assay
