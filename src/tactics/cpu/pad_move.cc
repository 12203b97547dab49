// Pad: every axis has a table of source indices, and a run of its last axis that is copied whole.

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>

#include "ops/data_movement.h"
#include "tactics/cpu/strided_copy.h"

namespace assay {
namespace {

struct State {
  int64_t element_bytes = 0;     // of what moves together: the axes behind the last padded one
  int64_t outer_rank = 0;        // axes before the last
  std::vector<int64_t> dims;     // of the output, adjacent unpadded axes merged
  std::vector<int64_t> strides;  // of the input, for the axes before the last
  std::vector<std::vector<int64_t>> sources;  // per axis; -1: the fill value
  int64_t run_begin = 0;  // outputs of the last axis that are consecutive inputs
  int64_t run_end = 0;
  int64_t rows = 0;
  int64_t fill_bytes = 0;
  int fill_input = -1;
  uint64_t fill[2] = {0, 0};  // the bytes of the fill value where it is no input
};

struct AxisPads {
  int64_t before = 0;
  int64_t after = 0;
};

Result<std::vector<AxisPads>> PadsOf(const Instance& instance) {
  const int rank = instance.input(0).shape.rank();
  std::optional<std::vector<int64_t>> pads;
  if (instance.opset() < 11) {
    pads = instance.Ints(instance.opset() < 2 ? "paddings" : "pads");
  } else {
    pads = instance.ConstantInts(1);
  }
  std::optional<std::vector<int64_t>> axes(std::in_place, static_cast<size_t>(rank));
  std::iota(axes->begin(), axes->end(), 0);
  if (instance.HasInput(3)) axes = instance.ConstantInts(3);
  if (!pads || !axes) return OpContext::Unsupported("pads and axes must be constant");
  if (pads->size() != 2 * axes->size()) return OpContext::Unsupported("pads do not fit the axes");
  std::vector<AxisPads> result(static_cast<size_t>(rank));
  for (size_t i = 0; i < axes->size(); ++i) {
    ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis((*axes)[i], rank));
    result[static_cast<size_t>(axis)] = {(*pads)[i], (*pads)[axes->size() + i]};
  }
  return result;
}

// Input index under each output of an axis.
std::vector<int64_t> Sources(const std::string& mode, int64_t extent, const AxisPads& pads) {
  std::vector<int64_t> sources;
  for (int64_t i = 0; i < extent + pads.before + pads.after; ++i) {
    int64_t at = i - pads.before;
    if (at < 0 || at >= extent) {
      if (mode == "constant") {
        at = -1;
      } else if (mode == "edge") {
        at = std::clamp<int64_t>(at, 0, extent - 1);
      } else if (mode == "wrap") {
        at = (at % extent + extent) % extent;
      } else {
        const int64_t period = 2 * (extent - 1);
        at = period == 0 ? 0 : (at % period + period) % period;
        if (at >= extent) at = period - at;
      }
    }
    sources.push_back(at);
  }
  return sources;
}

Support Supports(const Instance& instance, const Machine&) {
  int64_t element_bytes = 0;
  Support movable = MovableElement(instance.input(0).dtype, &element_bytes);
  if (!movable.ok()) return movable;
  const std::string mode = instance.String("mode");
  if (mode != "constant" && mode != "reflect" && mode != "edge" &&
      !(mode == "wrap" && instance.opset() >= 19)) {
    return Support::No("unknown mode");
  }
  if (instance.HasInput(2) && (instance.input(2).shape.elements() != 1 ||
                               instance.input(2).dtype != instance.input(0).dtype)) {
    return Support::No("the fill value must be one element of the type of the data");
  }
  const Result<std::vector<AxisPads>> pads = PadsOf(instance);
  if (!pads.ok()) return Support::No(pads.status().message());
  const Shape& shape = instance.input(0).shape;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const AxisPads& p = (*pads)[static_cast<size_t>(axis)];
    const bool grows = mode != "constant" && (p.before > 0 || p.after > 0);
    if (grows && (shape[axis] < 1 || (mode == "reflect" && shape[axis] == 1))) {
      return Support::No("an axis is too short for the mode");
    }
    if (shape[axis] + p.before + p.after != instance.output(0).shape[axis]) {
      return Support::No("the shape of the output does not fit");
    }
  }
  return Support::Yes();
}

// Merges axes that are not padded into the one before them, and appends the last axis's run.
void AddAxes(const Shape& shape, const std::vector<AxisPads>& pads, const std::string& mode,
             State& state) {
  struct Axis {
    int64_t extent;
    AxisPads pads;
  };
  std::vector<Axis> axes;
  for (int i = 0; i < shape.rank(); ++i) {
    const AxisPads& p = pads[static_cast<size_t>(i)];
    const bool moves = p.before != 0 || p.after != 0;
    const bool joins = !axes.empty() && axes.back().pads.before == 0 && axes.back().pads.after == 0;
    if (!moves && joins) {
      axes.back().extent *= shape[i];
    } else {
      axes.push_back({shape[i], p});
    }
  }
  // Elements behind the last padded axis move together.
  int64_t width = 1;
  if (axes.size() > 1 && axes.back().pads.before == 0 && axes.back().pads.after == 0) {
    width = axes.back().extent;
    axes.pop_back();
  }
  if (axes.empty()) axes.push_back({1, {}});
  state.element_bytes *= width;
  int64_t stride = state.element_bytes;
  state.strides.assign(axes.size(), 0);
  for (size_t i = axes.size(); i-- > 0;) {
    state.strides[i] = stride;
    stride *= axes[i].extent;
  }
  state.rows = 1;
  for (const Axis& axis : axes) {
    state.sources.push_back(Sources(mode, axis.extent, axis.pads));
    state.dims.push_back(axis.extent + axis.pads.before + axis.pads.after);
  }
  for (size_t i = 0; i + 1 < state.dims.size(); ++i) state.rows *= state.dims[i];
  state.outer_rank = static_cast<int64_t>(state.dims.size()) - 1;
  const Axis& last = axes.back();
  const int64_t length = state.dims.back();
  state.run_begin = std::clamp<int64_t>(last.pads.before, 0, length);
  state.run_end = std::clamp<int64_t>(last.pads.before + last.extent, state.run_begin, length);
}

Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  State state;
  const DType dtype = instance.input(0).dtype;
  state.fill_bytes = static_cast<int64_t>(Tensor::ByteSize(dtype, 1));
  state.element_bytes = state.fill_bytes;
  ASSAY_ASSIGN_OR_RETURN(const std::vector<AxisPads> pads, PadsOf(instance));
  AddAxes(instance.input(0).shape, pads, instance.String("mode"), state);
  if (instance.HasInput(2)) {
    state.fill_input = 2;
  } else if (instance.opset() < 11) {
    ASSAY_ASSIGN_OR_RETURN(const Tensor value,
                           ConvertTensor(Tensor::Scalar(instance.Float("value")), dtype));
    std::memcpy(state.fill, value.raw(), value.byte_size());
  }
  Preparation preparation;
  preparation.state = MakeState(std::move(state));
  return preparation;
}

// Repeats the fill value of `value_bytes` over `bytes`.
void Fill(const std::byte* value, int64_t value_bytes, int64_t bytes, std::byte* to) {
  if (bytes <= 0) return;
  std::memcpy(to, value, static_cast<size_t>(value_bytes));
  for (int64_t done = value_bytes; done < bytes;) {
    const int64_t step = std::min(done, bytes - done);
    std::memcpy(to + done, to, static_cast<size_t>(step));
    done += step;
  }
}

class RowWriter {
 public:
  RowWriter(const State& state, const std::byte* input, const std::byte* fill)
      : state_(state), input_(input), fill_(fill) {}

  void Write(int64_t row, std::byte* to) const {
    const std::byte* from = input_;
    int64_t rest = row;
    for (auto axis = static_cast<size_t>(state_.outer_rank); axis-- > 0;) {
      const int64_t source = state_.sources[axis][static_cast<size_t>(rest % state_.dims[axis])];
      rest /= state_.dims[axis];
      if (source < 0) {
        Fill(fill_, state_.fill_bytes, state_.dims.back() * state_.element_bytes, to);
        return;
      }
      from += source * state_.strides[axis];
    }
    Gather(0, state_.run_begin, from, to);
    if (state_.run_begin < state_.run_end) {
      const int64_t source = state_.sources.back()[static_cast<size_t>(state_.run_begin)];
      std::memcpy(to + state_.run_begin * state_.element_bytes,
                  from + source * state_.element_bytes,
                  static_cast<size_t>((state_.run_end - state_.run_begin) * state_.element_bytes));
    }
    Gather(state_.run_end, state_.dims.back(), from, to);
  }

 private:
  void Gather(int64_t begin, int64_t end, const std::byte* from, std::byte* to) const {
    const int64_t bytes = state_.element_bytes;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t source = state_.sources.back()[static_cast<size_t>(i)];
      if (source < 0) {
        Fill(fill_, state_.fill_bytes, bytes, to + i * bytes);
      } else {
        std::memcpy(to + i * bytes, from + source * bytes, static_cast<size_t>(bytes));
      }
    }
  }

  const State& state_;
  const std::byte* input_;
  const std::byte* fill_;
};

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const auto* fill = state.fill_input < 0 ? reinterpret_cast<const std::byte*>(state.fill)
                                          : call.Input<std::byte>(state.fill_input);
  const RowWriter writer(state, call.Input<std::byte>(0), fill);
  auto* to = call.Output<std::byte>(0);
  const int64_t row_bytes = state.dims.back() * state.element_bytes;
  if (row_bytes == 0) return OkStatus();
  const int64_t grain = std::max<int64_t>(1, 64 * 1024 / row_bytes);
  call.threads->ParallelFor(state.rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) writer.Write(row, to + row * row_bytes);
  });
  return OkStatus();
}

Tensor Ramp(Shape shape) {
  Tensor tensor = Tensor::Allocate(DType::kFloat32, std::move(shape));
  const std::span<float> values = tensor.mutable_data<float>();
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  return tensor;
}

void Cases(std::vector<OpCase>& cases) {
  const auto add = [&](std::string name, const char* mode, Shape shape,
                       const std::vector<int64_t>& pads) {
    cases.push_back({.name = std::move(name),
                     .attributes = {{"mode", std::string(mode)}},
                     .inputs = {Ramp(std::move(shape)), Tensor::Vector<int64_t>(pads),
                                std::string_view(mode) == "constant"
                                    ? std::optional(Tensor::Vector<float>({-2.5F}))
                                    : std::nullopt}});
  };
  for (const char* mode : {"constant", "reflect", "edge", "wrap"}) {
    add(std::string("image_") + mode, mode, {2, 3, 30, 41}, {0, 0, 3, 2, 0, 0, 1, 5});
    add(std::string("channels_") + mode, mode, {2, 6, 7, 11}, {0, 2, 0, 0, 0, 3, 0, 0});
    add(std::string("crops_and_grows_") + mode, mode, {3, 9, 8}, {1, -2, 3, -1, 4, -4});
  }
}

}  // namespace

extern const Tactic kPadMove;
constexpr Tactic kPadMove = {.name = "cpu.pad.move",
                             .domain = "",
                             .op = "Pad",
                             .numerics = NumericClass::kExact,
                             .supports = Supports,
                             .prepare = Prepare,
                             .run = Run,
                             .cases = Cases};

}  // namespace assay
