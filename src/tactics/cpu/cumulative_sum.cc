// CumSum: along rows one after the other, along other axes whole rows of running sums at a time.

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

#include "ops/axis_lines.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/line_grain.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

constexpr int64_t kWork = int64_t{1} << 15;

struct State {
  AxisLines lines;
  DType dtype = DType::kUndefined;
  bool exclusive = false;
  bool reverse = false;
};

// Of floats in double, of integers wrapping around.
template <typename T>
using Running = std::conditional_t<std::is_same_v<T, float>, double, uint64_t>;

std::optional<int> AxisOf(const Instance& instance) {
  const std::optional<std::vector<int64_t>> axis = instance.ConstantInts(1);
  if (!axis || axis->size() != 1) return std::nullopt;
  return NormalizeAxis(axis->front(), instance.input(0).shape.rank());
}

Support Supports(const Instance& instance, const Machine&) {
  const DType dtype = instance.input(0).dtype;
  if (dtype != DType::kFloat32 && dtype != DType::kInt32 && dtype != DType::kInt64) {
    return Support::No("only float32, int32 and int64");
  }
  return AxisOf(instance) ? Support::Yes() : Support::No("the axis is not known");
}

Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  const State state = {LinesAlong(instance.input(0).shape, *AxisOf(instance)),
                       instance.input(0).dtype, instance.Int("exclusive") != 0,
                       instance.Int("reverse") != 0};
  Preparation preparation;
  preparation.in_place = {{0, 0}};
  preparation.state = MakeState(state);
  return preparation;
}

template <typename T>
void SumRow(const State& state, const T* in, T* out) {
  const int64_t length = state.lines.length;
  const int64_t step = state.reverse ? -1 : 1;
  int64_t at = state.reverse ? length - 1 : 0;
  Running<T> sum = 0;
  if (state.exclusive) {
    for (int64_t k = 0; k < length; ++k, at += step) {
      const T x = in[at];
      out[at] = static_cast<T>(sum);
      sum += static_cast<Running<T>>(x);
    }
  } else {
    for (int64_t k = 0; k < length; ++k, at += step) {
      sum += static_cast<Running<T>>(in[at]);
      out[at] = static_cast<T>(sum);
    }
  }
}

// `count` neighbouring lines, whose elements lie `inner` apart.
template <typename T>
void SumLines(const State& state, const T* in, int64_t count, T* out) {
  const int64_t length = state.lines.length;
  const int64_t step = state.reverse ? -state.lines.inner : state.lines.inner;
  int64_t at = state.reverse ? (length - 1) * state.lines.inner : 0;
  std::array<Running<T>, kColumnTile> sums = {};
  for (int64_t k = 0; k < length; ++k, at += step) {
    for (int64_t i = 0; i < count; ++i) {
      Running<T>& sum = sums[static_cast<size_t>(i)];
      const Running<T> before = sum;
      sum += static_cast<Running<T>>(in[at + i]);
      out[at + i] = static_cast<T>(state.exclusive ? before : sum);
    }
  }
}

template <typename T>
void SumAll(const State& state, const Call& call) {
  const AxisLines& lines = state.lines;
  const int64_t tiles = (lines.inner + kColumnTile - 1) / kColumnTile;
  const int64_t width = std::min(lines.inner, kColumnTile);
  call.threads->ParallelFor(
      lines.outer * tiles, LineGrain(kWork, lines.length * width), [&](int64_t begin, int64_t end) {
        for (int64_t piece = begin; piece < end; ++piece) {
          const int64_t column = piece % tiles * kColumnTile;
          const int64_t at = piece / tiles * lines.length * lines.inner + column;
          const T* in = call.Input<T>(0) + at;
          T* out = call.Output<T>(0) + at;
          if (lines.inner == 1) {
            SumRow(state, in, out);
          } else {
            SumLines(state, in, std::min(kColumnTile, lines.inner - column), out);
          }
        }
      });
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  if (state.dtype == DType::kFloat32) SumAll<float>(state, call);
  if (state.dtype == DType::kInt32) SumAll<int32_t>(state, call);
  if (state.dtype == DType::kInt64) SumAll<int64_t>(state, call);
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  for (const DType dtype : {DType::kFloat32, DType::kInt32, DType::kInt64}) {
    for (const int64_t axis : {0, 1, 2}) {
      for (const int64_t form : {0, 1, 2, 3}) {
        cases.push_back({.name = "in_pieces",
                         .attributes = {{"exclusive", form % 2}, {"reverse", form / 2}},
                         .inputs = {*ConvertTensor(Spread({19, 23, 333}, -90, 99), dtype),
                                    Tensor::Scalar<int64_t>(axis)}});
      }
    }
  }
  cases.push_back(
      {.name = "infinite_and_cancelling",
       .inputs = {Tensor::Of<float>({2, 4}, {1e20F, 1, -1e20F, 2, 3, INFINITY, 1, -INFINITY}),
                  Tensor::Scalar<int64_t>(1)}});
}

}  // namespace

extern const Tactic kCumulativeSum;
constexpr Tactic kCumulativeSum = {.name = "cpu.cumsum.lines.typed.portable",
                                   .domain = "",
                                   .op = "CumSum",
                                   .numerics = NumericClass::kReassociated,
                                   .supports = Supports,
                                   .prepare = Prepare,
                                   .run = Run,
                                   .cases = Cases};

}  // namespace assay
