// Reduce* of integers and bools: rows of reduced elements, or tiles of columns where the innermost
// axis is kept.

#include <array>
#include <limits>

#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/kernels/integer_kernels.h"
#include "tactics/cpu/line_grain.h"
#include "tactics/cpu/reduced_lines.h"
#include "tactics/tactic.h"
#include "tensor/dispatch.h"

namespace assay {
namespace {

constexpr int64_t kWork = int64_t{1} << 15;

struct NamedReduction {
  std::string_view op;
  IntegerReduction reduction;
};
constexpr NamedReduction kReductions[] = {
    {"ReduceSum", IntegerReduction::kSum},
    {"ReduceMean", IntegerReduction::kSum},
    {"ReduceProd", IntegerReduction::kProduct},
    {"ReduceSumSquare", IntegerReduction::kSumOfSquares},
    {"ReduceMax", IntegerReduction::kMaximum},
    {"ReduceMin", IntegerReduction::kMinimum},
};

struct State {
  DType dtype = DType::kUndefined;  // bools as the bytes that they are stored in
  IntegerReduction reduction = IntegerReduction::kSum;
  IntegerKernels::Row row = nullptr;
  IntegerKernels::Columns columns = nullptr;
  bool is_mean = false;
  bool is_truth = false;
  ReducedLines lines;
};

std::optional<IntegerType> TypeOf(DType dtype) {
  switch (dtype) {
    case DType::kInt8:
      return IntegerType::kInt8;
    case DType::kUInt8:
    case DType::kBool:
      return IntegerType::kUInt8;
    case DType::kInt32:
      return IntegerType::kInt32;
    case DType::kUInt32:
      return IntegerType::kUInt32;
    case DType::kInt64:
      return IntegerType::kInt64;
    case DType::kUInt64:
      return IntegerType::kUInt64;
    default:
      return std::nullopt;
  }
}

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!TypeOf(instance.input(0).dtype)) return Support::No("no loop for the element type");
  return ReducedAxes(instance) ? Support::Yes() : Support::No("the axes are not known");
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  State state;
  const DType dtype = instance.input(0).dtype;
  state.is_truth = dtype == DType::kBool;
  state.dtype = state.is_truth ? DType::kUInt8 : dtype;
  state.is_mean = instance.node().op == "ReduceMean";
  for (const NamedReduction& named : kReductions) {
    if (named.op == instance.node().op) state.reduction = named.reduction;
  }
  const IntegerKernels& kernels = IntegerKernelsOf(kIsa);
  const auto type = static_cast<size_t>(*TypeOf(dtype));
  state.row = kernels.rows[static_cast<size_t>(state.reduction)][type];
  state.columns = kernels.columns[static_cast<size_t>(state.reduction)][type];
  state.lines = ReducedLines(instance.input(0).shape, *ReducedAxes(instance));
  Preparation preparation;
  preparation.state = MakeState(std::move(state));
  return preparation;
}

// What the reduction of nothing is.
template <typename T>
T Start(const State& state) {
  switch (state.reduction) {
    case IntegerReduction::kProduct:
      return 1;
    case IntegerReduction::kMaximum:
      return state.is_truth ? 0 : std::numeric_limits<T>::lowest();
    case IntegerReduction::kMinimum:
      return state.is_truth ? 1 : std::numeric_limits<T>::max();
    default:
      return 0;
  }
}

// A mean is rounded toward zero; that of nothing is 0. Any byte but 0 stands for true.
template <typename T>
T Finish(const State& state, T value) {
  if (state.is_truth) return value != 0 ? 1 : 0;
  if (!state.is_mean) return value;
  using Wide = std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>;
  if (state.lines.terms == 0) return 0;
  return static_cast<T>(static_cast<Wide>(value) / static_cast<Wide>(state.lines.terms));
}

template <typename T>
void ReduceAs(const State& state, const Call& call) {
  const ReducedLines& lines = state.lines;
  const T* in = call.Input<T>(0);
  T* out = call.Output<T>(0);
  const int64_t tiles = lines.rows_are_reduced ? 1 : (lines.row + kColumnTile - 1) / kColumnTile;
  const int64_t width = lines.rows_are_reduced ? 1 : std::min(lines.row, kColumnTile);
  const int64_t outputs = lines.rows_are_reduced ? 1 : lines.row;
  call.threads->ParallelFor(
      lines.outer * tiles, LineGrain(kWork, lines.terms * width), [&](int64_t begin, int64_t end) {
        std::array<T, kColumnTile> values;
        for (int64_t piece = begin; piece < end; ++piece) {
          const int64_t line = piece / tiles;
          const int64_t column = piece % tiles * kColumnTile;
          const int64_t count = std::min(kColumnTile, outputs - column);
          const T* first = in + lines.Base(line) + column;
          values.fill(Start<T>(state));
          lines.ForEachRow([&](int64_t at) {
            if (lines.rows_are_reduced) {
              state.row(lines.row, first + at, values.data());
            } else {
              state.columns(count, first + at, values.data());
            }
          });
          for (int64_t i = 0; i < count; ++i) {
            out[line * outputs + column + i] = Finish(state, values[static_cast<size_t>(i)]);
          }
        }
      });
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  DispatchInteger(state.dtype, [&]<typename T>() { ReduceAs<T>(state, call); });
  return OkStatus();
}

constexpr DType kWords[] = {DType::kInt32, DType::kInt64, DType::kUInt32, DType::kUInt64};
constexpr DType kBytesAndWords[] = {DType::kInt8,  DType::kUInt8,  DType::kInt32,
                                    DType::kInt64, DType::kUInt32, DType::kUInt64};

void AddCases(std::span<const DType> dtypes, int opset, std::vector<OpCase>& cases) {
  struct Form {
    const char* name;
    Shape shape;
    std::vector<int64_t> axes;
  };
  const std::vector<Form> forms = {
      {"trailing_axes_in_pieces", {5, 40, 19, 23}, {2, 3}},
      {"last_axis", {7, 31, 67}, {-1}},
      {"leading_axis_in_pieces", {71, 1003}, {0}},
      {"outer_and_inner", {3, 7, 5, 11}, {0, 2}},
      {"nothing_but_ones", {4, 1, 37}, {1}},
      {"long_row", {1, 20011}, {1}},
      {"of_nothing", {3, 0, 5}, {1}},
  };
  for (const Form& form : forms) {
    for (const DType dtype : dtypes) {
      const bool is_signed = IsSignedInteger(dtype);
      cases.push_back(
          {.name = form.name,
           .opset = opset,
           .attributes = {{"axes", form.axes}},
           .inputs = {*ConvertTensor(Spread(form.shape, is_signed ? -99.0F : 0, 120), dtype)}});
    }
  }
}

void SumCases(std::vector<OpCase>& cases) { AddCases(kWords, 11, cases); }
void WordCases(std::vector<OpCase>& cases) { AddCases(kWords, 13, cases); }
void ExtremeCases(std::vector<OpCase>& cases) { AddCases(kBytesAndWords, 13, cases); }

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name, std::string_view op,
                            void (*cases)(std::vector<OpCase>& cases)) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kExact,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .run = Run,
          .cases = cases};
}

#define ASSAY_TACTICS(name, op, cases)                                      \
  MakeTactic<Isa::kAvx512>("cpu." name ".lines.integer.avx512", op, cases), \
      MakeTactic<Isa::kAvx2>("cpu." name ".lines.integer.avx2", op, cases), \
      MakeTactic<Isa::kPortable>("cpu." name ".lines.integer.portable", op, cases)

constexpr Tactic kTactics[] = {
    ASSAY_TACTICS("reducesum", "ReduceSum", SumCases),
    ASSAY_TACTICS("reducemean", "ReduceMean", WordCases),
    ASSAY_TACTICS("reducesumsquare", "ReduceSumSquare", WordCases),
    ASSAY_TACTICS("reduceprod", "ReduceProd", WordCases),
    ASSAY_TACTICS("reducemax", "ReduceMax", ExtremeCases),
    ASSAY_TACTICS("reducemin", "ReduceMin", ExtremeCases),
};

}  // namespace

extern const std::span<const Tactic> kReduceIntegerTactics;
constexpr std::span<const Tactic> kReduceIntegerTactics = kTactics;

}  // namespace assay
