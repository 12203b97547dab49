#pragma once

#include "base/monitor.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "compare/comparison.h"
#include "compare/pair_blocks.h"

namespace assay {

// Fills in everything but the verdict for two tensors of the same number of elements, with the
// inner loops of one instruction set. False: differences of finite elements leave Real's range, and
// nothing is filled in.
template <typename Real>
Result<bool> MeasurePair(const Tensor& output, const Tensor& reference,
                         const BlockKernels<Real>& kernels, ThreadPool& pool,
                         const Monitor& monitor, OutputComparison* comparison);

// Fills in the verdict, the reasons and zero_output_would_pass.
void JudgePair(OutputComparison* comparison);

// Adds what NaN and infinities did to the comparison.
void ExplainSpecialValues(const OutputComparison& comparison, std::vector<std::string>* reasons);

// Why a comparison could not have failed; empty if it could.
std::string VacuousReason(const OutputComparison& comparison);

// Not empty where floating tensors of two elements or more are the same constant, give or take
// rounding, on both sides: a network whose output no input moves passes every comparison.
std::string ConstantReason(const OutputComparison& comparison);
// Turns a pass of such tensors into vacuous, with the reason.
void DoubtPassOfConstants(const OutputComparison& comparison, Verdict* verdict,
                          std::vector<std::string>* reasons);

}  // namespace assay
