#include "cli/options/report_options.h"

namespace assay {
namespace {

constexpr OptionDef kOptions[] = {
    {.names = {"--report"},
     .arity = ArgumentCount::kOne,
     .value = "FILE.json",
     .help = "Write everything that is known about the run as JSON: runners, inputs, figures of "
             "every output, times, verdict",
     .path = PathUse::kWriteFile,
     .assay_only = true},
    {.names = {"--threads"},
     .arity = ArgumentCount::kOne,
     .value = "N",
     .help = "Threads of Assay's own work (default: one per usable CPU). Results do not depend on "
             "it",
     .type = ArgumentType::kInteger,
     .assay_only = true},
    {.names = {"--gen", "--gen-script"},
     .arity = ArgumentCount::kOne,
     .value = "PATH",
     .help = "Write a Python script instead of running",
     .handling = Handling::kRefused,
     .note = "Assay makes no Python scripts: the command line itself is the script, and --report "
             "FILE.json gives its results to programs"},
};

}  // namespace

constinit const OptionGroup kReportOptions = {"Report", "Results for programs, and resources",
                                              kOptions};

}  // namespace assay
