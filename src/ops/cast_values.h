#pragma once

#include <string_view>

#include "base/status.h"
#include "base/thread_pool.h"
#include "ops/infer_context.h"
#include "ops/type_sets.h"
#include "tensor/dtype.h"
#include "tensor/tensor.h"

namespace assay {

// What Cast converts: everything but complex numbers.
inline constexpr DTypeSet kCastable =
    kNumeric | kNarrowFloats | kNarrowIntegers | kBools | kStrings;

// Choices that the attributes of Cast leave open.
struct CastOptions {
  enum class PowerRounding { kUp, kDown, kNearest };

  // Values beyond the range of a float8 type become its largest finite value, not NaN or infinity.
  bool saturate = true;
  // Infinities become NaN in the two "fnuz" types even with saturate, as before opset 24.
  bool fnuz_infinity_is_nan = false;
  // How float8_e8m0fnu, which holds powers of two only, takes what lies between them.
  PowerRounding round_mode = PowerRounding::kUp;
};

// Reads the attributes `saturate` and `round_mode` where the schema of the node has them (from
// opsets 19 and 24 on). Errors: kInvalidInput for an unknown round_mode.
Result<CastOptions> CastOptionsOf(const OpContext& context);

// Element type by the name that opset 1 gives in a string ("FLOAT", "INT64"); kUndefined if
// unknown.
DType DTypeFromOnnxName(std::string_view name);

// Output 0 is input 0 cast to `to`; integers keep their contents as extents.
Status InferCast(InferContext& context, DType to);

// Converts the elements of `input`, whose declared type is `from`, to the declared type `to` as
// Cast does; floating tensors are kFloat64 on both sides.
//  - Between floating types of 16 bits and more the values stay as they are: rounding to declared
//    types is no matter of the operator but of the truth that is asked for.
//  - A floating type under 16 bits is a quantisation like an integer type: values are rounded to
//  the
//    type, ties to even, and out of range treated by `saturate`, in either truth.
//  - Floating to integer rounds toward zero; NaN gives 0. Out of range, which the standard leaves
//    open, integers of 32 and 64 bits take the nearer end, narrower ones keep the low bits of the
//    whole number, as the standard's own test cases do.
//  - Integer to integer keeps the low bits.
//  - To bool is whether the value differs from zero (NaN does).
//  - Numbers to text is the shortest text that reads back in the declared type, as numpy prints it;
//    bool gives "1" or "0". Text to a number: see ParseDouble; whole numbers are read exactly.
// Errors: kInvalidInput for text that is no number.
Result<Tensor> CastElements(const Tensor& input, DType from, DType to, const CastOptions& options,
                            ThreadPool& threads);

}  // namespace assay
