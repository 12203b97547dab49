// Prints the operator table as JSON, one schema a line, for compare_schemas.py.

#include <iostream>
#include <nlohmann/json.hpp>

#include "ops/op_def.h"

namespace assay {
namespace {

using nlohmann::json;

template <typename Params>
json ParamsAsJson(const Params& params) {
  json list = json::array();
  for (const FormalParam& param : params) {
    json types = json::array();
    for (int i = 1; i < kDTypeCount; ++i) {
      if (param.types.Contains(static_cast<DType>(i))) types.push_back(i);
    }
    list.push_back({{"name", param.name},
                    {"arity", static_cast<int>(param.arity)},
                    {"types", std::move(types)}});
  }
  return list;
}

json DefaultAsJson(const AttributeDef& attribute) {
  if (!attribute.has_default) return nullptr;
  switch (attribute.kind) {
    case AttributeKind::kInt:
      return attribute.default_int;
    case AttributeKind::kFloat:
      return attribute.default_float;
    case AttributeKind::kString:
      return attribute.default_string;
    case AttributeKind::kInts:
      return std::vector<int64_t>(attribute.default_ints.begin(), attribute.default_ints.end());
    default:
      return nullptr;
  }
}

json SchemaAsJson(const OpDef& op, const OpSchema& schema) {
  json versions = {schema.since};
  for (int version : schema.also_since) versions.push_back(version);
  json attributes = json::object();
  for (const AttributeDef& attribute : schema.attributes) {
    attributes[std::string(attribute.name)] = {{"kind", static_cast<int>(attribute.kind)},
                                               {"required", attribute.required},
                                               {"default", DefaultAsJson(attribute)}};
  }
  return {{"op", op.name},
          {"domain", op.domain},
          {"versions", std::move(versions)},
          {"inputs", ParamsAsJson(schema.inputs)},
          {"outputs", ParamsAsJson(schema.outputs)},
          {"attributes", std::move(attributes)}};
}

}  // namespace
}  // namespace assay

int main() {
  for (const assay::OpDef* op : assay::AllOps()) {
    for (const assay::OpSchema& schema : op->schemas) {
      std::cout << assay::SchemaAsJson(*op, schema) << "\n";
    }
  }
}
