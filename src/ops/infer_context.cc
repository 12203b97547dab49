#include "ops/infer_context.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay {

DType InferContext::InputType(int i) const {
  const ValueType* type = InputValueType(i);
  return type == nullptr ? DType::kUndefined : type->dtype;
}

const ValueType* InferContext::InputValueType(int i) const {
  if (!HasInput(i)) return nullptr;
  return inputs_[static_cast<size_t>(i)].type;
}

const SymbolicShape* InferContext::InputShape(int i) const {
  const ValueType* type = InputValueType(i);
  return type == nullptr || !type->shape ? nullptr : &*type->shape;
}

std::optional<int> InferContext::InputRank(int i) const {
  const SymbolicShape* shape = InputShape(i);
  if (shape == nullptr) return std::nullopt;
  return static_cast<int>(shape->size());
}

const Tensor* InferContext::ConstantInput(int i) const {
  return HasInput(i) ? inputs_[static_cast<size_t>(i)].constant : nullptr;
}

std::optional<std::vector<int64_t>> InferContext::ConstantInts(int i) const {
  const std::optional<std::vector<Dim>> contents = InputContents(i);
  if (!contents) return std::nullopt;
  std::vector<int64_t> values;
  for (const Dim& dim : *contents) {
    if (!dim.IsKnown()) return std::nullopt;
    values.push_back(dim.value());
  }
  return values;
}

std::optional<std::vector<Dim>> InferContext::InputContents(int i) const {
  if (!HasInput(i)) return std::nullopt;
  const Input& input = inputs_[static_cast<size_t>(i)];
  if (input.contents != nullptr) return *input.contents;
  if (input.constant == nullptr || !IsInteger(input.constant->dtype()) ||
      input.constant->shape().rank() > 1) {
    return std::nullopt;
  }
  std::vector<Dim> values;
  for (int64_t k = 0; k < input.constant->elements(); ++k) {
    values.emplace_back(input.constant->ValueAsInt(k));
  }
  return values;
}

void InferContext::SetOutput(int i, DType dtype, std::optional<SymbolicShape> shape) {
  SetOutputType(i, ValueType::TensorOf(dtype, std::move(shape)));
}

void InferContext::SetOutputType(int i, ValueType type) {
  if (i < output_count()) outputs_[static_cast<size_t>(i)].type = std::move(type);
}

void InferContext::SetOutputContents(int i, std::vector<Dim> contents) {
  if (i < output_count()) outputs_[static_cast<size_t>(i)].contents = std::move(contents);
}

void InferContext::CopyInput(int j, int i) {
  const ValueType* type = InputValueType(j);
  SetOutputType(i, type == nullptr ? ValueType{} : *type);
}

Status InferContext::RequireSameTypes(std::initializer_list<int> indices) const {
  std::vector<int> list = indices;
  for (int i = 0; indices.size() == 0 && i < input_count(); ++i) list.push_back(i);
  std::optional<int> first;
  for (int i : list) {
    if (!HasInput(i)) continue;
    if (!first) first = i;
    if (InputType(i) == InputType(*first)) continue;
    return Invalid(fmt::format("element type of input {}: expected {} as of input {}, got {}", i,
                               DTypeName(InputType(*first)), *first, DTypeName(InputType(i))),
                   "insert a Cast");
  }
  return OkStatus();
}

namespace {

std::optional<SymbolicShape> CommonShape(const std::optional<SymbolicShape>& a,
                                         const std::optional<SymbolicShape>& b) {
  if (!a || !b || a->size() != b->size()) return std::nullopt;
  SymbolicShape common = *a;
  for (size_t i = 0; i < common.size(); ++i) {
    if (!common[i].SameAs((*b)[i])) common[i] = Dim::Unknown();
  }
  return common;
}

}  // namespace

std::optional<ValueType> CommonType(const ValueType& a, const ValueType& b) {
  if (a.kind != b.kind || a.dtype != b.dtype) return std::nullopt;
  ValueType common = a;
  if (a.element != nullptr && b.element != nullptr) {
    const std::optional<ValueType> element = CommonType(*a.element, *b.element);
    if (!element) return std::nullopt;
    common.element = std::make_shared<const ValueType>(*element);
  }
  common.shape = CommonShape(a.shape, b.shape);
  return common;
}

std::optional<Dim> BroadcastDims(const Dim& a, const Dim& b) {
  if (a.IsKnown() && a.value() == 1) return b;
  if (b.IsKnown() && b.value() == 1) return a;
  if (a.IsKnown() && b.IsKnown()) {
    if (a.value() != b.value()) return std::nullopt;
    return a;
  }
  if (a.IsKnown()) return a;
  if (b.IsKnown()) return b;
  return a.SameAs(b) ? a : Dim::Unknown();
}

Result<std::optional<SymbolicShape>> InferContext::BroadcastInputs(std::vector<int> indices) const {
  if (indices.empty()) {
    for (int i = 0; i < input_count(); ++i) {
      if (HasInput(i)) indices.push_back(i);
    }
  }
  SymbolicShape result;
  for (int i : indices) {
    const SymbolicShape* shape = InputShape(i);
    if (shape == nullptr) return std::optional<SymbolicShape>();
    SymbolicShape next(std::max(result.size(), shape->size()));
    for (size_t k = 0; k < next.size(); ++k) {
      const Dim a = k < result.size() ? result[result.size() - 1 - k] : Dim(1);
      const Dim b = k < shape->size() ? (*shape)[shape->size() - 1 - k] : Dim(1);
      const std::optional<Dim> dim = BroadcastDims(a, b);
      if (!dim) {
        return Invalid(fmt::format("shapes {} and {} cannot be broadcast together",
                                   ToString(result), ToString(*shape)));
      }
      next[next.size() - 1 - k] = *dim;
    }
    result = std::move(next);
  }
  return std::optional<SymbolicShape>(std::move(result));
}

}  // namespace assay
