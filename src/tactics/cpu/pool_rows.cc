// MaxPool and AveragePool in two steps: windows along the rows of the input first, then the
// results of several rows.

#include <algorithm>
#include <limits>

#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/kernels/pool_kernels.h"
#include "tactics/cpu/pool_windows.h"

namespace assay {
namespace {

// Floats of the results of the first step that one piece keeps.
constexpr int64_t kBandFloats = 6 * 1024;
constexpr int64_t kMostScratchFloats = int64_t{1} << 24;
constexpr int64_t kPieceTaps = 1 << 15;

struct State {
  const PoolKernels* kernels = nullptr;
  bool is_average = false;
  int64_t planes = 0;
  WindowExtent height;
  WindowExtent width;
  // Divisors of an average: the one of a window is their product.
  std::vector<float> row_counts;
  std::vector<float> column_counts;
  std::vector<int64_t> row_offsets;     // of the taps in the results of the first step
  std::vector<int64_t> column_offsets;  // in a row of the input
  bool is_padded = false;               // rows of the input do not hold every tap
  int64_t padded_floats = 0;            // of a row with its padding
  int64_t row_inputs = 0;               // elements of a row that are copied into it
  bool has_empty_columns = false;       // windows in the padding alone
  int64_t band_rows = 0;
  int64_t bands = 0;
  int64_t scratch_floats = 0;
  int64_t grain = 1;
};

// Height and width of the window; a height of 1 for one spatial axis.
Result<std::vector<PoolWindow>> WindowsOf(const Instance& instance) {
  const int spatial = instance.input(0).shape.rank() - 2;
  if (spatial < 1 || spatial > 2) return OpContext::Unsupported("only one or two spatial axes");
  ASSAY_ASSIGN_OR_RETURN(std::vector<PoolWindow> windows, PoolWindowsOf(instance));
  if (spatial == 1) windows.insert(windows.begin(), PoolWindow());
  return windows;
}

// Rows of the input that `rows` rows of the output cover.
int64_t CoveredRows(const WindowExtent& h, int64_t rows) {
  return (rows - 1) * h.stride + (h.kernel - 1) * h.dilation + 1;
}

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.Is(0, DType::kFloat32)) return Support::No("only float32");
  if (instance.WantsOutput(1)) return Support::No("indices are not computed");
  const Result<std::vector<PoolWindow>> windows = WindowsOf(instance);
  if (!windows.ok()) return Support::No(windows.status().message());
  const WindowExtent& h = (*windows)[0].extent;
  const WindowExtent& w = (*windows)[1].extent;
  const int64_t rows = std::min(h.input, CoveredRows(h, std::min<int64_t>(h.output, 4)));
  const int64_t reach = w.output * w.stride + w.kernel * w.dilation + w.pad;
  if (rows > kMostScratchFloats || reach > kMostScratchFloats || w.output > kMostScratchFloats ||
      rows * w.output > kMostScratchFloats) {
    return Support::No("the windows are too large");
  }
  return Support::Yes();
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine& machine) {
  ASSAY_ASSIGN_OR_RETURN(const std::vector<PoolWindow> windows, WindowsOf(instance));
  const Shape& shape = instance.input(0).shape;
  State state;
  state.kernels = &PoolKernelsOf(kIsa);
  state.is_average = instance.node().op == "AveragePool";
  state.planes = shape[0] * shape[1];
  state.height = windows[0].extent;
  state.width = windows[1].extent;
  const WindowExtent& h = state.height;
  const WindowExtent& w = state.width;
  if (state.is_average) {
    const bool include_pad =
        instance.HasAttribute("count_include_pad") && instance.Int("count_include_pad") != 0;
    state.row_counts = TapCounts(windows[0], include_pad);
    state.column_counts = TapCounts(windows[1], include_pad);
  }
  for (int64_t tap = 0; tap < h.kernel; ++tap) {
    state.row_offsets.push_back(tap * h.dilation * w.output);
  }
  for (int64_t tap = 0; tap < w.kernel; ++tap) state.column_offsets.push_back(tap * w.dilation);
  const int64_t reach = (w.output - 1) * w.stride + (w.kernel - 1) * w.dilation + 1;
  state.is_padded = w.pad > 0 || reach > w.input;
  state.row_inputs = std::clamp<int64_t>(reach - w.pad, 0, w.input);
  state.padded_floats = std::max<int64_t>(0, std::max(reach, w.pad) + 15) / 16 * 16;
  state.has_empty_columns = std::ranges::count(state.column_counts, 0.0F) > 0;
  const int64_t more_rows = (h.kernel - 1) * h.dilation + 1;
  state.band_rows =
      std::clamp<int64_t>((kBandFloats / std::max<int64_t>(1, w.output) - more_rows) / h.stride + 1,
                          std::min<int64_t>(h.output, 4), std::max<int64_t>(1, h.output));
  state.bands = (h.output + state.band_rows - 1) / state.band_rows;
  state.scratch_floats =
      state.padded_floats +
      (std::min(h.input, CoveredRows(h, state.band_rows)) * w.output + 15) / 16 * 16;
  const int64_t taps = state.band_rows * w.output * (h.kernel + w.kernel);
  state.grain = std::max<int64_t>(1, kPieceTaps / std::max<int64_t>(1, taps));
  Preparation preparation;
  preparation.workspace_bytes =
      static_cast<size_t>(state.scratch_floats * machine.threads) * sizeof(float);
  preparation.state = MakeState(std::move(state));
  return preparation;
}

// Windows along one row; `padded` is room for it with its padding, which is filled in already.
void PoolRow(const State& state, const float* row, float* padded, float* out) {
  const WindowExtent& w = state.width;
  if (state.is_padded) {
    std::copy_n(row, state.row_inputs, padded + w.pad);
    row = padded;
  }
  const auto pool = state.is_average ? state.kernels->sum_taps : state.kernels->max_taps;
  if (w.stride <= 2) {
    pool(row, state.column_offsets.data(), w.kernel, w.stride, w.output, out);
    return;
  }
  for (int64_t at = 0; at < w.output; ++at) {
    pool(row + at * w.stride, state.column_offsets.data(), w.kernel, 1, 1, out + at);
  }
}

// Combines the rows of the first step, which begin with input row `top`, into one output row.
void PoolColumn(const State& state, const float* rows, int64_t top, int64_t y, float* out) {
  const WindowExtent& h = state.height;
  const int64_t width = state.width.output;
  const int64_t origin = y * h.stride - h.pad;
  const int64_t first = origin >= 0 ? 0 : (-origin + h.dilation - 1) / h.dilation;
  const int64_t last =
      origin >= h.input ? 0 : std::min(h.kernel, (h.input - 1 - origin) / h.dilation + 1);
  if (first >= last) {
    std::fill_n(out, width, state.is_average ? 0.0F : -std::numeric_limits<float>::infinity());
    return;
  }
  const float* from = rows + (origin + first * h.dilation - top) * width;
  if (!state.is_average) {
    state.kernels->max_taps(from, state.row_offsets.data(), last - first, 1, width, out);
    return;
  }
  state.kernels->sum_taps(from, state.row_offsets.data(), last - first, 1, width, out);
  const float count = state.row_counts[static_cast<size_t>(y)];
  state.kernels->divide(state.column_counts.data(), count, width, out);
  if (!state.has_empty_columns && count != 0) return;
  for (int64_t x = 0; x < width; ++x) {
    if (state.column_counts[static_cast<size_t>(x)] == 0 || count == 0) out[x] = 0;
  }
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const WindowExtent& h = state.height;
  const int64_t width = state.width.output;
  const float padding = state.is_average ? 0 : -std::numeric_limits<float>::infinity();
  call.threads->ParallelForSlots(
      state.planes * state.bands, state.grain, [&](int64_t begin, int64_t end, int slot) {
        float* padded = reinterpret_cast<float*>(call.workspace) + slot * state.scratch_floats;
        float* rows = padded + state.padded_floats;
        std::fill_n(padded, state.padded_floats, padding);
        for (int64_t piece = begin; piece < end; ++piece) {
          const int64_t plane = piece / state.bands;
          const int64_t first = piece % state.bands * state.band_rows;
          const int64_t last = std::min(first + state.band_rows, h.output);
          const float* input = call.Input<float>(0) + plane * h.input * state.width.input;
          float* out = call.Output<float>(0) + plane * h.output * width;
          const int64_t top = std::clamp<int64_t>(first * h.stride - h.pad, 0, h.input);
          const int64_t bottom = std::clamp<int64_t>(
              first * h.stride - h.pad + CoveredRows(h, last - first), top, h.input);
          for (int64_t y = top; y < bottom; ++y) {
            PoolRow(state, input + y * state.width.input, padded, rows + (y - top) * width);
          }
          for (int64_t y = first; y < last; ++y) {
            PoolColumn(state, rows, top, y, out + y * width);
          }
        }
      });
  return OkStatus();
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  struct Form {
    const char* name;
    Shape input;
    Ints kernel;
    Ints strides;
    Ints pads;
    int64_t ceil_mode;
  };
  const std::vector<Form> forms = {
      {"three_by_two", {2, 3, 57, 83}, {3, 3}, {2, 2}, {1, 1, 1, 1}, 0},
      {"three_by_two_rounded_up", {1, 3, 56, 84}, {3, 3}, {2, 2}, {0, 0, 0, 0}, 1},
      {"two_by_two", {1, 5, 40, 66}, {2, 2}, {2, 2}, {0, 0, 0, 0}, 0},
      {"five", {1, 9, 20, 20}, {5, 5}, {1, 1}, {2, 2, 2, 2}, 0},
      {"narrow", {1, 4, 7, 5}, {3, 3}, {1, 1}, {1, 1, 1, 1}, 0},
      {"by_three", {1, 4, 31, 40}, {4, 2}, {3, 3}, {1, 0, 2, 1}, 0},
      {"row", {1, 4, 190}, {5}, {2}, {2, 1}, 0},
      {"long", {1, 2, 3, 400}, {1, 300}, {1, 1}, {0, 20, 0, 20}, 0},
      {"tall", {1, 1, 500, 40}, {3, 3}, {1, 1}, {1, 1, 1, 1}, 0},
  };
  for (const Form& form : forms) {
    cases.push_back({.name = form.name,
                     .attributes = {{"kernel_shape", form.kernel},
                                    {"strides", form.strides},
                                    {"pads", form.pads},
                                    {"ceil_mode", form.ceil_mode}},
                     .inputs = {Noise(form.input, 5)},
                     .output_types = {DType::kFloat32}});
  }
}

void AverageCases(std::vector<OpCase>& cases) {
  Cases(cases);
  std::vector<OpCase> with_padding;
  Cases(with_padding);
  for (OpCase& op_case : with_padding) {
    op_case.name += "_counting_padding";
    op_case.attributes.push_back({"count_include_pad", int64_t{1}});
    cases.push_back(std::move(op_case));
  }
}

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name, std::string_view op, NumericClass numerics,
                            void (*cases)(std::vector<OpCase>&)) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = numerics,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .run = Run,
          .cases = cases};
}

}  // namespace

extern const Tactic kMaxPoolRowsAvx512, kMaxPoolRowsAvx2, kMaxPoolRowsPortable;
extern const Tactic kAveragePoolRowsAvx512, kAveragePoolRowsAvx2, kAveragePoolRowsPortable;
constexpr Tactic kMaxPoolRowsAvx512 = MakeTactic<Isa::kAvx512>(
    "cpu.max_pool.rows.f32.avx512", "MaxPool", NumericClass::kExact, Cases);
constexpr Tactic kMaxPoolRowsAvx2 =
    MakeTactic<Isa::kAvx2>("cpu.max_pool.rows.f32.avx2", "MaxPool", NumericClass::kExact, Cases);
constexpr Tactic kMaxPoolRowsPortable = MakeTactic<Isa::kPortable>(
    "cpu.max_pool.rows.f32.portable", "MaxPool", NumericClass::kExact, Cases);
constexpr Tactic kAveragePoolRowsAvx512 = MakeTactic<Isa::kAvx512>(
    "cpu.average_pool.rows.f32.avx512", "AveragePool", NumericClass::kReassociated, AverageCases);
constexpr Tactic kAveragePoolRowsAvx2 = MakeTactic<Isa::kAvx2>(
    "cpu.average_pool.rows.f32.avx2", "AveragePool", NumericClass::kReassociated, AverageCases);
constexpr Tactic kAveragePoolRowsPortable = MakeTactic<Isa::kPortable>(
    "cpu.average_pool.rows.f32.portable", "AveragePool", NumericClass::kReassociated, AverageCases);

}  // namespace assay
