#pragma once

#include "tensor/dtype.h"

namespace assay {

// Element types by the groups in which operator schemas permit them.
inline constexpr DTypeSet kFloats =
    DTypeSet::Of(DType::kFloat32, DType::kFloat16, DType::kFloat64, DType::kBFloat16);
// What the first opsets knew of them.
inline constexpr DTypeSet kBasicFloats =
    DTypeSet::Of(DType::kFloat32, DType::kFloat16, DType::kFloat64);
inline constexpr DTypeSet kFloat8s = DTypeSet::Of(DType::kFloat8E4M3FN, DType::kFloat8E4M3FNUZ,
                                                  DType::kFloat8E5M2, DType::kFloat8E5M2FNUZ);
inline constexpr DTypeSet kNarrowFloats = DTypeSet::Of(
    DType::kFloat8E4M3FN, DType::kFloat8E4M3FNUZ, DType::kFloat8E5M2, DType::kFloat8E5M2FNUZ,
    DType::kFloat8E8M0, DType::kFloat4E2M1, DType::kFloat6E2M3, DType::kFloat6E3M2);
inline constexpr DTypeSet kSignedIntegers =
    DTypeSet::Of(DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64);
inline constexpr DTypeSet kUnsignedIntegers =
    DTypeSet::Of(DType::kUInt8, DType::kUInt16, DType::kUInt32, DType::kUInt64);
inline constexpr DTypeSet kIntegers = kSignedIntegers | kUnsignedIntegers;
inline constexpr DTypeSet kNarrowIntegers =
    DTypeSet::Of(DType::kInt4, DType::kUInt4, DType::kInt2, DType::kUInt2);
inline constexpr DTypeSet kNumeric = kFloats | kIntegers;
inline constexpr DTypeSet kBools = DTypeSet::Of(DType::kBool);
inline constexpr DTypeSet kStrings = DTypeSet::Of(DType::kString);
inline constexpr DTypeSet kInteger4s = DTypeSet::Of(DType::kInt4, DType::kUInt4);
inline constexpr DTypeSet kComplexes = DTypeSet::Of(DType::kComplex64, DType::kComplex128);
// What the first opsets had.
inline constexpr DTypeSet kBasicTypes = kBasicFloats | kIntegers | kBools | kStrings | kComplexes;
// What opset 25 had: all but the 6-bit floating types.
inline constexpr DTypeSet kTypesOfOpset25 = kNumeric | kNarrowIntegers | kBools | kStrings |
                                            kComplexes | kFloat8s |
                                            DTypeSet::Of(DType::kFloat8E8M0, DType::kFloat4E2M1);
// Everything a tensor can hold.
inline constexpr DTypeSet kAllTypes =
    kNumeric | kNarrowFloats | kNarrowIntegers | kBools | kStrings | kComplexes;
inline constexpr DTypeSet kIndexTypes = DTypeSet::Of(DType::kInt32, DType::kInt64);
inline constexpr DTypeSet kInt64Only = DTypeSet::Of(DType::kInt64);

}  // namespace assay
