// Convolutions whose groups have few channels. The rows of the input that a band of windows covers
// are copied with their padding, split by the remainder of their row and column under the strides:
// every tap then lies at a constant offset from its output, whatever the strides and dilations.

#include <algorithm>
#include <cstring>
#include <optional>

#include "tactics/cpu/activation.h"
#include "tactics/cpu/convolution_geometry.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/epilogue.h"
#include "tactics/cpu/kernels/window_kernels.h"

namespace assay {
namespace {

// Larger groups are better served by a matrix product.
constexpr int64_t kMostGroupProducts = 16;
// Floats of a band: it then stays in the first level cache while its windows are summed.
constexpr int64_t kBandFloats = 6 * 1024;
constexpr int64_t kMostScratchFloats = int64_t{1} << 24;
// Products of a piece of work.
constexpr int64_t kPieceProducts = 1 << 17;

// The inputs of a row whose padded position leaves the same remainder under the stride: first,
// first + stride, ... (count of them) go to `begin` and behind.
struct RowPart {
  int64_t first = 0;
  int64_t begin = 0;
  int64_t count = 0;
};

struct State {
  ConvolutionGeometry geometry;
  const WindowKernels* kernels = nullptr;
  Epilogue epilogue;  // what the kernels leave to be done
  int bias_input = -1;
  Bounds bounds;
  int64_t band_rows = 0;  // of the output
  int64_t bands = 0;
  int64_t pitch = 0;        // of a row of one remainder
  int64_t part_floats = 0;  // of the rows of one remainder
  std::vector<RowPart> row_parts;
  int64_t channel_floats = 0;
  std::vector<int64_t> offsets;  // of the taps of all channels of a group
  bool is_flat = false;          // rows shorter than a vector are summed as one long row with gaps
  int64_t input_floats = 0;
  int64_t scratch_floats = 0;  // per slot
  int64_t grain = 1;

  int64_t taps() const { return static_cast<int64_t>(offsets.size()); }
};

int64_t RoundUp(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

void LayOut(State& state) {
  const ConvolutionGeometry& g = state.geometry;
  const WindowExtent& h = g.height;
  const WindowExtent& w = g.width;
  const int64_t lanes = state.kernels->lanes;
  const int64_t more_rows = (h.kernel - 1) * h.dilation / h.stride;
  state.pitch = w.output + (w.kernel - 1) * w.dilation / w.stride;
  state.is_flat = w.output < lanes;
  const int64_t parts = h.stride * w.stride;
  const int64_t row_floats = std::max<int64_t>(1, state.pitch * parts * g.channels);
  state.band_rows =
      std::clamp<int64_t>(kBandFloats / row_floats - more_rows, std::min<int64_t>(8, h.output),
                          std::max<int64_t>(h.output, 1));
  state.bands = (h.output + state.band_rows - 1) / state.band_rows;
  // Bands of about the same height.
  if (state.bands > 0) state.band_rows = (h.output + state.bands - 1) / state.bands;
  state.part_floats = (state.band_rows + more_rows + 1) * state.pitch + lanes;
  state.channel_floats = parts * state.part_floats;
  for (int64_t part = 0; part < w.stride; ++part) {
    RowPart row_part;
    row_part.first = ((part - w.pad) % w.stride + w.stride) % w.stride;
    row_part.begin = std::min(state.pitch, (row_part.first + w.pad) / w.stride);
    const int64_t inputs =
        w.input <= row_part.first ? 0 : (w.input - row_part.first - 1) / w.stride + 1;
    row_part.count = std::min(inputs, state.pitch - row_part.begin);
    state.row_parts.push_back(row_part);
  }
  for (int64_t channel = 0; channel < g.channels; ++channel) {
    for (int64_t y = 0; y < h.kernel; ++y) {
      for (int64_t x = 0; x < w.kernel; ++x) {
        const int64_t row = y * h.dilation;
        const int64_t column = x * w.dilation;
        const int64_t part = row % h.stride * w.stride + column % w.stride;
        state.offsets.push_back(channel * state.channel_floats + part * state.part_floats +
                                row / h.stride * state.pitch + column / w.stride);
      }
    }
  }
  state.input_floats = RoundUp(g.channels * state.channel_floats + state.pitch + lanes, 16);
  state.scratch_floats = state.input_floats;
  if (state.is_flat) {
    state.scratch_floats += RoundUp(state.band_rows * state.pitch + lanes, 16);
  }
  const int64_t products =
      std::max<int64_t>(1, state.band_rows * w.output * g.filters * state.taps());
  state.grain = std::max<int64_t>(1, kPieceProducts / products);
}

void ReadEpilogue(const Instance& instance, Isa isa, State& state) {
  state.epilogue = ConvolutionEpilogue(instance, isa);
  state.bias_input = state.epilogue.bias_input;
  state.epilogue.bias_input = -1;
  if (state.epilogue.residual_input >= 0) return;
  const std::optional<Bounds> bounds = BoundsOf(state.epilogue.activation);
  if (!bounds) return;
  state.bounds = *bounds;
  state.epilogue.activation = {};
}

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.AllAre(DType::kFloat32)) return Support::No("only float32");
  State state;
  Support support = ReadConvolution(instance, 2, &state.geometry);
  if (!support.ok()) return support;
  const ConvolutionGeometry& g = state.geometry;
  if (g.channels * g.filters > kMostGroupProducts) {
    return Support::No("the groups are large enough for a product");
  }
  const int64_t padded_rows = (std::min<int64_t>(8, g.height.output) + g.height.kernel) *
                                  std::max(g.height.stride, g.height.dilation) +
                              g.height.kernel * g.height.dilation;
  const int64_t padded_columns =
      g.width.output * g.width.stride + g.width.kernel * g.width.dilation;
  if (padded_columns > kMostScratchFloats || padded_rows > kMostScratchFloats ||
      padded_rows * padded_columns * g.channels > kMostScratchFloats) {
    return Support::No("the padded rows are too long");
  }
  return Support::Yes();
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine& machine) {
  State state;
  const Support support = ReadConvolution(instance, 2, &state.geometry);
  if (!support.ok()) return Status(StatusCode::kInternal, support.reason());
  state.kernels = &WindowKernelsOf(kIsa);
  ReadEpilogue(instance, kIsa, state);
  LayOut(state);
  Preparation preparation;
  preparation.workspace_bytes =
      static_cast<size_t>(state.scratch_floats * machine.threads) * sizeof(float);
  preparation.state = MakeState(std::move(state));
  return preparation;
}

// Writes `rows` rows of the padded input, row_step apart, split by the stride of the columns:
// remainder p goes to `out + p * part_floats`.
void WriteRows(const State& state, const float* input, int64_t row_step, int64_t rows, float* out) {
  const int64_t stride = state.geometry.width.stride;
  const std::vector<RowPart>& parts = state.row_parts;
  if (stride == 1) {
    state.kernels->copy_rows(input, row_step, rows, parts[0].count, out + parts[0].begin,
                             state.pitch);
    return;
  }
  if (stride == 2) {
    const int even_part = parts[0].first == 0 ? 0 : 1;
    const RowPart& evens = parts[static_cast<size_t>(even_part)];
    const RowPart& odds = parts[static_cast<size_t>(1 - even_part)];
    state.kernels->split_rows(input, row_step, rows, evens.count + odds.count,
                              out + even_part * state.part_floats + evens.begin,
                              out + (1 - even_part) * state.part_floats + odds.begin, state.pitch);
    return;
  }
  for (const RowPart& part : parts) {
    for (int64_t row = 0; row < rows; ++row) {
      float* to = out + row * state.pitch + part.begin;
      const float* from = input + row * row_step + part.first;
      for (int64_t i = 0; i < part.count; ++i) to[i] = from[i * stride];
      std::fill_n(to + part.count, state.pitch - part.count, 0.0F);
    }
    out += state.part_floats;
  }
}

// Writes the rows that output rows [first, first + rows) of one channel cover.
void WriteBand(const State& state, const float* plane, int64_t first, int64_t rows, float* out) {
  const WindowExtent& h = state.geometry.height;
  const WindowExtent& w = state.geometry.width;
  const int64_t covered = (rows - 1) * h.stride + (h.kernel - 1) * h.dilation + 1;
  const int64_t top = first * h.stride - h.pad;
  for (int64_t part = 0; part < h.stride; ++part) {
    // Rows part, part + stride, ... of the band; [begin, end) of them lie inside the input.
    const int64_t count = covered <= part ? 0 : (covered - part - 1) / h.stride + 1;
    const int64_t y = top + part;
    const int64_t begin =
        std::clamp<int64_t>(y >= 0 ? 0 : (-y + h.stride - 1) / h.stride, 0, count);
    const int64_t end =
        std::clamp<int64_t>(y >= h.input ? 0 : (h.input - 1 - y) / h.stride + 1, begin, count);
    float* to = out + part * w.stride * state.part_floats;
    for (size_t i = 0; i < state.row_parts.size(); ++i) {
      // Each row is written together with the padding to the left of the next one.
      const int64_t padding = begin * state.pitch + state.row_parts[i].begin;
      std::fill_n(to + static_cast<int64_t>(i) * state.part_floats, padding, 0.0F);
    }
    if (begin < end) {
      WriteRows(state, plane + (y + begin * h.stride) * w.input, h.stride * w.input, end - begin,
                to + begin * state.pitch);
    }
    for (size_t i = 0; i < state.row_parts.size(); ++i) {
      std::fill_n(to + static_cast<int64_t>(i) * state.part_floats + end * state.pitch,
                  (count - end) * state.pitch, 0.0F);
    }
  }
}

// Sums the windows of a band for one filter into `rows` rows of the output.
void WeighBand(const State& state, const float* band, const float* weights, int64_t rows,
               const WindowFinish& finish, float* scratch, float* out) {
  const ConvolutionGeometry& g = state.geometry;
  const WindowKernels& kernels = *state.kernels;
  const int64_t width = g.width.output;
  if (state.is_flat) {
    const int64_t count = std::max<int64_t>(kernels.lanes, rows * state.pitch);
    kernels.weigh_taps(band, state.offsets.data(), weights, state.taps(), count, finish, scratch);
    kernels.close_gaps(scratch, state.pitch, rows, width, out);
    return;
  }
  const bool is_dense = g.channels == 1 && g.height.stride == 1 && g.width.stride == 1 &&
                        g.height.dilation == 1 && g.width.dilation == 1 &&
                        g.height.kernel == g.width.kernel;
  if (is_dense && g.width.kernel == 3) {
    kernels.weigh_3x3(band, state.pitch, weights, rows, width, finish, out, width);
  } else if (is_dense && g.width.kernel == 5) {
    kernels.weigh_5x5(band, state.pitch, weights, rows, width, finish, out, width);
  } else if (is_dense && g.width.kernel == 7) {
    kernels.weigh_7x7(band, state.pitch, weights, rows, width, finish, out, width);
  } else {
    for (int64_t y = 0; y < rows; ++y) {
      kernels.weigh_taps(band + y * state.pitch, state.offsets.data(), weights, state.taps(), width,
                         finish, out + y * width);
    }
  }
}

// The work of one group and band of the output.
class Piece {
 public:
  Piece(const State& state, int64_t index) : state_(state), image_group_(index / state.bands) {
    first_ = index % state.bands * state.band_rows;
    rows_ = std::min(state.band_rows, state.geometry.height.output - first_);
  }

  void Write(const Call& call, float* band) const {
    const ConvolutionGeometry& g = state_.geometry;
    const float* input = call.Input<float>(0) + image_group_ * g.channels * g.input_plane();
    for (int64_t channel = 0; channel < g.channels; ++channel) {
      WriteBand(state_, input + channel * g.input_plane(), first_, rows_,
                band + channel * state_.channel_floats);
    }
  }

  void Weigh(const Call& call, const float* band, float* scratch) const {
    const ConvolutionGeometry& g = state_.geometry;
    const float* bias = state_.bias_input < 0 ? nullptr : call.Input<float>(state_.bias_input);
    const int64_t count = rows_ * g.width.output;
    for (int64_t i = 0; i < g.filters; ++i) {
      const int64_t filter = image_group_ % g.groups * g.filters + i;
      const int64_t offset =
          (image_group_ * g.filters + i) * g.output_plane() + first_ * g.width.output;
      float* out = call.Output<float>(0) + offset;
      const WindowFinish finish = {bias == nullptr ? 0 : bias[filter], state_.bounds.low,
                                   state_.bounds.high};
      WeighBand(state_, band, call.Input<float>(1) + filter * state_.taps(), rows_, finish, scratch,
                out);
      FinishRows(state_.epilogue, call, filter, 0, offset, 1, count, count, out);
    }
  }

 private:
  const State& state_;
  int64_t image_group_;
  int64_t first_;
  int64_t rows_;
};

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const ConvolutionGeometry& g = state.geometry;
  call.threads->ParallelForSlots(
      g.batch * g.groups * state.bands, state.grain, [&](int64_t begin, int64_t end, int slot) {
        float* band = reinterpret_cast<float*>(call.workspace) + slot * state.scratch_floats;
        // What gaps and ends read goes nowhere, but should be ordinary numbers.
        std::fill_n(band, state.input_floats, 0.0F);
        for (int64_t at = begin; at < end; ++at) {
          const Piece piece(state, at);
          piece.Write(call, band);
          piece.Weigh(call, band, band + state.input_floats);
        }
      });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  using Ints = std::vector<int64_t>;
  const std::vector<ConvolutionForm> forms = {
      {"three", {2, 5, 37, 53}, {5, 1, 3, 3}, 5, {1, 1}, {1, 1}, {1, 1, 1, 1}},
      {"three_by_two", {1, 6, 39, 70}, {6, 1, 3, 3}, 6, {2, 2}, {1, 1}, {1, 1, 1, 1}},
      {"three_by_two_at_the_end", {1, 3, 40, 71}, {3, 1, 3, 3}, 3, {2, 2}, {1, 1}, {0, 0, 1, 1}},
      {"five", {1, 4, 33, 35}, {4, 1, 5, 5}, 4, {1, 1}, {1, 1}, {2, 2, 2, 2}},
      {"five_by_two", {1, 4, 33, 65}, {4, 1, 5, 5}, 4, {2, 2}, {1, 1}, {2, 2, 2, 2}},
      {"five_by_two_and_one", {1, 4, 48, 40}, {4, 1, 5, 5}, 4, {2, 1}, {1, 1}, {2, 2, 2, 2}},
      {"seven", {1, 3, 21, 37}, {3, 1, 7, 7}, 3, {1, 1}, {1, 1}, {3, 3, 3, 3}},
      {"narrow", {3, 40, 7, 7}, {40, 1, 3, 3}, 40, {1, 1}, {1, 1}, {1, 1, 1, 1}},
      {"narrow_by_two", {1, 9, 14, 14}, {9, 1, 5, 5}, 9, {2, 2}, {1, 1}, {2, 2, 2, 2}},
      {"one_element", {1, 3, 1, 1}, {3, 1, 3, 3}, 3, {1, 1}, {1, 1}, {1, 1, 1, 1}},
      {"multiplier", {1, 4, 20, 33}, {12, 1, 3, 3}, 4, {1, 1}, {1, 1}, {1, 1, 1, 1}},
      {"small_groups", {1, 12, 18, 22}, {12, 4, 3, 3}, 3, {1, 1}, {1, 1}, {1, 1, 1, 1}},
      {"many_taps", {1, 8, 30, 31}, {4, 4, 7, 7}, 2, {1, 1}, {1, 1}, {3, 3, 3, 3}},
      {"dilated", {1, 4, 30, 41}, {4, 1, 3, 3}, 4, {1, 1}, {3, 2}, {3, 2, 3, 2}},
      {"dilated_by_three", {1, 4, 30, 91}, {4, 1, 3, 3}, 4, {3, 3}, {2, 5}, {1, 4, 2, 0}},
      {"wide_padding", {1, 2, 5, 6}, {2, 1, 3, 3}, 2, {2, 2}, {1, 1}, {7, 9, 4, 5}},
      {"tall", {1, 2, 400, 64}, {2, 1, 3, 3}, 2, {1, 1}, {1, 1}, {1, 1, 1, 1}},
  };
  AddConvolutions(forms, 1, cases);
  cases.push_back({.name = "row",
                   .attributes = {{"group", int64_t{6}}, {"pads", Ints{4, 4}}},
                   .inputs = {Noise({2, 6, 150}, 7), Noise({6, 1, 9}, 8)}});
}

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name) {
  return {.name = name,
          .domain = "",
          .op = "Conv",
          .fused = true,
          .numerics = NumericClass::kReassociated,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .run = Run,
          .cases = Cases};
}

}  // namespace

extern const Tactic kConvDepthwiseAvx512, kConvDepthwiseAvx2, kConvDepthwisePortable;
constexpr Tactic kConvDepthwiseAvx512 = MakeTactic<Isa::kAvx512>("cpu.conv.depthwise.f32.avx512");
constexpr Tactic kConvDepthwiseAvx2 = MakeTactic<Isa::kAvx2>("cpu.conv.depthwise.f32.avx2");
constexpr Tactic kConvDepthwisePortable =
    MakeTactic<Isa::kPortable>("cpu.conv.depthwise.f32.portable");

}  // namespace assay
