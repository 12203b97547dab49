// ConvTranspose as blocked products, whose results are added up into the piece of the output that
// they belong to. Every piece of the output is made by one thread, in one order.

#include <algorithm>
#include <limits>

#include "ops/transposed_convolution.h"
#include "tactics/cpu/activation.h"
#include "tactics/cpu/blocked_product.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/epilogue.h"
#include "tactics/cpu/kernels/window_kernels.h"
#include "tactics/tactic.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace assay {
namespace {

// Rows (filter and tap) and columns (input elements) of one product, at most.
constexpr int64_t kMostRows = 128;
constexpr int64_t kChunkColumns = 384;
// Fewer rows than this leave most of a tile empty.
constexpr int64_t kMostDirectRows = 8;
// Input elements of a piece, at least.
constexpr int64_t kPieceColumns = 768;

struct State {
  int64_t batch = 0;
  int64_t groups = 0;
  int64_t channels = 0;  // per group
  int64_t filters = 0;   // per group
  // Windows that move over the output; `output` counts the elements of the input.
  WindowAxis height = {.input = 1, .output = 1};
  WindowAxis width;
  const KernelSet* kernels = nullptr;
  const WindowKernels* windows = nullptr;
  // Few rows are summed channel by channel from the input as it is; offsets of its channels.
  std::vector<int64_t> channel_offsets;
  Epilogue epilogue;
  int64_t block_filters = 0;
  int64_t blocks = 0;
  int64_t block_floats = 0;  // of a packed block of filters
  int64_t band_rows = 0;     // of the output
  int64_t bands = 0;
  int64_t chunk_columns = 0;
  int64_t right_floats = 0;
  int64_t scratch_floats = 0;  // per slot
  bool covers_output = false;  // every element of it is written by Interleave
  bool doubles_rows = false;   // windows of two columns that lie side by side

  bool IsDirect() const { return !channel_offsets.empty(); }
  int64_t taps() const { return height.kernel * width.kernel; }
  int64_t block_rows() const { return block_filters * taps(); }
  int64_t input_plane() const { return height.output * width.output; }
  int64_t output_plane() const { return height.input * width.input; }
};

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.AllAre(DType::kFloat32)) return Support::No("only float32");
  if (instance.input(1).constant == nullptr) return Support::No("filters must be constant");
  const Result<TransposedConvolution> convolution =
      ResolveTransposedConvolution(instance, instance.input(0).shape, instance.input(1).shape);
  if (!convolution.ok()) return Support::No(convolution.status().message());
  if (convolution->axes.size() > 2) return Support::No("only one or two spatial axes");
  if (convolution->kernel_count() > 4096) return Support::No("the windows are too large");
  return Support::Yes();
}

// Filters per block: of those whose rows fill the tiles of the product best, the most.
int64_t BlockFilters(const State& state) {
  const int64_t tile = state.kernels->tile_rows;
  const int64_t most = std::clamp<int64_t>(kMostRows / state.taps(), 1, state.filters);
  int64_t best = most;
  double least = std::numeric_limits<double>::infinity();
  for (int64_t filters = most; filters >= (most + 1) / 2; --filters) {
    const int64_t blocks = (state.filters + filters - 1) / filters;
    const int64_t rows = (filters * state.taps() + tile - 1) / tile * tile;
    const int64_t rest = state.filters - (blocks - 1) * filters;
    const int64_t rest_rows = (rest * state.taps() + tile - 1) / tile * tile;
    const auto cost = static_cast<double>((blocks - 1) * rows + rest_rows);
    if (cost >= least) continue;
    least = cost;
    best = filters;
  }
  return best;
}

ProductShape BlockShape(const State& state) {
  return {state.block_rows(), state.chunk_columns, state.channels};
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine& machine) {
  ASSAY_ASSIGN_OR_RETURN(
      const TransposedConvolution convolution,
      ResolveTransposedConvolution(instance, instance.input(0).shape, instance.input(1).shape));
  State state;
  state.batch = convolution.batch;
  state.groups = convolution.groups;
  state.channels = convolution.channels_per_group();
  state.filters = convolution.filters_per_group();
  if (convolution.axes.size() == 2) state.height = convolution.axes[0];
  state.width = convolution.axes.back();
  state.kernels = &KernelsOf(kIsa);
  state.windows = &WindowKernelsOf(kIsa);
  state.epilogue = ConvolutionEpilogue(instance, kIsa);
  const WindowAxis& h = state.height;
  const WindowAxis& w = state.width;
  state.block_filters = BlockFilters(state);
  if (state.filters * state.taps() <= kMostDirectRows) {
    for (int64_t i = 0; i < state.channels; ++i) {
      state.channel_offsets.push_back(i * state.input_plane());
    }
  }
  state.blocks = (state.filters + state.block_filters - 1) / state.block_filters;
  const int64_t overlap = ((h.kernel - 1) * h.dilation + h.stride) / h.stride - 1;
  const int64_t input_rows = std::max((kPieceColumns + w.output - 1) / w.output, 4 * overlap);
  state.band_rows = std::min(std::max<int64_t>(h.input, 1), input_rows * h.stride);
  state.bands = (h.input + state.band_rows - 1) / state.band_rows;
  state.chunk_columns = std::min(kChunkColumns, state.input_plane());
  state.right_floats = RightBlockFloats(state.chunk_columns, *state.kernels);
  state.scratch_floats =
      state.right_floats + (state.block_rows() * state.chunk_columns + 15) / 16 * 16;
  state.block_floats = PackedLeftFloats(BlockShape(state), *state.kernels);
  state.doubles_rows = w.kernel == 2 && w.stride == 2 && w.dilation == 1 && w.pad_begin == 0 &&
                       w.input == 2 * w.output && h.dilation == 1 && h.kernel <= h.stride;
  state.covers_output = state.doubles_rows && h.kernel == h.stride && h.pad_begin == 0 &&
                        h.input == h.kernel * h.output;
  Preparation preparation;
  preparation.packed_bytes =
      static_cast<size_t>(state.groups * state.blocks * state.block_floats) * sizeof(float);
  preparation.packed_inputs = {1};
  preparation.workspace_bytes =
      static_cast<size_t>(state.scratch_floats * machine.threads) * sizeof(float);
  preparation.state = MakeState(std::move(state));
  return preparation;
}

Status Pack(const Instance& instance, const void* opaque, std::span<std::byte> packed) {
  const State& state = *static_cast<const State*>(opaque);
  const float* weights = instance.input(1).constant->data<float>().data();
  auto* out = reinterpret_cast<float*>(packed.data());
  const int64_t channel_weights = state.filters * state.taps();
  for (int64_t group = 0; group < state.groups; ++group) {
    for (int64_t block = 0; block < state.blocks; ++block) {
      const int64_t first = block * state.block_filters;
      ProductShape shape = BlockShape(state);
      shape.rows = std::min(state.block_filters, state.filters - first) * state.taps();
      if (state.IsDirect()) {
        for (int64_t row = 0; row < shape.rows; ++row) {
          for (int64_t channel = 0; channel < state.channels; ++channel) {
            out[row * state.channels + channel] =
                weights[(group * state.channels + channel) * channel_weights + row];
          }
        }
        out += state.block_floats;
        continue;
      }
      PackLeft(weights + group * state.channels * channel_weights + first * state.taps(), 1,
               channel_weights, shape, *state.kernels, out);
      out += state.block_floats;
    }
  }
  return OkStatus();
}

// out[2 i] = even[i], out[2 i + 1] = odd[i].
void Interleave(const float* even, const float* odd, int64_t count, float* out) {
  int64_t i = 0;
#if defined(__SSE2__)
  for (; i + 4 <= count; i += 4) {
    const __m128 a = _mm_loadu_ps(even + i);
    const __m128 b = _mm_loadu_ps(odd + i);
    _mm_storeu_ps(out + 2 * i, _mm_unpacklo_ps(a, b));
    _mm_storeu_ps(out + 2 * i + 4, _mm_unpackhi_ps(a, b));
  }
#endif
  for (; i < count; ++i) {
    out[2 * i] = even[i];
    out[2 * i + 1] = odd[i];
  }
}

// One piece of the output: rows [begin, end) of a block of filters.
class Piece {
 public:
  Piece(const State& state, const Call& call, int64_t index) : state_(state), call_(call) {
    begin_ = index % state.bands * state.band_rows;
    end_ = std::min(begin_ + state.band_rows, state.height.input);
    index /= state.bands;
    block_ = index % state.blocks;
    image_group_ = index / state.blocks;
    first_filter_ = block_ * state.block_filters;
    filters_ = std::min(state.block_filters, state.filters - first_filter_);
  }

  void Make(float* scratch) const {
    const WindowAxis& h = state_.height;
    const int64_t width = state_.width.output;
    for (int64_t i = 0; i < filters_ && !state_.covers_output; ++i) {
      std::fill_n(OutputRow(i, begin_), (end_ - begin_) * state_.width.input, 0.0F);
    }
    // Rows of the input with a tap in the piece.
    const int64_t reach = begin_ + h.pad_begin - (h.kernel - 1) * h.dilation;
    const int64_t first = reach <= 0 ? 0 : (reach + h.stride - 1) / h.stride;
    const int64_t last = std::min(h.output, (end_ - 1 + h.pad_begin) / h.stride + 1);
    const int64_t columns_end = last * width;
    for (int64_t column = first * width; column < columns_end; column += state_.chunk_columns) {
      const int64_t columns = std::min(state_.chunk_columns, columns_end - column);
      Multiply(column, columns, scratch);
      Scatter(column, columns, scratch + state_.right_floats);
    }
    for (int64_t i = 0; i < filters_; ++i) {
      const int64_t count = (end_ - begin_) * state_.width.input;
      const int64_t filter = image_group_ % state_.groups * state_.filters + first_filter_ + i;
      float* out = OutputRow(i, begin_);
      FinishRows(state_.epilogue, call_, filter, 0, out - call_.Output<float>(0), 1, count, count,
                 out);
    }
  }

 private:
  float* OutputRow(int64_t filter, int64_t row) const {
    const int64_t plane = image_group_ * state_.filters + first_filter_ + filter;
    return call_.Output<float>(0) + plane * state_.output_plane() + row * state_.width.input;
  }

  void Multiply(int64_t column, int64_t columns, float* scratch) const {
    const int64_t rows = filters_ * state_.taps();
    const int64_t plane = state_.input_plane();
    const float* input = call_.Input<float>(0) + image_group_ * state_.channels * plane + column;
    const int64_t group_block = image_group_ % state_.groups * state_.blocks + block_;
    const float* left =
        reinterpret_cast<const float*>(call_.packed) + group_block * state_.block_floats;
    if (state_.IsDirect()) {
      for (int64_t row = 0; row < rows; ++row) {
        Weigh(input, left + row * state_.channels, columns,
              scratch + state_.right_floats + row * state_.chunk_columns);
      }
      return;
    }
    const int64_t tile = state_.kernels->tile_rows;
    const int64_t padded_rows = (rows + tile - 1) / tile * tile;
    MultiplyPiece(
        rows, columns, state_.channels, *state_.kernels,
        [&](int64_t begin, int64_t) -> LeftBlock { return {left + padded_rows * begin}; },
        [&](int64_t begin, int64_t depth) -> const float* {
          PackRightBlock(input + begin * plane, plane, 1, depth, columns, *state_.kernels, scratch);
          return scratch;
        },
        scratch + state_.right_floats, state_.chunk_columns);
  }

  // One row of the product from the channels as they lie.
  void Weigh(const float* input, const float* weights, int64_t columns, float* products) const {
    constexpr float kUnbounded = std::numeric_limits<float>::infinity();
    const int64_t whole = columns < state_.windows->lanes ? 0 : columns;
    if (whole > 0) {
      state_.windows->weigh_taps(input, state_.channel_offsets.data(), weights, state_.channels,
                                 columns, {0, -kUnbounded, kUnbounded}, products);
    }
    for (int64_t i = whole; i < columns; ++i) {
      double sum = 0;
      for (int64_t channel = 0; channel < state_.channels; ++channel) {
        sum += static_cast<double>(weights[channel]) *
               input[state_.channel_offsets[static_cast<size_t>(channel)] + i];
      }
      products[i] = static_cast<float>(sum);
    }
  }

  // Adds products of input elements [column, column + columns) to the output.
  void Scatter(int64_t column, int64_t columns, const float* products) const {
    const int64_t width = state_.width.output;
    for (int64_t at = 0; at < columns;) {
      const int64_t y = (column + at) / width;
      const int64_t x = (column + at) % width;
      const int64_t count = std::min(width - x, columns - at);
      for (int64_t i = 0; i < filters_; ++i) {
        for (int64_t tap = 0; tap < state_.height.kernel; ++tap) {
          const int64_t row = state_.height.InputIndex(y, tap);
          if (row < begin_ || row >= end_) continue;
          const int64_t product_row = i * state_.taps() + tap * state_.width.kernel;
          ScatterRow(x, count, products + product_row * state_.chunk_columns + at,
                     OutputRow(i, row));
        }
      }
      at += count;
    }
  }

  // Adds the products of one row of taps with input elements [x, x + count) of a row.
  void ScatterRow(int64_t x, int64_t count, const float* products, float* out) const {
    const WindowAxis& w = state_.width;
    if (state_.doubles_rows) {
      Interleave(products, products + state_.chunk_columns, count, out + 2 * x);
      return;
    }
    for (int64_t tap = 0; tap < w.kernel; ++tap, products += state_.chunk_columns) {
      const int64_t origin = w.InputIndex(x, tap);
      const int64_t first = origin >= 0 ? 0 : (-origin + w.stride - 1) / w.stride;
      const int64_t last =
          origin >= w.input ? 0 : std::min(count, (w.input - 1 - origin) / w.stride + 1);
      float* to = out + origin;
      if (w.stride == 1) {
        for (int64_t i = first; i < last; ++i) to[i] += products[i];
      } else {
        for (int64_t i = first; i < last; ++i) to[i * w.stride] += products[i];
      }
    }
  }

  const State& state_;
  const Call& call_;
  int64_t image_group_ = 0;
  int64_t block_ = 0;
  int64_t first_filter_ = 0;
  int64_t filters_ = 0;
  int64_t begin_ = 0;
  int64_t end_ = 0;
};

Status Run(const Call& call) {
  const State& state = call.State<State>();
  call.threads->ParallelForSlots(state.batch * state.groups * state.blocks * state.bands, 1,
                                 [&](int64_t index, int64_t, int slot) {
                                   float* scratch = reinterpret_cast<float*>(call.workspace) +
                                                    slot * state.scratch_floats;
                                   Piece(state, call, index).Make(scratch);
                                 });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  using Ints = std::vector<int64_t>;
  struct Form {
    const char* name;
    Shape input;
    Shape filters;
    int64_t groups;
    Ints strides;
    Ints dilations;
    Ints pads;
    Ints output_padding;
  };
  const std::vector<Form> forms = {
      {"up", {2, 9, 33, 29}, {9, 19, 2, 2}, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}, {0, 0}},
      {"up_to_one", {1, 40, 31, 45}, {40, 1, 2, 2}, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}, {0, 0}},
      {"up_deep", {1, 150, 20, 21}, {150, 3, 2, 2}, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}, {0, 0}},
      {"four_by_two", {1, 7, 40, 31}, {7, 5, 4, 4}, 1, {2, 2}, {1, 1}, {1, 1, 1, 1}, {0, 0}},
      {"three_by_two", {1, 6, 35, 40}, {6, 4, 3, 3}, 1, {2, 2}, {1, 1}, {1, 1, 1, 1}, {1, 1}},
      {"three_by_one", {1, 5, 30, 50}, {5, 6, 3, 3}, 1, {1, 1}, {1, 1}, {1, 1, 1, 1}, {0, 0}},
      {"gaps", {1, 3, 20, 30}, {3, 4, 2, 2}, 1, {3, 3}, {1, 1}, {0, 0, 0, 0}, {0, 0}},
      {"dilated", {1, 3, 26, 30}, {3, 4, 3, 2}, 1, {2, 1}, {2, 3}, {1, 2, 0, 1}, {0, 0}},
      {"groups", {2, 6, 20, 24}, {6, 5, 3, 3}, 3, {2, 2}, {1, 1}, {1, 1, 1, 1}, {0, 0}},
      {"uncut_row", {1, 2, 3, 900}, {2, 3, 2, 2}, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}, {0, 0}},
  };
  uint32_t seed = 1;
  for (const Form& form : forms) {
    cases.push_back({.name = form.name,
                     .attributes = {{"group", form.groups},
                                    {"strides", form.strides},
                                    {"dilations", form.dilations},
                                    {"pads", form.pads},
                                    {"output_padding", form.output_padding}},
                     .inputs = {Noise(form.input, ++seed), Noise(form.filters, ++seed),
                                Noise({form.filters[1] * form.groups}, ++seed)}});
  }
}

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name) {
  return {.name = name,
          .domain = "",
          .op = "ConvTranspose",
          .fused = true,
          .numerics = NumericClass::kReassociated,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .pack = Pack,
          .run = Run,
          .cases = Cases};
}

}  // namespace

extern const Tactic kConvTransposeProductAvx512, kConvTransposeProductAvx2,
    kConvTransposeProductPortable;
constexpr Tactic kConvTransposeProductAvx512 =
    MakeTactic<Isa::kAvx512>("cpu.conv_transpose.product.f32.avx512");
constexpr Tactic kConvTransposeProductAvx2 =
    MakeTactic<Isa::kAvx2>("cpu.conv_transpose.product.f32.avx2");
constexpr Tactic kConvTransposeProductPortable =
    MakeTactic<Isa::kPortable>("cpu.conv_transpose.product.f32.portable");

}  // namespace assay
