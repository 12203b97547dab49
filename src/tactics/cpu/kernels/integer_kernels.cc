#include "tactics/cpu/kernels/integer_kernels.h"

namespace assay {

namespace portable {
extern const IntegerKernels kIntegerKernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const IntegerKernels kIntegerKernels;
}
namespace avx512 {
extern const IntegerKernels kIntegerKernels;
}
#endif

const IntegerKernels& IntegerKernelsOf(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return avx512::kIntegerKernels;
  if (isa == Isa::kAvx2) return avx2::kIntegerKernels;
#endif
  (void)isa;
  return portable::kIntegerKernels;
}

}  // namespace assay
