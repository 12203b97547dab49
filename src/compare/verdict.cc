#include "compare/verdict.h"

#include <algorithm>

namespace assay {

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kFail:
      return "fail";
    case Verdict::kVacuous:
      return "vacuous";
    case Verdict::kUnmatched:
      return "unmatched";
  }
  return "fail";
}

Verdict CombineVerdicts(std::span<const Verdict> verdicts) {
  if (verdicts.empty()) return Verdict::kVacuous;
  for (const Verdict worst : {Verdict::kFail, Verdict::kUnmatched, Verdict::kVacuous}) {
    if (std::find(verdicts.begin(), verdicts.end(), worst) != verdicts.end()) return worst;
  }
  return Verdict::kPass;
}

}  // namespace assay
