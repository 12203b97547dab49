#include "ops/op_context.h"

#include <cstdlib>

namespace assay {
namespace {

template <typename T>
const T* Get(const Node& node, std::string_view name) {
  const Attribute* attribute = node.FindAttribute(name);
  return attribute == nullptr ? nullptr : std::get_if<T>(&attribute->value);
}

}  // namespace

const AttributeDef& OpContext::Definition(std::string_view name) const {
  for (const AttributeDef& definition : schema_.attributes) {
    if (definition.name == name && definition.has_default) return definition;
  }
  std::abort();
}

int64_t OpContext::Int(std::string_view name) const {
  if (const auto* value = Get<int64_t>(node_, name)) return *value;
  return Definition(name).default_int;
}

float OpContext::Float(std::string_view name) const {
  if (const auto* value = Get<float>(node_, name)) return *value;
  return Definition(name).default_float;
}

std::string OpContext::String(std::string_view name) const {
  if (const auto* value = Get<std::string>(node_, name)) return *value;
  return std::string(Definition(name).default_string);
}

std::vector<int64_t> OpContext::Ints(std::string_view name) const {
  if (const auto* value = Get<std::vector<int64_t>>(node_, name)) return *value;
  for (const AttributeDef& definition : schema_.attributes) {
    if (definition.name == name && definition.has_default) {
      return {definition.default_ints.begin(), definition.default_ints.end()};
    }
  }
  return {};
}

std::vector<float> OpContext::Floats(std::string_view name) const {
  if (const auto* value = Get<std::vector<float>>(node_, name)) return *value;
  return {};
}

std::vector<std::string> OpContext::Strings(std::string_view name) const {
  if (const auto* value = Get<std::vector<std::string>>(node_, name)) return *value;
  return {};
}

const Tensor* OpContext::TensorAttribute(std::string_view name) const {
  return Get<Tensor>(node_, name);
}

const Graph* OpContext::GraphAttribute(std::string_view name) const {
  const auto* graph = Get<std::shared_ptr<const Graph>>(node_, name);
  return graph == nullptr ? nullptr : graph->get();
}

}  // namespace assay
