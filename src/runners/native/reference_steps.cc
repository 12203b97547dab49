#include "runners/native/reference_steps.h"

#include <algorithm>

#include "tactics/cpu/portable.h"

namespace assay {

ReferenceSteps ReferenceStepsOf(const Plan& plan) {
  ReferenceSteps result;
  result.total = plan.steps.size();
  for (const Step& step : plan.steps) {
    if (!RunsReferenceKernel(*step.tactic)) continue;
    const Node& node = plan.graph->node(step.node);
    const bool floats = std::ranges::any_of(node.outputs, [&](ValueId id) {
      return id != kNoValue && IsFloating(plan.graph->value(id).type.dtype);
    });
    result.steps.push_back({node.op, step.origins, floats});
  }
  return result;
}

}  // namespace assay
