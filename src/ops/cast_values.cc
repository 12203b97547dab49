#include "ops/cast_values.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <type_traits>

#include "ops/elementwise.h"
#include "ops/saturate.h"
#include "tensor/dispatch.h"
#include "tensor/number_text.h"

namespace assay {
namespace {

bool IsPacked(DType dtype) { return IsInteger(dtype) && DTypeBits(dtype) < 8; }
bool IsQuantizedFloat(DType dtype) { return IsFloating(dtype) && DTypeBits(dtype) < 16; }

// The type with whole bytes that holds a packed integer type.
DType Widened(DType dtype) {
  if (!IsPacked(dtype)) return dtype;
  return IsSignedInteger(dtype) ? DType::kInt8 : DType::kUInt8;
}

// Rounds to a power of two, the only values that float8_e8m0fnu has. The sign is lost; zero and
// whatever lies below the range takes its lower end.
double RoundToPowerOfTwo(double x, const CastOptions& options) {
  constexpr int kMinExponent = -127;
  constexpr int kMaxExponent = 127;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  x = std::fabs(x);
  if (std::isnan(x)) return nan;
  if (std::isinf(x)) return options.saturate ? std::ldexp(1.0, kMaxExponent) : nan;
  if (x < std::ldexp(1.0, kMinExponent)) {
    return options.saturate ? std::ldexp(1.0, kMinExponent) : nan;
  }
  int exponent = std::ilogb(x);
  const double significand = std::ldexp(x, -exponent);
  switch (options.round_mode) {
    case CastOptions::PowerRounding::kUp:
      exponent += significand > 1 ? 1 : 0;
      break;
    case CastOptions::PowerRounding::kDown:
      break;
    case CastOptions::PowerRounding::kNearest:
      exponent += significand >= 1.5 ? 1 : 0;
      break;
  }
  if (exponent <= kMaxExponent) return std::ldexp(1.0, exponent);
  return options.saturate ? std::ldexp(1.0, kMaxExponent) : nan;
}

double QuantizeFloat(double x, DType to, const CastOptions& options) {
  if (to == DType::kFloat8E8M0) return RoundToPowerOfTwo(x, options);
  const bool fnuz = to == DType::kFloat8E4M3FNUZ || to == DType::kFloat8E5M2FNUZ;
  if (fnuz && options.fnuz_infinity_is_nan && std::isinf(x)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return DecodeNarrowFloat(to, EncodeNarrowFloat(to, x, options.saturate));
}

template <typename R, typename T>
R ToInteger(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    if constexpr (sizeof(R) >= 4) return SaturateTo<R>(value);
    return static_cast<R>(SaturateTo<int64_t>(value));
  } else {
    return static_cast<R>(value);
  }
}

template <typename T, typename Fn>
void Map(std::span<const T> in, int64_t count, ThreadPool& threads, Fn fn) {
  threads.ParallelFor(count, kElementwiseGrain, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) fn(i, in[i]);
  });
}

// Numbers of type T to a numeric type or bool.
template <typename T>
Tensor CastNumbers(std::span<const T> in, const Shape& shape, DType to, const CastOptions& options,
                   ThreadPool& threads) {
  const auto count = static_cast<int64_t>(in.size());
  if (IsFloating(to)) {
    Tensor result = Tensor::Allocate(DType::kFloat64, shape);
    const std::span<double> out = result.mutable_data<double>();
    if (IsQuantizedFloat(to)) {
      Map(in, count, threads,
          [&](size_t i, T x) { out[i] = QuantizeFloat(static_cast<double>(x), to, options); });
    } else {
      Map(in, count, threads, [&](size_t i, T x) { out[i] = static_cast<double>(x); });
    }
    return result;
  }
  Tensor result = Tensor::Allocate(to, shape);
  if (to == DType::kBool) {
    const std::span<bool> out = result.mutable_data<bool>();
    Map(in, count, threads, [&](size_t i, T x) { out[i] = x != 0; });
    return result;
  }
  DispatchInteger(to, [&]<typename R>() {
    const std::span<R> out = result.mutable_data<R>();
    Map(in, count, threads, [&](size_t i, T x) { out[i] = ToInteger<R>(x); });
  });
  return result;
}

// The shortest text that reads back as `value` in a type.
std::string ShortestText(double value, DType dtype) {
  value = RoundToDType(dtype, value);
  if (dtype == DType::kFloat64 || !std::isfinite(value)) return PythonRepr(value);
  for (int digits = 1; digits < std::numeric_limits<double>::max_digits10; ++digits) {
    const double read = *ParseDouble(fmt::format("{:.{}e}", value, digits - 1));
    if (RoundToDType(dtype, read) == value) return PythonRepr(read);
  }
  return PythonRepr(value);
}

Tensor CastToText(const Tensor& input, DType from) {
  Tensor result = Tensor::Allocate(DType::kString, input.shape());
  const std::span<std::string> out = result.mutable_data<std::string>();
  for (size_t i = 0; i < out.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    if (IsFloating(from)) {
      out[i] = ShortestText(input.data<double>()[i], from);
    } else if (from == DType::kUInt64) {
      out[i] = std::to_string(input.data<uint64_t>()[i]);
    } else {
      out[i] = std::to_string(input.ValueAsInt(at));
    }
  }
  return result;
}

std::string_view Trimmed(std::string_view text) {
  const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// A whole number within the range of T (int64_t or uint64_t).
template <typename T>
std::optional<T> ParseWhole(std::string_view text) {
  text = Trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Text to numbers of type T; whole numbers that fit 64 bits do not go through double.
template <typename T>
Result<Tensor> ParseNumbers(const Tensor& input, DType dtype) {
  Tensor result = Tensor::Allocate(dtype, input.shape());
  const std::span<const std::string> in = input.data<std::string>();
  const std::span<T> out = result.mutable_data<T>();
  for (size_t i = 0; i < in.size(); ++i) {
    if constexpr (std::is_integral_v<T>) {
      if (const std::optional<int64_t> whole = ParseWhole<int64_t>(in[i])) {
        out[i] = static_cast<T>(*whole);
        continue;
      }
      if (const std::optional<uint64_t> whole = ParseWhole<uint64_t>(in[i])) {
        out[i] = static_cast<T>(*whole);
        continue;
      }
    }
    const std::optional<double> value = ParseDouble(in[i]);
    if (!value) {
      return OpContext::Invalid(
          fmt::format("element {}: expected text that is a number, got \"{}\"", i, in[i]));
    }
    if constexpr (std::is_integral_v<T>) {
      out[i] = ToInteger<T>(*value);
    } else {
      out[i] = *value;
    }
  }
  return result;
}

// Text to the type in which the numbers of `to` are handled next: an integer of whole bytes, or
// double.
Result<Tensor> ParseFor(const Tensor& input, DType to) {
  Result<Tensor> parsed = Status(StatusCode::kInternal, "no type to parse to");
  const DType dtype = IsInteger(to) ? Widened(to) : DType::kFloat64;
  DispatchReferenceNumeric(dtype, [&]<typename T>() { parsed = ParseNumbers<T>(input, dtype); });
  return parsed;
}

Tensor CastNumericTensor(const Tensor& input, DType to, const CastOptions& options,
                         ThreadPool& threads) {
  if (input.dtype() == DType::kBool) {
    // Any non-zero byte is true.
    Tensor ones = Tensor::Allocate(DType::kUInt8, input.shape());
    const std::span<const uint8_t> in = BoolBytes(input);
    const std::span<uint8_t> out = ones.mutable_data<uint8_t>();
    for (size_t i = 0; i < in.size(); ++i) out[i] = in[i] != 0 ? 1 : 0;
    return CastNumbers<uint8_t>(out, input.shape(), to, options, threads);
  }
  Tensor result;
  DispatchReferenceNumeric(input.dtype(), [&]<typename T>() {
    result = CastNumbers<T>(input.data<T>(), input.shape(), to, options, threads);
  });
  return result;
}

}  // namespace

Result<CastOptions> CastOptionsOf(const OpContext& context) {
  CastOptions options;
  options.fnuz_infinity_is_nan = context.opset() < 24;
  if (context.opset() >= 19) options.saturate = context.Int("saturate") != 0;
  if (context.opset() < 24) return options;
  const std::string mode = context.String("round_mode");
  if (mode == "down") {
    options.round_mode = CastOptions::PowerRounding::kDown;
  } else if (mode == "nearest") {
    options.round_mode = CastOptions::PowerRounding::kNearest;
  } else if (mode != "up") {
    return OpContext::Invalid("attribute \"round_mode\": expected up, down or nearest, got " +
                              mode);
  }
  return options;
}

DType DTypeFromOnnxName(std::string_view name) {
  constexpr struct {
    std::string_view name;
    DType dtype;
  } kNames[] = {
      {"FLOAT", DType::kFloat32},   {"UINT8", DType::kUInt8},       {"INT8", DType::kInt8},
      {"UINT16", DType::kUInt16},   {"INT16", DType::kInt16},       {"INT32", DType::kInt32},
      {"INT64", DType::kInt64},     {"STRING", DType::kString},     {"BOOL", DType::kBool},
      {"FLOAT16", DType::kFloat16}, {"DOUBLE", DType::kFloat64},    {"UINT32", DType::kUInt32},
      {"UINT64", DType::kUInt64},   {"BFLOAT16", DType::kBFloat16},
  };
  for (const auto& known : kNames) {
    if (known.name == name) return known.dtype;
  }
  return DType::kUndefined;
}

Status InferCast(InferContext& context, DType to) {
  if (!kCastable.Contains(to)) {
    return OpContext::Invalid(
        fmt::format("type to cast to: expected a type that Cast knows, got {}", DTypeName(to)));
  }
  const SymbolicShape* shape = context.InputShape(0);
  context.SetOutput(0, to, shape == nullptr ? std::nullopt : std::optional(*shape));
  const bool wide = to == DType::kInt64 || to == DType::kInt32;
  if (auto contents = context.InputContents(0); contents && wide) {
    context.SetOutputContents(0, *std::move(contents));
  }
  return OkStatus();
}

Result<Tensor> CastElements(const Tensor& input, DType from, DType to, const CastOptions& options,
                            ThreadPool& threads) {
  if (from == to) return input;
  if (IsFloating(from) && IsFloating(to) && !IsQuantizedFloat(to)) return input;
  Tensor source = input;
  if (from == DType::kString) {
    ASSAY_ASSIGN_OR_RETURN(source, ParseFor(input, to));
    if (source.dtype() == to) return source;
  } else if (IsPacked(from)) {
    ASSAY_ASSIGN_OR_RETURN(source, ConvertTensor(input, Widened(from)));
  }
  if (to == DType::kString) return CastToText(source, from);
  Tensor result = CastNumericTensor(source, Widened(to), options, threads);
  if (!IsPacked(to)) return result;
  // Packing keeps the low bits.
  return ConvertTensor(result, to);
}

}  // namespace assay
