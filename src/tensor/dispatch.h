#pragma once

#include <cstdint>

#include "tensor/dtype.h"

namespace assay {

// Calls fn.template operator()<T>() with the C++ type of an integer dtype of at least 8 bits; false
// if dtype is none of them.
template <typename Fn>
bool DispatchInteger(DType dtype, Fn&& fn) {
  switch (dtype) {
    case DType::kInt8:
      fn.template operator()<int8_t>();
      return true;
    case DType::kUInt8:
      fn.template operator()<uint8_t>();
      return true;
    case DType::kInt16:
      fn.template operator()<int16_t>();
      return true;
    case DType::kUInt16:
      fn.template operator()<uint16_t>();
      return true;
    case DType::kInt32:
      fn.template operator()<int32_t>();
      return true;
    case DType::kUInt32:
      fn.template operator()<uint32_t>();
      return true;
    case DType::kInt64:
      fn.template operator()<int64_t>();
      return true;
    case DType::kUInt64:
      fn.template operator()<uint64_t>();
      return true;
    default:
      return false;
  }
}

// As DispatchInteger, and double for kFloat64: the numeric types that the reference computes in.
template <typename Fn>
bool DispatchReferenceNumeric(DType dtype, Fn&& fn) {
  if (dtype == DType::kFloat64) {
    fn.template operator()<double>();
    return true;
  }
  return DispatchInteger(dtype, fn);
}

}  // namespace assay
