// TopK of float32: every element becomes a number of 64 bits that holds its value and its place, so
// that the order is total and one comparison decides it.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "ops/axis_lines.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

constexpr int64_t kWork = int64_t{1} << 15;
// A heap takes the place of a selection for counts below this part of a line.
constexpr int64_t kHeapPart = 16;

struct State {
  AxisLines lines;
  int64_t count = 0;  // k
  bool largest = true;
};

std::optional<int64_t> CountOf(const Instance& instance) {
  if (instance.opset() < 10) return instance.Int("k");
  const std::optional<std::vector<int64_t>> count = instance.ConstantInts(1);
  if (!count || count->size() != 1) return std::nullopt;
  return count->front();
}

AxisLines LinesOf(const Instance& instance) {
  const Shape& shape = instance.input(0).shape;
  if (shape.rank() == 0) return {};
  return LinesAlong(shape, NormalizeAxis(instance.Int("axis"), shape.rank()).value_or(0));
}

Support Supports(const Instance& instance, const Machine&) {
  if (!instance.Is(0, DType::kFloat32)) return Support::No("only float32");
  const std::optional<int64_t> count = CountOf(instance);
  const int64_t length = LinesOf(instance).length;
  if (!count || *count < 0 || *count > length) return Support::No("the count is not known");
  if (length > UINT32_MAX) return Support::No("too many elements in a line");
  return Support::Yes();
}

Result<Preparation> Prepare(const Instance& instance, const Machine& machine) {
  const State state = {LinesOf(instance), *CountOf(instance),
                       instance.opset() < 11 || instance.Int("largest") != 0};
  Preparation preparation;
  preparation.workspace_bytes = static_cast<size_t>(state.lines.length * machine.threads) * 8;
  preparation.state = MakeState(state);
  return preparation;
}

// Ordered as the value: NaN above everything, zeros of both signs alike.
uint32_t Rank(float value) {
  if (std::isnan(value)) return UINT32_MAX;
  value += 0.0F;
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  const uint32_t sign = bits >> 31;
  return bits ^ ((0U - sign) | 0x80000000U);
}

// The greater key comes first: the better value, or of equal values the lower place.
uint64_t Key(const State& state, float value, int64_t place) {
  const uint32_t rank = state.largest ? Rank(value) : ~Rank(value);
  return static_cast<uint64_t>(rank) << 32 | ~static_cast<uint32_t>(place);
}

// The first of the whole blocks from `i` on that holds an element which could come before an
// earlier one of value `last`.
int64_t SkipWorse(bool largest, const float* in, int64_t i, int64_t length, float last) {
  constexpr int64_t kBlock = 32;
  for (; i + kBlock <= length; i += kBlock) {
    int candidates = 0;
    if (largest) {
      for (int64_t j = 0; j < kBlock; ++j) candidates |= static_cast<int>(!(in[i + j] <= last));
    } else {
      for (int64_t j = 0; j < kBlock; ++j) candidates |= static_cast<int>(!(in[i + j] >= last));
    }
    if (candidates != 0) break;
  }
  return i;
}

// Puts the first `count` keys of a line in front, in their order.
void Select(const State& state, const float* in, uint64_t* keys) {
  const int64_t length = state.lines.length;
  const int64_t step = state.lines.inner;
  const int64_t count = state.count;
  if (count > length / kHeapPart) {
    for (int64_t i = 0; i < length; ++i) keys[i] = Key(state, in[i * step], i);
    if (count < length) std::nth_element(keys, keys + count, keys + length, std::greater<>());
    std::sort(keys, keys + count, std::greater<>());
    return;
  }
  for (int64_t i = 0; i < count; ++i) keys[i] = Key(state, in[i * step], i);
  std::make_heap(keys, keys + count, std::greater<>());
  for (int64_t i = count; i < length; ++i) {
    const float last = in[static_cast<int64_t>(~static_cast<uint32_t>(keys[0])) * step];
    if (step == 1) i = SkipWorse(state.largest, in, i, length, last);
    if (i == length) break;
    const uint64_t key = Key(state, in[i * step], i);
    if (key < keys[0]) continue;
    std::pop_heap(keys, keys + count, std::greater<>());
    keys[count - 1] = key;
    std::push_heap(keys, keys + count, std::greater<>());
  }
  std::sort_heap(keys, keys + count, std::greater<>());
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const AxisLines& lines = state.lines;
  if (state.count == 0) return OkStatus();
  const int64_t grain = std::max<int64_t>(1, kWork / std::max<int64_t>(1, lines.length));
  call.threads->ParallelForSlots(lines.count(), grain, [&](int64_t begin, int64_t end, int slot) {
    auto* keys = reinterpret_cast<uint64_t*>(call.workspace) + slot * lines.length;
    for (int64_t line = begin; line < end; ++line) {
      const float* in = call.Input<float>(0) + lines.Start(line);
      const int64_t to = line / lines.inner * state.count * lines.inner + line % lines.inner;
      Select(state, in, keys);
      for (int64_t k = 0; k < state.count; ++k) {
        const int64_t place = ~static_cast<uint32_t>(keys[k]);
        call.Output<float>(0)[to + k * lines.inner] = in[place * lines.inner];
        call.Output<int64_t>(1)[to + k * lines.inner] = place;
      }
    }
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  Tensor ties = Spread({5, 401, 3}, -3, 3);
  for (float& value : ties.mutable_data<float>()) value = std::round(value * 4) / 4;
  ties.mutable_data<float>()[700] = NAN;
  ties.mutable_data<float>()[701] = INFINITY;
  ties.mutable_data<float>()[1100] = -NAN;
  for (const int64_t largest : {int64_t{0}, int64_t{1}}) {
    for (const int64_t count : {0, 1, 7, 60, 401}) {
      cases.push_back({.name = "ties",
                       .attributes = {{"axis", int64_t{1}}, {"largest", largest}},
                       .inputs = {ties, Tensor::Vector<int64_t>({count})},
                       .output_types = {DType::kFloat32, DType::kInt64}});
    }
    cases.push_back({.name = "long_rows",
                     .attributes = {{"largest", largest}},
                     .inputs = {Noise({3, 20011}, 9), Tensor::Vector<int64_t>({100})},
                     .output_types = {DType::kFloat32, DType::kInt64}});
  }
}

}  // namespace

extern const Tactic kTopKSelect;
constexpr Tactic kTopKSelect = {.name = "cpu.topk.select.f32.portable",
                                .domain = "",
                                .op = "TopK",
                                .numerics = NumericClass::kExact,
                                .supports = Supports,
                                .prepare = Prepare,
                                .run = Run,
                                .cases = Cases};

}  // namespace assay
