#include <cmath>
#include <type_traits>
#include <vector>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/ml_features.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFeatureTypes}},
     .outputs = {{"Y", kFeatureTypes}},
     .attributes = {FloatAttribute("threshold", 0)}},
};

// x > threshold without rounding an integer.
bool IsAbove(double x, double threshold) { return x > threshold; }
bool IsAbove(int64_t x, double threshold) {
  constexpr double kLimit = 0x1p63;
  if (!(threshold < kLimit)) return false;
  return threshold < -kLimit || x > static_cast<int64_t>(std::floor(threshold));
}

Status Reference(ReferenceContext& context) {
  const double threshold = context.Float("threshold");
  return MapNumeric(context, [threshold](auto x) {
    using Wide = std::conditional_t<std::is_integral_v<decltype(x)>, int64_t, double>;
    return IsAbove(static_cast<Wide>(x), threshold) ? 1 : 0;
  });
}

void Cases(std::vector<OpCase>& cases) {
  const auto threshold = [](float value) { return Attribute{"threshold", value}; };
  cases.push_back({.name = "default_threshold",
                   .inputs = {Tensor::Of<double>(
                       {2, 4}, {0, -0.0, 5e-324, -1, 2, kNaN, kInfinity, -kInfinity})},
                   .expected = {Tensor::Of<double>({2, 4}, {0, 0, 1, 0, 1, 0, 1, 0})}});
  cases.push_back({.name = "threshold",
                   .attributes = {threshold(1.5F)},
                   .inputs = {Tensor::Vector<float>({1.5F, 1.75F, -2})},
                   .expected = {Tensor::Vector<float>({0, 1, 0})}});
  cases.push_back({.name = "integers",
                   .attributes = {threshold(-1.5F)},
                   .inputs = {Tensor::Vector<int32_t>({-2, -1, 0})},
                   .expected = {Tensor::Vector<int32_t>({0, 1, 1})}});
  cases.push_back({.name = "int64_beyond_double",
                   .attributes = {threshold(0x1p53F)},
                   .inputs = {Tensor::Vector<int64_t>({int64_t{1} << 53, (int64_t{1} << 53) + 1})},
                   .expected = {Tensor::Vector<int64_t>({0, 1})}});
  cases.push_back({.name = "threshold_beyond_int64",
                   .attributes = {threshold(-1e30F)},
                   .inputs = {Tensor::Vector<int64_t>({INT64_MIN, 3})},
                   .expected = {Tensor::Vector<int64_t>({1, 1})}});
  cases.push_back({.name = "not_a_number",
                   .attributes = {threshold(static_cast<float>(kNaN))},
                   .inputs = {Tensor::Vector<int64_t>({INT64_MAX})},
                   .expected = {Tensor::Vector<int64_t>({0})}});
}

}  // namespace

extern const OpDef kMlBinarizer;
const OpDef kMlBinarizer = {.name = "Binarizer",
                            .domain = kMlDomain,
                            .schemas = kSchemas,
                            .infer = InferSameAsInput,
                            .reference = Reference,
                            .cases = Cases};

}  // namespace assay
