#include "tactics/cpu/kernels/window_kernels.h"

namespace assay {

namespace portable {
extern const WindowKernels kWindowKernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const WindowKernels kWindowKernels;
}
namespace avx512 {
extern const WindowKernels kWindowKernels;
}
#endif

const WindowKernels& WindowKernelsOf(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return avx512::kWindowKernels;
  if (isa == Isa::kAvx2) return avx2::kWindowKernels;
#endif
  (void)isa;
  return portable::kWindowKernels;
}

}  // namespace assay
