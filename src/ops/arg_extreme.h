#pragma once

#include "base/status.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {

// ArgMax and ArgMin: index of the extreme element along one axis; a NaN is the extreme, as numpy
// has it.
inline constexpr OpSchema kArgExtremeSchemas[] = {
    {.since = 1,
     .also_since = {11},
     .inputs = {{"data", kNumeric}},
     .outputs = {{"reduced", kInt64Only}},
     .attributes = {IntAttribute("axis", 0), IntAttribute("keepdims", 1)}},
    {.since = 12,
     .also_since = {13},
     .inputs = {{"data", kNumeric}},
     .outputs = {{"reduced", kInt64Only}},
     .attributes = {IntAttribute("axis", 0), IntAttribute("keepdims", 1),
                    IntAttribute("select_last_index", 0)}},
};

Status InferArgExtreme(InferContext& context);
Status ArgMaxReference(ReferenceContext& context);
Status ArgMinReference(ReferenceContext& context);

}  // namespace assay
