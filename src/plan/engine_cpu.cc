#include "plan/engine_cpu.h"

#include <algorithm>
#include <string_view>

namespace assay {
namespace {

struct InstructionSet {
  std::string_view name;  // as it ends the names of tactics
  bool (*present)(const CpuFeatures& cpu);
};

constexpr InstructionSet kInstructionSets[] = {
    {"avx2", [](const CpuFeatures& cpu) { return cpu.avx2 && cpu.fma; }},
    {"avx512", [](const CpuFeatures& cpu) { return cpu.avx512f && cpu.fma; }},
};

void Append(std::string_view name, std::string* list) {
  if (!list->empty()) *list += ' ';
  *list += name;
}

bool Contains(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == name) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

}  // namespace

std::string RequiredCpu(const Plan& plan) {
  std::string required;
  for (const InstructionSet& set : kInstructionSets) {
    const bool used = std::ranges::any_of(plan.steps, [&](const Step& step) {
      const std::string_view name = step.tactic->name;
      return name.substr(name.rfind('.') + 1) == set.name;
    });
    if (used) Append(set.name, &required);
  }
  return required;
}

std::string CpuText(const CpuFeatures& cpu) {
  std::string text;
  for (const InstructionSet& set : kInstructionSets) {
    if (set.present(cpu)) Append(set.name, &text);
  }
  return text;
}

std::string MissingCpu(const std::string& required, const CpuFeatures& cpu) {
  const std::string present = CpuText(cpu);
  std::string missing;
  std::string_view rest = required;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view name = rest.substr(0, end);
    if (!name.empty() && !Contains(present, name)) Append(name, &missing);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return missing;
}

}  // namespace assay
