#include <limits>

#include "ops/arg_extreme.h"

namespace assay {
namespace {

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor data = Tensor::Of<float>({2, 3}, {2, 1, 2, 3, 10, 3});
  cases.push_back({.name = "first_of_ties_opset1",
                   .opset = 1,
                   .attributes = {{"axis", int64_t{1}}},
                   .inputs = {data},
                   .expected = {Tensor::Of<int64_t>({2, 1}, {1, 0})}});
  cases.push_back({.name = "last_of_ties",
                   .attributes = {{"axis", int64_t{-1}},
                                  {"keepdims", int64_t{0}},
                                  {"select_last_index", int64_t{1}}},
                   .inputs = {data},
                   .expected = {Tensor::Of<int64_t>({2}, {1, 2})}});
  cases.push_back({.name = "outer_axis",
                   .inputs = {data},
                   .expected = {Tensor::Of<int64_t>({1, 3}, {0, 0, 0})}});
  cases.push_back(
      {.name = "special_values",
       .attributes = {{"axis", int64_t{1}}, {"keepdims", int64_t{0}}},
       .inputs = {Tensor::Of<double>({3, 3}, {inf, nan, nan, 1, inf, -inf, -0.0, 0.0, -0.0})},
       .expected = {Tensor::Of<int64_t>({3}, {1, 2, 0})}});
  cases.push_back({.name = "int64_beyond_float64",
                   .inputs = {Tensor::Vector<int64_t>({9007199254740992, 9007199254740993})},
                   .expected = {Tensor::Vector<int64_t>({0})}});
  cases.push_back({.name = "uint8",
                   .inputs = {Tensor::Vector<uint8_t>({3, 200, 1})},
                   .expected = {Tensor::Vector<int64_t>({2})}});
  cases.push_back({.name = "empty_batch",
                   .attributes = {{"axis", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({0, 3}, {})},
                   .expected = {Tensor::Of<int64_t>({0, 1}, {})}});
}

}  // namespace

extern const OpDef kArgMin;
const OpDef kArgMin = {.name = "ArgMin",
                       .schemas = kArgExtremeSchemas,
                       .infer = InferArgExtreme,
                       .reference = ArgMinReference,
                       .cases = Cases};

}  // namespace assay
