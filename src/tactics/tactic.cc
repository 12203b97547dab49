#include "tactics/tactic.h"

#include <fmt/format.h>

namespace assay {

const Tactic* FindTactic(std::string_view name) {
  for (const Tactic* tactic : AllTactics()) {
    if (tactic->name == name) return tactic;
  }
  return nullptr;
}

bool IsFor(const Tactic& tactic, std::string_view domain, std::string_view op) {
  if (tactic.op == "*") return true;
  return tactic.op == op && (tactic.domain == domain || (tactic.fused && domain == "assay"));
}

Formats FormatsOf(const Tactic& tactic, const Instance& instance) {
  if (tactic.formats != nullptr) return tactic.formats(instance);
  Formats formats;
  for (const Operand& operand : instance.inputs())
    formats.inputs.push_back(RowMajor(operand.dtype));
  for (const Operand& operand : instance.outputs()) {
    formats.outputs.push_back(RowMajor(operand.dtype));
  }
  return formats;
}

Result<const Tactic*> ChooseStrictTactic(const Instance& instance, const Machine& machine) {
  std::string reasons;
  for (const Tactic* tactic : AllTactics()) {
    if (!IsFor(*tactic, instance.node().domain, instance.node().op)) continue;
    if (tactic->numerics == NumericClass::kApproximate) continue;
    const Support support = tactic->supports(instance, machine);
    if (support.ok()) return tactic;
    reasons += fmt::format("{}{}: {}", reasons.empty() ? "" : "; ", tactic->name, support.reason());
  }
  return Status(StatusCode::kUnsupported,
                fmt::format("no tactic computes {} here ({})", instance.node().op, reasons));
}

}  // namespace assay
