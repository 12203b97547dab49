#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace assay {

// An axis of an einsum: a letter, or a place in the ellipsis counted from its end.
using EinsumLabel = int;

// "bij,bjk->bik" with every ellipsis written out.
struct EinsumEquation {
  std::vector<std::vector<EinsumLabel>> inputs;
  std::vector<EinsumLabel> output;
};

// Reads the equation for operands of these ranks. Errors: kInvalidInput for anything malformed and
// for terms that do not have as many labels as their operand has axes.
Result<EinsumEquation> ParseEinsum(std::string_view equation, std::span<const int> ranks);

}  // namespace assay
