#include "report/reference_steps_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/quote.h"

namespace assay {
namespace {

constexpr size_t kMostItems = 8;

std::string LabelOf(const ReferenceSteps::Step& step) {
  if (step.nodes.empty()) return QuoteUnlessPlain(step.op);
  std::vector<std::string> names;
  for (const std::string& node : step.nodes) names.push_back(QuoteUnlessPlain(node));
  return fmt::format("{} ({})", QuoteUnlessPlain(step.op), fmt::join(names, " + "));
}

}  // namespace

std::string ShortList(const std::vector<std::string>& items) {
  const std::span<const std::string> shown =
      std::span(items).first(std::min(items.size(), kMostItems));
  std::string text = fmt::format("{}", fmt::join(shown, ", "));
  if (shown.size() < items.size()) text += fmt::format(" and {} more", items.size() - shown.size());
  return text;
}

std::string ReferenceStepsText(const ReferenceSteps& steps) {
  if (steps.steps.empty()) return "";
  std::vector<std::string> labels;
  for (const ReferenceSteps::Step& step : steps.steps) labels.push_back(LabelOf(step));
  return fmt::format("{} of {} steps run in the float64 kernels that --reference uses too: {}",
                     labels.size(), steps.total, ShortList(labels));
}

std::vector<std::string> FloatReferenceSteps(const ReferenceSteps& steps) {
  std::vector<std::string> labels;
  for (const ReferenceSteps::Step& step : steps.steps) {
    if (step.computes_floats) labels.push_back(LabelOf(step));
  }
  return labels;
}

}  // namespace assay
