#include "tactics/cpu/kernels/kernel_set.h"

namespace assay {

namespace portable {
extern const KernelSet kKernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const KernelSet kKernels;
}
namespace avx512 {
extern const KernelSet kKernels;
}
#endif

const KernelSet& KernelsOf(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return avx512::kKernels;
  if (isa == Isa::kAvx2) return avx2::kKernels;
#endif
  (void)isa;
  return portable::kKernels;
}

bool CanRun(Isa isa, const CpuFeatures& cpu) {
  switch (isa) {
    case Isa::kPortable:
      return true;
    case Isa::kAvx2:
      return cpu.avx2 && cpu.fma;
    case Isa::kAvx512:
      return cpu.avx512f && cpu.fma;
  }
  return false;
}

}  // namespace assay
