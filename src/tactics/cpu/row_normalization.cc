// LayerNormalization and RMSNormalization: moments of every row in double, two passes.

#include <cmath>

#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/kernels/element_kernels.h"
#include "tactics/cpu/line_grain.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

constexpr int64_t kWork = int64_t{1} << 14;

struct State {
  int64_t rows = 0;
  int64_t length = 0;
  double epsilon = 0;
  bool is_centered = false;
  const ElementKernels* kernels = nullptr;
};

int AxisOf(const Instance& instance) {
  return NormalizeAxis(instance.Int("axis"), instance.input(0).shape.rank()).value_or(0);
}

// True if an input has one element for each of a row, in their order.
bool IsOneRow(const Instance& instance, int i) {
  const Shape& shape = instance.input(0).shape;
  const Shape& own = instance.input(i).shape;
  if (own.elements() != shape.elements(AxisOf(instance), shape.rank())) return false;
  for (int axis = 1; axis <= own.rank(); ++axis) {
    if (axis > shape.rank()) return false;
    const bool in_row = shape.rank() - axis >= AxisOf(instance);
    if (own[own.rank() - axis] != (in_row ? shape[shape.rank() - axis] : 1)) return false;
  }
  return true;
}

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.AllAre(DType::kFloat32)) return Support::No("only float32");
  for (int i = 1; i < instance.input_count(); ++i) {
    if (instance.HasInput(i) && !IsOneRow(instance, i)) {
      return Support::No("a parameter has not one element for each of a row");
    }
  }
  return Support::Yes();
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  const Shape& shape = instance.input(0).shape;
  const int axis = AxisOf(instance);
  Preparation preparation;
  preparation.in_place = {{0, 0}};
  preparation.state = MakeState(
      State{shape.elements(0, axis), shape.elements(axis, shape.rank()), instance.Float("epsilon"),
            instance.node().op == "LayerNormalization", &ElementKernelsOf(kIsa)});
  return preparation;
}

template <typename T>
T* Optional(std::span<T* const> operands, size_t i) {
  return i < operands.size() ? operands[i] : nullptr;
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const ElementKernels& kernels = *state.kernels;
  const int64_t length = state.length;
  const auto count = static_cast<double>(length);
  const auto* shift = static_cast<const float*>(Optional(call.inputs, 2));
  auto* means = static_cast<float*>(Optional(call.outputs, 1));
  auto* inverses = static_cast<float*>(Optional(call.outputs, 2));
  call.threads->ParallelFor(state.rows, LineGrain(kWork, length), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const float* in = call.Input<float>(0) + row * length;
      const double mean = state.is_centered ? kernels.sum(length, in) / count : 0;
      const double squares = kernels.sum_squares(length, in, mean) / count;
      const double inverse = 1 / std::sqrt(squares + state.epsilon);
      kernels.normalize(length, in, mean, inverse, call.Input<float>(1), shift,
                        call.Output<float>(0) + row * length);
      if (means != nullptr) means[row] = static_cast<float>(mean);
      if (inverses != nullptr) inverses[row] = static_cast<float>(inverse);
    }
  });
  return OkStatus();
}

void RmsCases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "rows_in_pieces",
                   .inputs = {Spread({3, 117, 79}, -2, 3), Spread({79}, 0.5F, 2, 1)}});
  cases.push_back({.name = "two_axes",
                   .attributes = {{"axis", int64_t{1}}},
                   .inputs = {Spread({5, 13, 31}, -2, 3), Spread({13, 31}, 0.5F, 2, 1)}});
}

void LayerCases(std::vector<OpCase>& cases) {
  RmsCases(cases);
  for (OpCase& op_case : cases) {
    op_case.inputs.emplace_back(Spread(op_case.inputs[1]->shape(), -1, 1, 2));
  }
  cases.push_back({.name = "mean_far_from_zero",
                   .inputs = {Spread({31, 384}, 1000, 1001), Spread({384}, 0.5F, 2, 1)},
                   .output_types = {DType::kFloat32, DType::kFloat32, DType::kFloat32}});
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

#define ASSAY_TACTICS(name, op, cases)                                 \
  MakeTactic<Isa::kAvx512>("cpu." name ".rows.f32.avx512", op, cases), \
      MakeTactic<Isa::kAvx2>("cpu." name ".rows.f32.avx2", op, cases), \
      MakeTactic<Isa::kPortable>("cpu." name ".rows.f32.portable", op, cases)

constexpr Tactic kTactics[] = {
    ASSAY_TACTICS("layernormalization", "LayerNormalization", LayerCases),
    ASSAY_TACTICS("rmsnormalization", "RMSNormalization", RmsCases)};

}  // namespace

extern const std::span<const Tactic> kRowNormalizationTactics;
constexpr std::span<const Tactic> kRowNormalizationTactics = kTactics;

}  // namespace assay
