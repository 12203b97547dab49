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
#include "tactics/cpu/transposed_pieces.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

// Rows (filter and tap) and columns (input elements) of one product, at most.
constexpr int64_t kMostRows = 128;
constexpr int64_t kChunkColumns = 384;
// Fewer rows than this leave most of a tile empty.
constexpr int64_t kMostDirectRows = 8;
// Input elements of a piece, at least.
constexpr int64_t kPieceColumns = 768;

using State = TransposedProduct;

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.AllAre(DType::kFloat32)) return Support::No("only float32");
  if (instance.input(1).constant == nullptr) return Support::No("filters must be constant");
  const Result<TransposedConvolution> convolution =
      ResolveTransposedConvolution(instance, instance.input(0).shape, instance.input(1).shape);
  if (!convolution.ok()) return Support::No(convolution.status().message());
  if (convolution->axes.size() > 3) return Support::No("only up to three spatial axes");
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

// Rows of the output in a piece: so many that the input rows under two neighbouring pieces are few
// of those under one.
int64_t BandRows(const State& state) {
  const WindowAxis& axis = state.depth.input > 1 ? state.depth : state.height;
  const int64_t input_unit = state.width.output * (state.depth.input > 1 ? state.height.output : 1);
  const int64_t overlap = ((axis.kernel - 1) * axis.dilation + axis.stride) / axis.stride - 1;
  const int64_t inputs = std::max((kPieceColumns + input_unit - 1) / input_unit, 4 * overlap);
  const int64_t units = std::min(std::max<int64_t>(axis.input, 1), inputs * axis.stride);
  return state.depth.input > 1 ? units * state.height.input : units;
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
  const size_t rank = convolution.axes.size();
  if (rank > 2) state.depth = convolution.axes[rank - 3];
  if (rank > 1) state.height = convolution.axes[rank - 2];
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
  state.band_rows = BandRows(state);
  state.bands = (state.output_rows() + state.band_rows - 1) / state.band_rows;
  state.chunk_columns = std::min(kChunkColumns, state.input_plane());
  state.right_floats = RightBlockFloats(state.chunk_columns, *state.kernels);
  state.scratch_floats =
      state.right_floats + (state.block_rows() * state.chunk_columns + 15) / 16 * 16;
  state.block_floats = PackedLeftFloats(BlockShape(state), *state.kernels);
  const WindowAxis& d = state.depth;
  state.doubles_rows = w.kernel == 2 && w.stride == 2 && w.dilation == 1 && w.pad_begin == 0 &&
                       w.input == 2 * w.output && h.dilation == 1 && h.kernel <= h.stride &&
                       d.dilation == 1 && d.kernel <= d.stride;
  state.covers_output = state.doubles_rows && h.kernel == h.stride && h.pad_begin == 0 &&
                        h.input == h.kernel * h.output && d.kernel == d.stride &&
                        d.pad_begin == 0 && d.input == d.kernel * d.output;
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

Status Run(const Call& call) {
  const State& state = call.State<State>();
  call.threads->ParallelForSlots(state.batch * state.groups * state.blocks * state.bands, 1,
                                 [&](int64_t index, int64_t, int slot) {
                                   float* scratch = reinterpret_cast<float*>(call.workspace) +
                                                    slot * state.scratch_floats;
                                   MakeTransposedPiece(state, call, index, scratch);
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
      {"row", {2, 9, 230}, {9, 5, 4}, 1, {2}, {1}, {1, 1}, {0}},
      {"volume_up",
       {1, 9, 4, 11, 13},
       {9, 12, 2, 2, 2},
       1,
       {2, 2, 2},
       {1, 1, 1},
       {0, 0, 0, 0, 0, 0},
       {0, 0, 0}},
      {"volume_in_pieces",
       {1, 6, 25, 8, 31},
       {6, 10, 3, 3, 3},
       2,
       {2, 1, 2},
       {1, 2, 1},
       {1, 1, 1, 1, 1, 0},
       {1, 0, 1}},
      {"one_slice",
       {1, 3, 3, 9, 17},
       {3, 4, 1, 3, 3},
       1,
       {1, 2, 2},
       {1, 1, 1},
       {1, 1, 1, 1, 1, 1},
       {0, 0, 0}},
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
