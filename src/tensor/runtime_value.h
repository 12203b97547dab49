#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "tensor/tensor.h"

namespace assay {

// What a value of a model is while it runs: a tensor, a sequence, or an optional that is empty. An
// optional that holds something is what it holds. Copies share memory.
class RuntimeValue {
 public:
  using Sequence = std::vector<RuntimeValue>;

  RuntimeValue() = default;    // nothing (yet)
  RuntimeValue(Tensor tensor)  // NOLINT: implicit by design
      : kind_(Kind::kTensor), tensor_(std::move(tensor)) {}
  static RuntimeValue OfSequence(Sequence elements);
  static RuntimeValue EmptyOptional();

  // False for a value that nobody has set.
  bool valid() const { return kind_ != Kind::kNothing; }
  bool is_tensor() const { return kind_ == Kind::kTensor; }
  bool is_sequence() const { return kind_ == Kind::kSequence; }
  bool is_empty_optional() const { return kind_ == Kind::kEmptyOptional; }

  const Tensor& tensor() const { return tensor_; }
  Tensor& tensor() { return tensor_; }
  const Sequence& sequence() const { return *sequence_; }

  // Of all tensors inside.
  size_t byte_size() const;

 private:
  enum class Kind : uint8_t { kNothing, kTensor, kSequence, kEmptyOptional };

  Kind kind_ = Kind::kNothing;
  Tensor tensor_;
  std::shared_ptr<const Sequence> sequence_;
};

}  // namespace assay
