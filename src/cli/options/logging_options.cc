#include "cli/options/logging_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/near_names.h"
#include "cli/named_values.h"

namespace assay {
namespace {

constexpr std::string_view kFormats[] = {"timestamp", "line-info", "no-colors"};

constexpr OptionDef kOptions[] = {
    {.names = {"-h", "--help"}, .arity = ArgumentCount::kFlag, .help = "Show this text and exit"},
    {.names = {"-v", "--verbose"},
     .arity = ArgumentCount::kCount,
     .help = "Say more; may be given up to four times"},
    {.names = {"-q", "--quiet"},
     .arity = ArgumentCount::kCount,
     .help = "Say less; may be given up to five times"},
    {.names = {"--verbosity"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "LEVEL",
     .help = "Level by name: ultra_verbose, super_verbose, extra_verbose, verbose, info, start, "
             "finish, warning, error or critical. -v and -q outrank it"},
    {.names = {"--silent"}, .arity = ArgumentCount::kFlag, .help = "Show critical errors only"},
    {.names = {"--log-format"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "FORMAT",
     .help = "timestamp: put the time before every message; no-colors: no colors on a terminal; "
             "line-info: accepted and without effect",
     .choices = kFormats},
    {.names = {"--log-file"},
     .arity = ArgumentCount::kOne,
     .value = "PATH",
     .help = "Write the log to this file too",
     .path = PathUse::kWriteFile},
};

constexpr std::pair<std::string_view, Severity> kLevels[] = {
    {"ULTRA_VERBOSE", Severity::kUltraVerbose},
    {"SUPER_VERBOSE", Severity::kSuperVerbose},
    {"EXTRA_VERBOSE", Severity::kExtraVerbose},
    {"VERBOSE", Severity::kVerbose},
    {"INFO", Severity::kInfo},
    {"START", Severity::kStart},
    {"FINISH", Severity::kFinish},
    {"WARNING", Severity::kWarning},
    {"ERROR", Severity::kError},
    {"CRITICAL", Severity::kCritical},
};

Status ReadVerbosity(std::span<const std::string> arguments, LoggingSettings& settings) {
  for (const std::string& argument : arguments) {
    NamedText named = SplitNamedText(argument);
    std::string level(Trim(named.value));
    std::ranges::transform(level, level.begin(),
                           [](char c) { return std::toupper(static_cast<unsigned char>(c)); });
    const auto known =
        std::ranges::find(kLevels, level, &std::pair<std::string_view, Severity>::first);
    if (known == std::end(kLevels)) {
      std::array<std::string_view, std::size(kLevels)> names;
      std::ranges::transform(kLevels, names.begin(), [](const auto& item) { return item.first; });
      std::string near = DidYouMean(level, names);
      if (near.empty()) near = fmt::format("levels are: {}", fmt::join(names, ", "));
      return Status(StatusCode::kUsage,
                    fmt::format("argument --verbosity: expected a level, got '{}'", argument),
                    near);
    }
    if (named.name.empty()) {
      settings.severity = known->second;
    } else {
      settings.warnings.push_back(fmt::format(
          "Option: --verbosity {} has no effect: the log of Assay has one level for all "
          "its parts. Use --verbosity {} for all of them.",
          argument, named.value));
    }
  }
  return OkStatus();
}

}  // namespace

constinit const OptionGroup kLoggingOptions = {"Logging", "What is printed, and where", kOptions};

Result<LoggingSettings> ReadLoggingOptions(const ParsedOptions& options) {
  LoggingSettings settings;
  ASSAY_RETURN_IF_ERROR(ReadVerbosity(options.Values("--verbosity"), settings));
  constexpr Severity kByCount[] = {
      Severity::kError,        Severity::kWarning,      Severity::kFinish,
      Severity::kStart,        Severity::kInfo,         Severity::kVerbose,
      Severity::kExtraVerbose, Severity::kSuperVerbose, Severity::kUltraVerbose};
  const int count = options.Count("--verbose") - options.Count("--quiet");
  if (count < -4)
    settings.severity = Severity::kCritical;
  else if (count != 0)
    settings.severity = kByCount[std::min(count, 4) + 4];
  if (options.Has("--silent")) settings.severity = Severity::kCritical;
  for (const std::string& format : options.Values("--log-format")) {
    if (format == "timestamp") settings.timestamps = true;
    if (format == "no-colors") settings.colors = false;
    if (format == "line-info") {
      settings.warnings.push_back(
          "Option: --log-format line-info has no effect: the log of Assay does not name source "
          "lines.");
    }
  }
  settings.file = options.Value("--log-file").value_or("");
  return settings;
}

}  // namespace assay
