#include "tactics/cpu/kernels/pool_kernels.h"

namespace assay {

namespace portable {
extern const PoolKernels kPoolKernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const PoolKernels kPoolKernels;
}
namespace avx512 {
extern const PoolKernels kPoolKernels;
}
#endif

const PoolKernels& PoolKernelsOf(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return avx512::kPoolKernels;
  if (isa == Isa::kAvx2) return avx2::kPoolKernels;
#endif
  (void)isa;
  return portable::kPoolKernels;
}

}  // namespace assay
