#include "cli/options/engine_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/near_names.h"
#include "base/wildcard.h"
#include "cli/named_values.h"
#include "passes/pass.h"

namespace assay {
namespace {

constexpr OptionDef kOptions[] = {
    {.names = {"--save-engine"},
     .arity = ArgumentCount::kOne,
     .value = "PATH",
     .help = "Save the engine. The file is a model like any other: assay run PATH --native",
     .path = PathUse::kWriteFile},
    {.names = {"--min-shapes", "--trt-min-shapes"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "NAME:SHAPE",
     .help = "Smallest input shapes that the engine is for, with --max-shapes; names may hold the "
             "wildcards * and ?",
     .onnx_only = true},
    {.names = {"--opt-shapes", "--trt-opt-shapes"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "NAME:SHAPE",
     .help = "Input shapes that it is tuned for (default: the largest); inputs are generated in "
             "these shapes where --input-shapes says nothing else",
     .onnx_only = true},
    {.names = {"--max-shapes", "--trt-max-shapes"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "NAME:SHAPE",
     .help = "Largest input shapes that it is for, with --min-shapes",
     .onnx_only = true},
    {.names = {"--disable-pass"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "NAME",
     .help = "Passes over the graph to leave out: names, wildcards, or all; may be given several "
             "times. -v lists the passes, docs/passes.md describes them",
     .onnx_only = true,
     .assay_only = true},
    {.names = {"--profile"},
     .arity = ArgumentCount::kFlag,
     .help = "Show the time of every step, by the names of the model's nodes",
     .assay_only = true},
};

Result<NamedShapes> ReadShapes(const ParsedOptions& options, std::string_view name) {
  ASSAY_ASSIGN_OR_RETURN(const std::vector<TypedShape> typed,
                         ParseShapes(name, options.AllValues(name)));
  NamedShapes shapes;
  for (const TypedShape& shape : typed) {
    if (shape.is_dynamic()) {
      return Status(
          StatusCode::kUsage,
          fmt::format("argument {}: expected numbers in the shape of \"{}\"", name, shape.name));
    }
    shapes.emplace_back(shape.name, Shape(shape.values()));
  }
  return shapes;
}

// The passes that the patterns name, each once, in the order in which they run.
Result<std::vector<std::string>> ReadDisabledPasses(const ParsedOptions& options) {
  std::vector<std::string_view> known;
  for (const Pass* pass : AllPasses()) known.push_back(pass->name);
  std::vector<std::string> patterns = options.AllValues("--disable-pass");
  for (std::string& pattern : patterns) {
    if (pattern == "all") pattern = "*";
    const auto matches = [&](std::string_view name) { return MatchesWildcard(pattern, name); };
    if (std::ranges::any_of(known, matches)) continue;
    std::string hint = DidYouMean(pattern, known);
    if (hint.empty()) hint = fmt::format("passes are: {}", fmt::join(known, ", "));
    return Status(StatusCode::kUsage,
                  fmt::format("argument --disable-pass: no pass is called \"{}\"", pattern),
                  std::move(hint));
  }
  std::vector<std::string> disabled;
  for (const std::string_view name : known) {
    const auto matches = [&](const std::string& p) { return MatchesWildcard(p, name); };
    if (std::ranges::any_of(patterns, matches)) disabled.emplace_back(name);
  }
  return disabled;
}

}  // namespace

constinit const OptionGroup kEngineOptions = {"Engine", "Assay's own engine, the runner --native",
                                              kOptions, "native"};

Result<EngineRequest> ReadEngineOptions(const ParsedOptions& options) {
  EngineRequest request;
  request.save_path = options.Value("--save-engine").value_or("");
  ASSAY_ASSIGN_OR_RETURN(request.disabled_passes, ReadDisabledPasses(options));
  request.profile_steps = options.Has("--profile");
  ProfileRequest& profile = request.profile;
  ASSAY_ASSIGN_OR_RETURN(profile.min_shapes, ReadShapes(options, "--min-shapes"));
  ASSAY_ASSIGN_OR_RETURN(profile.opt_shapes, ReadShapes(options, "--opt-shapes"));
  ASSAY_ASSIGN_OR_RETURN(profile.max_shapes, ReadShapes(options, "--max-shapes"));
  return request;
}

}  // namespace assay
