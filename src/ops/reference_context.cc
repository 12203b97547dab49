#include "ops/reference_context.h"

#include <fmt/format.h>

#include "ir/captures.h"

namespace assay {

std::vector<int64_t> ReferenceContext::IntValues(int i) const {
  const Tensor& tensor = Input(i);
  std::vector<int64_t> values(static_cast<size_t>(tensor.elements()));
  for (size_t k = 0; k < values.size(); ++k) values[k] = tensor.ValueAsInt(static_cast<int64_t>(k));
  return values;
}

Tensor& ReferenceContext::AllocateOutput(int i, Shape shape) {
  const auto index = static_cast<size_t>(i);
  if (index >= outputs_.size()) outputs_.resize(index + 1);
  const DType declared = index < output_types_.size() ? output_types_[index] : DType::kFloat64;
  const DType dtype = IsFloating(declared) && !declared_types_ ? DType::kFloat64 : declared;
  outputs_[index] = Tensor::Allocate(dtype, std::move(shape));
  return outputs_[index].tensor();
}

void ReferenceContext::SetOutput(int i, RuntimeValue value) {
  const auto index = static_cast<size_t>(i);
  if (index >= outputs_.size()) outputs_.resize(index + 1);
  outputs_[index] = std::move(value);
}

Result<std::vector<RuntimeValue>> ReferenceContext::RunBody(
    std::string_view name, std::vector<RuntimeValue> inputs) const {
  if (const std::optional<NodeBody> body = FindBody(node_, name)) {
    std::vector<RuntimeValue> captures;
    for (size_t i = 0; i < body->graph->captures.size(); ++i) {
      captures.push_back(*inputs_[body->first_capture + i]);
    }
    return run_body_(*body->graph, std::move(inputs), std::move(captures));
  }
  return Invalid(fmt::format("attribute \"{}\": expected a graph, got none", name));
}

}  // namespace assay
