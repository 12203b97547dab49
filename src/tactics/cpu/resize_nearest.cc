// Resize and Upsample to the nearest element, of any type.

#include <algorithm>
#include <cstring>

#include "tactics/cpu/resize_axes.h"
#include "tactics/cpu/strided_copy.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace assay {
namespace {

struct State {
  int64_t rows = 1;              // of the output: everything before the last resized axis
  std::vector<int64_t> dims;     // of the output, those axes
  std::vector<int64_t> strides;  // of the input, in bytes
  std::vector<std::vector<int64_t>> sources;
  std::vector<int64_t> row_offsets;  // of the elements of a row, in bytes
  int64_t unit = 0;                  // bytes that follow the last resized axis
  bool doubles = false;              // a row has 4-byte elements, every one twice
};

Support Supports(const Instance& instance, const Machine&) {
  int64_t bytes = 0;
  Support movable = MovableElement(instance.input(0).dtype, &bytes);
  if (!movable.ok()) return movable;
  const Result<ResizePlan> plan = PlanResize(instance);
  if (!plan.ok()) return Support::No(plan.status().message());
  if (plan->interpolation != Interpolation::kNearest) return Support::No("only nearest");
  for (const ResizeAxis& axis : plan->axes) {
    if (axis.has_outside) return Support::No("extrapolation");
  }
  return Support::Yes();
}

Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  ASSAY_ASSIGN_OR_RETURN(const ResizePlan plan, PlanResize(instance));
  const Shape& shape = instance.input(0).shape;
  const std::vector<int64_t> strides = shape.Strides();
  const auto element_bytes = static_cast<int64_t>(Tensor::ByteSize(instance.input(0).dtype, 1));
  State state;
  size_t last = plan.axes.size();
  while (last > 1 && plan.axes[last - 1].is_identity) --last;
  state.unit = element_bytes * shape.elements(static_cast<int>(last), shape.rank());
  for (size_t i = 0; i + 1 < last; ++i) {
    state.dims.push_back(plan.axes[i].output);
    state.strides.push_back(strides[i] * element_bytes);
    state.sources.push_back(plan.axes[i].index);
    state.rows *= plan.axes[i].output;
  }
  if (last == 0) {
    state.row_offsets = {0};
  } else {
    for (int64_t index : plan.axes[last - 1].index) {
      state.row_offsets.push_back(index * state.unit);
    }
  }
  state.doubles = state.unit == 4 && state.row_offsets.size() % 2 == 0;
  for (size_t i = 0; i < state.row_offsets.size(); ++i) {
    state.doubles = state.doubles && state.row_offsets[i] == static_cast<int64_t>(i / 2) * 4;
  }
  Preparation preparation;
  preparation.state = MakeState(std::move(state));
  return preparation;
}

template <typename T>
void PickElements(const std::byte* from, const std::vector<int64_t>& offsets, std::byte* to) {
  const int64_t* offset = offsets.data();
  const auto count = static_cast<int64_t>(offsets.size());
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(to + i * static_cast<int64_t>(sizeof(T)), from + offset[i], sizeof(T));
  }
}

// Every one of `count` 4-byte elements twice.
void Double(const std::byte* from, int64_t count, std::byte* to) {
  int64_t i = 0;
#if defined(__SSE2__)
  for (; i + 4 <= count; i += 4) {
    const __m128i four = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * 4));
    auto* out = reinterpret_cast<__m128i*>(to + i * 8);
    _mm_storeu_si128(out, _mm_unpacklo_epi32(four, four));
    _mm_storeu_si128(out + 1, _mm_unpackhi_epi32(four, four));
  }
#endif
  for (; i < count; ++i) {
    std::memcpy(to + i * 8, from + i * 4, 4);
    std::memcpy(to + i * 8 + 4, from + i * 4, 4);
  }
}

void PickRow(const State& state, const std::byte* from, std::byte* to) {
  if (state.doubles) {
    Double(from, static_cast<int64_t>(state.row_offsets.size()) / 2, to);
    return;
  }
  switch (state.unit) {
    case 1:
      return PickElements<uint8_t>(from, state.row_offsets, to);
    case 2:
      return PickElements<uint16_t>(from, state.row_offsets, to);
    case 4:
      return PickElements<uint32_t>(from, state.row_offsets, to);
    case 8:
      return PickElements<uint64_t>(from, state.row_offsets, to);
    default:
      for (int64_t offset : state.row_offsets) {
        std::memcpy(to, from + offset, static_cast<size_t>(state.unit));
        to += state.unit;
      }
  }
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const int64_t row_bytes = static_cast<int64_t>(state.row_offsets.size()) * state.unit;
  if (row_bytes == 0) return OkStatus();
  const int64_t grain = std::max<int64_t>(1, 64 * 1024 / row_bytes);
  call.threads->ParallelFor(state.rows, grain, [&](int64_t begin, int64_t end) {
    int64_t previous = -1;
    for (int64_t row = begin; row < end; ++row) {
      int64_t from = 0;
      int64_t rest = row;
      for (size_t axis = state.dims.size(); axis-- > 0;) {
        from +=
            state.sources[axis][static_cast<size_t>(rest % state.dims[axis])] * state.strides[axis];
        rest /= state.dims[axis];
      }
      std::byte* to = call.Output<std::byte>(0) + row * row_bytes;
      if (from == previous) {
        std::memcpy(to, to - row_bytes, static_cast<size_t>(row_bytes));
      } else {
        PickRow(state, call.Input<std::byte>(0) + from, to);
      }
      previous = from;
    }
  });
  return OkStatus();
}

constexpr Tactic MakeTactic(std::string_view name, std::string_view op) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kExact,
          .supports = Supports,
          .prepare = Prepare,
          .run = Run};
}

}  // namespace

extern const Tactic kResizeNearest, kUpsampleNearest;
constexpr Tactic kResizeNearest = MakeTactic("cpu.resize.nearest", "Resize");
constexpr Tactic kUpsampleNearest = MakeTactic("cpu.upsample.nearest", "Upsample");

}  // namespace assay
