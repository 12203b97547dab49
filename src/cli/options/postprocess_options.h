#pragma once

#include "base/status.h"
#include "cli/named_values.h"
#include "cli/option.h"
#include "cli/parser.h"

namespace assay {

extern const OptionGroup kPostprocessOptions;

// What becomes of an output before it is compared: the indices of its k largest values.
struct TopK {
  int64_t k = 0;
  int64_t axis = -1;
};

// By output; outputs without an entry stay as they are. Errors: kUsage.
Result<NamedValues<TopK>> ReadPostprocessOptions(const ParsedOptions& options);

}  // namespace assay
