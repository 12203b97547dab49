#include "ops/variadic.h"

#include <algorithm>
#include <optional>

namespace assay {

Status InferFoldedContents(InferContext& context, int64_t (*fn)(int64_t, int64_t)) {
  std::optional<std::vector<int64_t>> folded = context.ConstantInts(0);
  for (int i = 1; folded && i < context.input_count(); ++i) {
    const std::optional<std::vector<int64_t>> next = context.ConstantInts(i);
    if (!next || next->empty() || folded->empty()) return OkStatus();
    if (next->size() != folded->size() && next->size() != 1 && folded->size() != 1) {
      return OkStatus();
    }
    std::vector<int64_t> values(std::max(folded->size(), next->size()));
    for (size_t k = 0; k < values.size(); ++k) {
      values[k] = fn((*folded)[folded->size() == 1 ? 0 : k], (*next)[next->size() == 1 ? 0 : k]);
    }
    folded = std::move(values);
  }
  if (folded) context.SetOutputContents(0, {folded->begin(), folded->end()});
  return OkStatus();
}

}  // namespace assay
