#include "compare/block_kernels.h"

#include <initializer_list>

namespace assay {

namespace kernels_baseline {
const BlockKernels<float>* FloatKernels();
const BlockKernels<double>* DoubleKernels();
}  // namespace kernels_baseline
namespace kernels_avx2 {
const BlockKernels<float>* FloatKernels();
const BlockKernels<double>* DoubleKernels();
}  // namespace kernels_avx2
namespace kernels_avx512 {
const BlockKernels<float>* FloatKernels();
const BlockKernels<double>* DoubleKernels();
}  // namespace kernels_avx512

namespace {

bool CpuHas(InstructionSet instruction_set) {
#if defined(__x86_64__) && defined(__GNUC__)
  switch (instruction_set) {
    case InstructionSet::kBaseline:
      return true;
    case InstructionSet::kAvx2:
      return __builtin_cpu_supports("avx2");
    case InstructionSet::kAvx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  }
#endif
  return instruction_set == InstructionSet::kBaseline;
}

}  // namespace

template <>
const BlockKernels<float>* FindBlockKernels<float>(InstructionSet instruction_set) {
  if (!CpuHas(instruction_set)) return nullptr;
  switch (instruction_set) {
    case InstructionSet::kBaseline:
      return kernels_baseline::FloatKernels();
    case InstructionSet::kAvx2:
      return kernels_avx2::FloatKernels();
    case InstructionSet::kAvx512:
      return kernels_avx512::FloatKernels();
  }
  return nullptr;
}

template <>
const BlockKernels<double>* FindBlockKernels<double>(InstructionSet instruction_set) {
  if (!CpuHas(instruction_set)) return nullptr;
  switch (instruction_set) {
    case InstructionSet::kBaseline:
      return kernels_baseline::DoubleKernels();
    case InstructionSet::kAvx2:
      return kernels_avx2::DoubleKernels();
    case InstructionSet::kAvx512:
      return kernels_avx512::DoubleKernels();
  }
  return nullptr;
}

template <typename Real>
const BlockKernels<Real>& BestBlockKernels() {
  static const BlockKernels<Real>* const best = [] {
    for (const InstructionSet set : {InstructionSet::kAvx512, InstructionSet::kAvx2}) {
      if (const BlockKernels<Real>* kernels = FindBlockKernels<Real>(set)) return kernels;
    }
    return FindBlockKernels<Real>(InstructionSet::kBaseline);
  }();
  return *best;
}

template const BlockKernels<float>& BestBlockKernels<float>();
template const BlockKernels<double>& BestBlockKernels<double>();

}  // namespace assay
