#define ASSAY_KERNEL_NAMESPACE kernels_baseline
#include "compare/block_kernels_inl.h"
