// Resize and Upsample by interpolation, axis by axis; axes that shrink most come first.

#include <algorithm>
#include <limits>

#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/kernels/pool_kernels.h"
#include "tactics/cpu/kernels/window_kernels.h"
#include "tactics/cpu/resize_axes.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

constexpr WindowFinish kNoFinish = {0, -std::numeric_limits<float>::infinity(),
                                    std::numeric_limits<float>::infinity()};

// One axis of (outer, extent, inner).
struct Pass {
  int64_t outer = 1;
  int64_t inner = 1;
  ResizeAxis axis;
  // For inner > 1: offsets of the taps, per tap of the axis.
  std::vector<int64_t> offsets;
  // For inner 1: the same number of taps for every output, as [tap][output].
  int64_t taps = 0;
  std::vector<int32_t> indices;
  std::vector<float> weights;
};

struct Outside {
  int64_t outer = 1;
  int64_t inner = 1;
  std::vector<char> flags;
};

struct State {
  const WindowKernels* windows = nullptr;
  const PoolKernels* pools = nullptr;
  std::vector<Pass> passes;
  int64_t buffer_floats = 0;  // of each of two intermediate results
  std::vector<Outside> outside;
  float extrapolation_value = 0;
  int64_t elements = 0;
};

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.Is(0, DType::kFloat32)) return Support::No("only float32");
  const Result<ResizePlan> plan = PlanResize(instance);
  return plan.ok() ? Support::Yes() : Support::No(plan.status().message());
}

// Every output gets the number of taps of the one with most: a missing one repeats the first tap,
// which gives up a part of its weight, so that nothing is multiplied by 0.
void EvenOut(Pass& pass) {
  const ResizeAxis& axis = pass.axis;
  const auto outputs = static_cast<size_t>(axis.output);
  size_t most = 0;
  for (size_t i = 0; i < outputs; ++i) most = std::max(most, axis.first[i + 1] - axis.first[i]);
  pass.taps = static_cast<int64_t>(most);
  pass.indices.assign(most * outputs, 0);
  pass.weights.assign(most * outputs, 0);
  for (size_t i = 0; i < outputs; ++i) {
    const size_t begin = axis.first[i];
    const size_t count = axis.first[i + 1] - begin;
    for (size_t tap = 0; tap < most && count > 0; ++tap) {
      const bool is_first = tap == 0 || tap >= count;
      const size_t source = begin + (tap < count ? tap : 0);
      pass.indices[tap * outputs + i] = static_cast<int32_t>(axis.index[source]);
      pass.weights[tap * outputs + i] =
          is_first ? axis.weight[source] / static_cast<float>(most - count + 1)
                   : axis.weight[source];
    }
  }
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  ASSAY_ASSIGN_OR_RETURN(const ResizePlan plan, PlanResize(instance));
  State state;
  state.windows = &WindowKernelsOf(kIsa);
  state.pools = &PoolKernelsOf(kIsa);
  state.extrapolation_value = plan.extrapolation_value;
  std::vector<int> order;
  Shape shape = instance.input(0).shape;
  const Shape& output = instance.output(0).shape;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    if (!plan.axes[static_cast<size_t>(i)].is_identity) order.push_back(i);
  }
  std::ranges::stable_sort(
      order, [&](int a, int b) { return output[a] * shape[b] < output[b] * shape[a]; });
  for (int i : order) {
    Pass pass;
    pass.axis = plan.axes[static_cast<size_t>(i)];
    pass.outer = shape.elements(0, i);
    pass.inner = shape.elements(i + 1, shape.rank());
    if (pass.inner == 1) EvenOut(pass);
    for (int64_t index : pass.axis.index) pass.offsets.push_back(index * pass.inner);
    shape[i] = output[i];
    if (i != order.back()) state.buffer_floats = std::max(state.buffer_floats, shape.elements());
    state.passes.push_back(std::move(pass));
  }
  for (int i = 0; i < shape.rank(); ++i) {
    const ResizeAxis& axis = plan.axes[static_cast<size_t>(i)];
    if (!axis.has_outside) continue;
    state.outside.push_back(
        {output.elements(0, i), output.elements(i + 1, output.rank()), axis.outside});
  }
  state.elements = output.elements();
  state.buffer_floats = (state.buffer_floats + 15) / 16 * 16;
  Preparation preparation;
  preparation.workspace_bytes = static_cast<size_t>(2 * state.buffer_floats) * sizeof(float);
  preparation.state = MakeState(std::move(state));
  return preparation;
}

// Output row `at` of an axis with something behind it.
void WeighRow(const State& state, const Pass& pass, const float* in, size_t at, float* out) {
  const size_t first = pass.axis.first[at];
  const auto taps = static_cast<int64_t>(pass.axis.first[at + 1] - first);
  const float* weights = pass.axis.weight.data() + first;
  const int64_t* offsets = pass.offsets.data() + first;
  if (pass.inner >= state.windows->lanes) {
    state.windows->weigh_taps(in, offsets, weights, taps, pass.inner, kNoFinish, out);
    return;
  }
  for (int64_t i = 0; i < pass.inner; ++i) {
    double sum = 0;
    for (int64_t tap = 0; tap < taps; ++tap) {
      sum += static_cast<double>(weights[tap]) * in[offsets[tap] + i];
    }
    out[i] = static_cast<float>(sum);
  }
}

void RunPass(const State& state, const Pass& pass, const float* in, float* out,
             ThreadPool& threads) {
  constexpr int64_t kGrainFloats = 1 << 14;
  const int64_t outputs = pass.axis.output;
  const int64_t inputs = pass.axis.input;
  if (pass.inner == 1) {
    const int64_t grain = std::max<int64_t>(1, kGrainFloats / std::max<int64_t>(1, outputs));
    threads.ParallelFor(pass.outer, grain, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        state.pools->gather_taps(in + row * inputs, pass.indices.data(), pass.weights.data(),
                                 pass.taps, outputs, outputs, out + row * outputs);
      }
    });
    return;
  }
  const int64_t grain = std::max<int64_t>(1, kGrainFloats / std::max<int64_t>(1, pass.inner));
  threads.ParallelFor(pass.outer * outputs, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      WeighRow(state, pass, in + row / outputs * inputs * pass.inner,
               static_cast<size_t>(row % outputs), out + row * pass.inner);
    }
  });
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  if (state.elements == 0) return OkStatus();
  auto* out = call.Output<float>(0);
  const auto* in = call.Input<float>(0);
  auto* buffers = reinterpret_cast<float*>(call.workspace);
  if (state.passes.empty()) std::copy_n(in, state.elements, out);
  for (size_t i = 0; i < state.passes.size(); ++i) {
    const bool is_last = i + 1 == state.passes.size();
    float* to = is_last ? out : buffers + static_cast<int64_t>(i % 2) * state.buffer_floats;
    RunPass(state, state.passes[i], in, to, *call.threads);
    in = to;
  }
  for (const Outside& outside : state.outside) {
    const auto extent = static_cast<int64_t>(outside.flags.size());
    for (int64_t row = 0; row < outside.outer * extent; ++row) {
      if (outside.flags[static_cast<size_t>(row % extent)] == 0) continue;
      std::fill_n(out + row * outside.inner, outside.inner, state.extrapolation_value);
    }
  }
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor image = Noise({2, 3, 21, 37}, 9);
  const auto add = [&](const char* name, const char* mode, const char* coordinates,
                       const std::vector<float>& scales) {
    cases.push_back({.name = name,
                     .attributes = {{"mode", std::string(mode)},
                                    {"coordinate_transformation_mode", std::string(coordinates)}},
                     .inputs = {image, std::nullopt, Tensor::Vector<float>(scales)}});
  };
  add("linear_doubled", "linear", "half_pixel", {1, 1, 2, 2});
  add("linear_aligned", "linear", "align_corners", {1, 1, 3.7F, 4.1F});
  add("linear_shrunk", "linear", "asymmetric", {1, 1, 0.5F, 0.4F});
  add("linear_of_channels", "linear", "half_pixel", {1, 2, 1, 1});
  add("cubic_grown", "cubic", "pytorch_half_pixel", {1, 1, 2.5F, 1.3F});
  add("cubic_shrunk", "cubic", "half_pixel", {1, 1, 0.3F, 0.7F});
  add("nearest_doubled", "nearest", "asymmetric", {1, 1, 2, 2});
  add("nearest_of_all", "nearest", "half_pixel", {2, 1.7F, 0.6F, 1});
}

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name, std::string_view op,
                            void (*cases)(std::vector<OpCase>&) = nullptr) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kReassociated,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .run = Run,
          .cases = cases};
}

}  // namespace

extern const Tactic kResizeSeparableAvx512, kResizeSeparableAvx2, kResizeSeparablePortable;
extern const Tactic kUpsampleSeparableAvx512, kUpsampleSeparableAvx2, kUpsampleSeparablePortable;
constexpr Tactic kResizeSeparableAvx512 =
    MakeTactic<Isa::kAvx512>("cpu.resize.separable.f32.avx512", "Resize", Cases);
constexpr Tactic kResizeSeparableAvx2 =
    MakeTactic<Isa::kAvx2>("cpu.resize.separable.f32.avx2", "Resize", Cases);
constexpr Tactic kResizeSeparablePortable =
    MakeTactic<Isa::kPortable>("cpu.resize.separable.f32.portable", "Resize", Cases);
constexpr Tactic kUpsampleSeparableAvx512 =
    MakeTactic<Isa::kAvx512>("cpu.upsample.separable.f32.avx512", "Upsample");
constexpr Tactic kUpsampleSeparableAvx2 =
    MakeTactic<Isa::kAvx2>("cpu.upsample.separable.f32.avx2", "Upsample");
constexpr Tactic kUpsampleSeparablePortable =
    MakeTactic<Isa::kPortable>("cpu.upsample.separable.f32.portable", "Upsample");

}  // namespace assay
