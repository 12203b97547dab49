// ArgMax and ArgMin of integers: the extreme of a row and the element that equals it; lines across
// the rows are followed in tiles of columns.

#include <array>

#include "ops/axis_lines.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/line_grain.h"
#include "tactics/tactic.h"
#include "tensor/dispatch.h"

namespace assay {
namespace {

constexpr int64_t kWork = int64_t{1} << 15;

struct State {
  AxisLines lines;
  DType dtype = DType::kUndefined;
  bool is_minimum = false;
  bool takes_last = false;
};

AxisLines LinesOf(const Instance& instance) {
  const Shape& shape = instance.input(0).shape;
  if (shape.rank() == 0) return {};
  return LinesAlong(shape, NormalizeAxis(instance.Int("axis"), shape.rank()).value_or(0));
}

Support Supports(const Instance& instance, const Machine&) {
  if (!DispatchInteger(instance.input(0).dtype, []<typename T>() {})) {
    return Support::No("only integers of whole bytes");
  }
  const int64_t length = LinesOf(instance).length;
  if (length < 1 || length > INT32_MAX) return Support::No("no or too many elements in a line");
  return Support::Yes();
}

Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  State state;
  state.lines = LinesOf(instance);
  state.dtype = instance.input(0).dtype;
  state.is_minimum = instance.node().op == "ArgMin";
  state.takes_last =
      instance.HasAttribute("select_last_index") && instance.Int("select_last_index") != 0;
  Preparation preparation;
  preparation.state = MakeState(state);
  return preparation;
}

template <typename T>
int64_t OfRow(const State& state, const T* in) {
  const int64_t length = state.lines.length;
  T extreme = in[0];
  if (state.is_minimum) {
    for (int64_t i = 1; i < length; ++i) extreme = in[i] < extreme ? in[i] : extreme;
  } else {
    for (int64_t i = 1; i < length; ++i) extreme = in[i] > extreme ? in[i] : extreme;
  }
  int64_t i = state.takes_last ? length - 1 : 0;
  const int64_t step = state.takes_last ? -1 : 1;
  while (in[i] != extreme) i += step;
  return i;
}

// Follows the extremes of `count` columns; `better` says whether a later element takes its place.
template <typename T, typename Better>
void OfColumns(const State& state, const T* in, int64_t count, int64_t* out, Better better) {
  std::array<T, kColumnTile> extremes;
  std::array<int32_t, kColumnTile> indices = {};
  std::copy(in, in + count, extremes.begin());
  for (int64_t k = 1; k < state.lines.length; ++k) {
    const T* row = in + k * state.lines.inner;
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      const bool is_better = better(row[i], extremes[i]);
      extremes[i] = is_better ? row[i] : extremes[i];
      indices[i] = is_better ? static_cast<int32_t>(k) : indices[i];
    }
  }
  std::copy(indices.begin(), indices.begin() + count, out);
}

template <typename T>
void OfTile(const State& state, const T* in, int64_t count, int64_t* out) {
  if (state.lines.inner == 1) {
    *out = OfRow(state, in);
  } else if (state.is_minimum && state.takes_last) {
    OfColumns(state, in, count, out, [](T x, T extreme) { return x <= extreme; });
  } else if (state.is_minimum) {
    OfColumns(state, in, count, out, [](T x, T extreme) { return x < extreme; });
  } else if (state.takes_last) {
    OfColumns(state, in, count, out, [](T x, T extreme) { return x >= extreme; });
  } else {
    OfColumns(state, in, count, out, [](T x, T extreme) { return x > extreme; });
  }
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const AxisLines& lines = state.lines;
  const int64_t tiles = (lines.inner + kColumnTile - 1) / kColumnTile;
  const int64_t width = std::min(lines.inner, kColumnTile);
  DispatchInteger(state.dtype, [&]<typename T>() {
    call.threads->ParallelFor(
        lines.outer * tiles, LineGrain(kWork, lines.length * width),
        [&](int64_t begin, int64_t end) {
          for (int64_t piece = begin; piece < end; ++piece) {
            const int64_t line = piece / tiles;
            const int64_t column = piece % tiles * kColumnTile;
            OfTile(state, call.Input<T>(0) + line * lines.length * lines.inner + column,
                   std::min(kColumnTile, lines.inner - column),
                   call.Output<int64_t>(0) + line * lines.inner + column);
          }
        });
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  for (const DType dtype : {DType::kInt8, DType::kUInt8, DType::kInt32, DType::kInt64}) {
    for (const int64_t last : {0, 1}) {
      for (const int64_t axis : {0, 1, 2}) {
        cases.push_back({.name = "ties_in_pieces",
                         .attributes = {{"axis", axis}, {"select_last_index", last}},
                         .inputs = {*ConvertTensor(
                             Spread({23, 31, 133}, dtype == DType::kUInt8 ? 0 : -9, 9), dtype)}});
      }
    }
  }
}

constexpr Tactic MakeTactic(std::string_view name, std::string_view op) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kExact,
          .supports = Supports,
          .prepare = Prepare,
          .run = Run,
          .cases = Cases};
}

}  // namespace

extern const Tactic kArgMaxIntegers, kArgMinIntegers;
constexpr Tactic kArgMaxIntegers = MakeTactic("cpu.argmax.lines.integer.portable", "ArgMax");
constexpr Tactic kArgMinIntegers = MakeTactic("cpu.argmin.lines.integer.portable", "ArgMin");

}  // namespace assay
