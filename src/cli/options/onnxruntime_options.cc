#include "cli/options/onnxruntime_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace assay {
namespace {

constexpr std::string_view kLevelNames[] = {"ORT_DISABLE_ALL",
                                            "ORT_ENABLE_BASIC",
                                            "ORT_ENABLE_EXTENDED",
                                            "ORT_ENABLE_ALL",
                                            "disable",
                                            "basic",
                                            "extended",
                                            "all"};
// The second half of the names, which RunnerRequest uses, in the order of the first.
constexpr size_t kLevels = std::size(kLevelNames) / 2;

constexpr OptionDef kOptions[] = {
    {.names = {"--providers", "--execution-providers"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "NAME",
     .help = "Execution providers in order of priority, by name or part of it (default: cpu)"},
    {.names = {"--graph-optimization-level"},
     .arity = ArgumentCount::kChoices,
     .value = "LEVEL",
     .help = "ORT_DISABLE_ALL, ORT_ENABLE_BASIC, ORT_ENABLE_EXTENDED or ORT_ENABLE_ALL (default: "
             "what ONNX Runtime does by itself, which is all), or disable, basic, extended, all. "
             "One level is for every --onnxrt; several are for one each, in order",
     .choices = kLevelNames},
    {.names = {"--tf32"},
     .arity = ArgumentCount::kFlag,
     .help =
         "Allow TF32 on GPUs. It is off unless asked for: its 10-bit mantissa would be an error "
         "of about 1e-3 in what serves as reference"},
    {.names = {"--onnxruntime-library"},
     .arity = ArgumentCount::kOne,
     .value = "PATH",
     .help = "The ONNX Runtime library to load, for example the libonnxruntime.so of another "
             "installation (default: the one found at set-up)",
     .path = PathUse::kReadFile,
     .assay_only = true},
};

}  // namespace

constinit const OptionGroup kOnnxRuntimeOptions = {"ONNX Runtime", "The runner --onnxrt", kOptions,
                                                   "onnxrt"};

void ReadOnnxRuntimeOptions(const ParsedOptions& options, RunnerRequest& request) {
  if (const auto providers = options.Values("--providers"); !providers.empty()) {
    request.providers.assign(providers.begin(), providers.end());
  }
  request.tf32 = options.Has("--tf32");
  request.onnxruntime_library = options.Value("--onnxruntime-library").value_or("");
}

Result<std::vector<std::string>> ReadGraphOptimizationLevels(const ParsedOptions& options) {
  std::vector<std::string> levels;
  for (const std::string& typed : options.Values("--graph-optimization-level")) {
    const auto place = static_cast<size_t>(std::ranges::find(kLevelNames, typed) - kLevelNames);
    levels.emplace_back(kLevelNames[place % kLevels + kLevels]);
  }
  const auto runners = static_cast<size_t>(options.Count("--onnxrt"));
  if (levels.size() > 1 && runners > 0 && levels.size() != runners) {
    return Status(StatusCode::kUsage,
                  fmt::format("argument --graph-optimization-level: expected one level, or one for "
                              "each of the {} --onnxrt, got {}",
                              runners, levels.size()));
  }
  return levels;
}

}  // namespace assay
