#include "plan/needed_constants.h"

#include <algorithm>

#include "base/zero_pages.h"

namespace assay {

std::vector<char> NeededValues(const Plan& plan) {
  std::vector<char> needed(plan.graph->values.size(), 0);
  for (const Step& step : plan.steps) {
    const Node& node = plan.graph->node(step.node);
    const std::vector<int>& packed = step.preparation.packed_inputs;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == kNoValue) continue;
      if (std::ranges::find(packed, static_cast<int>(i)) != packed.end()) continue;
      needed[static_cast<size_t>(node.inputs[i])] = 1;
    }
  }
  return needed;
}

Result<std::shared_ptr<const Plan>> WithoutPackedConstants(const Plan& plan) {
  const std::vector<char> needed = NeededValues(plan);
  auto graph = std::make_shared<Graph>(*plan.graph);
  const auto is_unneeded = [&](size_t i) {
    const std::optional<Tensor>& constant = graph->values[i].constant;
    return constant && needed[i] == 0 && constant->dtype() != DType::kString;
  };
  size_t most = 0;
  for (size_t i = 0; i < graph->values.size(); ++i) {
    if (is_unneeded(i)) most = std::max(most, graph->values[i].constant->byte_size());
  }
  ASSAY_ASSIGN_OR_RETURN(const std::shared_ptr<const void> zeros, MapZeroPages(most));
  for (size_t i = 0; i < graph->values.size(); ++i) {
    if (!is_unneeded(i)) continue;
    Tensor& constant = *graph->values[i].constant;
    constant = Tensor::View(constant.dtype(), constant.shape(), zeros.get(), zeros);
  }
  auto light = std::make_shared<Plan>(plan);
  light->graph = std::move(graph);
  return std::shared_ptr<const Plan>(std::move(light));
}

}  // namespace assay
