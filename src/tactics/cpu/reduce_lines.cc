// Reduce* and global pooling: rows of reduced elements, or tiles of columns where the innermost
// axis is kept. Sums run in double.

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/kernels/element_kernels.h"
#include "tactics/cpu/line_grain.h"
#include "tactics/cpu/reduced_lines.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

constexpr int64_t kWork = int64_t{1} << 15;

enum class Kind : uint8_t {
  kSum,
  kMean,
  kL1,
  kL2,
  kSumSquare,
  kLogSum,
  kLogSumExp,
  kProd,
  kMax,
  kMin
};

struct NamedKind {
  std::string_view op;
  Kind kind;
};
constexpr NamedKind kKinds[] = {
    {"ReduceSum", Kind::kSum},
    {"ReduceMean", Kind::kMean},
    {"ReduceL1", Kind::kL1},
    {"ReduceL2", Kind::kL2},
    {"ReduceSumSquare", Kind::kSumSquare},
    {"ReduceLogSum", Kind::kLogSum},
    {"ReduceLogSumExp", Kind::kLogSumExp},
    {"ReduceProd", Kind::kProd},
    {"ReduceMax", Kind::kMax},
    {"ReduceMin", Kind::kMin},
    {"GlobalAveragePool", Kind::kMean},
    {"GlobalMaxPool", Kind::kMax},
};

struct State {
  Kind kind = Kind::kSum;
  const ElementKernels* kernels = nullptr;
  ReducedLines lines;
};

// Of GlobalLpPool.
std::optional<Kind> KindOfNorm(const Instance& instance) {
  const double p =
      instance.opset() < 2 ? instance.Float("p") : static_cast<double>(instance.Int("p"));
  if (p == 1) return Kind::kL1;
  return p == 2 ? std::optional(Kind::kL2) : std::nullopt;
}

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.Is(0, DType::kFloat32)) return Support::No("only float32");
  if (instance.node().op == "GlobalLpPool" && !KindOfNorm(instance)) {
    return Support::No("only the powers 1 and 2");
  }
  return ReducedAxes(instance) ? Support::Yes() : Support::No("the axes are not known");
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  State state;
  for (const NamedKind& named : kKinds) {
    if (named.op == instance.node().op) state.kind = named.kind;
  }
  if (instance.node().op == "GlobalLpPool") state.kind = *KindOfNorm(instance);
  state.kernels = &ElementKernelsOf(kIsa);
  state.lines = ReducedLines(instance.input(0).shape, *ReducedAxes(instance));
  Preparation preparation;
  preparation.state = MakeState(std::move(state));
  return preparation;
}

float Finish(const State& state, double value) {
  switch (state.kind) {
    case Kind::kMean:
      return static_cast<float>(value / static_cast<double>(state.lines.terms));
    case Kind::kL2:
      return static_cast<float>(std::sqrt(value));
    case Kind::kLogSum:
      return static_cast<float>(std::log(value));
    default:
      return static_cast<float>(value);
  }
}
// exp(x - largest) summed over all terms of an output but the first of the largest ones.
double SumOfOthers(const State& state, const float* in, float largest) {
  double sum = 0;
  bool skipped = false;
  state.lines.ForEachRow([&](int64_t at) {
    for (int64_t i = 0; i < (state.lines.rows_are_reduced ? state.lines.row : 1); ++i) {
      const float x = in[at + i];
      if (x == largest && !skipped) {
        skipped = true;
      } else {
        sum += std::exp(static_cast<double>(x) - static_cast<double>(largest));
      }
    }
  });
  return sum;
}
// Of nothing, of an infinite largest term and of NaN the result is that term. Sums close to 1 are
// taken apart, as their logarithm would lose its digits.
float FinishLogSumExp(const State& state, const float* in, float largest, double sum) {
  if (!std::isfinite(largest)) return largest;
  const double logarithm =
      sum < 1.001 ? std::log1p(SumOfOthers(state, in, largest)) : std::log(sum);
  return static_cast<float>(largest + logarithm);
}

// What an infinite sum has lost is no number.
double WithLost(double sum, double lost) { return std::isfinite(sum) ? sum + lost : sum; }

bool IsExtreme(Kind kind) {
  return kind == Kind::kMax || kind == Kind::kMin || kind == Kind::kLogSumExp;
}
BinaryFunction ExtremeOf(Kind kind) {
  return kind == Kind::kMin ? BinaryFunction::kMin : BinaryFunction::kMax;
}
float FirstExtreme(Kind kind) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  return kind == Kind::kMin ? kInfinite : -kInfinite;
}

// One output from rows of reduced elements.
float ReduceRows(const State& state, const float* in) {
  const ElementKernels& kernels = *state.kernels;
  float extreme = FirstExtreme(state.kind);
  double value = state.kind == Kind::kProd ? 1 : 0;
  state.lines.ForEachRow([&](int64_t at) {
    const float* row = in + at;
    if (IsExtreme(state.kind)) {
      const float own = state.kind == Kind::kMin ? kernels.minimum(state.lines.row, row)
                                                 : kernels.maximum(state.lines.row, row);
      kernels.Loop(ExtremeOf(state.kind))(1, &own, 1, &extreme, 1, &extreme);
    } else if (state.kind == Kind::kProd) {
      for (int64_t i = 0; i < state.lines.row; ++i) value *= row[i];
    } else if (state.kind == Kind::kL1) {
      value += kernels.sum_absolute(state.lines.row, row);
    } else if (state.kind == Kind::kL2 || state.kind == Kind::kSumSquare) {
      value += kernels.sum_squares(state.lines.row, row, 0);
    } else {
      value += kernels.sum(state.lines.row, row);
    }
  });
  if (state.kind == Kind::kLogSumExp) {
    state.lines.ForEachRow([&](int64_t at) {
      value += kernels.exponentials(state.lines.row, in + at, extreme, nullptr);
    });
    return FinishLogSumExp(state, in, extreme, value);
  }
  return IsExtreme(state.kind) ? extreme : Finish(state, value);
}

// `count` neighbouring outputs, whose reduced elements lie in rows across them.
void ReduceColumns(const State& state, const float* in, int64_t count, float* out) {
  const ElementKernels& kernels = *state.kernels;
  std::array<float, kColumnTile> extremes;
  std::array<double, kColumnTile> values;
  std::array<double, kColumnTile> lost = {};
  extremes.fill(FirstExtreme(state.kind));
  values.fill(state.kind == Kind::kProd ? 1 : 0);
  state.lines.ForEachRow([&](int64_t at) {
    const float* row = in + at;
    if (IsExtreme(state.kind)) {
      kernels.Loop(ExtremeOf(state.kind))(count, row, 1, extremes.data(), 1, extremes.data());
    } else if (state.kind == Kind::kProd) {
      for (int64_t i = 0; i < count; ++i) values[static_cast<size_t>(i)] *= row[i];
    } else if (state.kind == Kind::kL1) {
      kernels.add_absolute_row(count, row, values.data());
    } else if (state.kind == Kind::kL2 || state.kind == Kind::kSumSquare) {
      kernels.add_squares_row(count, row, nullptr, values.data());
    } else {
      kernels.add_row(count, row, values.data(), lost.data());
    }
  });
  if (state.kind == Kind::kLogSumExp) {
    state.lines.ForEachRow([&](int64_t at) {
      kernels.add_exponentials_row(count, in + at, extremes.data(), nullptr, values.data());
    });
  }
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    if (state.kind == Kind::kLogSumExp) {
      out[i] = FinishLogSumExp(state, in + i, extremes[i], values[i]);
    } else {
      out[i] = IsExtreme(state.kind) ? extremes[i] : Finish(state, WithLost(values[i], lost[i]));
    }
  }
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const auto* in = call.Input<float>(0);
  auto* out = call.Output<float>(0);
  if (state.lines.rows_are_reduced) {
    call.threads->ParallelFor(state.lines.outer, LineGrain(kWork, state.lines.terms),
                              [&](int64_t begin, int64_t end) {
                                for (int64_t i = begin; i < end; ++i) {
                                  out[i] = ReduceRows(state, in + state.lines.Base(i));
                                }
                              });
    return OkStatus();
  }
  const int64_t tiles = (state.lines.row + kColumnTile - 1) / kColumnTile;
  const int64_t width = std::min(state.lines.row, kColumnTile);
  call.threads->ParallelFor(state.lines.outer * tiles, LineGrain(kWork, state.lines.terms * width),
                            [&](int64_t begin, int64_t end) {
                              for (int64_t piece = begin; piece < end; ++piece) {
                                const int64_t line = piece / tiles;
                                const int64_t column = piece % tiles * kColumnTile;
                                ReduceColumns(state, in + state.lines.Base(line) + column,
                                              std::min(kColumnTile, state.lines.row - column),
                                              out + line * state.lines.row + column);
                              }
                            });
  return OkStatus();
}

void ReduceCases(std::vector<OpCase>& cases) {
  const auto add = [&](std::string name, const Shape& shape, std::vector<int64_t> axes,
                       int64_t keep_dims) {
    cases.push_back({.name = std::move(name),
                     .opset = 13,
                     .attributes = {{"axes", std::move(axes)}, {"keepdims", keep_dims}},
                     .inputs = {Spread(shape, 0.75F, 1.3F)}});
  };
  add("trailing_axes_in_pieces", {5, 40, 19, 23}, {2, 3}, 0);
  add("last_axis", {7, 31, 67}, {-1}, 1);
  add("leading_axis_in_pieces", {71, 1003}, {0}, 0);
  add("middle_axis", {5, 19, 131}, {1}, 0);
  add("outer_and_inner", {3, 7, 5, 11}, {0, 2}, 1);
  add("outer_and_innermost", {3, 7, 5, 11}, {0, 3}, 0);
  add("nothing_but_ones", {4, 1, 37}, {1}, 0);
  cases.push_back({.name = "columns_that_cancel",
                   .opset = 13,
                   .attributes = {{"axes", std::vector<int64_t>{0}}},
                   .inputs = {Tensor::Of<float>({3, 2}, {1e20F, 3, 1, 4, -1e20F, 5})}});
  add("long_row", {1, 20011}, {1}, 1);
}

// Before opset 13 the axes of ReduceSum are an attribute.
void SumCases(std::vector<OpCase>& cases) {
  ReduceCases(cases);
  for (OpCase& op_case : cases) op_case.opset = 11;
}

void PoolCases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "in_pieces", .inputs = {Spread({2, 70, 19, 31}, -3, 3)}});
  cases.push_back({.name = "one_axis", .inputs = {Spread({3, 5, 101}, -3, 3)}});
  cases.push_back({.name = "no_axis", .inputs = {Spread({3, 5}, -3, 3)}});
}

void NormCases(std::vector<OpCase>& cases) {
  for (const int64_t p : {1, 2}) {
    PoolCases(cases);
    for (OpCase& op_case : cases) {
      if (op_case.attributes.empty()) op_case.attributes.push_back({"p", p});
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

constexpr Tactic kTactics[] = {
    ASSAY_TACTICS("reducesum", "ReduceSum", SumCases),
    ASSAY_TACTICS("reducemean", "ReduceMean", ReduceCases),
    ASSAY_TACTICS("reducel1", "ReduceL1", ReduceCases),
    ASSAY_TACTICS("reducel2", "ReduceL2", ReduceCases),
    ASSAY_TACTICS("reducesumsquare", "ReduceSumSquare", ReduceCases),
    ASSAY_TACTICS("reducelogsum", "ReduceLogSum", ReduceCases),
    ASSAY_TACTICS("reducelogsumexp", "ReduceLogSumExp", ReduceCases),
    ASSAY_TACTICS("reduceprod", "ReduceProd", ReduceCases),
    ASSAY_TACTICS("reducemax", "ReduceMax", ReduceCases),
    ASSAY_TACTICS("reducemin", "ReduceMin", ReduceCases),
    ASSAY_TACTICS("globalaveragepool", "GlobalAveragePool", PoolCases),
    ASSAY_TACTICS("globallppool", "GlobalLpPool", NormCases),
    ASSAY_TACTICS("globalmaxpool", "GlobalMaxPool", PoolCases),
};

}  // namespace

extern const std::span<const Tactic> kReduceTactics;
constexpr std::span<const Tactic> kReduceTactics = kTactics;

}  // namespace assay
