// BatchNormalization with known moments, InstanceNormalization and GroupNormalization: one factor
// and one summand for every plane, worked out in double.

#include <cmath>

#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/kernels/element_kernels.h"
#include "tactics/cpu/line_grain.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

constexpr int64_t kWork = int64_t{1} << 15;

struct State {
  int64_t batch = 1;
  int64_t groups = 1;    // per instance
  int64_t channels = 1;  // per group
  int64_t plane = 1;     // elements
  bool moments_are_inputs = false;
  bool parameters_per_group = false;
  double epsilon = 0;
  const ElementKernels* kernels = nullptr;
};

bool IsBatch(const Instance& instance) { return instance.node().op == "BatchNormalization"; }

// Nothing but the first output, of the moments that are given.
Support SupportsBatch(const Instance& instance) {
  for (int i = 1; i < instance.output_count(); ++i) {
    if (instance.WantsOutput(i)) return Support::No("outputs of training are wanted");
  }
  if (instance.opset() >= 14 && instance.Int("training_mode") != 0) {
    return Support::No("not in training");
  }
  if (instance.opset() < 9 && instance.Int("spatial") == 0) {
    return Support::No("only moments of channels");
  }
  return Support::Yes();
}

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.AllAre(DType::kFloat32)) return Support::No("only float32");
  return IsBatch(instance) ? SupportsBatch(instance) : Support::Yes();
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  const Shape& shape = instance.input(0).shape;
  const int64_t channels = shape.rank() < 2 ? 1 : shape[1];
  State state;
  state.batch = shape.rank() == 0 ? 1 : shape[0];
  const bool grouped = instance.node().op == "GroupNormalization";
  state.groups = grouped ? instance.Int("num_groups") : channels;
  state.channels = grouped ? channels / state.groups : 1;
  state.plane = shape.rank() < 2 ? 1 : shape.elements(2, shape.rank());
  state.moments_are_inputs = IsBatch(instance);
  state.parameters_per_group = grouped && instance.opset() < 21;
  state.epsilon = instance.Float("epsilon");
  state.kernels = &ElementKernelsOf(kIsa);
  Preparation preparation;
  preparation.in_place = {{0, 0}};
  preparation.state = MakeState(state);
  return preparation;
}

void Group(const State& state, const Call& call, int64_t index) {
  const ElementKernels& kernels = *state.kernels;
  const int64_t length = state.channels * state.plane;
  const int64_t group = index % state.groups;
  const float* in = call.Input<float>(0) + index * length;
  float* out = call.Output<float>(0) + index * length;
  double mean = 0;
  double variance = 0;
  if (state.moments_are_inputs) {
    mean = call.Input<float>(3)[group];
    variance = call.Input<float>(4)[group];
  } else {
    mean = kernels.sum(length, in) / static_cast<double>(length);
    variance = kernels.sum_squares(length, in, mean) / static_cast<double>(length);
  }
  const double inverse = 1 / std::sqrt(variance + state.epsilon);
  for (int64_t c = 0; c < state.channels; ++c) {
    const int64_t at = state.parameters_per_group ? group : group * state.channels + c;
    const double factor = call.Input<float>(1)[at] * inverse;
    const double summand = call.Input<float>(2)[at] - mean * factor;
    kernels.scale_shift(state.plane, in + c * state.plane, factor, summand, out + c * state.plane);
  }
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const int64_t length = state.channels * state.plane;
  if (length == 0) return OkStatus();
  call.threads->ParallelFor(state.batch * state.groups, LineGrain(kWork, length),
                            [&](int64_t begin, int64_t end) {
                              for (int64_t i = begin; i < end; ++i) Group(state, call, i);
                            });
  return OkStatus();
}

void AddShape(std::vector<OpCase>& cases, std::string name, const Shape& shape, float low,
              float high) {
  cases.push_back({.name = std::move(name),
                   .inputs = {Spread(shape, low, high), Spread({shape[1]}, 0.5F, 2, 1),
                              Spread({shape[1]}, -1, 1, 2)}});
}

void InstanceCases(std::vector<OpCase>& cases) {
  AddShape(cases, "in_pieces", {2, 6, 61, 103}, -2, 3);
  AddShape(cases, "small_planes", {3, 40, 3, 3}, -2, 3);
  AddShape(cases, "mean_far_from_zero", {2, 5, 300}, 1000, 1001);
}

void BatchCases(std::vector<OpCase>& cases) {
  InstanceCases(cases);
  AddShape(cases, "without_planes", {40, 33}, -2, 3);
  for (OpCase& op_case : cases) {
    op_case.inputs.emplace_back(Spread(op_case.inputs[1]->shape(), -1, 1, 3));
    op_case.inputs.emplace_back(Spread(op_case.inputs[1]->shape(), 0.5F, 3, 4));
  }
}

void GroupCases(std::vector<OpCase>& cases) {
  AddShape(cases, "in_pieces", {2, 6, 61, 103}, -2, 3);
  AddShape(cases, "small_planes", {3, 40, 3, 3}, -2, 3);
  for (OpCase& op_case : cases) op_case.attributes = {{"num_groups", int64_t{2}}};
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

#define ASSAY_TACTICS(name, op, cases)                                   \
  MakeTactic<Isa::kAvx512>("cpu." name ".planes.f32.avx512", op, cases), \
      MakeTactic<Isa::kAvx2>("cpu." name ".planes.f32.avx2", op, cases), \
      MakeTactic<Isa::kPortable>("cpu." name ".planes.f32.portable", op, cases)

constexpr Tactic kTactics[] = {
    ASSAY_TACTICS("batchnormalization", "BatchNormalization", BatchCases),
    ASSAY_TACTICS("instancenormalization", "InstanceNormalization", InstanceCases),
    ASSAY_TACTICS("groupnormalization", "GroupNormalization", GroupCases)};

}  // namespace

extern const std::span<const Tactic> kPlaneNormalizationTactics;
constexpr std::span<const Tactic> kPlaneNormalizationTactics = kTactics;

}  // namespace assay
