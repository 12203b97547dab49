// Poolings over any number of spatial axes: the rows of the input under a row of windows are
// combined element by element into one, over which the windows then move.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "ops/window.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/kernels/pool_kernels.h"
#include "tactics/cpu/kernels/tap_kernels.h"
#include "tactics/cpu/pool_windows.h"

namespace assay {
namespace {

constexpr int64_t kMostElements = int64_t{1} << 20;  // of a row with its padding
constexpr int64_t kMostRows = int64_t{1} << 16;      // under one row of windows
constexpr int64_t kPieceTaps = 1 << 15;

struct State {
  const PoolKernels* floats = nullptr;
  const TapKernels* taps = nullptr;
  int power = 0;
  int64_t planes = 0;
  std::vector<PoolWindow> rows;  // along all axes but the last
  WindowExtent width;
  int64_t input_rows = 1;  // of a plane
  int64_t output_rows = 1;
  int64_t most_rows = 1;                   // under one row of windows
  std::vector<std::vector<float>> counts;  // of taps per axis, for averages
  std::vector<int64_t> column_offsets;
  int64_t row_inputs = 0;  // elements of an input row that are used
  int64_t padded = 0;      // elements of a row with its padding
  size_t slot_bytes = 0;
  int64_t grain = 1;
};

// Combine: rows element by element; Reduce: windows over the combined row; both with one tap at
// least.
struct FloatMax {
  using Element = float;
  using Sum = float;
  static constexpr float kNothing = -std::numeric_limits<float>::infinity();
  static void Combine(const State& s, const float* in, std::span<const int64_t> rows, float* out) {
    s.floats->max_taps(in, rows.data(), static_cast<int64_t>(rows.size()), 1, s.row_inputs, out);
  }
  static void Reduce(const State& s, const float* row, float* out) {
    const WindowExtent& w = s.width;
    if (w.stride <= 2) {
      s.floats->max_taps(row, s.column_offsets.data(), w.kernel, w.stride, w.output, out);
      return;
    }
    for (int64_t x = 0; x < w.output; ++x) {
      s.floats->max_taps(row + x * w.stride, s.column_offsets.data(), w.kernel, 1, 1, out + x);
    }
  }
};

template <typename T>
struct ByteMax {
  using Element = T;
  using Sum = T;
  static constexpr T kNothing = std::numeric_limits<T>::lowest();
  static auto Kernel(const State& s) {
    if constexpr (std::is_same_v<T, int8_t>) {
      return s.taps->max_int8;
    } else {
      return s.taps->max_uint8;
    }
  }
  static void Combine(const State& s, const T* in, std::span<const int64_t> rows, T* out) {
    Kernel(s)(in, rows.data(), static_cast<int64_t>(rows.size()), 1, s.row_inputs, out);
  }
  static void Reduce(const State& s, const T* row, T* out) {
    const WindowExtent& w = s.width;
    Kernel(s)(row, s.column_offsets.data(), w.kernel, w.stride, w.output, out);
  }
};

struct FloatSum {
  using Element = float;
  using Sum = float;
  static constexpr float kNothing = 0;
  static void Combine(const State& s, const float* in, std::span<const int64_t> rows, float* out) {
    s.floats->sum_taps(in, rows.data(), static_cast<int64_t>(rows.size()), 1, s.row_inputs, out);
  }
  static void Reduce(const State& s, const float* row, float* out) {
    const WindowExtent& w = s.width;
    if (w.stride <= 2) {
      s.floats->sum_taps(row, s.column_offsets.data(), w.kernel, w.stride, w.output, out);
      return;
    }
    for (int64_t x = 0; x < w.output; ++x) {
      s.floats->sum_taps(row + x * w.stride, s.column_offsets.data(), w.kernel, 1, 1, out + x);
    }
  }
};

struct PowerSum {
  using Element = float;
  using Sum = double;
  static constexpr double kNothing = 0;
  static void Combine(const State& s, const float* in, std::span<const int64_t> rows, double* out) {
    s.taps->power_taps(in, rows.data(), static_cast<int64_t>(rows.size()), s.power, s.row_inputs,
                       out);
  }
  static void Reduce(const State& s, const double* row, float* out) {
    const WindowExtent& w = s.width;
    constexpr int64_t kTile = 128;
    std::array<double, kTile> sums;
    for (int64_t begin = 0; begin < w.output; begin += kTile) {
      const int64_t count = std::min(kTile, w.output - begin);
      s.taps->sum_doubles(row + begin * w.stride, s.column_offsets.data(), w.kernel, w.stride,
                          count, sums.data());
      for (int64_t i = 0; i < count; ++i) {
        out[begin + i] = static_cast<float>(Root(s.power, sums[static_cast<size_t>(i)]));
      }
    }
  }
  static double Root(int power, double sum) {
    if (power == 1) return sum;
    return power == 2 ? std::sqrt(sum) : std::pow(sum, 1.0 / power);
  }
};

std::optional<int> PowerOf(const Instance& instance) {
  const double p =
      instance.opset() < 2 ? instance.Float("p") : static_cast<double>(instance.Int("p"));
  if (p < 1 || p > kMostTapPower || p != std::floor(p)) return std::nullopt;
  return static_cast<int>(p);
}

template <Isa kIsa, typename Pool>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  constexpr DType kType = DTypeOf<typename Pool::Element>();
  if (!instance.Is(0, kType)) return Support::No("only " + std::string{DTypeName(kType)});
  if (instance.WantsOutput(1)) return Support::No("indices are not computed");
  if (instance.node().op == "LpPool" && !PowerOf(instance)) {
    return Support::No("only whole powers from 1 to 6");
  }
  const Result<std::vector<PoolWindow>> windows = PoolWindowsOf(instance);
  if (!windows.ok()) return Support::No(windows.status().message());
  int64_t rows = 1;
  for (const PoolWindow& window : *windows) {
    if (&window != &windows->back()) rows *= window.extent.kernel;
    if (rows > kMostRows) return Support::No("the windows are too large");
  }
  const WindowExtent& w = windows->back().extent;
  if (w.output > kMostElements || w.stride > kMostElements || w.kernel > kMostElements ||
      w.dilation > kMostElements || w.pad > kMostElements ||
      windows->back().Reach(w.output) > kMostElements) {
    return Support::No("the rows are too long");
  }
  return Support::Yes();
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine& machine) {
  ASSAY_ASSIGN_OR_RETURN(std::vector<PoolWindow> windows, PoolWindowsOf(instance));
  const Shape& shape = instance.input(0).shape;
  State state;
  state.floats = &PoolKernelsOf(kIsa);
  state.taps = &TapKernelsOf(kIsa);
  state.planes = shape[0] * shape[1];
  const std::string& op = instance.node().op;
  if (op == "LpPool") state.power = *PowerOf(instance);
  if (op == "AveragePool") {
    const bool include_pad =
        instance.HasAttribute("count_include_pad") && instance.Int("count_include_pad") != 0;
    for (const PoolWindow& window : windows) {
      state.counts.push_back(TapCounts(window, include_pad));
    }
  }
  const int64_t reach = windows.back().Reach(windows.back().extent.output);
  state.width = windows.back().extent;
  windows.pop_back();
  state.rows = std::move(windows);
  for (const PoolWindow& window : state.rows) {
    state.input_rows *= window.extent.input;
    state.output_rows *= window.extent.output;
    state.most_rows *= window.extent.kernel;
  }
  const WindowExtent& w = state.width;
  for (int64_t tap = 0; tap < w.kernel; ++tap) state.column_offsets.push_back(tap * w.dilation);
  state.row_inputs = std::clamp<int64_t>(reach - w.pad, 0, w.input);
  state.padded = (std::max<int64_t>({reach, w.pad, 1}) + 63) / 64 * 64;
  state.slot_bytes = static_cast<size_t>(state.padded + (state.most_rows + 7) / 8 * 8) * 8;
  const int64_t taps = state.most_rows * w.input + w.kernel * w.output;
  state.grain = std::max<int64_t>(1, kPieceTaps / std::max<int64_t>(1, taps));
  Preparation preparation;
  preparation.workspace_bytes = state.slot_bytes * static_cast<size_t>(machine.threads);
  preparation.state = MakeState(std::move(state));
  return preparation;
}

// The input rows of a plane, in elements from its begin, under row `at` of the windows; sets the
// number of taps of its averages.
std::span<const int64_t> RowsUnder(const State& state, int64_t at, int64_t* rows, float* count) {
  std::span<int64_t> offsets(rows, 1);
  rows[0] = 0;
  *count = 1;
  int64_t unit = state.width.input;
  for (size_t axis = state.rows.size(); axis-- > 0;) {
    const PoolWindow& window = state.rows[axis];
    const int64_t y = at % window.extent.output;
    at /= window.extent.output;
    const int64_t first = window.FirstTap(y);
    const int64_t last = window.LastTap(y);
    if (!state.counts.empty()) *count *= state.counts[axis][static_cast<size_t>(y)];
    if (first >= last) return {};
    const size_t inner = offsets.size();
    offsets = {rows, inner * static_cast<size_t>(last - first)};
    // From the last tap on, as the first one takes the place of what is copied.
    for (int64_t tap = last - 1; tap >= first; --tap) {
      const int64_t from =
          (y * window.extent.stride - window.extent.pad + tap * window.extent.dilation) * unit;
      for (size_t i = 0; i < inner; ++i) {
        offsets[static_cast<size_t>(tap - first) * inner + i] = from + rows[i];
      }
    }
    unit *= window.extent.input;
  }
  return offsets;
}

void Average(const State& state, float count, float* out) {
  const std::vector<float>& columns = state.counts.back();
  state.floats->divide(columns.data(), count, state.width.output, out);
  for (int64_t x = 0; x < state.width.output; ++x) {
    if (columns[static_cast<size_t>(x)] * count == 0) out[x] = 0;
  }
}

template <typename Pool>
Status Run(const Call& call) {
  using Element = typename Pool::Element;
  using Sum = typename Pool::Sum;
  const State& state = call.State<State>();
  const int64_t in_plane = state.input_rows * state.width.input;
  const int64_t width = state.width.output;
  call.threads->ParallelForSlots(
      state.planes * state.output_rows, state.grain, [&](int64_t begin, int64_t end, int slot) {
        std::byte* memory = call.workspace + static_cast<size_t>(slot) * state.slot_bytes;
        auto* rows = reinterpret_cast<int64_t*>(memory);
        auto* combined = reinterpret_cast<Sum*>(rows + (state.most_rows + 7) / 8 * 8);
        std::fill_n(combined, state.padded, Pool::kNothing);
        for (int64_t at = begin; at < end; ++at) {
          float count = 1;
          const std::span<const int64_t> under =
              RowsUnder(state, at % state.output_rows, rows, &count);
          const Element* plane = call.Input<Element>(0) + at / state.output_rows * in_plane;
          Element* out = call.Output<Element>(0) + at * width;
          if (under.empty()) {
            std::fill_n(out, width, static_cast<Element>(Pool::kNothing));
            continue;
          }
          Pool::Combine(state, plane, under, combined + state.width.pad);
          Pool::Reduce(state, combined, out);
          if constexpr (std::is_same_v<Pool, FloatSum>) Average(state, count, out);
        }
      });
  return OkStatus();
}

using Ints = std::vector<int64_t>;

struct Form {
  const char* name;
  Shape input;
  Ints kernel;
  Ints strides;
  Ints dilations;
  Ints pads;
  int64_t ceil_mode = 0;
};

const std::vector<Form>& Forms() {
  static const std::vector<Form> forms = {
      {"volume", {1, 3, 9, 13, 37}, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1, 1, 1, 1}},
      {"volume_by_two", {2, 3, 11, 12, 70}, {3, 2, 3}, {2, 2, 2}, {1, 1, 1}, {0, 1, 1, 1, 0, 1}},
      {"volume_by_three", {1, 2, 8, 9, 61}, {2, 2, 3}, {1, 3, 3}, {2, 1, 2}, {0, 0, 2, 1, 0, 1}, 1},
      {"flat_volume", {1, 4, 1, 20, 33}, {1, 2, 2}, {1, 2, 2}, {1, 1, 1}, {0, 0, 0, 0, 0, 0}},
      {"four_axes",
       {1, 2, 3, 4, 5, 35},
       {2, 2, 2, 2},
       {1, 1, 1, 1},
       {1, 1, 2, 1},
       {1, 0, 1, 0, 0, 0, 1, 1}},
      {"dilated_rows", {1, 3, 25, 131}, {3, 3}, {1, 1}, {2, 3}, {2, 3, 2, 3}},
      {"plane_by_two", {2, 5, 57, 83}, {3, 3}, {2, 2}, {1, 1}, {1, 1, 1, 1}, 1},
      {"row", {1, 4, 590}, {5}, {2}, {1}, {2, 1}},
      {"padding_alone", {1, 2, 3, 5}, {1, 1}, {1, 1}, {1, 1}, {0, 2, 2, 1}},
  };
  return forms;
}

void AddForm(const Form& form, const Tensor& input, std::vector<Attribute> more,
             std::vector<OpCase>& cases) {
  cases.push_back({.name = form.name,
                   .attributes = {{"kernel_shape", form.kernel},
                                  {"strides", form.strides},
                                  {"dilations", form.dilations},
                                  {"pads", form.pads},
                                  {"ceil_mode", form.ceil_mode}},
                   .inputs = {input}});
  for (Attribute& attribute : more) cases.back().attributes.push_back(std::move(attribute));
}

void MaxCases(std::vector<OpCase>& cases) {
  for (const Form& form : Forms()) {
    AddForm(form, Noise(form.input, 3), {}, cases);
    for (const DType dtype : {DType::kInt8, DType::kUInt8}) {
      const float low = dtype == DType::kInt8 ? -128 : 0;
      AddForm(form, *ConvertTensor(Spread(form.input, low, low + 255), dtype), {}, cases);
    }
  }
}

void AverageCases(std::vector<OpCase>& cases) {
  for (const Form& form : Forms()) {
    for (const int64_t counts_padding : {int64_t{0}, int64_t{1}}) {
      AddForm(form, Noise(form.input, 4), {{"count_include_pad", counts_padding}}, cases);
    }
  }
}

void PowerCases(std::vector<OpCase>& cases) {
  for (const Form& form : Forms()) {
    for (int64_t power = 1; power <= kMostTapPower; power += form.input.rank() == 5 ? 1 : 2) {
      AddForm(form, Noise(form.input, 5), {{"p", power}}, cases);
    }
  }
  const Form form = {"huge_and_tiny", {1, 2, 1, 3}, {1, 2}, {1, 1}, {1, 1}, {0, 0, 0, 0}};
  for (int64_t power = 1; power <= kMostTapPower; ++power) {
    AddForm(form, Tensor::Of<float>({1, 2, 1, 3}, {2e38F, 1e38F, 1, 1e-44F, 0, 2e-40F}),
            {{"p", power}}, cases);
  }
}

template <Isa kIsa, typename Pool>
constexpr Tactic MakeTactic(std::string_view name, std::string_view op, NumericClass numerics,
                            void (*cases)(std::vector<OpCase>&)) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = numerics,
          .supports = Supports<kIsa, Pool>,
          .prepare = Prepare<kIsa>,
          .run = Run<Pool>,
          .cases = cases};
}

#define ASSAY_TACTICS(name, op, pool, numerics, cases)                                      \
  MakeTactic<Isa::kAvx512, pool>("cpu." name ".avx512", op, NumericClass::numerics, cases), \
      MakeTactic<Isa::kAvx2, pool>("cpu." name ".avx2", op, NumericClass::numerics, cases), \
      MakeTactic<Isa::kPortable, pool>("cpu." name ".portable", op, NumericClass::numerics, cases)

constexpr Tactic kTactics[] = {
    ASSAY_TACTICS("max_pool.combined.f32", "MaxPool", FloatMax, kExact, MaxCases),
    ASSAY_TACTICS("max_pool.combined.i8", "MaxPool", ByteMax<int8_t>, kExact, MaxCases),
    ASSAY_TACTICS("max_pool.combined.u8", "MaxPool", ByteMax<uint8_t>, kExact, MaxCases),
    ASSAY_TACTICS("average_pool.combined.f32", "AveragePool", FloatSum, kReassociated,
                  AverageCases),
    ASSAY_TACTICS("lp_pool.combined.f32", "LpPool", PowerSum, kReassociated, PowerCases),
};

}  // namespace

extern const std::span<const Tactic> kCombinedPoolTactics;
constexpr std::span<const Tactic> kCombinedPoolTactics = kTactics;

}  // namespace assay
