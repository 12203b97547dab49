#pragma once

#include <string_view>

#include "ops/op_context.h"
#include "tensor/dtype.h"

namespace assay {

// The element type that an integer attribute names; an error unless it is one of `permitted`.
Result<DType> TypeAttribute(const OpContext& context, std::string_view name, DTypeSet permitted);

}  // namespace assay
