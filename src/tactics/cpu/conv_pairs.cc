// ConvInteger and QLinearConv: products of 16-bit pairs of filters and gathered windows, with exact
// sums in 32 bits.

#include <algorithm>
#include <cmath>

#include "tactics/cpu/convolution_geometry.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/pair_product.h"

namespace assay {
namespace {

// Sums of so many products of centred bytes stay within 32 bits.
constexpr int64_t kMostExactDepth = 33000;
constexpr int64_t kMostPaddedElements = int64_t{1} << 28;

// Where an operator has its operands.
struct Roles {
  int filters = 1;
  int input_zero = 2;
  int filter_zero = 3;
  bool is_quantized = false;
};
Roles RolesOf(const Instance& instance) {
  if (instance.node().op == "ConvInteger") return {};
  return {.filters = 3, .input_zero = 2, .filter_zero = 5, .is_quantized = true};
}

struct State {
  Roles roles;
  const PairKernels* kernels = nullptr;
  ConvolutionGeometry geometry;
  bool input_is_signed = false;
  bool filter_is_signed = false;
  bool output_is_signed = false;
  int64_t filter_zero_step = 0;  // 1: one per filter
  int64_t filter_scale_step = 0;
  bool has_bias = false;
  // The part of a channel that windows reach, with its padding.
  int64_t padded[3] = {1, 1, 1};
  std::vector<int64_t> rows;  // of the gathered matrix, in the padded channels of a group
  int64_t filter_pairs = 0;   // numbers of 16 bits of a group
  int64_t image_numbers = 0;
  int64_t panel_numbers = 0;

  int64_t depth() const { return geometry.channels * geometry.taps(); }
  int64_t padded_plane() const { return padded[0] * padded[1] * padded[2]; }
  int64_t panels() const {
    return (geometry.output_plane() + kernels->tile_columns - 1) / kernels->tile_columns;
  }
};

bool IsByte(const Operand& operand) {
  return operand.dtype == DType::kInt8 || operand.dtype == DType::kUInt8;
}
bool IsSingle(const Operand& operand) { return operand.shape.elements() == 1; }
bool IsPer(const Operand& operand, int64_t extent) {
  return IsSingle(operand) || (operand.shape.rank() == 1 && operand.shape[0] == extent);
}
int64_t PaddedExtent(const WindowExtent& e) {
  return std::max<int64_t>(0, (e.output - 1) * e.stride + (e.kernel - 1) * e.dilation + 1);
}

Support SupportsParameters(const Instance& instance, const Roles& roles, int64_t filters) {
  if (instance.HasInput(roles.input_zero) && !IsSingle(instance.input(roles.input_zero))) {
    return Support::No("only one zero point for the input");
  }
  if (instance.HasInput(roles.filter_zero) && !IsPer(instance.input(roles.filter_zero), filters)) {
    return Support::No("only one zero point for the filters or one each");
  }
  if (!roles.is_quantized) return Support::Yes();
  for (const int scale : {1, 4, 6}) {
    if (!instance.Is(scale, DType::kFloat32)) return Support::No("only scales of float32");
  }
  if (!IsSingle(instance.input(1)) || !IsPer(instance.input(4), filters) ||
      !IsSingle(instance.input(6)) || !IsSingle(instance.input(7))) {
    return Support::No("only one scale, or one per filter");
  }
  return Support::Yes();
}

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  const Roles roles = RolesOf(instance);
  const Operand& filters = instance.input(roles.filters);
  if (!IsByte(instance.input(0)) || !IsByte(filters)) {
    return Support::No("only integers of 8 bits");
  }
  if (filters.constant == nullptr || (instance.HasInput(roles.filter_zero) &&
                                      instance.input(roles.filter_zero).constant == nullptr)) {
    return Support::No("filters must be constant");
  }
  ConvolutionGeometry g;
  Support support = ReadConvolution(instance, 3, &g, roles.filters);
  if (!support.ok()) return support;
  if (roles.is_quantized && g.channels * g.taps() > kMostExactDepth) {
    return Support::No("too many products for 32 bits");
  }
  int64_t elements = g.channels * g.groups;
  for (const WindowExtent* e : {&g.depth, &g.height, &g.width}) {
    if (e->stride > kMostPaddedElements || e->dilation > kMostPaddedElements) {
      return Support::No("the windows are too large");
    }
    elements *= std::max<int64_t>(1, PaddedExtent(*e));
    if (elements > kMostPaddedElements) return Support::No("the padded input is too large");
  }
  return SupportsParameters(instance, roles, g.filters * g.groups);
}

int64_t StepOf(const Instance& instance, int index) {
  return instance.HasInput(index) && !IsSingle(instance.input(index)) ? 1 : 0;
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine& machine) {
  State state;
  state.roles = RolesOf(instance);
  state.kernels = &PairKernelsOf(kIsa);
  const Support support = ReadConvolution(instance, 3, &state.geometry, state.roles.filters);
  if (!support.ok()) return Status(StatusCode::kInternal, support.reason());
  const ConvolutionGeometry& g = state.geometry;
  state.input_is_signed = instance.input(0).dtype == DType::kInt8;
  state.filter_is_signed = instance.input(state.roles.filters).dtype == DType::kInt8;
  state.output_is_signed = instance.output(0).dtype == DType::kInt8;
  state.filter_zero_step = StepOf(instance, state.roles.filter_zero);
  if (state.roles.is_quantized) {
    state.filter_scale_step = StepOf(instance, 4);
    state.has_bias = instance.HasInput(8);
  }
  state.padded[0] = PaddedExtent(g.depth);
  state.padded[1] = PaddedExtent(g.height);
  state.padded[2] = PaddedExtent(g.width);
  for (int64_t channel = 0; channel < g.channels; ++channel) {
    for (int64_t tap = 0; tap < g.taps(); ++tap) {
      const int64_t z = tap / (g.height.kernel * g.width.kernel) * g.depth.dilation;
      const int64_t y = tap / g.width.kernel % g.height.kernel * g.height.dilation;
      const int64_t x = tap % g.width.kernel * g.width.dilation;
      state.rows.push_back(
          ((channel * state.padded[0] + z) * state.padded[1] + y) * state.padded[2] + x);
    }
  }
  // The second half of the last pair, which is multiplied by zero.
  if (state.rows.size() % 2 != 0) state.rows.push_back(state.rows.back());
  state.filter_pairs = PackedPairs(g.filters, state.kernels->tile_rows, state.depth());
  state.image_numbers = (g.groups * g.channels * state.padded_plane() + 31) / 32 * 32;
  state.panel_numbers =
      PackedPairs(state.kernels->tile_columns, state.kernels->tile_columns, state.depth());
  Preparation preparation;
  preparation.packed_bytes = static_cast<size_t>(g.groups * state.filter_pairs) * 2;
  preparation.packed_inputs = {state.roles.filters};
  preparation.workspace_bytes =
      static_cast<size_t>(state.image_numbers + state.panel_numbers * machine.threads) * 2;
  preparation.state = MakeState(std::move(state));
  return preparation;
}

Status Pack(const Instance& instance, const void* opaque, std::span<std::byte> packed) {
  const State& state = *static_cast<const State*>(opaque);
  const ConvolutionGeometry& g = state.geometry;
  const int64_t depth = state.depth();
  const int64_t tile = state.kernels->tile_rows;
  const ByteMatrix filters = {instance.input(state.roles.filters).constant->raw(),
                              state.filter_is_signed, depth};
  const int index = state.roles.filter_zero;
  const ByteMatrix zeros = {
      instance.HasInput(index) ? instance.input(index).constant->raw() : nullptr,
      state.filter_is_signed, 0};
  std::vector<int16_t> scratch(static_cast<size_t>(depth));
  auto* out = reinterpret_cast<int16_t*>(packed.data());
  for (int64_t group = 0; group < g.groups; ++group) {
    for (int64_t first = 0; first < g.filters; first += tile) {
      PackRowPanel(
          filters, group * g.filters + first, std::min(tile, g.filters - first), depth,
          [&](int64_t filter) {
            return zeros.data == nullptr ? 0 : zeros.At(filter * state.filter_zero_step);
          },
          *state.kernels, scratch.data(), out);
      out += PackedPairs(tile, tile, depth);
    }
  }
  return OkStatus();
}

// One channel, centred, with its padding.
void PadChannel(const State& state, const ByteMatrix& input, int64_t begin, int zero,
                int16_t* out) {
  const ConvolutionGeometry& g = state.geometry;
  const int64_t width = state.padded[2];
  const int64_t first = std::min(g.width.pad, width);
  const int64_t count = std::clamp<int64_t>(width - first, 0, g.width.input);
  for (int64_t z = 0; z < state.padded[0]; ++z) {
    for (int64_t y = 0; y < state.padded[1]; ++y, out += width) {
      const int64_t from_z = z - g.depth.pad;
      const int64_t from_y = y - g.height.pad;
      std::fill_n(out, width, int16_t{0});
      if (from_z < 0 || from_z >= g.depth.input || from_y < 0 || from_y >= g.height.input) continue;
      CenterBytes(input, begin + (from_z * g.height.input + from_y) * g.width.input, count, zero,
                  out + first);
    }
  }
}

// Windows of outputs [column, column + columns) of one group of the padded image.
void GatherPanel(const State& state, const int16_t* image, int64_t column, int64_t columns,
                 int16_t* packed) {
  const ConvolutionGeometry& g = state.geometry;
  const int64_t tile = state.kernels->tile_columns;
  if (columns < tile) std::fill_n(packed, state.panel_numbers, int16_t{0});
  for (int64_t at = 0; at < columns;) {
    const int64_t row = (column + at) / g.width.output;
    const int64_t x = (column + at) % g.width.output;
    const int64_t count = std::min(g.width.output - x, columns - at);
    const int64_t z = row / g.height.output * g.depth.stride;
    const int64_t y = row % g.height.output * g.height.stride;
    const int16_t* from = image + (z * state.padded[1] + y) * state.padded[2] + x * g.width.stride;
    int16_t* to = packed + at * 2;
    for (size_t k = 0; k < state.rows.size(); k += 2, to += 2 * tile) {
      state.kernels->interleave(from + state.rows[k], from + state.rows[k + 1], g.width.stride,
                                count, to);
    }
    at += count;
  }
}

// Outputs of one filter from `at` on.
void Finish(const State& state, const Call& call, const int32_t* sums, int64_t filter,
            int64_t columns, int64_t at) {
  if (!state.roles.is_quantized) {
    std::copy_n(sums, columns, call.Output<int32_t>(0) + at);
    return;
  }
  const double scale = static_cast<double>(*call.Input<float>(1)) *
                       call.Input<float>(4)[filter * state.filter_scale_step] /
                       *call.Input<float>(6);
  const double bias = state.has_bias ? call.Input<int32_t>(8)[filter] : 0;
  const double zero = ByteMatrix{call.inputs[7], state.output_is_signed, 0}.At(0);
  if (state.output_is_signed) {
    state.kernels->quantize_int8(columns, sums, bias, &scale, 0, zero, call.Output<int8_t>(0) + at);
  } else {
    state.kernels->quantize_uint8(columns, sums, bias, &scale, 0, zero,
                                  call.Output<uint8_t>(0) + at);
  }
}

void ConvolveImage(const State& state, const Call& call, int64_t index) {
  const ConvolutionGeometry& g = state.geometry;
  auto* image = reinterpret_cast<int16_t*>(call.workspace);
  const ByteMatrix input = {call.inputs[0], state.input_is_signed, 0};
  const auto zero_index = static_cast<size_t>(state.roles.input_zero);
  const void* zeros = zero_index < call.inputs.size() ? call.inputs[zero_index] : nullptr;
  const int zero = zeros == nullptr ? 0 : ByteMatrix{zeros, state.input_is_signed, 0}.At(0);
  const int64_t channels = g.groups * g.channels;
  call.threads->ParallelFor(channels, 4, [&](int64_t begin, int64_t end) {
    for (int64_t channel = begin; channel < end; ++channel) {
      PadChannel(state, input, (index * channels + channel) * g.input_plane(), zero,
                 image + channel * state.padded_plane());
    }
  });
  const int64_t tile = state.kernels->tile_columns;
  call.threads->ParallelForSlots(
      g.groups * state.panels(), 1, [&](int64_t piece, int64_t, int slot) {
        const int64_t group = piece / state.panels();
        const int64_t column = piece % state.panels() * tile;
        const int64_t columns = std::min(tile, g.output_plane() - column);
        int16_t* packed = image + state.image_numbers + slot * state.panel_numbers;
        GatherPanel(state, image + group * g.channels * state.padded_plane(), column, columns,
                    packed);
        MultiplyPanel(reinterpret_cast<const int16_t*>(call.packed) + group * state.filter_pairs,
                      g.filters, packed, state.depth(), *state.kernels,
                      [&](int64_t row, int64_t rows, const int32_t* sums) {
                        for (int64_t r = 0; r < rows; ++r) {
                          const int64_t filter = group * g.filters + row + r;
                          const int64_t plane = index * g.groups * g.filters + filter;
                          Finish(state, call, sums + r * tile, filter, columns,
                                 plane * g.output_plane() + column);
                        }
                      });
      });
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  for (int64_t image = 0; image < state.geometry.batch; ++image) {
    ConvolveImage(state, call, image);
  }
  return OkStatus();
}

Tensor Bytes(const Shape& shape, DType dtype, int seed) {
  const float low = dtype == DType::kInt8 ? -128 : 0;
  return *ConvertTensor(Spread(shape, low, low + 255.9F, seed), dtype);
}

void AddCases(bool is_quantized, std::vector<OpCase>& cases) {
  const std::vector<ConvolutionForm> forms = {
      {"row", {2, 9, 150}, {18, 9, 5}, 1, {2}, {1}, {2, 1}},
      {"plane", {2, 7, 19, 23}, {29, 7, 3, 3}, 1, {1, 1}, {1, 1}, {1, 1, 1, 1}},
      {"by_two", {1, 20, 21, 47}, {18, 20, 3, 3}, 1, {2, 2}, {1, 1}, {1, 1, 1, 1}},
      {"groups", {2, 6, 11, 13}, {9, 2, 3, 2}, 3, {1, 3}, {2, 1}, {2, 0, 1, 1}},
      {"depthwise", {1, 33, 9, 11}, {33, 1, 3, 3}, 33, {1, 1}, {1, 1}, {1, 1, 1, 1}},
      {"pointwise", {1, 40, 13, 15}, {22, 40, 1, 1}, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}},
      {"volume", {1, 5, 6, 9, 12}, {14, 5, 3, 3, 3}, 1, {1, 1, 2}, {1, 1, 1}, {1, 1, 1, 1, 1, 1}},
      {"outside_only", {1, 18, 3, 2}, {20, 18, 2, 2}, 1, {1, 1}, {4, 4}, {9, 8, 9, 8}},
  };
  for (const ConvolutionForm& form : forms) {
    for (const DType dtype : {DType::kInt8, DType::kUInt8}) {
      const int64_t filters = form.filters[0];
      OpCase op_case = {.name = form.name,
                        .attributes = {{"group", form.groups},
                                       {"strides", form.strides},
                                       {"dilations", form.dilations},
                                       {"pads", form.pads}}};
      const Tensor x = Bytes(form.input, dtype, 1);
      const Tensor w = Bytes(form.filters, DType::kInt8, 2);
      const Tensor x_zero = Bytes({}, dtype, 3);
      if (!is_quantized) {
        op_case.inputs = {x, w, x_zero};
        cases.push_back(op_case);
        op_case.inputs.emplace_back(Bytes({filters}, DType::kInt8, 4));
        cases.push_back(op_case);
        continue;
      }
      op_case.output_types = {dtype};
      const int64_t depth = form.filters.elements() / filters;
      op_case.inputs = {x,
                        Tensor::Scalar<float>(0.5F),
                        x_zero,
                        w,
                        Spread({filters}, 0.01F, 0.05F),
                        Bytes({filters}, DType::kInt8, 4),
                        Tensor::Scalar<float>(std::sqrt(static_cast<float>(depth))),
                        Bytes({}, dtype, 5)};
      cases.push_back(op_case);
      op_case.inputs[4] = Tensor::Scalar<float>(0.03F);
      op_case.inputs[5] = Tensor::Scalar<int8_t>(0);
      op_case.inputs.emplace_back(
          *ConvertTensor(Spread({filters}, -40000, 40000, 6), DType::kInt32));
      cases.push_back(op_case);
    }
  }
}

void IntegerCases(std::vector<OpCase>& cases) { AddCases(false, cases); }
void QuantizedCases(std::vector<OpCase>& cases) { AddCases(true, cases); }

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name, std::string_view op,
                            void (*cases)(std::vector<OpCase>&)) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kExact,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .pack = Pack,
          .run = Run,
          .cases = cases};
}

#define ASSAY_TACTICS(name, op, cases)                                      \
  MakeTactic<Isa::kAvx512>("cpu." name ".pairs.integer.avx512", op, cases), \
      MakeTactic<Isa::kAvx2>("cpu." name ".pairs.integer.avx2", op, cases), \
      MakeTactic<Isa::kPortable>("cpu." name ".pairs.integer.portable", op, cases)

constexpr Tactic kTactics[] = {
    ASSAY_TACTICS("convinteger", "ConvInteger", IntegerCases),
    ASSAY_TACTICS("qlinearconv", "QLinearConv", QuantizedCases),
};

}  // namespace

extern const std::span<const Tactic> kConvPairsTactics;
constexpr std::span<const Tactic> kConvPairsTactics = kTactics;

}  // namespace assay
