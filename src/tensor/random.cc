#include "tensor/random.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "tensor/number_text.h"

namespace assay {
namespace {

constexpr size_t kStateWords = 624;
constexpr size_t kShiftWords = 397;
constexpr int64_t kMaxSeed = 0xFFFFFFFF;

uint64_t MaskFor(uint64_t range) {
  return range == 0 ? 0 : ~uint64_t{0} >> std::countl_zero(range);
}

// The ends of a range as the first value and the distance to the last, both modulo 2^64.
struct IntegerSpan {
  uint64_t first;
  uint64_t distance;
};

Status RangeDoesNotFit(const ValueRange& range, DType dtype) {
  const IntegerRange limits = IntegerRangeOf(dtype);
  const uint64_t max = dtype == DType::kUInt64 ? std::numeric_limits<uint64_t>::max()
                                               : static_cast<uint64_t>(limits.max);
  return Status(
      StatusCode::kUsage,
      fmt::format("range of values: expected ends in [{}, {}] for {}, got [{}, {}]", limits.min,
                  max, DTypeName(dtype), range.min.ToString(), range.max.ToString()),
      "give this input a range of its own with --val-range name:[min,max]");
}

bool FitsType(RangeEnd::SignMagnitude value, DType dtype) {
  if (value.negative && value.magnitude != 0) {
    if (!IsSignedInteger(dtype)) return false;
    return value.magnitude <= uint64_t{1} << (DTypeBits(dtype) - 1);
  }
  if (dtype == DType::kUInt64) return true;
  return value.magnitude <= static_cast<uint64_t>(IntegerRangeOf(dtype).max);
}

Result<IntegerSpan> IntegerSpanOf(const ValueRange& range, DType dtype) {
  if (dtype == DType::kBool) {
    const uint64_t first = range.min.IsNonZero() ? 1 : 0;
    const uint64_t last = range.max.IsNonZero() ? 1 : 0;
    if (first > last) {
      return Status(
          StatusCode::kUsage,
          fmt::format("range of values: expected min <= max as truth values, got [{}, {}]",
                      range.min.ToString(), range.max.ToString()));
    }
    return IntegerSpan{first, last - first};
  }
  const auto min = range.min.AsInteger();
  const auto max = range.max.AsInteger();
  if (!min || !max || !FitsType(*min, dtype) || !FitsType(*max, dtype)) {
    return RangeDoesNotFit(range, dtype);
  }
  const auto wrapped = [](RangeEnd::SignMagnitude v) {
    return v.negative ? uint64_t{0} - v.magnitude : v.magnitude;
  };
  const IntegerSpan span{wrapped(*min), wrapped(*max) - wrapped(*min)};
  const bool ordered = IsSignedInteger(dtype) ? static_cast<int64_t>(wrapped(*min)) <=
                                                    static_cast<int64_t>(wrapped(*max))
                                              : wrapped(*min) <= wrapped(*max);
  if (!ordered) {
    return Status(StatusCode::kUsage,
                  fmt::format("range of values: expected min <= max, got [{}, {}]",
                              range.min.ToString(), range.max.ToString()));
  }
  return span;
}

// Hands out the bits of 32-bit draws in pieces of `width` bits, lowest first.
class BitBuffer {
 public:
  BitBuffer(RandomState& random, int width) : random_(random), width_(width) {}
  uint32_t Next() {
    if (left_ == 0) {
      bits_ = random_.NextUint32();
      left_ = 32;
    } else {
      bits_ >>= width_;
    }
    left_ -= width_;
    return bits_;
  }

 private:
  RandomState& random_;
  int width_;
  uint32_t bits_ = 0;
  int left_ = 0;
};

template <typename T>
void FillNarrow(RandomState& random, IntegerSpan span, std::span<T> out) {
  const auto range = static_cast<T>(span.distance);
  const auto mask = static_cast<T>(MaskFor(span.distance));
  BitBuffer buffer(random, static_cast<int>(sizeof(T) * 8));
  for (T& value : out) {
    T draw = 0;
    if (span.distance != 0) {
      do {
        draw = static_cast<T>(buffer.Next() & mask);
      } while (draw > range);
    }
    value = static_cast<T>(span.first + draw);
  }
}

void FillWide(RandomState& random, IntegerSpan span, std::span<uint64_t> out) {
  const uint64_t mask = MaskFor(span.distance);
  const bool short_draws = span.distance <= 0xFFFFFFFF;
  for (uint64_t& value : out) {
    uint64_t draw = 0;
    if (span.distance != 0) {
      do {
        draw = (short_draws ? random.NextUint32() : random.NextUint64()) & mask;
      } while (draw > span.distance);
    }
    value = span.first + draw;
  }
}

void FillWords(RandomState& random, IntegerSpan span, std::span<uint32_t> out) {
  const auto mask = static_cast<uint32_t>(MaskFor(span.distance));
  const auto range = static_cast<uint32_t>(span.distance);
  for (uint32_t& value : out) {
    uint32_t draw = 0;
    if (range != 0) {
      do {
        draw = random.NextUint32() & mask;
      } while (draw > range);
    }
    value = static_cast<uint32_t>(span.first) + draw;
  }
}

void FillBool(RandomState& random, IntegerSpan span, std::span<uint8_t> out) {
  BitBuffer buffer(random, 1);
  for (uint8_t& value : out) {
    value = static_cast<uint8_t>(span.distance == 0 ? span.first : buffer.Next() & 1);
  }
}

template <typename T>
std::span<T> RawSpan(Tensor& tensor) {
  return {static_cast<T*>(tensor.mutable_raw()), static_cast<size_t>(tensor.elements())};
}

// Rounds to a floating type that numpy lacks: first to float32, then to the type, finite values no
// further than its largest.
Result<Tensor> RoundToNarrow(Tensor values, DType dtype) {
  const double largest = DecodeNarrowFloat(
      dtype, EncodeNarrowFloat(dtype, std::numeric_limits<double>::max(), /*saturate=*/true));
  const bool has_infinity =
      std::isinf(RoundToDType(dtype, std::numeric_limits<double>::infinity()));
  const auto limit = static_cast<float>(largest);
  for (float& value : values.mutable_data<float>()) {
    if (std::isinf(value) && has_infinity) continue;
    if (value > limit) value = limit;
    if (value < -limit) value = -limit;
  }
  return ConvertTensor(values, dtype);
}

bool IsNumpyFloat(DType dtype) {
  return dtype == DType::kFloat16 || dtype == DType::kFloat32 || dtype == DType::kFloat64;
}

}  // namespace

RangeEnd RangeEnd::Integer(bool negative, uint64_t magnitude) {
  const auto value = static_cast<double>(magnitude);
  RangeEnd end(negative ? -value : value);
  end.integer_ = SignMagnitude{negative, magnitude};
  return end;
}

std::optional<RangeEnd> RangeEnd::Parse(std::string_view text) {
  const std::optional<double> value = ParseDouble(text);
  if (!value) return std::nullopt;
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), magnitude);
  if (error == std::errc() && end == text.data() + text.size()) return Integer(negative, magnitude);
  return RangeEnd(*value);
}

std::optional<RangeEnd::SignMagnitude> RangeEnd::AsInteger() const {
  if (integer_) return integer_;
  const double whole = std::trunc(value_);
  if (!(std::fabs(whole) < 0x1p64)) return std::nullopt;
  return SignMagnitude{whole < 0, static_cast<uint64_t>(std::fabs(whole))};
}

std::string RangeEnd::ToString() const {
  if (!integer_) return PythonRepr(value_);
  return fmt::format("{}{}", integer_->negative ? "-" : "", integer_->magnitude);
}

Result<ValueRange> ParseValueRange(std::string_view text) {
  const auto malformed = [&] {
    return Status(
        StatusCode::kUsage,
        fmt::format("range of values: expected [min,max] with two numbers, got \"{}\"", text),
        "for example [0,1], or [-inf,inf]");
  };
  if (!text.starts_with('[') || !text.ends_with(']') || text.size() < 2) return malformed();
  const std::string_view inner = text.substr(1, text.size() - 2);
  const size_t comma = inner.find(',');
  if (comma == std::string_view::npos) return malformed();
  const std::optional<RangeEnd> min = RangeEnd::Parse(inner.substr(0, comma));
  const std::optional<RangeEnd> max = RangeEnd::Parse(inner.substr(comma + 1));
  if (!min || !max) return malformed();
  return ValueRange{*min, *max};
}

// Knuth's initialisation, multiplier 1812433253 (TAOCP vol. 2, 3rd edition, p. 106).
RandomState::RandomState(uint32_t seed) : position_(kStateWords) {
  for (size_t i = 0; i < kStateWords; ++i) {
    state_[i] = seed;
    seed = 1812433253U * (seed ^ (seed >> 30)) + static_cast<uint32_t>(i) + 1;
  }
}

Result<RandomState> RandomState::Create(int64_t seed) {
  if (seed < 0 || seed > kMaxSeed) {
    return Status(StatusCode::kUsage,
                  fmt::format("seed: expected an integer in [0, {}], got {}", kMaxSeed, seed),
                  "iteration i uses the seed plus i, and the sum must stay in this range too");
  }
  return RandomState(static_cast<uint32_t>(seed));
}

void RandomState::Refill() {
  for (size_t i = 0; i < kStateWords; ++i) {
    const uint32_t next = state_[(i + 1) % kStateWords];
    const uint32_t joined = (state_[i] & 0x80000000U) | (next & 0x7FFFFFFFU);
    state_[i] = state_[(i + kShiftWords) % kStateWords] ^ (joined >> 1) ^
                ((next & 1U) != 0 ? 0x9908B0DFU : 0U);
  }
  position_ = 0;
}

uint32_t RandomState::NextUint32() {
  if (position_ == kStateWords) Refill();
  uint32_t value = state_[position_++];
  value ^= value >> 11;
  value ^= (value << 7) & 0x9D2C5680U;
  value ^= (value << 15) & 0xEFC60000U;
  value ^= value >> 18;
  return value;
}

uint64_t RandomState::NextUint64() {
  const uint64_t high = NextUint32();
  return high << 32 | NextUint32();
}

double RandomState::NextDouble() {
  const uint32_t high = NextUint32() >> 5;
  const uint32_t low = NextUint32() >> 6;
  return (high * 67108864.0 + low) / 9007199254740992.0;
}

Result<Tensor> RandomState::Integers(DType dtype, const Shape& shape, const ValueRange& range) {
  ASSAY_ASSIGN_OR_RETURN(const IntegerSpan span, IntegerSpanOf(range, dtype));
  if (DTypeBits(dtype) < 8) {
    const DType drawn = IsSignedInteger(dtype) ? DType::kInt8 : DType::kUInt8;
    ASSAY_ASSIGN_OR_RETURN(const Tensor bytes, Integers(drawn, shape, range));
    return ConvertTensor(bytes, dtype);
  }
  ASSAY_ASSIGN_OR_RETURN(Tensor out, Tensor::TryAllocate(dtype, shape));
  if (dtype == DType::kBool) {
    FillBool(*this, span, RawSpan<uint8_t>(out));
  } else if (DTypeBits(dtype) == 8) {
    FillNarrow(*this, span, RawSpan<uint8_t>(out));
  } else if (DTypeBits(dtype) == 16) {
    FillNarrow(*this, span, RawSpan<uint16_t>(out));
  } else if (DTypeBits(dtype) == 32) {
    FillWords(*this, span, RawSpan<uint32_t>(out));
  } else {
    FillWide(*this, span, RawSpan<uint64_t>(out));
  }
  return out;
}

Result<Tensor> RandomState::Floats(DType dtype, const Shape& shape, const ValueRange& range) {
  if (IsComplex(dtype) || dtype == DType::kUndefined) {
    return Status(StatusCode::kUnsupported,
                  fmt::format("cannot generate values of type {}", DTypeName(dtype)),
                  "give the inputs as a file with --load-inputs");
  }
  const double min = range.min.AsDouble();
  const double max = range.max.AsDouble();
  double scale = max - min;
  double shift = min;
  if (std::isinf(min)) {
    scale = min;
    shift = 0;
  }
  if (std::isinf(max)) scale = max;

  const bool narrow = IsFloating(dtype) && !IsNumpyFloat(dtype);
  ASSAY_ASSIGN_OR_RETURN(Tensor out, Tensor::TryAllocate(narrow ? DType::kFloat32 : dtype, shape));
  const auto next = [&] { return NextDouble() * scale + shift; };
  switch (out.dtype()) {
    case DType::kFloat64:
      for (double& value : out.mutable_data<double>()) value = next();
      break;
    case DType::kFloat32:
      for (float& value : out.mutable_data<float>()) value = static_cast<float>(next());
      break;
    case DType::kFloat16:
      for (Float16& value : out.mutable_data<Float16>()) {
        value.bits = EncodeNarrowFloat(DType::kFloat16, next());
      }
      break;
    default:
      for (std::string& value : out.mutable_data<std::string>()) value = PythonRepr(next());
      break;
  }
  if (narrow) return RoundToNarrow(std::move(out), dtype);
  return out;
}

Result<TensorMap> RandomInputs(std::span<const RandomInputSpec> inputs,
                               const RandomInputOptions& options, int64_t iteration) {
  int64_t seed = 0;
  if (__builtin_add_overflow(options.seed, iteration, &seed)) seed = -1;
  ASSAY_ASSIGN_OR_RETURN(RandomState random, RandomState::Create(seed));
  TensorMap map;
  for (const RandomInputSpec& input : inputs) {
    ValueRange range;
    bool named = false;
    for (const auto& [name, value] : options.ranges) {
      if (name == input.name || (name.empty() && !named)) range = value;
      named = named || name == input.name;
    }
    const std::string where = fmt::format("input \"{}\"", input.name);
    Result<Tensor> tensor = OkStatus();
    if (input.fixed_values) {
      tensor = ConvertTensor(Tensor::Vector(*input.fixed_values), input.dtype);
    } else if (IsInteger(input.dtype) || input.dtype == DType::kBool) {
      tensor = random.Integers(input.dtype, input.shape, range);
    } else {
      tensor = random.Floats(input.dtype, input.shape, range);
    }
    if (!tensor.ok()) return tensor.status().WithContext(where);
    map.Add(input.name, std::move(tensor).value());
  }
  return map;
}

}  // namespace assay
