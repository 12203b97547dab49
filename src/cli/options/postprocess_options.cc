#include "cli/options/postprocess_options.h"

#include <fmt/format.h>

namespace assay {
namespace {

constexpr OptionDef kOptions[] = {
    {.names = {"--postprocess", "--postprocess-func"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "[NAME:]FUNC",
     .help = "Change outputs before they are compared. top-K[,axis=N]: take the indices of the K "
             "largest values along an axis (default: the last)"},
    {.names = {"--postprocess-func-script"},
     .arity = ArgumentCount::kOne,
     .value = "PATH",
     .help = "Python script that changes outputs",
     .handling = Handling::kRefused,
     .note = "Assay does not run Python: save the outputs with --save-outputs, change them in the "
             "script, and compare the files with assay compare"},
};

Status Malformed(const std::string& argument) {
  return Status(StatusCode::kUsage,
                fmt::format("Invalid post-processing function: {}. Note: Valid choices are: "
                            "['top-<K>'].",
                            argument),
                "for example --postprocess top-5, or scores:top-5,axis=1");
}

}  // namespace

constinit const OptionGroup kPostprocessOptions = {
    "Postprocessing", "What happens to outputs before they are compared", kOptions};

Result<NamedValues<TopK>> ReadPostprocessOptions(const ParsedOptions& options) {
  NamedValues<TopK> functions;
  for (const std::string& argument : options.Values("--postprocess")) {
    NamedText named = SplitNamedText(argument);
    std::string_view text = named.value;
    constexpr std::string_view kPrefix = "top-";
    if (!text.starts_with(kPrefix)) return Malformed(named.value);
    text.remove_prefix(kPrefix.size());
    TopK top;
    const size_t comma = text.find(',');
    const auto k = ParseWholeNumber(text.substr(0, comma));
    if (!k || *k < 1) return Malformed(named.value);
    top.k = *k;
    if (comma != std::string_view::npos) {
      std::string_view axis_text = Trim(text.substr(comma + 1));
      constexpr std::string_view kAxis = "axis=";
      if (!axis_text.starts_with(kAxis)) return Malformed(named.value);
      const auto axis = ParseWholeNumber(axis_text.substr(kAxis.size()));
      if (!axis) return Malformed(named.value);
      top.axis = *axis;
    }
    functions.Set(std::move(named.name), top);
  }
  return functions;
}

}  // namespace assay
