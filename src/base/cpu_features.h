#pragma once

namespace assay {

// Instruction sets that both the processor and the operating system let this process use. All
// false on processors other than x86-64.
struct CpuFeatures {
  bool avx2 = false;
  bool fma = false;
  bool avx512f = false;  // with BW, DQ and VL, as on every processor since 2017
};

// Asked once, then remembered. Thread-safe.
const CpuFeatures& GetCpuFeatures();

}  // namespace assay
