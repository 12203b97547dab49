#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "cli/named_values.h"
#include "cli/option.h"
#include "cli/options/compare_function_options.h"
#include "cli/parser.h"
#include "compare/compare_function.h"

namespace assay {

extern const OptionGroup kComparisonOptions;     // of every command that compares
extern const OptionGroup kRunComparisonOptions;  // those that make sense for runs only

// How outputs are compared.
struct ComparisonSettings {
  std::vector<CompareFunction> functions;
  FunctionSettings parameters;
  bool check_shapes = true;
  bool fail_fast = false;
  bool check_average = false;
  bool validate = false;
  std::vector<std::string> load_outputs;
  std::string save_accuracy_results;  // empty: not saved
};

// Warns of options that no selected function reads.
// Errors: kUsage, kUnsupported for functions that Assay does not have.
Result<ComparisonSettings> ReadComparisonOptions(const ParsedOptions& options, LogSink& log);

}  // namespace assay
