// ArgMax and ArgMin: rows are scanned for the first or last element equal to their extreme, lines
// across the rows are followed in tiles of columns.

#include <array>
#include <cmath>

#include "ops/axis_lines.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/kernels/element_kernels.h"
#include "tactics/cpu/line_grain.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

constexpr int64_t kWork = int64_t{1} << 15;

struct State {
  AxisLines lines;
  bool is_minimum = false;
  bool takes_last = false;
  const ElementKernels* kernels = nullptr;
};

AxisLines LinesOf(const Instance& instance) {
  const Shape& shape = instance.input(0).shape;
  if (shape.rank() == 0) return {};
  return LinesAlong(shape, NormalizeAxis(instance.Int("axis"), shape.rank()).value_or(0));
}

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.Is(0, DType::kFloat32)) return Support::No("only float32");
  const int64_t length = LinesOf(instance).length;
  if (length < 1 || length > INT32_MAX) return Support::No("no or too many elements in a line");
  return Support::Yes();
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  State state;
  state.lines = LinesOf(instance);
  state.is_minimum = instance.node().op == "ArgMin";
  state.takes_last =
      instance.HasAttribute("select_last_index") && instance.Int("select_last_index") != 0;
  state.kernels = &ElementKernelsOf(kIsa);
  Preparation preparation;
  preparation.state = MakeState(state);
  return preparation;
}

int64_t OfRow(const State& state, const float* in) {
  const int64_t length = state.lines.length;
  const float extreme =
      state.is_minimum ? state.kernels->minimum(length, in) : state.kernels->maximum(length, in);
  const bool is_nan = std::isnan(extreme);
  const auto matches = [&](int64_t i) { return is_nan ? std::isnan(in[i]) : in[i] == extreme; };
  int64_t i = state.takes_last ? length - 1 : 0;
  const int64_t step = state.takes_last ? -1 : 1;
  while (!matches(i)) i += step;
  return i;
}

void OfColumns(const State& state, const float* in, int64_t count, int64_t* out) {
  std::array<float, kColumnTile> extremes;
  std::array<int32_t, kColumnTile> indices = {};
  std::copy(in, in + count, extremes.begin());
  for (int64_t i = 1; i < state.lines.length; ++i) {
    state.kernels->follow_extreme(count, in + i * state.lines.inner, static_cast<int32_t>(i),
                                  state.is_minimum, state.takes_last, extremes.data(),
                                  indices.data());
  }
  std::copy(indices.begin(), indices.begin() + count, out);
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const AxisLines& lines = state.lines;
  const int64_t tiles = (lines.inner + kColumnTile - 1) / kColumnTile;
  const int64_t width = std::min(lines.inner, kColumnTile);
  call.threads->ParallelFor(
      lines.outer * tiles, LineGrain(kWork, lines.length * width), [&](int64_t begin, int64_t end) {
        for (int64_t piece = begin; piece < end; ++piece) {
          const int64_t line = piece / tiles;
          const int64_t column = piece % tiles * kColumnTile;
          const float* in = call.Input<float>(0) + line * lines.length * lines.inner + column;
          int64_t* out = call.Output<int64_t>(0) + line * lines.inner + column;
          if (lines.inner == 1) {
            *out = OfRow(state, in);
          } else {
            OfColumns(state, in, std::min(kColumnTile, lines.inner - column), out);
          }
        }
      });
  return OkStatus();
}

// Values in steps of a quarter, so that there are ties.
Tensor Stepped(const Shape& shape) {
  Tensor tensor = Spread(shape, -9, 9);
  for (float& value : tensor.mutable_data<float>()) value = std::round(value * 4) / 4;
  if (tensor.elements() > 300) tensor.mutable_data<float>()[150] = NAN;
  return tensor;
}

void Cases(std::vector<OpCase>& cases) {
  for (const int64_t last : {int64_t{0}, int64_t{1}}) {
    for (const int64_t axis : {int64_t{0}, int64_t{1}, int64_t{2}}) {
      cases.push_back({.name = "ties_in_pieces",
                       .attributes = {{"axis", axis}, {"select_last_index", last}},
                       .inputs = {Stepped({23, 31, 133})}});
    }
  }
}

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name, std::string_view op) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kExact,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .run = Run,
          .cases = Cases};
}

#define ASSAY_TACTICS(name, op)                                  \
  MakeTactic<Isa::kAvx512>("cpu." name ".lines.f32.avx512", op), \
      MakeTactic<Isa::kAvx2>("cpu." name ".lines.f32.avx2", op), \
      MakeTactic<Isa::kPortable>("cpu." name ".lines.f32.portable", op)

constexpr Tactic kTactics[] = {ASSAY_TACTICS("argmax", "ArgMax"),
                               ASSAY_TACTICS("argmin", "ArgMin")};

}  // namespace

extern const std::span<const Tactic> kArgExtremeTactics;
constexpr std::span<const Tactic> kArgExtremeTactics = kTactics;

}  // namespace assay
