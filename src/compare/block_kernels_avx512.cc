#if defined(__AVX512F__)

#define ASSAY_KERNEL_NAMESPACE kernels_avx512
#include "compare/block_kernels_inl.h"

#else

#include "compare/block_kernels.h"

namespace assay::kernels_avx512 {

const BlockKernels<float>* FloatKernels() { return nullptr; }
const BlockKernels<double>* DoubleKernels() { return nullptr; }

}  // namespace assay::kernels_avx512

#endif
