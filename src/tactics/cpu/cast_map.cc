// Cast and CastLike between numbers of whole bytes, and Not: one exact loop for each pair of types.

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "tactics/cpu/element_cases.h"
#include "tactics/tactic.h"
#include "tensor/dispatch.h"
#include "tensor/narrow_float.h"

namespace assay {
namespace {

constexpr int64_t kGrain = int64_t{1} << 15;

// Stored bools, of which any byte but 0 is true.
struct Truth {
  uint8_t byte;
};

template <typename To, typename From>
To BitsOf(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

// Multiplying by a power of two moves the exponent, that of subnormal numbers included.
float Widen(Float16 half) {
  const uint32_t sign = static_cast<uint32_t>(half.bits & 0x8000U) << 16;
  const uint32_t magnitude = static_cast<uint32_t>(half.bits & 0x7FFFU) << 13;
  const float value = BitsOf<float>(magnitude) * 0x1p112F;
  const uint32_t finite = BitsOf<uint32_t>(value);
  const uint32_t infinite = magnitude | 0x7F800000U;
  return BitsOf<float>(((half.bits & 0x7C00U) == 0x7C00U ? infinite : finite) | sign);
}
float Widen(BFloat16 value) { return BitsOf<float>(static_cast<uint32_t>(value.bits) << 16); }

Float16 ToFloat16(float value) {
  const uint32_t bits = BitsOf<uint32_t>(value);
  const uint32_t magnitude = bits & 0x7FFFFFFFU;
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000U);
  if (magnitude > 0x7F800000U) return {static_cast<uint16_t>(sign | 0x7E00U)};
  if (magnitude >= BitsOf<uint32_t>(65520.0F)) return {static_cast<uint16_t>(sign | 0x7C00U)};
  uint32_t rounded = 0;
  if (magnitude < BitsOf<uint32_t>(0x1p-14F)) {
    // The sum has the subnormal's bits at its end, rounded to even.
    rounded = BitsOf<uint32_t>(BitsOf<float>(magnitude) + 0.5F) - BitsOf<uint32_t>(0.5F);
  } else {
    const uint32_t odd = magnitude >> 13 & 1U;
    rounded = (magnitude - (112U << 23) + 0xFFFU + odd) >> 13;
  }
  return {static_cast<uint16_t>(sign | rounded)};
}
BFloat16 ToBFloat16(float value) {
  const uint32_t bits = BitsOf<uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return {static_cast<uint16_t>(bits >> 16 | 0x40U)};
  return {static_cast<uint16_t>((bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16)};
}

// Truncated; held at the ends of types of 32 and 64 bits, of narrower ones the low bits.
template <typename To, typename From>
To ToInteger(From value) {
  using Held = std::conditional_t<sizeof(To) < 4, int64_t, To>;
  constexpr auto kEnd = static_cast<From>(std::numeric_limits<Held>::max());
  constexpr auto kBegin = static_cast<From>(std::numeric_limits<Held>::min());
  if (std::isnan(value)) return 0;
  if (value >= kEnd) return static_cast<To>(std::numeric_limits<Held>::max());
  if (value <= kBegin) return static_cast<To>(std::numeric_limits<Held>::min());
  return static_cast<To>(static_cast<Held>(value));
}

template <typename To, typename From>
To Convert(From from) {
  if constexpr (std::is_same_v<From, Float16> || std::is_same_v<From, BFloat16>) {
    if constexpr (std::is_same_v<From, To>) {
      return from;
    } else {
      return Convert<To>(Widen(from));
    }
  } else if constexpr (std::is_same_v<From, Truth>) {
    return Convert<To>(static_cast<uint8_t>(from.byte != 0 ? 1 : 0));
  } else if constexpr (std::is_same_v<To, Truth>) {
    return {static_cast<uint8_t>(from != 0 ? 1 : 0)};
  } else if constexpr (std::is_same_v<To, Float16>) {
    return ToFloat16(static_cast<float>(from));
  } else if constexpr (std::is_same_v<To, BFloat16>) {
    return ToBFloat16(static_cast<float>(from));
  } else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
    return ToInteger<To>(from);
  } else {
    return static_cast<To>(from);
  }
}

using CastLoop = void (*)(int64_t count, const void* in, void* out);

template <typename From, typename To>
void Loop(int64_t count, const void* in, void* out) {
  const auto* from = static_cast<const From*>(in);
  auto* to = static_cast<To*>(out);
  for (int64_t i = 0; i < count; ++i) to[i] = Convert<To>(from[i]);
}

void NotLoop(int64_t count, const void* in, void* out) {
  const auto* from = static_cast<const uint8_t*>(in);
  auto* to = static_cast<uint8_t*>(out);
  for (int64_t i = 0; i < count; ++i) to[i] = from[i] == 0 ? 1 : 0;
}

// Calls fn.template operator()<T>() with the type of stored elements; false for others.
template <typename Fn>
bool DispatchStored(DType dtype, Fn&& fn) {
  switch (dtype) {
    case DType::kFloat32:
      fn.template operator()<float>();
      return true;
    case DType::kFloat16:
      fn.template operator()<Float16>();
      return true;
    case DType::kBFloat16:
      fn.template operator()<BFloat16>();
      return true;
    case DType::kBool:
      fn.template operator()<Truth>();
      return true;
    default:
      return DispatchReferenceNumeric(dtype, fn);
  }
}

// Numbers that float32 does not hold would be rounded twice on the way to 16 bits.
bool RoundsTwice(DType from, DType to) {
  const bool narrow = to == DType::kFloat16 || to == DType::kBFloat16;
  return narrow && (from == DType::kFloat64 || (IsInteger(from) && DTypeBits(from) >= 32));
}

CastLoop LoopBetween(DType from, DType to) {
  CastLoop loop = nullptr;
  if (RoundsTwice(from, to)) return loop;
  DispatchStored(from, [&]<typename From>() {
    DispatchStored(to, [&]<typename To>() { loop = Loop<From, To>; });
  });
  return loop;
}

CastLoop LoopOf(const Instance& instance) {
  const DType from = instance.input(0).dtype;
  if (instance.node().op == "Not") return NotLoop;
  return LoopBetween(from, instance.output(0).dtype);
}

struct State {
  CastLoop loop = nullptr;
  int64_t elements = 0;
  int64_t in_bytes = 0;  // of an element
  int64_t out_bytes = 0;
};

Support Supports(const Instance& instance, const Machine&) {
  return LoopOf(instance) != nullptr ? Support::Yes() : Support::No("no loop for the two types");
}

Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  State state;
  state.loop = LoopOf(instance);
  state.elements = instance.output(0).shape.elements();
  state.in_bytes = DTypeBits(instance.input(0).dtype) / 8;
  state.out_bytes = DTypeBits(instance.output(0).dtype) / 8;
  Preparation preparation;
  if (state.in_bytes == state.out_bytes) preparation.in_place = {{0, 0}};
  preparation.state = MakeState(state);
  return preparation;
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const auto* in = call.Input<std::byte>(0);
  auto* out = call.Output<std::byte>(0);
  call.threads->ParallelFor(state.elements, kGrain, [&](int64_t begin, int64_t end) {
    state.loop(end - begin, in + begin * state.in_bytes, out + begin * state.out_bytes);
  });
  return OkStatus();
}

void CastCases(std::vector<OpCase>& cases) {
  constexpr DType kTypes[] = {DType::kFloat32, DType::kFloat16, DType::kInt64,
                              DType::kInt32,   DType::kUInt8,   DType::kBool};
  for (const DType from : kTypes) {
    for (const DType to : kTypes) {
      Tensor input = *ConvertTensor(Spread({7, 61}, from == DType::kUInt8 ? 0.0F : -70, 90),
                                    from == DType::kBool ? DType::kUInt8 : from);
      if (from == DType::kBool) {
        Tensor truths = Tensor::Allocate(DType::kBool, input.shape());
        for (int64_t i = 0; i < input.elements(); ++i) {
          truths.mutable_data<bool>()[static_cast<size_t>(i)] = input.ValueAsInt(i) > 9;
        }
        input = truths;
      }
      cases.push_back({.name = std::string(DTypeName(from)) + "_to_" + std::string(DTypeName(to)),
                       .attributes = {{"to", static_cast<int64_t>(to)}},
                       .inputs = {input},
                       .output_types = {to}});
    }
  }
  cases.push_back({.name = "all_halves_and_between",
                   .attributes = {{"to", static_cast<int64_t>(DType::kFloat16)}},
                   .inputs = {Spread({41, 1601}, -1e-4F, 1e-4F)},
                   .output_types = {DType::kFloat16}});
  cases.push_back({.name = "halves_at_the_ends",
                   .attributes = {{"to", static_cast<int64_t>(DType::kFloat16)}},
                   .inputs = {Tensor::Vector<float>(
                       {65504, 65519, 65520, -65520, 1e9F, 0x1p-24F, 0x1p-25F, 0x1.8p-24F,
                        -0x1.002p-14F, 0x1.FFFp-15F, -0.0F, INFINITY, NAN, 2049, 2051})},
                   .output_types = {DType::kFloat16}});
  cases.push_back(
      {.name = "integers_at_the_ends",
       .attributes = {{"to", static_cast<int64_t>(DType::kInt32)}},
       .inputs = {Tensor::Vector<float>({3e9F, -3e9F, 2147483520, -2147483648.0F, NAN, -0.9F})},
       .output_types = {DType::kInt32}});
}

constexpr Tactic MakeTactic(std::string_view name, std::string_view op,
                            void (*cases)(std::vector<OpCase>& cases)) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kExact,
          .supports = Supports,
          .prepare = Prepare,
          .run = Run,
          .cases = cases};
}

}  // namespace

extern const Tactic kCastMap, kCastLikeMap, kNotMap;
constexpr Tactic kCastMap = MakeTactic("cpu.cast.map.typed.portable", "Cast", CastCases);
constexpr Tactic kCastLikeMap = MakeTactic("cpu.castlike.map.typed.portable", "CastLike", nullptr);
constexpr Tactic kNotMap = MakeTactic("cpu.not.map.typed.portable", "Not", nullptr);

}  // namespace assay
