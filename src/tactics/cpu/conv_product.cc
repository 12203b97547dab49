// Convolution as a blocked product of packed filters with windows of the input that are gathered
// block by block (never as a whole).

#include <algorithm>
#include <cstring>

#include "tactics/cpu/activation.h"
#include "tactics/cpu/blocked_product.h"
#include "tactics/cpu/convolution_geometry.h"
#include "tactics/cpu/epilogue.h"

namespace assay {
namespace {

struct State {
  ConvolutionGeometry geometry;
  ProductShape product;
  ProductTiling tiling;
  const KernelSet* kernels = nullptr;
  Epilogue epilogue;
  int64_t scratch_floats = 0;  // per slot
};

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.AllAre(DType::kFloat32)) return Support::No("only float32");
  if (instance.input(1).constant == nullptr) return Support::No("filters must be constant");
  ConvolutionGeometry geometry;
  return ReadConvolution(instance, &geometry);
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine& machine) {
  State state;
  const Support support = ReadConvolution(instance, &state.geometry);
  if (!support.ok()) return Status(StatusCode::kInternal, support.reason());
  const ConvolutionGeometry& g = state.geometry;
  state.kernels = &KernelsOf(kIsa);
  state.product = {g.filters, g.output_plane(), g.channels * g.taps()};
  state.tiling = TileProduct(state.product, *state.kernels, g.batch * g.groups);
  state.epilogue = ConvolutionEpilogue(instance, kIsa);
  state.scratch_floats = RightBlockFloats(state.tiling.columns, *state.kernels);
  Preparation preparation;
  preparation.packed_bytes =
      static_cast<size_t>(g.groups * PackedLeftFloats(state.product, *state.kernels)) *
      sizeof(float);
  preparation.packed_inputs = {1};
  preparation.workspace_bytes =
      static_cast<size_t>(state.scratch_floats * machine.threads) * sizeof(float);
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

// Writes one row of the gathered matrix, elements [begin, begin + count) of the output plane for
// one channel and tap, in panels of `tile` columns that lie `panel_pitch` floats apart.
class RowGatherer {
 public:
  RowGatherer(const ConvolutionGeometry& geometry, int64_t tile, int64_t panel_pitch)
      : g_(geometry), tile_(tile), panel_pitch_(panel_pitch) {}

  void Gather(const float* plane, int64_t tap_y, int64_t tap_x, int64_t begin, int64_t count,
              float* out) const {
    const int64_t first = g_.width.FirstInside(tap_x);
    const int64_t last = std::max(first, g_.width.LastInside(tap_x));
    int64_t at = 0;
    while (at < count) {
      const int64_t y = (begin + at) / g_.width.output;
      const int64_t x = (begin + at) % g_.width.output;
      const int64_t run = std::min(g_.width.output - x, count - at);
      const int64_t input_y = y * g_.height.stride - g_.height.pad + tap_y * g_.height.dilation;
      if (input_y < 0 || input_y >= g_.height.input) {
        Fill(out, at, run);
      } else {
        const int64_t inside = std::clamp(first, x, x + run);
        const int64_t outside = std::clamp(last, x, x + run);
        Fill(out, at, inside - x);
        const float* source = plane + input_y * g_.width.input + inside * g_.width.stride -
                              g_.width.pad + tap_x * g_.width.dilation;
        Copy(out, at + inside - x, source, outside - inside);
        Fill(out, at + outside - x, x + run - outside);
      }
      at += run;
    }
    const int64_t padded = (count + tile_ - 1) / tile_ * tile_;
    Fill(out, count, padded - count);
  }

 private:
  template <typename Write>
  void ForEachPanelRun(float* out, int64_t at, int64_t count, Write&& write) const {
    while (count > 0) {
      const int64_t lane = at % tile_;
      const int64_t run = std::min(tile_ - lane, count);
      write(out + at / tile_ * panel_pitch_ + lane, run);
      at += run;
      count -= run;
    }
  }
  void Fill(float* out, int64_t at, int64_t count) const {
    ForEachPanelRun(out, at, count, [](float* to, int64_t run) {
      std::memset(to, 0, static_cast<size_t>(run) * sizeof(float));
    });
  }
  void Copy(float* out, int64_t at, const float* source, int64_t count) const {
    const int64_t stride = g_.width.stride;
    ForEachPanelRun(out, at, count, [&](float* to, int64_t run) {
      if (stride == 1) {
        std::memcpy(to, source, static_cast<size_t>(run) * sizeof(float));
      } else {
        for (int64_t i = 0; i < run; ++i) to[i] = source[i * stride];
      }
      source += run * stride;
    });
  }

  const ConvolutionGeometry& g_;
  int64_t tile_;
  int64_t panel_pitch_;
};

void GatherBlock(const State& state, const float* input, int64_t k_begin, int64_t depth,
                 int64_t column, int64_t columns, float* packed) {
  const ConvolutionGeometry& g = state.geometry;
  const int64_t tile = state.kernels->tile_columns;
  const RowGatherer gatherer(g, tile, tile * depth);
  for (int64_t k = 0; k < depth; ++k) {
    const int64_t at = k_begin + k;
    const int64_t channel = at / g.taps();
    const int64_t tap = at % g.taps();
    gatherer.Gather(input + channel * g.input_plane(), tap / g.width.kernel, tap % g.width.kernel,
                    column, columns, packed + k * tile);
  }
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const ConvolutionGeometry& g = state.geometry;
  const ProductShape& product = state.product;
  const ProductTiling& tiling = state.tiling;
  const int64_t padded_rows =
      PackedLeftFloats(product, *state.kernels) / std::max<int64_t>(product.depth, 1);
  const int64_t pieces = tiling.row_pieces * tiling.column_pieces;
  auto* scratch = reinterpret_cast<float*>(call.workspace);
  const auto* filters = reinterpret_cast<const float*>(call.packed);
  call.threads->ParallelForSlots(
      g.batch * g.groups * pieces, 1, [&](int64_t piece, int64_t, int slot) {
        const int64_t image_group = piece / pieces;
        const int64_t group = image_group % g.groups;
        const int64_t row = piece % pieces / tiling.column_pieces * tiling.rows;
        const int64_t column = piece % tiling.column_pieces * tiling.columns;
        const int64_t rows = std::min(tiling.rows, product.rows - row);
        const int64_t columns = std::min(tiling.columns, product.columns - column);
        const float* input = call.Input<float>(0) + image_group * g.channels * g.input_plane();
        const int64_t first_filter = group * product.rows + row;
        const int64_t output = (image_group * product.rows + row) * product.columns + column;
        float* packed = scratch + slot * state.scratch_floats;
        const float* group_filters = filters + group * padded_rows * product.depth;
        float* out = call.Output<float>(0) + output;
        MultiplyPiece(
            rows, columns, product.depth, *state.kernels,
            [&](int64_t begin, int64_t depth) {
              return group_filters + padded_rows * begin + row * depth;
            },
            [&](int64_t begin, int64_t depth) -> const float* {
              GatherBlock(state, input, begin, depth, column, columns, packed);
              return packed;
            },
            out, product.columns);
        FinishRows(state.epilogue, call, first_filter, column, output, rows, columns,
                   product.columns, out);
      });
  return OkStatus();
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
          .run = Run};
}

}  // namespace

extern const Tactic kConvProductAvx512, kConvProductAvx2, kConvProductPortable;
constexpr Tactic kConvProductAvx512 =
    MakeTactic<Isa::kAvx512>("cpu.conv.product.f32.avx512", "", "Conv");
constexpr Tactic kConvProductAvx2 = MakeTactic<Isa::kAvx2>("cpu.conv.product.f32.avx2", "", "Conv");
constexpr Tactic kConvProductPortable =
    MakeTactic<Isa::kPortable>("cpu.conv.product.f32.portable", "", "Conv");

}  // namespace assay
