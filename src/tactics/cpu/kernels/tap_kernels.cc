#include "tactics/cpu/kernels/tap_kernels.h"

namespace assay {

namespace portable {
extern const TapKernels kTapKernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const TapKernels kTapKernels;
}
namespace avx512 {
extern const TapKernels kTapKernels;
}
#endif

const TapKernels& TapKernelsOf(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return avx512::kTapKernels;
  if (isa == Isa::kAvx2) return avx2::kTapKernels;
#endif
  (void)isa;
  return portable::kTapKernels;
}

}  // namespace assay
