// LRN and LpNormalization: every element over a sum of its neighbours along one axis.

#include <array>
#include <cmath>

#include "ops/axis_lines.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/kernels/element_kernels.h"
#include "tactics/cpu/line_grain.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

constexpr int64_t kWork = int64_t{1} << 14;

struct State {
  AxisLines lines;
  bool is_lrn = false;
  int64_t before = 0;  // neighbours in the window of LRN
  int64_t after = 0;
  double alpha = 0;  // over the size of the window
  double beta = 0;
  double bias = 0;
  bool squared = true;  // the norm
  const ElementKernels* kernels = nullptr;
};

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  return instance.AllAre(DType::kFloat32) ? Support::Yes() : Support::No("only float32");
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  const Shape& shape = instance.input(0).shape;
  State state;
  state.kernels = &ElementKernelsOf(kIsa);
  state.is_lrn = instance.node().op == "LRN";
  Preparation preparation;
  if (state.is_lrn) {
    const int64_t size = instance.Int("size");
    state.lines = LinesAlong(shape, 1);
    state.before = (size - 1) / 2;
    state.after = size / 2;
    state.alpha = static_cast<double>(instance.Float("alpha")) / static_cast<double>(size);
    state.beta = instance.Float("beta");
    state.bias = instance.Float("bias");
  } else {
    state.lines = LinesAlong(shape, NormalizeAxis(instance.Int("axis"), shape.rank()).value_or(0));
    state.squared = instance.Int("p") == 2;
    preparation.in_place = {{0, 0}};
  }
  preparation.state = MakeState(state);
  return preparation;
}

void ResponseColumns(const State& state, const float* in, float* out, int64_t count) {
  const ElementKernels& kernels = *state.kernels;
  const int64_t pitch = state.lines.inner;
  std::array<double, kColumnTile> sums;
  std::array<float, kColumnTile> factors;
  const UnaryParameters power = {.alpha = -static_cast<float>(state.beta)};
  for (int64_t c = 0; c < state.lines.length; ++c) {
    const int64_t first = c < state.before ? 0 : c - state.before;
    const int64_t room = state.lines.length - 1 - c;
    const int64_t last = c + std::min(room, state.after);
    sums.fill(0);
    for (int64_t i = first; i <= last; ++i) {
      kernels.add_squares_row(count, in + i * pitch, nullptr, sums.data());
    }
    for (size_t k = 0; k < static_cast<size_t>(count); ++k) {
      factors[k] = static_cast<float>(state.bias + state.alpha * sums[k]);
    }
    kernels.Loop(UnaryFunction::kPowOf)(count, factors.data(), power, factors.data());
    kernels.Loop(BinaryFunction::kMul)(count, in + c * pitch, 1, factors.data(), 1,
                                       out + c * pitch);
  }
}

// A line of zeros stays zero.
double InverseNorm(double sum, bool squared) {
  if (sum == 0) return 0;
  return 1 / (squared ? std::sqrt(sum) : sum);
}

void NormColumns(const State& state, const float* in, float* out, int64_t count) {
  const ElementKernels& kernels = *state.kernels;
  const int64_t pitch = state.lines.inner;
  std::array<double, kColumnTile> sums = {};
  for (int64_t i = 0; i < state.lines.length; ++i) {
    if (state.squared) {
      kernels.add_squares_row(count, in + i * pitch, nullptr, sums.data());
    } else {
      kernels.add_absolute_row(count, in + i * pitch, sums.data());
    }
  }
  for (size_t k = 0; k < static_cast<size_t>(count); ++k) {
    sums[k] = InverseNorm(sums[k], state.squared);
  }
  for (int64_t i = 0; i < state.lines.length; ++i) {
    for (int64_t k = 0; k < count; ++k) {
      out[i * pitch + k] =
          static_cast<float>(static_cast<double>(in[i * pitch + k]) * sums[static_cast<size_t>(k)]);
    }
  }
}

void NormRow(const State& state, const float* in, float* out) {
  const ElementKernels& kernels = *state.kernels;
  const int64_t length = state.lines.length;
  const double sum =
      state.squared ? kernels.sum_squares(length, in, 0) : kernels.sum_absolute(length, in);
  kernels.scale_shift(length, in, InverseNorm(sum, state.squared), 0, out);
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const AxisLines& lines = state.lines;
  const bool rows = !state.is_lrn && lines.inner == 1;
  const int64_t tiles = (lines.inner + kColumnTile - 1) / kColumnTile;
  const int64_t width = std::min(lines.inner, kColumnTile);
  call.threads->ParallelFor(
      lines.outer * tiles, LineGrain(kWork, lines.length * width), [&](int64_t begin, int64_t end) {
        for (int64_t piece = begin; piece < end; ++piece) {
          const int64_t column = piece % tiles * kColumnTile;
          const int64_t at = piece / tiles * lines.length * lines.inner + column;
          const int64_t count = std::min(kColumnTile, lines.inner - column);
          const float* in = call.Input<float>(0) + at;
          float* out = call.Output<float>(0) + at;
          if (rows) {
            NormRow(state, in, out);
          } else if (state.is_lrn) {
            ResponseColumns(state, in, out, count);
          } else {
            NormColumns(state, in, out, count);
          }
        }
      });
  return OkStatus();
}

void ResponseCases(std::vector<OpCase>& cases) {
  const std::vector<Attribute> attributes = {
      {"size", int64_t{5}}, {"alpha", 0.5F}, {"beta", 0.75F}, {"bias", 2.0F}};
  cases.push_back(
      {.name = "in_pieces", .attributes = attributes, .inputs = {Spread({2, 9, 19, 23}, -3, 3)}});
  cases.push_back({.name = "fewer_channels_than_the_window",
                   .attributes = attributes,
                   .inputs = {Spread({2, 2, 130}, -3, 3)}});
}

void NormCases(std::vector<OpCase>& cases) {
  for (const int64_t p : {int64_t{1}, int64_t{2}}) {
    for (const int64_t axis : {int64_t{1}, int64_t{2}}) {
      cases.push_back({.name = "in_pieces",
                       .attributes = {{"p", p}, {"axis", axis}},
                       .inputs = {Spread({3, 41, 301}, -3, 3)}});
    }
  }
}

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name, std::string_view op,
                            void (*cases)(std::vector<OpCase>& cases)) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kReassociated,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .run = Run,
          .cases = cases};
}

#define ASSAY_TACTICS(name, op, cases)                                  \
  MakeTactic<Isa::kAvx512>("cpu." name ".lines.f32.avx512", op, cases), \
      MakeTactic<Isa::kAvx2>("cpu." name ".lines.f32.avx2", op, cases), \
      MakeTactic<Isa::kPortable>("cpu." name ".lines.f32.portable", op, cases)

constexpr Tactic kTactics[] = {ASSAY_TACTICS("lrn", "LRN", ResponseCases),
                               ASSAY_TACTICS("lpnormalization", "LpNormalization", NormCases)};

}  // namespace

extern const std::span<const Tactic> kNeighbourNormalizationTactics;
constexpr std::span<const Tactic> kNeighbourNormalizationTactics = kTactics;

}  // namespace assay
