#include "ops/arithmetic.h"
#include "ops/cases.h"
#include "ops/compensated_sum.h"
#include "ops/cumulative.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 11,
     .also_since = {14},
     .inputs = {{"x", kCumulativeTypes}, {"axis", kIndexTypes}},
     .outputs = {{"y", kCumulativeTypes}},
     .attributes = {IntAttribute("exclusive", 0), IntAttribute("reverse", 0)}},
};

// A running sum: compensated for doubles, wrapping for integers.
template <typename T>
class RunningSum {
 public:
  void Add(T x) { sum_ = WrappingAdd(sum_, x); }
  T value() const { return sum_; }

 private:
  T sum_ = 0;
};
template <>
class RunningSum<double> : public CompensatedSum {};

Status Reference(ReferenceContext& context) { return MapCumulative<RunningSum>(context); }

void Cases(std::vector<OpCase>& cases) {
  const Attribute exclusive{"exclusive", int64_t{1}};
  const Attribute reverse{"reverse", int64_t{1}};
  const Tensor matrix = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  cases.push_back({.name = "rows",
                   .inputs = {matrix, Tensor::Scalar<int32_t>(-1)},
                   .expected = {Tensor::Of<float>({2, 3}, {1, 3, 6, 4, 9, 15})}});
  cases.push_back({.name = "columns",
                   .inputs = {matrix, Tensor::Scalar<int64_t>(0)},
                   .expected = {Tensor::Of<float>({2, 3}, {1, 2, 3, 5, 7, 9})}});
  cases.push_back({.name = "exclusive",
                   .attributes = {exclusive},
                   .inputs = {matrix, Tensor::Scalar<int64_t>(1)},
                   .expected = {Tensor::Of<float>({2, 3}, {0, 1, 3, 0, 4, 9})}});
  cases.push_back({.name = "reverse",
                   .opset = 11,
                   .attributes = {reverse},
                   .inputs = {matrix, Tensor::Vector<int64_t>({1})},
                   .expected = {Tensor::Of<float>({2, 3}, {6, 5, 3, 15, 11, 6})}});
  cases.push_back({.name = "exclusive_reverse",
                   .attributes = {exclusive, reverse},
                   .inputs = {matrix, Tensor::Scalar<int64_t>(1)},
                   .expected = {Tensor::Of<float>({2, 3}, {5, 3, 0, 11, 6, 0})}});
  cases.push_back(
      {.name = "uint32_wraps",
       .inputs = {Tensor::Vector<uint32_t>({4294967295U, 2, 3}), Tensor::Scalar<int64_t>(0)},
       .expected = {Tensor::Vector<uint32_t>({4294967295U, 1, 4})}});
  cases.push_back(
      {.name = "cancellation",
       .inputs = {Tensor::Vector<double>({1, 1e100, 1, -1e100}), Tensor::Scalar<int64_t>(0)},
       .expected = {Tensor::Vector<double>({1, 1e100, 1e100, 2})}});
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Vector<double>({1, kInfinity, 2, -kInfinity}),
                              Tensor::Scalar<int64_t>(0)},
                   .expected = {Tensor::Vector<double>({1, kInfinity, kInfinity, kNaN})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0, 2}, {}), Tensor::Scalar<int64_t>(0)},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kCumSum;
const OpDef kCumSum = {.name = "CumSum",
                       .schemas = kSchemas,
                       .infer = InferCumulative,
                       .reference = Reference,
                       .cases = Cases};

}  // namespace assay
