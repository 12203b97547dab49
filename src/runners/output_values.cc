#include "runners/output_values.h"

#include <fmt/format.h>

namespace assay {

void AppendOutput(TensorMap& outputs, const std::string& name, RuntimeValue value) {
  if (value.is_tensor()) outputs.Add(name, std::move(value.tensor()));
  if (!value.is_sequence()) return;
  const RuntimeValue::Sequence& sequence = value.sequence();
  for (size_t i = 0; i < sequence.size(); ++i) {
    AppendOutput(outputs, fmt::format("{}[{}]", name, i), sequence[i]);
  }
}

}  // namespace assay
