#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/near_names.h"
#include "ops/infer_graph.h"
#include "passes/pass.h"

// The one list of passes, in the order in which they run.
#define ASSAY_PASSES(X)           \
  X(kLowerContribOperators)       \
  X(kFoldConstants)               \
  X(kInlineBranches)              \
  X(kRemoveNoOps)                 \
  X(kCleanReshapes)               \
  X(kMergeCommonSubexpressions)   \
  X(kFoldPads)                    \
  X(kFoldBatchNormalization)      \
  X(kRecognizeLayerNormalization) \
  X(kRecognizeGelu)               \
  X(kRecognizeSiluHardSwish)      \
  X(kRecognizeSoftmax)            \
  X(kRecognizeAttention)          \
  X(kFuseBiasActivation)          \
  X(kRemoveDeadNodes)

namespace assay {

#define ASSAY_DECLARE(pass) extern const Pass pass;
ASSAY_PASSES(ASSAY_DECLARE)
#undef ASSAY_DECLARE

namespace {

#define ASSAY_ADDRESS(pass) &pass,
constexpr const Pass* kPasses[] = {ASSAY_PASSES(ASSAY_ADDRESS)};
#undef ASSAY_ADDRESS

Status CheckNames(const std::vector<std::string>& names) {
  std::vector<std::string_view> known;
  for (const Pass* pass : kPasses) known.push_back(pass->name);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string hint = DidYouMean(name, known);
    if (hint.empty()) hint = fmt::format("passes are: {}", fmt::join(known, ", "));
    return Status(StatusCode::kUsage, fmt::format("unknown pass \"{}\"", name), std::move(hint));
  }
  return OkStatus();
}

Status RunOne(const Pass& pass, Graph& graph, PassContext& context, PassReport& report) {
  const auto start = std::chrono::steady_clock::now();
  ASSAY_ASSIGN_OR_RETURN(report.changes, pass.run(graph, context));
  if (report.changes > 0) ASSAY_RETURN_IF_ERROR(InferGraph(graph));
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return OkStatus();
}

}  // namespace

std::string_view PassEffectName(PassEffect effect) {
  return effect == PassEffect::kExact ? "exact" : "reassociates";
}

std::string_view PassEffectText(PassEffect effect) {
  return effect == PassEffect::kExact ? "exact" : "changes roundings";
}

std::span<const Pass* const> AllPasses() { return kPasses; }

const Pass* FindPass(std::string_view name) {
  for (const Pass* pass : kPasses) {
    if (pass->name == name) return pass;
  }
  return nullptr;
}

Result<std::vector<PassReport>> RunPasses(Graph& graph, const PipelineOptions& options,
                                          PassContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckNames(options.disabled));
  std::vector<PassReport> reports;
  for (const Pass* pass : kPasses) {
    if (options.has_shapes && !pass->again_with_shapes) continue;
    PassReport report;
    report.name = pass->name;
    report.effect = pass->effect;
    report.disabled = std::find(options.disabled.begin(), options.disabled.end(), pass->name) !=
                          options.disabled.end() ||
                      (options.exact_only && pass->effect != PassEffect::kExact);
    if (!report.disabled) {
      if (Status status = RunOne(*pass, graph, context, report); !status.ok()) {
        return status.WithContext(fmt::format("pass {}", pass->name));
      }
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace assay
