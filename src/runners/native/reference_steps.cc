#include "runners/native/reference_steps.h"

namespace assay {

ReferenceSteps ReferenceStepsOf(const std::vector<ExecutedStep>& steps) {
  ReferenceSteps result;
  result.total = steps.size();
  for (const ExecutedStep& step : steps) {
    if (!step.runs_reference_kernel) continue;
    result.steps.push_back({step.op, step.origins, step.computes_floats});
  }
  return result;
}

ReferenceSteps ReferenceStepsOf(const Plan& plan) {
  std::vector<ExecutedStep> steps;
  AppendSteps(plan, steps);
  return ReferenceStepsOf(steps);
}

}  // namespace assay
