#include "ops/reference_context.h"

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
  const DType dtype = IsFloating(declared) ? DType::kFloat64 : declared;
  outputs_[index] = Tensor::Allocate(dtype, std::move(shape));
  return outputs_[index];
}

void ReferenceContext::SetOutput(int i, Tensor tensor) {
  const auto index = static_cast<size_t>(i);
  if (index >= outputs_.size()) outputs_.resize(index + 1);
  outputs_[index] = std::move(tensor);
}

}  // namespace assay
