#include "ops/cases.h"
#include "ops/op_def.h"
#include "ops/softmax_lines.h"

namespace assay {
namespace {

constexpr auto kSchemas = SoftmaxSchemas();

Status Reference(ReferenceContext& context) { return MapSoftmaxLines(context, LogSoftmaxOfLine); }

void Cases(std::vector<OpCase>& cases) {
  const Tensor input =
      Tensor::Of<double>({2, 3, 2}, {1, -2, 0.5, 3, 0, 3, -1.5, 2.25, 0.75, -0.25, 4, 1});
  cases.push_back(
      {.name = "last_axis",
       .inputs = {input},
       .expected = {Tensor::Of<double>(
           {2, 3, 2},
           {-0.04858735157374206, -3.048587351573742, -2.5788897342925496, -0.07888973429254963,
            -3.048587351573742, -0.04858735157374206, -3.773245464372425, -0.02324546437242503,
            -0.3132616875182228, -1.3132616875182228, -0.04858735157374206, -3.048587351573742})}});
  cases.push_back(
      {.name = "axis_0",
       .attributes = {{"axis", int64_t{0}}},
       .inputs = {input},
       .expected = {Tensor::Of<double>(
           {2, 3, 2},
           {-0.07888973429254963, -4.264163456931505, -0.8259394198788436, -0.038041371687783126,
            -4.0181499279178094, -0.1269280110429725, -2.5788897342925496, -0.014163456931504975,
            -0.5759394198788436, -3.288041371687783, -0.01814992791780974, -2.1269280110429727})}});
  cases.push_back(
      {.name = "axis_minus_2",
       .attributes = {{"axis", int64_t{-2}}},
       .inputs = {input},
       .expected = {Tensor::Of<double>(
           {2, 3, 2},
           {-0.6802696706417346, -5.696510491782079, -1.1802696706417346, -0.6965104917820788,
            -1.6802696706417346, -0.6965104917820788, -5.541967877844499, -0.31378086333725796,
            -3.291967877844499, -2.813780863337258, -0.04196787784449877, -1.5637808633372579})}});
  cases.push_back(
      {.name = "opset_11_flattens_from_axis_1",
       .opset = 11,
       .inputs = {input},
       .expected = {Tensor::Of<double>(
           {2, 3, 2},
           {-2.821516339290302, -5.821516339290302, -3.321516339290302, -0.8215163392903022,
            -3.821516339290302, -0.8215163392903022, -5.747396047553436, -1.9973960475534362,
            -3.4973960475534365, -4.497396047553436, -0.2473960475534363, -3.2473960475534365})}});
  cases.push_back(
      {.name = "opset_11_flattens_from_axis_0",
       .opset = 11,
       .attributes = {{"axis", int64_t{-3}}},
       .inputs = {input},
       .expected = {Tensor::Of<double>(
           {2, 3, 2},
           {-3.7501057731406044, -6.7501057731406044, -4.2501057731406044, -1.7501057731406044,
            -4.7501057731406044, -1.7501057731406044, -6.2501057731406044, -2.5001057731406044,
            -4.0001057731406044, -5.0001057731406044, -0.7501057731406046, -3.7501057731406044})}});
  cases.push_back(
      {.name = "opset_1",
       .opset = 1,
       .attributes = {{"axis", int64_t{2}}},
       .inputs = {input},
       .expected = {Tensor::Of<double>(
           {2, 3, 2},
           {-0.04858735157374206, -3.048587351573742, -2.5788897342925496, -0.07888973429254963,
            -3.048587351573742, -0.04858735157374206, -3.773245464372425, -0.02324546437242503,
            -0.3132616875182228, -1.3132616875182228, -0.04858735157374206, -3.048587351573742})}});
  cases.push_back({.name = "empty_line",
                   .inputs = {Tensor::Of<float>({2, 0}, {})},
                   .expected = {Tensor::Of<float>({2, 0}, {})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
  cases.push_back({.name = "large_values",
                   .inputs = {Tensor::Of<double>({3}, {1000, 1001, 998.5})},
                   .expected = {Tensor::Of<double>(
                       {3}, {-1.371539031852683, -0.3715390318526829, -2.871539031852683})}});
  cases.push_back({.name = "confident",
                   .inputs = {Tensor::Of<double>({2}, {40, 0})},
                   .expected = {Tensor::Of<double>({2}, {-4.248354255291589e-18, -40})}});
  cases.push_back({.name = "confident_alone",
                   .inputs = {Tensor::Of<double>({1, 2}, {100, 0})},
                   .expected = {Tensor::Of<double>({1, 2}, {-3.720075976020836e-44, -100})}});
  cases.push_back(
      {.name = "special_values",
       .inputs = {Tensor::Of<double>({3, 2}, {-kInfinity, 0, kNaN, 0, -kInfinity, -kInfinity})},
       .expected = {Tensor::Of<double>({3, 2}, {-kInfinity, 0, kNaN, kNaN, kNaN, kNaN})}});
}

}  // namespace

extern const OpDef kLogSoftmax;
const OpDef kLogSoftmax = {.name = "LogSoftmax",
                           .schemas = kSchemas,
                           .infer = InferSoftmax,
                           .reference = Reference,
                           .cases = Cases};

}  // namespace assay
