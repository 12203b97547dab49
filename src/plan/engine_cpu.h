#pragma once

#include <string>

#include "plan/plan.h"

namespace assay {

// Instruction sets that the tactics of a plan need, from their names: "avx2 avx512", empty for
// none.
std::string RequiredCpu(const Plan& plan);

// Names of the instruction sets that a processor has and tactics use.
std::string CpuText(const CpuFeatures& cpu);

// Names in `required` that `cpu` lacks, separated by spaces; empty if there are none.
std::string MissingCpu(const std::string& required, const CpuFeatures& cpu);

}  // namespace assay
