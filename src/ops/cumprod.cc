#include "ops/arithmetic.h"
#include "ops/cases.h"
#include "ops/cumulative.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 26,
     .inputs = {{"x", kCumulativeTypes}, {"axis", kIndexTypes}},
     .outputs = {{"y", kCumulativeTypes}},
     .attributes = {IntAttribute("exclusive", 0), IntAttribute("reverse", 0)}},
};

template <typename T>
class RunningProduct {
 public:
  void Add(T x) { product_ = WrappingMultiply(product_, x); }
  T value() const { return product_; }

 private:
  T product_ = 1;
};

Status Reference(ReferenceContext& context) { return MapCumulative<RunningProduct>(context); }

void Cases(std::vector<OpCase>& cases) {
  const Attribute exclusive{"exclusive", int64_t{1}};
  const Attribute reverse{"reverse", int64_t{1}};
  const Tensor matrix = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  cases.push_back({.name = "rows",
                   .inputs = {matrix, Tensor::Scalar<int32_t>(-1)},
                   .expected = {Tensor::Of<float>({2, 3}, {1, 2, 6, 4, 20, 120})}});
  cases.push_back({.name = "columns",
                   .inputs = {matrix, Tensor::Scalar<int64_t>(0)},
                   .expected = {Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 10, 18})}});
  cases.push_back({.name = "exclusive",
                   .attributes = {exclusive},
                   .inputs = {matrix, Tensor::Scalar<int64_t>(1)},
                   .expected = {Tensor::Of<float>({2, 3}, {1, 1, 2, 1, 4, 20})}});
  cases.push_back({.name = "reverse",
                   .attributes = {reverse},
                   .inputs = {matrix, Tensor::Vector<int64_t>({1})},
                   .expected = {Tensor::Of<float>({2, 3}, {6, 6, 3, 120, 30, 6})}});
  cases.push_back({.name = "exclusive_reverse",
                   .attributes = {exclusive, reverse},
                   .inputs = {matrix, Tensor::Scalar<int64_t>(1)},
                   .expected = {Tensor::Of<float>({2, 3}, {6, 3, 1, 30, 6, 1})}});
  cases.push_back(
      {.name = "uint32_wraps",
       .inputs = {Tensor::Vector<uint32_t>({65536, 65537, 3}), Tensor::Scalar<int64_t>(0)},
       .expected = {Tensor::Vector<uint32_t>({65536, 65536, 196608})}});
  cases.push_back({.name = "int64_wraps",
                   .inputs = {Tensor::Vector<int64_t>({INT64_MIN, -1}), Tensor::Scalar<int64_t>(0)},
                   .expected = {Tensor::Vector<int64_t>({INT64_MIN, INT64_MIN})}});
  cases.push_back(
      {.name = "special_values",
       .inputs = {Tensor::Vector<double>({-1, kInfinity, 2, 0, 1}), Tensor::Scalar<int64_t>(0)},
       .expected = {Tensor::Vector<double>({-1, -kInfinity, -kInfinity, kNaN, kNaN})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0, 2}, {}), Tensor::Scalar<int64_t>(0)},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kCumProd;
const OpDef kCumProd = {.name = "CumProd",
                        .schemas = kSchemas,
                        .infer = InferCumulative,
                        .reference = Reference,
                        .cases = Cases};

}  // namespace assay
