#include "tactics/cpu/kernels/element_kernels.h"

#include <initializer_list>

namespace assay {

namespace portable {
extern const ElementKernels kElementKernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const ElementKernels kElementKernels;
}
namespace avx512 {
extern const ElementKernels kElementKernels;
}
#endif

const ElementKernels& ElementKernelsOf(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return avx512::kElementKernels;
  if (isa == Isa::kAvx2) return avx2::kElementKernels;
#endif
  (void)isa;
  return portable::kElementKernels;
}

}  // namespace assay
