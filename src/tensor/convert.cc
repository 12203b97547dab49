#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "tensor/tensor.h"

namespace assay {
namespace {

bool IsByteNarrow(DType dtype) { return DTypeBits(dtype) == 8 && IsFloating(dtype); }

int64_t TruncateToInteger(double value, DType dtype) {
  const IntegerRange range = IntegerRangeOf(dtype);
  if (std::isnan(value)) return 0;
  if (value <= static_cast<double>(range.min)) return range.min;
  if (value >= static_cast<double>(range.max)) return range.max;
  return static_cast<int64_t>(value);
}

void StorePacked(Tensor& out, int64_t i, int64_t value) {
  const int bits = DTypeBits(out.dtype());
  const int per_byte = 8 / bits;
  auto* bytes = static_cast<uint8_t*>(out.mutable_raw());
  const int shift = bits * static_cast<int>(i % per_byte);
  const int mask = ((1 << bits) - 1) << shift;
  uint8_t& byte = bytes[i / per_byte];
  byte = static_cast<uint8_t>((byte & ~mask) | (static_cast<int>(value << shift) & mask));
}

void StoreInt(Tensor& out, int64_t i, int64_t value) {
  const auto index = static_cast<size_t>(i);
  switch (out.dtype()) {
    case DType::kUInt8:
      out.mutable_data<uint8_t>()[index] = static_cast<uint8_t>(value);
      break;
    case DType::kInt8:
      out.mutable_data<int8_t>()[index] = static_cast<int8_t>(value);
      break;
    case DType::kUInt16:
      out.mutable_data<uint16_t>()[index] = static_cast<uint16_t>(value);
      break;
    case DType::kInt16:
      out.mutable_data<int16_t>()[index] = static_cast<int16_t>(value);
      break;
    case DType::kUInt32:
      out.mutable_data<uint32_t>()[index] = static_cast<uint32_t>(value);
      break;
    case DType::kInt32:
      out.mutable_data<int32_t>()[index] = static_cast<int32_t>(value);
      break;
    case DType::kUInt64:
      out.mutable_data<uint64_t>()[index] = static_cast<uint64_t>(value);
      break;
    case DType::kInt64:
      out.mutable_data<int64_t>()[index] = value;
      break;
    case DType::kBool:
      out.mutable_data<bool>()[index] = value != 0;
      break;
    default:
      StorePacked(out, i, value);
      break;
  }
}

void StoreFloat(Tensor& out, int64_t i, double value) {
  const auto index = static_cast<size_t>(i);
  const DType dtype = out.dtype();
  if (dtype == DType::kFloat32) {
    out.mutable_data<float>()[index] = static_cast<float>(value);
  } else if (dtype == DType::kFloat64) {
    out.mutable_data<double>()[index] = value;
  } else if (DTypeBits(dtype) == 16) {
    static_cast<uint16_t*>(out.mutable_raw())[index] = EncodeNarrowFloat(dtype, value);
  } else if (IsByteNarrow(dtype)) {
    static_cast<uint8_t*>(out.mutable_raw())[index] =
        static_cast<uint8_t>(EncodeNarrowFloat(dtype, value));
  } else {
    StorePacked(out, i, EncodeNarrowFloat(dtype, value));
  }
}

template <typename From, typename To>
void ConvertRun(const Tensor& in, Tensor& out) {
  const auto source = in.data<From>();
  auto target = out.mutable_data<To>();
  for (size_t i = 0; i < source.size(); ++i) target[i] = static_cast<To>(source[i]);
}

// The conversions that large tensors go through; true if it was one of them.
bool ConvertFast(const Tensor& in, Tensor& out) {
  const DType from = in.dtype();
  const DType to = out.dtype();
  if (from == DType::kFloat32 && to == DType::kFloat64) {
    ConvertRun<float, double>(in, out);
  } else if (from == DType::kFloat64 && to == DType::kFloat32) {
    ConvertRun<double, float>(in, out);
  } else if (from == DType::kInt64 && to == DType::kInt32) {
    ConvertRun<int64_t, int32_t>(in, out);
  } else if (from == DType::kInt32 && to == DType::kInt64) {
    ConvertRun<int32_t, int64_t>(in, out);
  } else if (from == DType::kUInt8 && to == DType::kFloat32) {
    ConvertRun<uint8_t, float>(in, out);
  } else {
    return false;
  }
  return true;
}

}  // namespace

Result<Tensor> ConvertTensor(const Tensor& tensor, DType dtype) {
  const DType from = tensor.dtype();
  if (from == dtype) return tensor;
  const auto convertible = [](DType d) {
    return IsFloating(d) || IsInteger(d) || d == DType::kBool;
  };
  if (!convertible(from) || !convertible(dtype)) {
    return Status(StatusCode::kUnsupported,
                  fmt::format("cannot convert {} to {}", DTypeName(from), DTypeName(dtype)));
  }
  ASSAY_ASSIGN_OR_RETURN(Tensor out, Tensor::TryAllocate(dtype, tensor.shape()));
  if (ConvertFast(tensor, out)) return out;
  if (DTypeBits(dtype) < 8) std::memset(out.mutable_raw(), 0, out.byte_size());
  const int64_t count = tensor.elements();
  for (int64_t i = 0; i < count; ++i) {
    if (IsFloating(dtype)) {
      StoreFloat(out, i, tensor.ValueAsDouble(i));
    } else if (dtype == DType::kBool) {
      StoreInt(out, i, tensor.ValueAsDouble(i) != 0 ? 1 : 0);
    } else if (IsFloating(from)) {
      StoreInt(out, i, TruncateToInteger(tensor.ValueAsDouble(i), dtype));
    } else {
      StoreInt(out, i, tensor.ValueAsInt(i));
    }
  }
  return out;
}

}  // namespace assay
