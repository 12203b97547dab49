// Softmax and LogSoftmax: along the last axis row by row, along others in tiles of columns.

#include <array>
#include <cmath>

#include "ops/axis_lines.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/kernels/element_kernels.h"
#include "tactics/cpu/line_grain.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

constexpr int64_t kWork = int64_t{1} << 13;

struct State {
  AxisLines lines;
  bool logarithm = false;
  const ElementKernels* kernels = nullptr;
};

AxisLines LinesOf(const Instance& instance) {
  const Shape& shape = instance.input(0).shape;
  const int axis = NormalizeAxis(instance.Int("axis"), shape.rank()).value_or(0);
  if (shape.rank() == 0) return {};
  return instance.opset() < 13 ? LinesFrom(shape, axis) : LinesAlong(shape, axis);
}

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  return instance.AllAre(DType::kFloat32) ? Support::Yes() : Support::No("only float32");
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  Preparation preparation;
  preparation.in_place = {{0, 0}};
  preparation.state = MakeState(
      State{LinesOf(instance), instance.node().op == "LogSoftmax", &ElementKernelsOf(kIsa)});
  return preparation;
}

// The sum of the exponentials is at least 1; it is NaN if the largest element is infinite.
void Row(const State& state, const float* in, float* out) {
  const ElementKernels& kernels = *state.kernels;
  const int64_t length = state.lines.length;
  const float largest = kernels.maximum(length, in);
  const double sum = kernels.exponentials(length, in, largest, state.logarithm ? nullptr : out);
  if (state.logarithm) {
    kernels.scale_shift(length, in, 1, -(static_cast<double>(largest) + std::log(sum)), out);
  } else {
    const auto inverse = static_cast<float>(1 / sum);
    kernels.Loop(BinaryFunction::kMul)(length, out, 1, &inverse, 0, out);
  }
}

void Columns(const State& state, const float* in, float* out, int64_t count) {
  const ElementKernels& kernels = *state.kernels;
  const int64_t pitch = state.lines.inner;
  const int64_t length = state.lines.length;
  std::array<float, kColumnTile> largest;
  std::array<double, kColumnTile> sums;
  std::array<float, kColumnTile> last;
  std::copy(in, in + count, largest.begin());
  for (int64_t i = 1; i < length; ++i) {
    kernels.Loop(BinaryFunction::kMax)(count, in + i * pitch, 1, largest.data(), 1, largest.data());
  }
  sums.fill(0);
  for (int64_t i = 0; i < length; ++i) {
    kernels.add_exponentials_row(count, in + i * pitch, largest.data(),
                                 state.logarithm ? nullptr : out + i * pitch, sums.data());
  }
  for (size_t k = 0; k < static_cast<size_t>(count); ++k) {
    last[k] = static_cast<float>(state.logarithm ? std::log(sums[k]) : 1 / sums[k]);
  }
  for (int64_t i = 0; i < length; ++i) {
    float* row = out + i * pitch;
    if (state.logarithm) {
      kernels.Loop(BinaryFunction::kSub)(count, in + i * pitch, 1, largest.data(), 1, row);
      kernels.Loop(BinaryFunction::kSub)(count, row, 1, last.data(), 1, row);
    } else {
      kernels.Loop(BinaryFunction::kMul)(count, row, 1, last.data(), 1, row);
    }
  }
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const AxisLines& lines = state.lines;
  const auto* in = call.Input<float>(0);
  auto* out = call.Output<float>(0);
  if (lines.length == 0 || lines.count() == 0) return OkStatus();
  if (lines.inner == 1) {
    call.threads->ParallelFor(lines.outer, LineGrain(kWork, lines.length),
                              [&](int64_t begin, int64_t end) {
                                for (int64_t row = begin; row < end; ++row) {
                                  Row(state, in + row * lines.length, out + row * lines.length);
                                }
                              });
    return OkStatus();
  }
  const int64_t tiles = (lines.inner + kColumnTile - 1) / kColumnTile;
  const int64_t width = std::min(lines.inner, kColumnTile);
  call.threads->ParallelFor(
      lines.outer * tiles, LineGrain(kWork, lines.length * width), [&](int64_t begin, int64_t end) {
        for (int64_t piece = begin; piece < end; ++piece) {
          const int64_t column = piece % tiles * kColumnTile;
          const int64_t at = piece / tiles * lines.length * lines.inner + column;
          Columns(state, in + at, out + at, std::min(kColumnTile, lines.inner - column));
        }
      });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const auto add = [&](std::string name, const Shape& shape, int64_t axis, int opset = 0) {
    cases.push_back({.name = std::move(name),
                     .opset = opset,
                     .attributes = {{"axis", axis}},
                     .inputs = {Spread(shape, -20, 20)}});
  };
  add("rows_in_pieces", {3, 117, 79}, -1);
  add("one_long_row", {1, 40001}, -1);
  add("short_rows", {301, 3}, -1);
  add("channels_in_pieces", {2, 19, 21, 33}, 1);
  add("columns_of_two", {5, 77, 2}, 1);
  add("first_axis", {9, 333}, 0);
  add("flattened", {3, 7, 11}, 1, 11);
}

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name, std::string_view op) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kReassociated,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .run = Run,
          .cases = Cases};
}

#define ASSAY_TACTICS(name, op)                                  \
  MakeTactic<Isa::kAvx512>("cpu." name ".lines.f32.avx512", op), \
      MakeTactic<Isa::kAvx2>("cpu." name ".lines.f32.avx2", op), \
      MakeTactic<Isa::kPortable>("cpu." name ".lines.f32.portable", op)

constexpr Tactic kTactics[] = {ASSAY_TACTICS("softmax", "Softmax"),
                               ASSAY_TACTICS("logsoftmax", "LogSoftmax")};

}  // namespace

extern const std::span<const Tactic> kSoftmaxTactics;
constexpr std::span<const Tactic> kSoftmaxTactics = kTactics;

}  // namespace assay
