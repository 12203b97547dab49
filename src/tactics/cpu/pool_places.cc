// MaxPool with the places of the maxima: windows inside the rows by vectors, the others one by one.

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/running_extreme.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/kernels/tap_kernels.h"
#include "tactics/cpu/pool_windows.h"

namespace assay {
namespace {

constexpr int64_t kMostTaps = int64_t{1} << 16;
constexpr int64_t kPieceTaps = 1 << 15;

struct State {
  const TapKernels* kernels = nullptr;
  int64_t planes = 0;
  std::vector<PoolWindow> windows;
  // Distances of neighbours along each axis: in the plane, and of the places that are reported.
  std::vector<int64_t> strides;
  std::vector<int64_t> place_strides;
  int64_t input_plane = 1;
  int64_t output_rows = 1;
  int64_t taps = 1;
  // Outputs of a row whose taps along it are all inside.
  int64_t inside_begin = 0;
  int64_t inside_end = 0;
  int64_t grain = 1;

  const PoolWindow& width() const { return windows.back(); }
};

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.Is(0, DType::kFloat32)) return Support::No("only float32");
  if (!instance.WantsOutput(1)) return Support::No("no indices are asked for");
  const Result<std::vector<PoolWindow>> windows = PoolWindowsOf(instance);
  if (!windows.ok()) return Support::No(windows.status().message());
  int64_t taps = 1;
  for (const PoolWindow& window : *windows) {
    taps *= window.extent.kernel;
    if (taps > kMostTaps) return Support::No("the windows are too large");
  }
  return Support::Yes();
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine& machine) {
  const Shape& shape = instance.input(0).shape;
  State state;
  ASSAY_ASSIGN_OR_RETURN(state.windows, PoolWindowsOf(instance));
  state.kernels = &TapKernelsOf(kIsa);
  state.planes = shape[0] * shape[1];
  const size_t rank = state.windows.size();
  state.strides.assign(rank, 1);
  state.place_strides.assign(rank, 1);
  for (size_t axis = rank - 1; axis-- > 0;) {
    state.strides[axis] = state.strides[axis + 1] * state.windows[axis + 1].extent.input;
  }
  const bool column_major =
      instance.HasAttribute("storage_order") && instance.Int("storage_order") != 0;
  if (column_major) {
    for (size_t axis = 1; axis < rank; ++axis) {
      state.place_strides[axis] =
          state.place_strides[axis - 1] * state.windows[axis - 1].extent.input;
    }
  } else {
    state.place_strides = state.strides;
  }
  for (const PoolWindow& window : state.windows) {
    state.input_plane *= window.extent.input;
    state.taps *= window.extent.kernel;
    if (&window != &state.windows.back()) state.output_rows *= window.extent.output;
  }
  const WindowExtent& w = state.width().extent;
  state.inside_begin = std::min(w.FirstInside(0), w.output);
  state.inside_end = std::max(state.inside_begin, w.LastInside(w.kernel - 1));
  state.grain = std::max<int64_t>(1, kPieceTaps / std::max<int64_t>(1, state.taps * w.output));
  Preparation preparation;
  // Per slot and tap: its offset, and the distance of its place from that of the first one.
  preparation.workspace_bytes = static_cast<size_t>(machine.threads * state.taps) * 2 * 8;
  preparation.state = MakeState(std::move(state));
  return preparation;
}

// The taps of a row of windows that lie inside the input along all axes but the last, in row-major
// order: their offsets from the begin of the plane, for the first tap of the window at column 0.
struct Taps {
  int64_t count = 0;
  int64_t* offsets;
  int64_t* places;

  // Puts the taps [first, last) of an axis before those that are there.
  void Multiply(int64_t origin, int64_t first, int64_t last, int64_t dilation, int64_t stride,
                int64_t place_stride) {
    // From the last tap on, as the first one takes the place of what is copied.
    for (int64_t tap = last - 1; tap >= first; --tap) {
      const int64_t at = origin + tap * dilation;
      for (int64_t i = 0; i < count; ++i) {
        offsets[(tap - first) * count + i] = offsets[i] + at * stride;
        places[(tap - first) * count + i] = places[i] + at * place_stride;
      }
    }
    count *= std::max<int64_t>(0, last - first);
  }
};

Taps TapsOf(const State& state, int64_t row, int64_t* memory) {
  Taps taps = {1, memory, memory + state.taps};
  taps.offsets[0] = taps.places[0] = 0;
  const WindowExtent& w = state.width().extent;
  taps.Multiply(-w.pad, 0, w.kernel, w.dilation, 1, state.place_strides.back());
  for (size_t axis = state.windows.size() - 1; axis-- > 0 && taps.count > 0;) {
    const PoolWindow& window = state.windows[axis];
    const int64_t y = row % window.extent.output;
    row /= window.extent.output;
    taps.Multiply(y * window.extent.stride - window.extent.pad, window.FirstTap(y),
                  window.LastTap(y), window.extent.dilation, state.strides[axis],
                  state.place_strides[axis]);
  }
  return taps;
}

// One window at column x, some of whose taps lie outside.
void PoolOne(const State& state, const Taps& taps, const float* plane, int64_t first_place,
             int64_t x, float* value, int64_t* place) {
  const PoolWindow& w = state.width();
  const int64_t shift = x * w.extent.stride;
  *value = -std::numeric_limits<float>::infinity();
  *place = -1;
  for (int64_t row = 0; row < taps.count; row += w.extent.kernel) {
    for (int64_t tap = row + w.FirstTap(x); tap < row + w.LastTap(x); ++tap) {
      const float at = plane[taps.offsets[tap] + shift];
      if (*place >= 0 && !IsAbove(at, *value)) continue;
      *value = at;
      *place = first_place + taps.places[tap] + shift * state.place_strides.back();
    }
  }
}

void PoolInside(const State& state, const Taps& taps, const float* plane, int64_t first_place,
                float* values, int64_t* places) {
  constexpr int64_t kTile = 256;
  const int64_t stride = state.width().extent.stride;
  const int64_t step = stride * state.place_strides.back();
  int32_t which[kTile];
  for (int64_t x = state.inside_begin; x < state.inside_end; x += kTile) {
    const int64_t count = std::min(kTile, state.inside_end - x);
    state.kernels->first_max(plane + x * stride, taps.offsets, taps.count, stride, count,
                             values + x, which);
    for (int64_t i = 0; i < count; ++i) {
      places[x + i] = first_place + (x + i) * step + taps.places[which[i]];
    }
  }
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const int64_t width = state.width().extent.output;
  float* out = call.Output<float>(0);
  int64_t* indices = call.Output<int64_t>(1);
  call.threads->ParallelForSlots(
      state.planes * state.output_rows, state.grain, [&](int64_t begin, int64_t end, int slot) {
        auto* memory = reinterpret_cast<int64_t*>(call.workspace) + slot * state.taps * 2;
        for (int64_t at = begin; at < end; ++at) {
          const int64_t first_place = at / state.output_rows * state.input_plane;
          const float* plane = call.Input<float>(0) + first_place;
          const Taps taps = TapsOf(state, at % state.output_rows, memory);
          float* values = out + at * width;
          int64_t* places = indices + at * width;
          const bool has_inside = taps.count > 0;
          if (has_inside) PoolInside(state, taps, plane, first_place, values, places);
          for (int64_t x = 0; x < width; ++x) {
            if (has_inside && x == state.inside_begin) x = state.inside_end;
            if (x >= width) break;
            PoolOne(state, taps, plane, first_place, x, values + x, places + x);
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
    Ints dilations;
    Ints pads;
    int64_t ceil_mode = 0;
  };
  const std::vector<Form> forms = {
      {"by_two", {2, 5, 57, 83}, {3, 3}, {2, 2}, {1, 1}, {1, 1, 1, 1}, 1},
      {"five", {1, 9, 20, 20}, {5, 5}, {1, 1}, {1, 1}, {2, 2, 2, 2}},
      {"dilated", {1, 3, 25, 331}, {3, 3}, {1, 3}, {2, 3}, {2, 3, 2, 3}},
      {"row", {1, 4, 590}, {5}, {2}, {1}, {2, 1}},
      {"volume", {1, 3, 9, 13, 37}, {3, 3, 2}, {1, 2, 1}, {1, 1, 1}, {1, 1, 1, 1, 1, 0}},
      {"padding_alone", {1, 2, 3, 5}, {1, 1}, {1, 1}, {1, 1}, {0, 2, 2, 1}},
  };
  for (const Form& form : forms) {
    Tensor input = Noise(form.input, 6);
    // Few different values, so that there are ties, and rows of the lowest ones.
    for (float& value : input.mutable_data<float>()) value = std::floor(value * 8);
    std::fill_n(input.mutable_data<float>().begin(), input.elements() / 4,
                -std::numeric_limits<float>::infinity());
    input.mutable_data<float>()[static_cast<size_t>(input.elements()) / 2] =
        std::numeric_limits<float>::quiet_NaN();
    for (const int64_t order : {int64_t{0}, int64_t{1}}) {
      cases.push_back({.name = form.name,
                       .attributes = {{"kernel_shape", form.kernel},
                                      {"strides", form.strides},
                                      {"dilations", form.dilations},
                                      {"pads", form.pads},
                                      {"ceil_mode", form.ceil_mode},
                                      {"storage_order", order}},
                       .inputs = {input},
                       .output_types = {DType::kFloat32, DType::kInt64}});
    }
  }
}

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name) {
  return {.name = name,
          .domain = "",
          .op = "MaxPool",
          .numerics = NumericClass::kExact,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .run = Run,
          .cases = Cases};
}

constexpr Tactic kTactics[] = {
    MakeTactic<Isa::kAvx512>("cpu.max_pool.places.f32.avx512"),
    MakeTactic<Isa::kAvx2>("cpu.max_pool.places.f32.avx2"),
    MakeTactic<Isa::kPortable>("cpu.max_pool.places.f32.portable"),
};

}  // namespace

extern const std::span<const Tactic> kPlacePoolTactics;
constexpr std::span<const Tactic> kPlacePoolTactics = kTactics;

}  // namespace assay
