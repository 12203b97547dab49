#include "cli/options/onnxruntime_options.h"

#include <fmt/format.h>

#include <utility>

#include "base/near_names.h"

namespace assay {
namespace {

constexpr OptionDef kOptions[] = {
    {.names = {"--providers", "--execution-providers"},
     .arity = Arity::kOneOrMore,
     .value = "NAME",
     .help = "Execution providers in order of priority, by name or part of it (default: cpu)"},
    {.names = {"--graph-optimization-level"},
     .arity = Arity::kOne,
     .value = "LEVEL",
     .help = "ORT_DISABLE_ALL, ORT_ENABLE_BASIC, ORT_ENABLE_EXTENDED or ORT_ENABLE_ALL (default: "
             "what ONNX Runtime does by itself, which is all)"},
    {.names = {"--tf32"},
     .arity = Arity::kFlag,
     .help =
         "Allow TF32 on GPUs. It is off unless asked for: its 10-bit mantissa would be an error "
         "of about 1e-3 in what serves as reference"},
    {.names = {"--onnxruntime-library"},
     .arity = Arity::kOne,
     .value = "PATH",
     .help = "The ONNX Runtime library to load, for example the libonnxruntime.so of another "
             "installation (default: the one found at set-up)",
     .assay_only = true},
};

constexpr std::pair<std::string_view, std::string_view> kLevels[] = {
    {"ORT_DISABLE_ALL", "disable"},
    {"ORT_ENABLE_BASIC", "basic"},
    {"ORT_ENABLE_EXTENDED", "extended"},
    {"ORT_ENABLE_ALL", "all"},
    {"disable", "disable"},
    {"basic", "basic"},
    {"extended", "extended"},
    {"all", "all"},
};

}  // namespace

constinit const OptionGroup kOnnxRuntimeOptions = {"ONNX Runtime", "The runner --onnxrt", kOptions};

Status ReadOnnxRuntimeOptions(const ParsedOptions& options, RunnerRequest& request) {
  if (const auto providers = options.Values("--providers"); !providers.empty()) {
    request.providers.assign(providers.begin(), providers.end());
  }
  request.tf32 = options.Has("--tf32");
  request.onnxruntime_library = options.Value("--onnxruntime-library").value_or("");
  const auto level = options.Value("--graph-optimization-level");
  if (!level) return OkStatus();
  std::vector<std::string_view> names;
  for (const auto& [name, meaning] : kLevels) {
    if (*level == name) {
      request.graph_optimization_level = meaning;
      return OkStatus();
    }
    names.push_back(name);
  }
  std::string hint = DidYouMean(*level, names);
  if (hint.empty()) hint = fmt::format("levels are: {}", fmt::join(names, ", "));
  return Status(
      StatusCode::kUsage,
      fmt::format("argument --graph-optimization-level: expected a level, got '{}'", *level), hint);
}

}  // namespace assay
