#pragma once

#include <vector>

#include "ops/op_def.h"

namespace assay {

void AddAttentionCases(std::vector<OpCase>& cases);

}  // namespace assay
