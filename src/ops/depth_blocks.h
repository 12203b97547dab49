#pragma once

#include <cstdint>

#include "base/status.h"
#include "ops/op_context.h"

namespace assay {

// How DepthToSpace and SpaceToDepth split a channel number.
enum class DepthOrder { kDepthColumnRow, kColumnRowDepth };

// Attribute "mode"; the first order where the opset has no such attribute.
Result<DepthOrder> ReadDepthOrder(const OpContext& context);
// Attribute "blocksize". Errors: kInvalidInput outside [1, 2^15].
Result<int64_t> ReadBlockSize(const OpContext& context);
Status CheckImageRank(int rank);

}  // namespace assay
