// Operators whose results follow from shapes (Shape, Size, ConstantOfShape) or from three numbers
// (Range).

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ops/data_movement.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

struct State {
  std::vector<int64_t> values;
};

Support SupportsAny(const Instance&, const Machine&) { return Support::Yes(); }

Result<Preparation> PrepareShape(const Instance& instance, const Machine&) {
  const Shape& shape = instance.input(0).shape;
  State state;
  if (instance.node().op == "Size") {
    state.values = {shape.elements()};
  } else {
    int64_t begin = 0;
    int64_t end = shape.rank();
    if (instance.opset() >= 15) {
      const auto clamp = [&](int64_t axis) {
        return std::clamp<int64_t>(axis < 0 ? axis + shape.rank() : axis, 0, shape.rank());
      };
      begin = clamp(instance.Int("start"));
      if (instance.HasAttribute("end")) end = clamp(instance.Int("end"));
    }
    if (begin < end) state.values.assign(shape.begin() + begin, shape.begin() + end);
  }
  Preparation preparation;
  preparation.state = MakeState(std::move(state));
  return preparation;
}

Status RunShape(const Call& call) {
  std::ranges::copy(call.State<State>().values, call.Output<int64_t>(0));
  return OkStatus();
}

struct FillState {
  int64_t bytes = 0;
  int64_t width = 0;  // of an element, or of a whole byte of narrow ones
  std::byte value[16] = {};
};

Support SupportsFill(const Instance& instance, const Machine&) {
  return DTypeBits(instance.output(0).dtype) >= 8 ? Support::Yes()
                                                  : Support::No("elements under one byte");
}

Result<Preparation> PrepareFill(const Instance& instance, const Machine&) {
  const Operand& output = instance.output(0);
  FillState state;
  state.width = static_cast<int64_t>(Tensor::ByteSize(output.dtype, 1));
  state.bytes = state.width * output.shape.elements();
  if (const Tensor* value = instance.TensorAttribute("value")) {
    std::memcpy(state.value, value->raw(), static_cast<size_t>(state.width));
  }
  Preparation preparation;
  preparation.state = MakeState(state);
  return preparation;
}

Status RunFill(const Call& call) {
  const FillState& state = call.State<FillState>();
  auto* to = call.Output<std::byte>(0);
  for (int64_t at = 0; at < state.bytes; at += state.width) {
    std::memcpy(to + at, state.value, static_cast<size_t>(state.width));
  }
  return OkStatus();
}

struct RangeState {
  int64_t count = 0;
};

template <DType kType>
Support SupportsRange(const Instance& instance, const Machine&) {
  return instance.AllAre(kType) ? Support::Yes()
                                : Support::No(fmt::format("only {}", DTypeName(kType)));
}

Result<Preparation> PrepareRange(const Instance& instance, const Machine&) {
  Preparation preparation;
  preparation.state = MakeState(RangeState{instance.output(0).shape.elements()});
  return preparation;
}

Status WrongCount(int64_t expected) {
  return Status(StatusCode::kInvalidInput,
                fmt::format("elements of a range: expected {}, got another number", expected));
}

Status RunFloatRange(const Call& call) {
  const int64_t count = call.State<RangeState>().count;
  const double start = *call.Input<float>(0);
  const double delta = *call.Input<float>(2);
  const double elements = std::ceil((*call.Input<float>(1) - start) / delta);
  if (std::max(elements, 0.0) != static_cast<double>(count)) return WrongCount(count);
  auto* out = call.Output<float>(0);
  for (int64_t i = 0; i < count; ++i) {
    out[i] = static_cast<float>(start + static_cast<double>(i) * delta);
  }
  return OkStatus();
}

Status RunIntRange(const Call& call) {
  const int64_t count = call.State<RangeState>().count;
  // Distances of 64-bit integers fit into unsigned ones.
  const auto start = static_cast<uint64_t>(*call.Input<int64_t>(0));
  const auto limit = static_cast<uint64_t>(*call.Input<int64_t>(1));
  const int64_t delta = *call.Input<int64_t>(2);
  const bool empty = delta > 0 ? *call.Input<int64_t>(0) >= *call.Input<int64_t>(1)
                               : *call.Input<int64_t>(0) <= *call.Input<int64_t>(1);
  if (delta == 0) return WrongCount(count);
  const uint64_t distance = delta > 0 ? limit - start : start - limit;
  const uint64_t step = delta > 0 ? static_cast<uint64_t>(delta) : 0 - static_cast<uint64_t>(delta);
  const uint64_t elements = empty ? 0 : (distance - 1) / step + 1;
  if (elements != static_cast<uint64_t>(count)) return WrongCount(count);
  auto* out = call.Output<int64_t>(0);
  for (uint64_t i = 0; i < elements; ++i) {
    out[i] = static_cast<int64_t>(start + i * static_cast<uint64_t>(delta));
  }
  return OkStatus();
}

constexpr Tactic MakeTactic(std::string_view name, std::string_view op,
                            Support (*supports)(const Instance&, const Machine&),
                            Result<Preparation> (*prepare)(const Instance&, const Machine&),
                            Status (*run)(const Call&)) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kExact,
          .supports = supports,
          .prepare = prepare,
          .run = run};
}

}  // namespace

extern const Tactic kShapeValues, kSizeValues, kConstantOfShapeFill, kRangeFloat32, kRangeInt64;
constexpr Tactic kShapeValues =
    MakeTactic("cpu.shape.values", "Shape", SupportsAny, PrepareShape, RunShape);
constexpr Tactic kSizeValues =
    MakeTactic("cpu.size.values", "Size", SupportsAny, PrepareShape, RunShape);
constexpr Tactic kConstantOfShapeFill =
    MakeTactic("cpu.constant_of_shape.fill", "ConstantOfShape", SupportsFill, PrepareFill, RunFill);
constexpr Tactic kRangeFloat32 = MakeTactic(
    "cpu.range.f32", "Range", SupportsRange<DType::kFloat32>, PrepareRange, RunFloatRange);
constexpr Tactic kRangeInt64 =
    MakeTactic("cpu.range.i64", "Range", SupportsRange<DType::kInt64>, PrepareRange, RunIntRange);

}  // namespace assay
