#include "passes/rewriter.h"

#include <algorithm>
#include <cmath>

#include "base/file.h"

namespace assay {

NodeId Rewriter::ProducerOf(ValueId id, std::string_view op) const {
  const NodeId producer = Producer(id);
  if (producer == kNoNode || !IsOp(node(producer), op) || node(producer).outputs[0] != id) {
    return kNoNode;
  }
  return producer;
}

NodeId Rewriter::PrivateProducerOf(ValueId id, std::string_view op) const {
  if (id == kNoValue || OnlyReader(id) == kNoNode) return kNoNode;
  return ProducerOf(id, op);
}

const Tensor* Rewriter::Constant(ValueId id) const {
  if (id == kNoValue || !graph().value(id).constant) return nullptr;
  return &*graph().value(id).constant;
}

std::optional<double> Rewriter::Number(ValueId id) const {
  const Tensor* constant = Constant(id);
  if (constant == nullptr || constant->elements() != 1 || !IsFloating(constant->dtype())) {
    return std::nullopt;
  }
  return constant->ValueAsDouble(0);
}

bool Rewriter::IsNumber(ValueId id, double number) const {
  const std::optional<double> found = Number(id);
  if (!found) return false;
  const Result<Tensor> rounded =
      ConvertTensor(Tensor::Scalar<double>(number), Constant(id)->dtype());
  return rounded.ok() && rounded->ValueAsDouble(0) == *found;
}

ValueId Rewriter::BesideNumber(const Node& node, double number) const {
  if (node.inputs.size() != 2) return kNoValue;
  if (IsNumber(node.inputs[1], number)) return node.inputs[0];
  if (IsNumber(node.inputs[0], number)) return node.inputs[1];
  return kNoValue;
}

std::optional<std::vector<int64_t>> Rewriter::Ints(const Node& node, int input) const {
  const Tensor* constant = ConstantInput(node, input);
  if (constant == nullptr || !IsInteger(constant->dtype())) return std::nullopt;
  std::vector<int64_t> values;
  for (int64_t i = 0; i < constant->elements(); ++i) values.push_back(constant->ValueAsInt(i));
  return values;
}

std::optional<int> Rewriter::Rank(ValueId id) const {
  const std::optional<SymbolicShape>& shape = type(id).shape;
  if (!shape) return std::nullopt;
  return static_cast<int>(shape->size());
}

bool Rewriter::IsFloatingValue(ValueId id) const {
  return type(id).kind == ValueType::Kind::kTensor && IsFloating(type(id).dtype);
}

std::string Rewriter::FreshName(const std::string& name) {
  if (names_.empty()) {
    for (const Value& value : graph().values) names_.insert(value.name);
  }
  std::string fresh = name;
  for (int i = 2; !names_.insert(fresh).second; ++i) fresh = name + "_" + std::to_string(i);
  return fresh;
}

ValueId Rewriter::AddFreshConstant(const std::string& name, Tensor tensor) {
  return AddConstant(FreshName(name), std::move(tensor));
}

ValueId Rewriter::AddFreshValue(const std::string& name, ValueType type) {
  return AddValue(FreshName(name), std::move(type));
}

NodeId Rewriter::Replace(const std::vector<NodeId>& replaced, Node node) {
  node.origins = MergeOrigins(graph(), replaced);
  if (node.outputs.empty()) node.outputs = graph().node(replaced.back()).outputs;
  RemoveNode(replaced.back());
  const NodeId added = AddNode(std::move(node), replaced.back());
  for (size_t i = replaced.size() - 1; i-- > 0;) {
    if (IsRemoved(replaced[i])) continue;
    const std::vector<ValueId>& outputs = graph().node(replaced[i]).outputs;
    const bool needed = std::ranges::any_of(outputs, [&](ValueId id) {
      return id != kNoValue && (IsGraphOutput(id) || !Uses(id).empty());
    });
    if (!needed) RemoveNode(replaced[i]);
  }
  return added;
}

OpContext AttributesOf(const Node& node) {
  return {node, *FindOp(node.domain, node.op)->SchemaFor(node.opset)};
}

bool SameShape(const ValueType& a, const ValueType& b) {
  if (!a.shape || !b.shape || a.shape->size() != b.shape->size()) return false;
  for (size_t i = 0; i < a.shape->size(); ++i) {
    if (!(*a.shape)[i].SameAs((*b.shape)[i])) return false;
  }
  return true;
}

ValueId OtherInput(const Node& node, ValueId id) {
  if (node.inputs.size() != 2) return kNoValue;
  if (node.inputs[0] == id) return node.inputs[1] == id ? kNoValue : node.inputs[1];
  return node.inputs[1] == id ? node.inputs[0] : kNoValue;
}

std::vector<double> Doubles(const Tensor& tensor) {
  const Result<Tensor> copied = tensor.Copy();
  const Tensor& elements = copied.ok() ? *copied : tensor;
  std::vector<double> values(static_cast<size_t>(tensor.elements()));
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    values[static_cast<size_t>(i)] = elements.ValueAsDouble(i);
  }
  MappedFile::ReleasePages(tensor.bytes());
  return values;
}

std::optional<Tensor> Rounded(const std::vector<double>& values, const Shape& shape, DType dtype) {
  Tensor wide = Tensor::Allocate(DType::kFloat64, shape);
  std::ranges::copy(values, wide.mutable_data<double>().begin());
  Result<Tensor> rounded = ConvertTensor(wide, dtype);
  if (!rounded.ok()) return std::nullopt;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i]) &&
        !std::isfinite(rounded->ValueAsDouble(static_cast<int64_t>(i)))) {
      return std::nullopt;
    }
  }
  return std::move(*rounded);
}

}  // namespace assay
