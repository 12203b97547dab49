// Depthwise convolution of values with blocked channels: a vector is one place of as many channels,
// so that narrow planes fill it too.

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "tactics/cpu/activation.h"
#include "tactics/cpu/convolution_geometry.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/epilogue.h"
#include "tactics/cpu/kernels/window_kernels.h"

namespace assay {
namespace {

// Products of one sum: longer chains of roundings would need blocks.
constexpr int64_t kMostTaps = 128;
// Products of a piece of work.
constexpr int64_t kPieceProducts = 1 << 17;

struct State {
  ConvolutionGeometry geometry;
  const WindowKernels* kernels = nullptr;
  bool has_bias = false;
  Bounds bounds;

  int64_t lanes() const { return kernels->lanes; }
  int64_t blocks() const { return (geometry.groups + lanes() - 1) / lanes(); }
  int64_t weight_floats() const { return geometry.taps() * lanes(); }  // per block
};

template <Isa kIsa>
Formats BlockedFormats(const Instance& instance) {
  Formats formats;
  for (const Operand& operand : instance.inputs())
    formats.inputs.push_back(RowMajor(operand.dtype));
  Format blocked = RowMajor(DType::kFloat32);
  blocked.layout = Layout::kBlockedChannels;
  blocked.block = WindowKernelsOf(kIsa).lanes;
  formats.inputs[0] = blocked;
  formats.outputs = {blocked};
  return formats;
}

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.AllAre(DType::kFloat32)) return Support::No("only float32");
  if (instance.input(1).constant == nullptr) return Support::No("filters must be constant");
  if (instance.HasInput(2) && instance.input(2).constant == nullptr) {
    return Support::No("the bias must be constant");
  }
  State state;
  Support support = ReadConvolution(instance, 2, &state.geometry);
  if (!support.ok()) return support;
  const ConvolutionGeometry& g = state.geometry;
  if (g.channels != 1 || g.filters != 1) return Support::No("only one filter per channel");
  if (g.taps() > kMostTaps) return Support::No("the windows are too large");
  const Epilogue epilogue = ConvolutionEpilogue(instance, kIsa);
  if (epilogue.residual_input >= 0) return Support::No("only without residual");
  const std::optional<Bounds> bounds = BoundsOf(epilogue.activation);
  if (!bounds) return Support::No("the activation has no bounds");
  // The elements behind the channels stay zero.
  return bounds->low <= 0 && bounds->high >= 0 ? Support::Yes()
                                               : Support::No("the bounds leave out zero");
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  State state;
  const Support support = ReadConvolution(instance, 2, &state.geometry);
  if (!support.ok()) return Status(StatusCode::kInternal, support.reason());
  state.kernels = &WindowKernelsOf(kIsa);
  state.has_bias = instance.HasInput(2);
  state.bounds = *BoundsOf(ConvolutionEpilogue(instance, kIsa).activation);
  Preparation preparation;
  preparation.packed_inputs = {1};
  if (state.has_bias) preparation.packed_inputs.push_back(2);
  preparation.packed_bytes =
      static_cast<size_t>(state.blocks() * (state.weight_floats() + state.lanes())) * sizeof(float);
  preparation.state = MakeState(state);
  return preparation;
}

// Per block: [tap][lane], then the bias; zeros behind the channels.
Status Pack(const Instance& instance, const void* opaque, std::span<std::byte> packed) {
  const State& state = *static_cast<const State*>(opaque);
  const int64_t taps = state.geometry.taps();
  const float* filters = instance.input(1).constant->data<float>().data();
  const float* bias = state.has_bias ? instance.input(2).constant->data<float>().data() : nullptr;
  auto* out = reinterpret_cast<float*>(packed.data());
  for (int64_t block = 0; block < state.blocks(); ++block) {
    const int64_t first = block * state.lanes();
    for (int64_t row = 0; row <= taps; ++row) {
      for (int64_t lane = 0; lane < state.lanes(); ++lane) {
        const int64_t channel = first + lane;
        const bool is_bias = row == taps;
        const bool is_absent = channel >= state.geometry.groups || (is_bias && bias == nullptr);
        *out++ = is_absent ? 0.0F : is_bias ? bias[channel] : filters[channel * taps + row];
      }
    }
  }
  return OkStatus();
}

// Taps [begin, end) of an axis that lie inside the input for one output.
std::pair<int64_t, int64_t> TapsInside(const WindowExtent& axis, int64_t output) {
  const int64_t origin = output * axis.stride - axis.pad;
  const int64_t begin = origin >= 0 ? 0 : (-origin + axis.dilation - 1) / axis.dilation;
  const int64_t end = origin >= axis.input ? 0 : (axis.input - 1 - origin) / axis.dilation + 1;
  return {std::min(begin, axis.kernel), std::clamp(end, std::min(begin, axis.kernel), axis.kernel)};
}

void WeighRow(const State& state, const float* plane, const float* weights, int64_t y, float* out) {
  const WindowExtent& h = state.geometry.height;
  const WindowExtent& w = state.geometry.width;
  const int64_t lanes = state.lanes();
  const auto [row_begin, row_end] = TapsInside(h, y);
  BlockedWindows windows = {.plane = plane,
                            .offset = 0,
                            .step = w.stride * lanes,
                            .row_step = h.dilation * w.input * lanes,
                            .column_step = w.dilation * lanes,
                            .weights = weights,
                            .columns = w.kernel,
                            .row_begin = row_begin,
                            .row_end = row_end,
                            .column_begin = 0,
                            .column_end = 0,
                            .bias = weights + state.weight_floats(),
                            .low = state.bounds.low,
                            .high = state.bounds.high};
  for (int64_t x = 0; x < w.output;) {
    std::tie(windows.column_begin, windows.column_end) = TapsInside(w, x);
    int64_t count = 1;
    while (x + count < w.output &&
           TapsInside(w, x + count) == std::pair(windows.column_begin, windows.column_end)) {
      ++count;
    }
    windows.offset = ((y * h.stride - h.pad) * w.input + x * w.stride - w.pad) * lanes;
    state.kernels->weigh_blocked(windows, count, out + x * lanes);
    x += count;
  }
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const ConvolutionGeometry& g = state.geometry;
  const int64_t lanes = state.lanes();
  const int64_t height = g.height.output;
  const int64_t row_products = g.width.output * g.taps() * lanes;
  const int64_t grain = std::max<int64_t>(1, kPieceProducts / std::max<int64_t>(1, row_products));
  const auto* packed = reinterpret_cast<const float*>(call.packed);
  call.threads->ParallelFor(
      g.batch * state.blocks() * height, grain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const int64_t plane = i / height;
          const float* weights =
              packed + plane % state.blocks() * (state.weight_floats() + state.lanes());
          WeighRow(state, call.Input<float>(0) + plane * g.input_plane() * lanes, weights,
                   i % height, call.Output<float>(0) + i * g.width.output * lanes);
        }
      });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const std::vector<ConvolutionForm> forms = {
      {"narrow", {2, 37, 7, 7}, {37, 1, 3, 3}, 37, {1, 1}, {1, 1}, {1, 1, 1, 1}},
      {"by_two", {1, 16, 14, 15}, {16, 1, 5, 5}, 16, {2, 2}, {1, 1}, {2, 2, 2, 2}},
      {"dilated", {1, 20, 9, 23}, {20, 1, 3, 3}, 20, {1, 2}, {2, 3}, {2, 3, 2, 3}},
      {"wide_padding", {1, 5, 3, 4}, {5, 1, 3, 3}, 5, {1, 1}, {1, 1}, {4, 5, 6, 3}},
      {"one_place", {1, 33, 1, 1}, {33, 1, 3, 3}, 33, {1, 1}, {1, 1}, {1, 1, 1, 1}},
      {"many_rows", {1, 48, 90, 40}, {48, 1, 3, 3}, 48, {1, 1}, {1, 1}, {1, 1, 1, 1}},
  };
  AddConvolutions(forms, 300, cases);
}

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name) {
  return {.name = name,
          .domain = "",
          .op = "Conv",
          .fused = true,
          .numerics = NumericClass::kReassociated,
          .supports = Supports<kIsa>,
          .formats = BlockedFormats<kIsa>,
          .prepare = Prepare<kIsa>,
          .pack = Pack,
          .run = Run,
          .cases = Cases};
}

}  // namespace

extern const Tactic kConvDepthwiseBlockedAvx512, kConvDepthwiseBlockedAvx2,
    kConvDepthwiseBlockedPortable;
constexpr Tactic kConvDepthwiseBlockedAvx512 =
    MakeTactic<Isa::kAvx512>("cpu.conv.depthwise_blocked.f32.avx512");
constexpr Tactic kConvDepthwiseBlockedAvx2 =
    MakeTactic<Isa::kAvx2>("cpu.conv.depthwise_blocked.f32.avx2");
constexpr Tactic kConvDepthwiseBlockedPortable =
    MakeTactic<Isa::kPortable>("cpu.conv.depthwise_blocked.f32.portable");

}  // namespace assay
