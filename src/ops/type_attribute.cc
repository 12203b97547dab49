#include "ops/type_attribute.h"

#include <fmt/format.h>

namespace assay {

Result<DType> TypeAttribute(const OpContext& context, std::string_view name, DTypeSet permitted) {
  const int64_t value = context.Int(name);
  if (value <= 0 || value >= kDTypeCount) {
    return OpContext::Invalid(
        fmt::format("attribute \"{}\": expected an element type, got {}", name, value));
  }
  const auto dtype = static_cast<DType>(value);
  if (permitted.Contains(dtype)) return dtype;
  return OpContext::Invalid(fmt::format("attribute \"{}\": element type {} is not permitted here",
                                        name, DTypeName(dtype)));
}

}  // namespace assay
