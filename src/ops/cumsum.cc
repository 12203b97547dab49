#include <fmt/format.h>

#include <type_traits>

#include "ops/arithmetic.h"
#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/compensated_sum.h"
#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"
#include "tensor/dispatch.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes =
    kFloats | DTypeSet::Of(DType::kInt32, DType::kInt64, DType::kUInt32, DType::kUInt64);

constexpr OpSchema kSchemas[] = {
    {.since = 11,
     .also_since = {14},
     .inputs = {{"x", kTypes}, {"axis", kIndexTypes}},
     .outputs = {{"y", kTypes}},
     .attributes = {IntAttribute("exclusive", 0), IntAttribute("reverse", 0)}},
};

Status Infer(InferContext& context) {
  context.CopyInput(0, 0);
  const auto axis = context.ConstantInts(1);
  const auto rank = context.InputRank(0);
  if (!axis || !rank || axis->size() != 1) return OkStatus();
  return CheckedAxis((*axis)[0], *rank).status();
}

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

template <typename T>
void SumLine(const T* in, T* out, const AxisLines& lines, bool exclusive, bool reverse) {
  RunningSum<T> sum;
  for (int64_t i = 0; i < lines.length; ++i) {
    const int64_t at = (reverse ? lines.length - 1 - i : i) * lines.inner;
    if (exclusive) out[at] = sum.value();
    sum.Add(in[at]);
    if (!exclusive) out[at] = sum.value();
  }
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  const std::vector<int64_t> axis = context.IntValues(1);
  if (axis.size() != 1) {
    return OpContext::Invalid(fmt::format("shape of axis: expected a scalar, got {}",
                                          context.Input(1).shape().ToString()));
  }
  ASSAY_ASSIGN_OR_RETURN(const int along, CheckedAxis(axis[0], input.shape().rank()));
  const AxisLines lines = LinesAlong(input.shape(), along);
  const bool exclusive = context.Int("exclusive") != 0;
  const bool reverse = context.Int("reverse") != 0;
  const bool known = DispatchReferenceNumeric(input.dtype(), [&]<typename T>() {
    const T* in = input.data<T>().data();
    T* out = context.AllocateOutput(0, input.shape()).template mutable_data<T>().data();
    ForEachLine(context.threads(), lines, [&](int64_t line) {
      SumLine(in + lines.Start(line), out + lines.Start(line), lines, exclusive, reverse);
    });
  });
  if (!known) return OpContext::Unsupported("element type has no arithmetic");
  return OkStatus();
}

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
const OpDef kCumSum = {
    .name = "CumSum", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
