// Convolution as a blocked product of packed filters with gathered windows of the input. Windows
// that several pieces of the product use are gathered once, before; others block by block, never as
// a whole.

#include <algorithm>

#include "tactics/cpu/activation.h"
#include "tactics/cpu/blocked_product.h"
#include "tactics/cpu/convolution_geometry.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/epilogue.h"
#include "tactics/cpu/window_gather.h"

namespace assay {
namespace {

// Floats of gathered windows that are kept for all pieces, at most.
constexpr int64_t kMostSharedFloats = int64_t{1} << 22;
// Rows that one thread gathers of a panel.
constexpr int64_t kGatherDepth = 4 * kProductBlock;

struct State {
  ConvolutionGeometry geometry;
  ProductShape product;
  ProductTiling tiling;
  const KernelSet* kernels = nullptr;
  Epilogue epilogue;
  WindowGather gather;
  bool is_shared = false;
  size_t run_bytes = 0;   // of the panels that are gathered at a time
  size_t slot_bytes = 0;  // runs, then a block if it is not shared

  int64_t padded_columns() const {
    const int64_t tile = kernels->tile_columns;
    return (product.columns + tile - 1) / tile * tile;
  }
  int64_t matrix_floats() const { return padded_columns() * product.depth; }
  int64_t shared_floats() const { return geometry.batch * geometry.groups * matrix_floats(); }
};

struct Scratch {
  Scratch(const State& state, const Call& call)
      : shared(reinterpret_cast<float*>(call.workspace)),
        slots(call.workspace +
              (state.is_shared ? static_cast<size_t>(state.shared_floats()) * sizeof(float) : 0)),
        slot_bytes(state.slot_bytes) {}
  std::byte* Slot(int slot) const { return slots + static_cast<size_t>(slot) * slot_bytes; }

  float* shared;
  std::byte* slots;
  size_t slot_bytes;
};

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.AllAre(DType::kFloat32)) return Support::No("only float32");
  if (instance.input(1).constant == nullptr) return Support::No("filters must be constant");
  ConvolutionGeometry geometry;
  return ReadConvolution(instance, 3, &geometry);
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine& machine) {
  State state;
  const Support support = ReadConvolution(instance, 3, &state.geometry);
  if (!support.ok()) return Status(StatusCode::kInternal, support.reason());
  const ConvolutionGeometry& g = state.geometry;
  state.kernels = &KernelsOf(kIsa);
  state.product = {g.filters, g.output_plane(), g.channels * g.taps()};
  state.tiling = TileProduct(state.product, *state.kernels, g.batch * g.groups);
  state.epilogue = ConvolutionEpilogue(instance, kIsa);
  const int64_t tile = state.kernels->tile_columns;
  state.gather = WindowGather(g, tile, WindowKernelsOf(kIsa));
  state.is_shared = state.tiling.row_pieces > 1 && state.shared_floats() <= kMostSharedFloats;
  state.run_bytes = state.gather.RunBytes(state.is_shared ? 1 : state.tiling.columns / tile);
  const int64_t block_floats =
      state.is_shared ? 0 : RightBlockFloats(state.tiling.columns, *state.kernels);
  state.slot_bytes = state.run_bytes + static_cast<size_t>(block_floats) * sizeof(float);
  Preparation preparation;
  preparation.packed_bytes =
      static_cast<size_t>(g.groups * PackedLeftFloats(state.product, *state.kernels)) *
      sizeof(float);
  preparation.packed_inputs = {1};
  preparation.workspace_bytes =
      state.slot_bytes * static_cast<size_t>(machine.threads) +
      (state.is_shared ? static_cast<size_t>(state.shared_floats()) * sizeof(float) : 0);
  preparation.state = MakeState(state);
  return preparation;
}

Status Pack(const Instance& instance, const void* opaque, std::span<std::byte> packed) {
  const State& state = *static_cast<const State*>(opaque);
  const float* filters = instance.input(1).constant->data<float>().data();
  auto* out = reinterpret_cast<float*>(packed.data());
  const int64_t depth = state.product.depth;
  for (int64_t group = 0; group < state.geometry.groups; ++group) {
    PackLeft(filters + group * state.product.rows * depth, depth, 1, state.product, *state.kernels,
             out);
    out += PackedLeftFloats(state.product, *state.kernels);
  }
  return OkStatus();
}

// Gathers the windows of all images and groups, as [image and group][depth
// block][panel][row][tile].
void GatherAll(const State& state, const Call& call, const Scratch& scratch) {
  const ConvolutionGeometry& g = state.geometry;
  const int64_t tile = state.kernels->tile_columns;
  const int64_t panels = state.padded_columns() / tile;
  const int64_t chunks = (state.product.depth + kGatherDepth - 1) / kGatherDepth;
  call.threads->ParallelForSlots(
      g.batch * g.groups * panels * chunks, 1, [&](int64_t piece, int64_t, int slot) {
        const int64_t image_group = piece / (panels * chunks);
        const int64_t panel = piece / chunks % panels;
        const int64_t column = panel * tile;
        const WindowGather::Panels windows(state.gather, column,
                                           std::min(tile, state.product.columns - column),
                                           scratch.Slot(slot));
        const float* input = call.Input<float>(0) + image_group * g.channels * g.input_plane();
        float* matrix = scratch.shared + image_group * state.matrix_floats();
        const int64_t chunk = piece % chunks * kGatherDepth;
        const int64_t end = std::min(state.product.depth, chunk + kGatherDepth);
        for (int64_t begin = chunk; begin < end; begin += kProductBlock) {
          const int64_t depth = std::min(kProductBlock, end - begin);
          windows.Gather(input, begin, depth,
                         matrix + state.padded_columns() * begin + column * depth);
        }
      });
}

void MultiplyOnePiece(const State& state, const Call& call, const Scratch& scratch, int64_t piece,
                      int slot) {
  const ConvolutionGeometry& g = state.geometry;
  const ProductShape& product = state.product;
  const ProductTiling& tiling = state.tiling;
  const int64_t padded_rows =
      PackedLeftFloats(product, *state.kernels) / std::max<int64_t>(product.depth, 1);
  const int64_t pieces = tiling.row_pieces * tiling.column_pieces;
  const int64_t image_group = piece / pieces;
  const int64_t group = image_group % g.groups;
  const int64_t row = piece % pieces / tiling.column_pieces * tiling.rows;
  const int64_t column = piece % tiling.column_pieces * tiling.columns;
  const int64_t rows = std::min(tiling.rows, product.rows - row);
  const int64_t columns = std::min(tiling.columns, product.columns - column);
  const int64_t first_filter = group * product.rows + row;
  const int64_t output = (image_group * product.rows + row) * product.columns + column;
  float* out = call.Output<float>(0) + output;
  const float* filters =
      reinterpret_cast<const float*>(call.packed) + group * padded_rows * product.depth;
  const auto left = [&](int64_t begin, int64_t depth) -> LeftBlock {
    return {filters + padded_rows * begin + row * depth};
  };
  if (state.is_shared) {
    const float* matrix = scratch.shared + image_group * state.matrix_floats();
    MultiplyPiece(
        rows, columns, product.depth, *state.kernels, left,
        [&](int64_t begin, int64_t depth) -> const float* {
          return matrix + state.padded_columns() * begin + column * depth;
        },
        out, product.columns);
  } else {
    const float* input = call.Input<float>(0) + image_group * g.channels * g.input_plane();
    std::byte* memory = scratch.Slot(slot);
    auto* packed = reinterpret_cast<float*>(memory + state.run_bytes);
    const WindowGather::Panels windows(state.gather, column, columns, memory);
    MultiplyPiece(
        rows, columns, product.depth, *state.kernels, left,
        [&](int64_t begin, int64_t depth) -> const float* {
          windows.Gather(input, begin, depth, packed);
          return packed;
        },
        out, product.columns);
  }
  FinishRows(state.epilogue, call, first_filter, column, output, rows, columns, product.columns,
             out);
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const ConvolutionGeometry& g = state.geometry;
  const Scratch scratch(state, call);
  if (state.is_shared) GatherAll(state, call, scratch);
  const int64_t pieces = state.tiling.row_pieces * state.tiling.column_pieces;
  call.threads->ParallelForSlots(g.batch * g.groups * pieces, 1,
                                 [&](int64_t piece, int64_t, int slot) {
                                   MultiplyOnePiece(state, call, scratch, piece, slot);
                                 });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  // The first ones have so many filters and so few positions that their windows are shared.
  const std::vector<ConvolutionForm> forms = {
      {"shared", {1, 70, 7, 9}, {103, 70, 3, 3}, 1, {1, 1}, {1, 1}, {1, 1, 1, 1}},
      {"shared_pointwise", {2, 600, 5, 7}, {110, 600, 1, 1}, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}},
      {"shared_by_two", {1, 65, 15, 13}, {97, 65, 3, 3}, 1, {2, 2}, {1, 1}, {1, 1, 1, 1}},
      {"shared_groups", {2, 20, 6, 33}, {202, 10, 3, 3}, 2, {1, 1}, {1, 1}, {0, 1, 1, 0}},
      {"shared_one_wide", {1, 90, 40, 1}, {100, 90, 3, 1}, 1, {1, 1}, {1, 1}, {1, 0, 1, 0}},
      {"shared_dilated", {1, 30, 14, 14}, {120, 30, 3, 3}, 1, {1, 1}, {3, 5}, {3, 5, 3, 5}},
      {"by_two", {1, 20, 61, 47}, {18, 20, 3, 3}, 1, {2, 2}, {1, 1}, {1, 1, 1, 1}},
      {"by_two_at_the_end", {1, 9, 40, 64}, {18, 9, 2, 2}, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}},
      {"by_three", {1, 9, 40, 64}, {18, 9, 5, 5}, 1, {3, 3}, {1, 1}, {2, 2, 2, 2}},
      {"pointwise_by_two", {1, 40, 33, 35}, {22, 40, 1, 1}, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}},
      {"row", {2, 9, 150}, {18, 9, 5}, 1, {2}, {1}, {2, 1}},
      {"volume", {1, 5, 6, 9, 23}, {14, 5, 3, 3, 3}, 1, {1, 1, 1}, {1, 1, 1}, {1, 1, 1, 1, 1, 1}},
      {"volume_by_two",
       {2, 6, 7, 9, 21},
       {10, 3, 3, 2, 3},
       2,
       {2, 1, 2},
       {1, 2, 1},
       {1, 0, 1, 0, 1, 1}},
      {"volume_shared",
       {1, 70, 3, 5, 4},
       {103, 70, 2, 3, 3},
       1,
       {1, 1, 1},
       {1, 1, 1},
       {0, 1, 1, 1, 1, 1}},
      {"volume_pointwise",
       {1, 20, 5, 7, 9},
       {22, 20, 1, 1, 1},
       1,
       {1, 1, 1},
       {1, 1, 1},
       {0, 0, 0, 0, 0, 0}},
      {"outside_only", {1, 18, 3, 2}, {20, 18, 2, 2}, 1, {1, 1}, {4, 4}, {9, 8, 9, 8}},
  };
  AddConvolutions(forms, 40, cases);
}

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name, std::string_view domain, std::string_view op) {
  return {.name = name,
          .domain = domain,
          .op = op,
          .fused = true,
          .numerics = NumericClass::kReassociated,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .pack = Pack,
          .run = Run,
          .cases = Cases};
}

}  // namespace

extern const Tactic kConvProductAvx512, kConvProductAvx2, kConvProductPortable;
constexpr Tactic kConvProductAvx512 =
    MakeTactic<Isa::kAvx512>("cpu.conv.product.f32.avx512", "", "Conv");
constexpr Tactic kConvProductAvx2 = MakeTactic<Isa::kAvx2>("cpu.conv.product.f32.avx2", "", "Conv");
constexpr Tactic kConvProductPortable =
    MakeTactic<Isa::kPortable>("cpu.conv.product.f32.portable", "", "Conv");

}  // namespace assay
