#include "tensor/dtype.h"

#include <limits>

namespace assay {
namespace {

enum class Kind : uint8_t { kOther, kFloat, kSigned, kUnsigned, kComplex };

struct DTypeInfo {
  std::string_view name;
  int bits;
  Kind kind;
};

constexpr DTypeInfo kInfo[kDTypeCount] = {
    {"undefined", 0, Kind::kOther},       {"float32", 32, Kind::kFloat},
    {"uint8", 8, Kind::kUnsigned},        {"int8", 8, Kind::kSigned},
    {"uint16", 16, Kind::kUnsigned},      {"int16", 16, Kind::kSigned},
    {"int32", 32, Kind::kSigned},         {"int64", 64, Kind::kSigned},
    {"string", 0, Kind::kOther},          {"bool", 8, Kind::kOther},
    {"float16", 16, Kind::kFloat},        {"float64", 64, Kind::kFloat},
    {"uint32", 32, Kind::kUnsigned},      {"uint64", 64, Kind::kUnsigned},
    {"complex64", 64, Kind::kComplex},    {"complex128", 128, Kind::kComplex},
    {"bfloat16", 16, Kind::kFloat},       {"float8_e4m3fn", 8, Kind::kFloat},
    {"float8_e4m3fnuz", 8, Kind::kFloat}, {"float8_e5m2", 8, Kind::kFloat},
    {"float8_e5m2fnuz", 8, Kind::kFloat}, {"uint4", 4, Kind::kUnsigned},
    {"int4", 4, Kind::kSigned},           {"float4_e2m1fn", 4, Kind::kFloat},
    {"float8_e8m0fnu", 8, Kind::kFloat},  {"uint2", 2, Kind::kUnsigned},
    {"int2", 2, Kind::kSigned},           {"float6_e2m3fn", 8, Kind::kFloat},
    {"float6_e3m2fn", 8, Kind::kFloat},
};

const DTypeInfo& Info(DType dtype) {
  const auto index = static_cast<size_t>(dtype);
  return kInfo[index < kDTypeCount ? index : 0];
}

}  // namespace

std::string_view DTypeName(DType dtype) { return Info(dtype).name; }

std::optional<DType> DTypeFromName(std::string_view name) {
  for (int i = 1; i < kDTypeCount; ++i) {
    if (kInfo[i].name == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

int DTypeBits(DType dtype) { return Info(dtype).bits; }
bool IsFloating(DType dtype) { return Info(dtype).kind == Kind::kFloat; }
bool IsSignedInteger(DType dtype) { return Info(dtype).kind == Kind::kSigned; }
bool IsInteger(DType dtype) {
  return IsSignedInteger(dtype) || Info(dtype).kind == Kind::kUnsigned;
}
bool IsComplex(DType dtype) { return Info(dtype).kind == Kind::kComplex; }

IntegerRange IntegerRangeOf(DType dtype) {
  const int bits = DTypeBits(dtype);
  if (IsSignedInteger(dtype)) {
    if (bits == 64) {
      return {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
    }
    return {-(int64_t{1} << (bits - 1)), (int64_t{1} << (bits - 1)) - 1};
  }
  if (bits == 64) return {0, std::numeric_limits<int64_t>::max()};
  return {0, (int64_t{1} << bits) - 1};
}

}  // namespace assay
