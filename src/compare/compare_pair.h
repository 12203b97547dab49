#pragma once

#include "base/monitor.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "compare/comparison.h"
#include "compare/pair_blocks.h"

namespace assay {

// Fills in everything but the verdict for two tensors of the same number of elements, with the
// inner loops of one instruction set.
template <typename Real>
Status MeasurePair(const Tensor& output, const Tensor& reference, const BlockKernels<Real>& kernels,
                   ThreadPool& pool, const Monitor& monitor, OutputComparison* comparison);

// Fills in the verdict, the reasons and zero_output_would_pass.
void JudgePair(OutputComparison* comparison);

// Why a comparison could not have failed; empty if it could.
std::string VacuousReason(const OutputComparison& comparison);

// Turns a pass into vacuous, with a reason, where floating tensors of two elements or more are
// constant on both sides: a network whose output no input moves passes every comparison.
void DoubtPassOfConstants(const OutputComparison& comparison, Verdict* verdict,
                          std::vector<std::string>* reasons);

}  // namespace assay
