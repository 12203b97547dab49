#include "ops/cases.h"
#include "ops/op_def.h"
#include "ops/softmax_lines.h"

namespace assay {
namespace {

constexpr auto kSchemas = SoftmaxSchemas();

Status Reference(ReferenceContext& context) { return MapSoftmaxLines(context, SoftmaxOfLine); }

void Cases(std::vector<OpCase>& cases) {
  const Tensor input =
      Tensor::Of<double>({2, 3, 2}, {1, -2, 0.5, 3, 0, 3, -1.5, 2.25, 0.75, -0.25, 4, 1});
  cases.push_back({.name = "last_axis",
                   .inputs = {input},
                   .expected = {Tensor::Of<double>(
                       {2, 3, 2}, {0.9525741268224333, 0.04742587317756678, 0.07585818002124355,
                                   0.9241418199787564, 0.04742587317756678, 0.9525741268224333,
                                   0.022977369910025615, 0.9770226300899744, 0.7310585786300049,
                                   0.2689414213699951, 0.9525741268224333, 0.04742587317756678})}});
  cases.push_back(
      {.name = "axis_0",
       .attributes = {{"axis", int64_t{0}}},
       .inputs = {input},
       .expected = {Tensor::Of<double>(
           {2, 3, 2},
           {0.9241418199787564, 0.014063627043245474, 0.4378234991142019, 0.9626731126558705,
            0.01798620996209156, 0.8807970779778824, 0.07585818002124355, 0.9859363729567545,
            0.5621765008857981, 0.03732688734412946, 0.9820137900379085, 0.11920292202211756})}});
  cases.push_back(
      {.name = "axis_minus_2",
       .attributes = {{"axis", int64_t{-2}}},
       .inputs = {input},
       .expected = {Tensor::Of<double>(
           {2, 3, 2}, {0.506480391055654, 0.0033576616265026146, 0.3071958857184984,
                       0.4983211691867487, 0.1863237232258476, 0.4983211691867487,
                       0.003918807510972428, 0.7306791292026887, 0.037180610457644064,
                       0.059977795315114275, 0.9589005820313835, 0.20934307548219694})}});
  cases.push_back(
      {.name = "opset_11_flattens_from_axis_1",
       .opset = 11,
       .inputs = {input},
       .expected = {Tensor::Of<double>(
           {2, 3, 2},
           {0.05951562836697175, 0.0029631086584628054, 0.0360980533366313, 0.43976431676666267,
            0.02189457610460881, 0.43976431676666267, 0.003191079406255082, 0.13568814910208402,
            0.03027611843939203, 0.01113796153232394, 0.7808313859251171, 0.03887530559482776})}});
  cases.push_back({.name = "opset_11_flattens_from_axis_0",
                   .opset = 11,
                   .attributes = {{"axis", int64_t{-3}}},
                   .inputs = {input},
                   .expected = {Tensor::Of<double>(
                       {2, 3, 2}, {0.02351525844172311, 0.0011707557797260581, 0.014262725215971389,
                                   0.1737555638067446, 0.008650780134543139, 0.1737555638067446,
                                   0.001930249956829466, 0.08207631669496336, 0.01831370168854042,
                                   0.00673723434296075, 0.47231659168953, 0.02351525844172311})}});
  cases.push_back({.name = "opset_1",
                   .opset = 1,
                   .attributes = {{"axis", int64_t{2}}},
                   .inputs = {input},
                   .expected = {Tensor::Of<double>(
                       {2, 3, 2}, {0.9525741268224333, 0.04742587317756678, 0.07585818002124355,
                                   0.9241418199787564, 0.04742587317756678, 0.9525741268224333,
                                   0.022977369910025615, 0.9770226300899744, 0.7310585786300049,
                                   0.2689414213699951, 0.9525741268224333, 0.04742587317756678})}});
  cases.push_back({.name = "empty_line",
                   .inputs = {Tensor::Of<float>({2, 0}, {})},
                   .expected = {Tensor::Of<float>({2, 0}, {})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0, 2}, {})},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
  cases.push_back({.name = "large_values",
                   .inputs = {Tensor::Of<double>({3}, {1000, 1001, 998.5})},
                   .expected = {Tensor::Of<double>(
                       {3}, {0.2537161816350252, 0.6896720861245035, 0.05661173224047128})}});
  cases.push_back(
      {.name = "special_values",
       .inputs = {Tensor::Of<double>(
           {4, 2}, {-kInfinity, 0, kNaN, 0, kInfinity, 0, -kInfinity, -kInfinity})},
       .expected = {Tensor::Of<double>({4, 2}, {0, 1, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN})}});
  cases.push_back({.name = "tail",
                   .inputs = {Tensor::Of<double>({2}, {0, -700})},
                   .expected = {Tensor::Of<double>({2}, {1, 9.85967654375977e-305})}});
}

}  // namespace

extern const OpDef kSoftmax;
const OpDef kSoftmax = {.name = "Softmax",
                        .schemas = kSchemas,
                        .infer = InferSoftmax,
                        .reference = Reference,
                        .cases = Cases};

}  // namespace assay
