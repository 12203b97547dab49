#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "ir/graph.h"

namespace assay {

struct ValueInfo {
  std::string name;
  ValueType type;
};

// Read a serialized TypeProto or ValueInfoProto. A dim of -1 or "?" is unknown: exporters write
// both. Errors: other negative extents, a product of known extents above 2^62, types nested deeper
// than 32, unknown element types. Throw WireError.
Result<ValueType> ReadTypeProto(std::string_view message);
Result<ValueInfo> ReadValueInfoProto(std::string_view message);

std::string WriteTypeProto(const ValueType& type);
// Without a type if nothing is known about it.
std::string WriteValueInfoProto(std::string_view name, const ValueType& type);

}  // namespace assay
