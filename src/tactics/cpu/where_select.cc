// Where: elements of any width that a condition chooses from two operands.

#include <array>

#include "tactics/cpu/broadcast_walk.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

constexpr int64_t kGrain = int64_t{1} << 15;

using SelectLoop = void (*)(int64_t count, const uint8_t* condition, const void* x, const void* y,
                            void* out);

template <typename T, int kConditionStep, int kXStep, int kYStep>
void Select(int64_t count, const uint8_t* condition, const void* x, const void* y, void* out) {
  const T* chosen = static_cast<const T*>(x);
  const T* other = static_cast<const T*>(y);
  for (int64_t i = 0; i < count; ++i) {
    const T a = chosen[i * kXStep];
    const T b = other[i * kYStep];
    static_cast<T*>(out)[i] = condition[i * kConditionStep] != 0 ? a : b;
  }
}

template <typename T>
SelectLoop LoopOfSteps(bool condition, bool x, bool y) {
  constexpr SelectLoop kLoops[] = {Select<T, 0, 0, 0>, Select<T, 0, 0, 1>, Select<T, 0, 1, 0>,
                                   Select<T, 0, 1, 1>, Select<T, 1, 0, 0>, Select<T, 1, 0, 1>,
                                   Select<T, 1, 1, 0>, Select<T, 1, 1, 1>};
  return kLoops[(condition ? 4 : 0) + (x ? 2 : 0) + (y ? 1 : 0)];
}

SelectLoop LoopOf(int64_t bytes, bool condition, bool x, bool y) {
  switch (bytes) {
    case 1:
      return LoopOfSteps<uint8_t>(condition, x, y);
    case 2:
      return LoopOfSteps<uint16_t>(condition, x, y);
    case 4:
      return LoopOfSteps<uint32_t>(condition, x, y);
    default:
      return LoopOfSteps<uint64_t>(condition, x, y);
  }
}

struct State {
  BroadcastWalk walk;
  int64_t elements = 0;
  int64_t bytes = 0;  // of an element
};

std::optional<BroadcastWalk> WalkOf(const Instance& instance) {
  return BroadcastWalk::Of(
      instance.output(0).shape,
      std::array{instance.input(0).shape, instance.input(1).shape, instance.input(2).shape});
}

Support Supports(const Instance& instance, const Machine&) {
  const int bits = DTypeBits(instance.output(0).dtype);
  if (bits != 8 && bits != 16 && bits != 32 && bits != 64) {
    return Support::No("elements are not 1, 2, 4 or 8 bytes wide");
  }
  return WalkOf(instance) ? Support::Yes() : Support::No("too many axes to broadcast along");
}

Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  State state;
  state.walk = *WalkOf(instance);
  state.elements = instance.output(0).shape.elements();
  state.bytes = DTypeBits(instance.output(0).dtype) / 8;
  Preparation preparation;
  for (int i = 1; i < 3; ++i) {
    if (instance.input(i).shape.elements() == state.elements) {
      preparation.in_place.emplace_back(i, 0);
    }
  }
  preparation.state = MakeState(state);
  return preparation;
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const auto* condition = call.Input<uint8_t>(0);
  const auto* x = call.Input<std::byte>(1);
  const auto* y = call.Input<std::byte>(2);
  auto* out = call.Output<std::byte>(0);
  call.threads->ParallelFor(state.elements, kGrain, [&](int64_t begin, int64_t end) {
    state.walk.ForEachRun(begin, end,
                          [&](int64_t at, int64_t count, const auto& offsets, const auto& steps) {
                            LoopOf(state.bytes, steps[0] != 0, steps[1] != 0, steps[2] != 0)(
                                count, condition + offsets[0], x + offsets[1] * state.bytes,
                                y + offsets[2] * state.bytes, out + at * state.bytes);
                          });
  });
  return OkStatus();
}

Tensor Truths(const Shape& shape) {
  Tensor truths = Tensor::Allocate(DType::kBool, shape);
  const Tensor numbers = Spread(shape, -1, 1, 5);
  for (int64_t i = 0; i < truths.elements(); ++i) {
    truths.mutable_data<bool>()[static_cast<size_t>(i)] = numbers.ValueAsDouble(i) > 0;
  }
  return truths;
}

void Cases(std::vector<OpCase>& cases) {
  const auto add = [&](std::string name, const Shape& condition, const Shape& x, const Shape& y) {
    cases.push_back({.name = std::move(name),
                     .inputs = {Truths(condition), Spread(x, -3, 3), Spread(y, 4, 9)}});
  };
  add("same_shape_in_pieces", {3, 40, 301}, {3, 40, 301}, {3, 40, 301});
  add("mask_of_a_matrix", {1, 1, 37, 37}, {2, 3, 37, 37}, {});
  add("scalars", {5, 77}, {}, {1});
  add("one_condition", {}, {5, 19}, {19});
  add("all_broadcast", {7, 1, 1}, {1, 5, 1}, {1, 1, 33});
}

}  // namespace

extern const Tactic kWhereSelect;
constexpr Tactic kWhereSelect = {.name = "cpu.where.select.any",
                                 .domain = "",
                                 .op = "Where",
                                 .numerics = NumericClass::kExact,
                                 .supports = Supports,
                                 .prepare = Prepare,
                                 .run = Run,
                                 .cases = Cases};

}  // namespace assay
