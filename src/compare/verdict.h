#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace assay {

// Outcome of a comparison. Only kPass is success.
enum class Verdict {
  kPass,
  kFail,
  kVacuous,    // nothing was compared, or the comparison could not have failed
  kUnmatched,  // an output or an iteration has no partner
};
std::string_view VerdictName(Verdict verdict);  // "pass", "fail", "vacuous", "unmatched"

// The verdict over several: fail outranks unmatched, unmatched outranks vacuous, vacuous outranks
// pass. Nothing at all is vacuous.
Verdict CombineVerdicts(std::span<const Verdict> verdicts);

}  // namespace assay
