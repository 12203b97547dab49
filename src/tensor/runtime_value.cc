#include "tensor/runtime_value.h"

namespace assay {

RuntimeValue RuntimeValue::OfSequence(Sequence elements) {
  RuntimeValue value;
  value.kind_ = Kind::kSequence;
  value.sequence_ = std::make_shared<const Sequence>(std::move(elements));
  return value;
}

RuntimeValue RuntimeValue::EmptyOptional() {
  RuntimeValue value;
  value.kind_ = Kind::kEmptyOptional;
  return value;
}

size_t RuntimeValue::byte_size() const {
  if (is_tensor()) return tensor_.byte_size();
  size_t bytes = 0;
  if (is_sequence()) {
    for (const RuntimeValue& element : sequence()) bytes += element.byte_size();
  }
  return bytes;
}

}  // namespace assay
