#include "tactics/cpu/kernels/pair_kernels.h"

namespace assay {

namespace portable {
extern const PairKernels kPairKernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const PairKernels kPairKernels;
}
namespace avx512 {
extern const PairKernels kPairKernels;
}
#endif

const PairKernels& PairKernelsOf(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return avx512::kPairKernels;
  if (isa == Isa::kAvx2) return avx2::kPairKernels;
#endif
  (void)isa;
  return portable::kPairKernels;
}

}  // namespace assay
