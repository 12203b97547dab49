#include "compare/float_formats.h"

namespace assay {

int FractionBits(DType dtype) {
  switch (dtype) {
    case DType::kFloat64:
      return 52;
    case DType::kFloat32:
      return 23;
    case DType::kFloat16:
      return 10;
    case DType::kBFloat16:
      return 7;
    case DType::kFloat8E4M3FN:
    case DType::kFloat8E4M3FNUZ:
    case DType::kFloat6E2M3:
      return 3;
    case DType::kFloat8E5M2:
    case DType::kFloat8E5M2FNUZ:
    case DType::kFloat6E3M2:
      return 2;
    case DType::kFloat4E2M1:
      return 1;
    default:
      return 0;
  }
}

double SmallestNormal(DType dtype) {
  switch (dtype) {
    case DType::kFloat64:
      return 0x1p-1022;
    case DType::kFloat32:
    case DType::kBFloat16:
      return 0x1p-126;
    case DType::kFloat16:
    case DType::kFloat8E5M2:
      return 0x1p-14;
    case DType::kFloat8E5M2FNUZ:
      return 0x1p-15;
    case DType::kFloat8E4M3FN:
      return 0x1p-6;
    case DType::kFloat8E4M3FNUZ:
      return 0x1p-7;
    case DType::kFloat6E3M2:
      return 0x1p-2;
    case DType::kFloat6E2M3:
    case DType::kFloat4E2M1:
      return 1;
    default:
      return 0;
  }
}

}  // namespace assay
