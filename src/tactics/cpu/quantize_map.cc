// QuantizeLinear and DequantizeLinear between float32 and integers: runs of
// elements that share a scale.

#include <algorithm>
#include <cmath>
#include <limits>

#include "tactics/cpu/element_cases.h"
#include "tactics/tactic.h"
#include "tensor/dispatch.h"

namespace assay {
namespace {

constexpr int64_t kGrain = int64_t{1} << 15;

struct State {
  DType integer = DType::kUndefined;
  int64_t elements = 0;
  // Element i has scale i / inner % extent.
  int64_t extent = 1;
  int64_t inner = 1;
  bool has_zero_point = false;
};

// Integers that int4 and uint4 hold two of in a byte, low bits first, are unpacked on the way.
bool IsPacked(DType dtype) { return dtype == DType::kInt4 || dtype == DType::kUInt4; }
bool IsPlain(DType dtype) {
  return dtype == DType::kInt8 || dtype == DType::kUInt8 || dtype == DType::kInt16 ||
         dtype == DType::kUInt16;
}

DType IntegerOf(const Instance& instance) {
  return instance.node().op == "QuantizeLinear" ? instance.output(0).dtype
                                                : instance.input(0).dtype;
}

Support Supports(const Instance& instance, const Machine&) {
  const bool quantizes = instance.node().op == "QuantizeLinear";
  const Operand& real = quantizes ? instance.input(0) : instance.output(0);
  if (real.dtype != DType::kFloat32 || !instance.Is(1, DType::kFloat32)) {
    return Support::No("only float32");
  }
  const DType integer = IntegerOf(instance);
  const bool is_known =
      IsPlain(integer) || (!quantizes && (IsPacked(integer) || integer == DType::kInt32));
  if (!is_known) return Support::No("no loop for the integer type");
  if (instance.HasAttribute("block_size") && instance.Int("block_size") != 0) {
    return Support::No("blocks have scales of their own");
  }
  if (quantizes && instance.HasAttribute("precision") && instance.Int("precision") > 1) {
    return Support::No("only the precision of float32");
  }
  const Shape& x = instance.input(0).shape;
  const Shape& scale = instance.input(1).shape;
  if (instance.HasInput(2) && instance.input(2).shape.elements() != scale.elements()) {
    return Support::No("scales and zero points differ in number");
  }
  if (scale.elements() == 1) return Support::Yes();
  const std::optional<int> axis =
      instance.HasAttribute("axis") && x.rank() > 0
          ? NormalizeAxis(x.rank() == 1 ? 0 : instance.Int("axis"), x.rank())
          : std::nullopt;
  if (!axis || scale.rank() != 1 || scale[0] != x[*axis]) {
    return Support::No("only one scale, or one for each index of an axis");
  }
  return Support::Yes();
}

Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  const Shape& x = instance.input(0).shape;
  State state;
  state.integer = IntegerOf(instance);
  state.elements = x.elements();
  state.inner = std::max<int64_t>(1, state.elements);
  state.has_zero_point = instance.HasInput(2);
  if (instance.input(1).shape.elements() != 1) {
    const int axis = x.rank() == 1 ? 0 : *NormalizeAxis(instance.Int("axis"), x.rank());
    state.extent = x[axis];
    state.inner = x.elements(axis + 1, x.rank());
  }
  Preparation preparation;
  preparation.state = MakeState(state);
  return preparation;
}

// Calls visit(begin, end, scale index) for the runs of elements [begin, end) with one scale.
template <typename Visit>
void ForEachRun(const State& state, int64_t begin, int64_t end, Visit&& visit) {
  while (begin < end) {
    const int64_t row = begin / state.inner;
    const int64_t stop = std::min(end, (row + 1) * state.inner);
    visit(begin, stop, row % state.extent);
    begin = stop;
  }
}

// The quotient is one of float32; ties go to even. NaN gives the zero point.
template <typename T>
void QuantizeRun(const float* in, int64_t count, float scale, T zero, T* out) {
  constexpr float kFar = 0x1p20F;
  constexpr auto kLow = static_cast<int32_t>(std::numeric_limits<T>::min());
  constexpr auto kHigh = static_cast<int32_t>(std::numeric_limits<T>::max());
  // Adding it leaves no place for fractions.
  constexpr double kWhole = 0x1.8p52;
  for (int64_t i = 0; i < count; ++i) {
    float steps = in[i] / scale;
    steps = steps >= -kFar ? steps : (steps < -kFar ? -kFar : 0);
    steps = steps > kFar ? kFar : steps;
    const double whole = (static_cast<double>(steps) + kWhole) - kWhole;
    const int32_t value = static_cast<int32_t>(whole) + zero;
    out[i] = static_cast<T>(std::clamp(value, kLow, kHigh));
  }
}

Status Quantize(const Call& call) {
  const State& state = call.State<State>();
  DispatchInteger(state.integer, [&]<typename T>() {
    if constexpr (sizeof(T) <= 2) {
      call.threads->ParallelFor(state.elements, kGrain, [&](int64_t begin, int64_t end) {
        ForEachRun(state, begin, end, [&](int64_t from, int64_t to, int64_t index) {
          const T zero = state.has_zero_point ? call.Input<T>(2)[index] : T{0};
          QuantizeRun(call.Input<float>(0) + from, to - from, call.Input<float>(1)[index], zero,
                      call.Output<T>(0) + from);
        });
      });
    }
  });
  return OkStatus();
}

// Differences from the zero point times the scale are exact in double, and so rounded once.
template <typename T>
void DequantizeRun(const T* in, int64_t count, double scale, T zero, float* out) {
  const double by = zero;
  for (int64_t i = 0; i < count; ++i) out[i] = static_cast<float>((in[i] - by) * scale);
}

int UnpackOne(const State& state, const uint8_t* bytes, int64_t i) {
  const int bits = bytes[i / 2] >> (i % 2 * 4) & 0xF;
  return state.integer == DType::kInt4 && bits > 7 ? bits - 16 : bits;
}

void DequantizePacked(const State& state, const Call& call, int64_t begin, int64_t end) {
  constexpr int64_t kTile = 512;
  int8_t values[kTile];
  ForEachRun(state, begin, end, [&](int64_t from, int64_t to, int64_t index) {
    const int zero = state.has_zero_point ? UnpackOne(state, call.Input<uint8_t>(2), index) : 0;
    for (; from < to; from += kTile) {
      const int64_t count = std::min(kTile, to - from);
      for (int64_t i = 0; i < count; ++i) {
        values[i] = static_cast<int8_t>(UnpackOne(state, call.Input<uint8_t>(0), from + i));
      }
      DequantizeRun(values, count, call.Input<float>(1)[index], static_cast<int8_t>(zero),
                    call.Output<float>(0) + from);
    }
  });
}

Status Dequantize(const Call& call) {
  const State& state = call.State<State>();
  call.threads->ParallelFor(state.elements, kGrain, [&](int64_t begin, int64_t end) {
    if (IsPacked(state.integer)) return DequantizePacked(state, call, begin, end);
    DispatchInteger(state.integer, [&]<typename T>() {
      ForEachRun(state, begin, end, [&](int64_t from, int64_t to, int64_t index) {
        const T zero = state.has_zero_point ? call.Input<T>(2)[index] : T{0};
        DequantizeRun(call.Input<T>(0) + from, to - from,
                      static_cast<double>(call.Input<float>(1)[index]), zero,
                      call.Output<float>(0) + from);
      });
    });
  });
  return OkStatus();
}

void AddCases(std::span<const DType> integers, bool quantizes, std::vector<OpCase>& cases) {
  for (const DType dtype : integers) {
    const bool is_signed = IsSignedInteger(dtype);
    const float low = is_signed ? -8 : 0;
    for (const int64_t axis : {-1, 0, 1, 2}) {  // -1: one scale for all
      const Shape shape = {5, 70, 111};
      const Shape extent = axis < 0 ? Shape{} : Shape{shape[static_cast<int>(axis)]};
      const Tensor values = Spread(shape, quantizes ? -900.0F : low, quantizes ? 900 : low + 15.9F);
      const Tensor zeros = *ConvertTensor(Spread(extent, low, low + 15.9F, 2), dtype);
      cases.push_back({.name = "in_pieces",
                       .attributes = {{"axis", std::max<int64_t>(axis, 0)}},
                       .inputs = {quantizes ? values : *ConvertTensor(values, dtype),
                                  Spread(extent, 0.5F, 4, 1), zeros},
                       .output_types = {quantizes ? dtype : DType::kFloat32}});
    }
  }
}

void QuantizeCases(std::vector<OpCase>& cases) {
  constexpr DType kTypes[] = {DType::kInt8, DType::kUInt8, DType::kInt16, DType::kUInt16};
  AddCases(kTypes, true, cases);
  cases.push_back({.name = "ends_and_ties",
                   .inputs = {Tensor::Vector<float>({1e30F, -1e30F, INFINITY, -INFINITY, NAN, 0.25F,
                                                     0.75F, 1.25F, -0.25F, -0.75F, 63.5F, -64.25F}),
                              Tensor::Scalar<float>(0.5F), Tensor::Scalar<int8_t>(3)},
                   .output_types = {DType::kInt8}});
}
void DequantizeCases(std::vector<OpCase>& cases) {
  constexpr DType kTypes[] = {DType::kInt8,  DType::kUInt8, DType::kInt16, DType::kUInt16,
                              DType::kInt32, DType::kInt4,  DType::kUInt4};
  AddCases(kTypes, false, cases);
}

constexpr Tactic MakeTactic(std::string_view name, std::string_view op,
                            Status (*run)(const Call& call),
                            void (*cases)(std::vector<OpCase>& cases)) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kExact,
          .supports = Supports,
          .prepare = Prepare,
          .run = run,
          .cases = cases};
}

}  // namespace

extern const Tactic kQuantizeMap, kDequantizeMap;
constexpr Tactic kQuantizeMap =
    MakeTactic("cpu.quantizelinear.map.f32.portable", "QuantizeLinear", Quantize, QuantizeCases);
constexpr Tactic kDequantizeMap = MakeTactic("cpu.dequantizelinear.map.f32.portable",
                                             "DequantizeLinear", Dequantize, DequantizeCases);

}  // namespace assay
