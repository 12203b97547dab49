#pragma once

#include <string_view>

#include "ir/dim.h"
#include "ops/op_context.h"

namespace assay {

// What the operands of an attention agree on.
struct AttentionSizes {
  Dim batch;
  Dim query_heads;
  Dim key_heads;  // divides query_heads; of keys and of values
  Dim queries;
  Dim past_keys;  // from the cache, before the new ones
  Dim new_keys;
  Dim depth;    // of a query and a key
  Dim columns;  // of a value

  Dim keys() const { return past_keys + new_keys; }
};

// Shapes of the operands; nullptr: left out or of unknown rank.
struct AttentionShapes {
  const SymbolicShape* query = nullptr;       // (batch, heads, queries, depth) or packed
  const SymbolicShape* key = nullptr;         // (batch, heads, keys, depth) or packed
  const SymbolicShape* value = nullptr;       // (batch, heads, keys, columns) or packed
  const SymbolicShape* past_key = nullptr;    // (batch, heads, past keys, depth)
  const SymbolicShape* past_value = nullptr;  // (batch, heads, past keys, columns)
  bool has_past = false;
};

// Sets `dim` to the better known of the two; an error names `what` if they are known to differ.
Status Agree(Dim& dim, const Dim& other, std::string_view what);

// The sizes that the shapes give. Packed operands are (batch, length, heads * depth); their heads
// come from the attributes q_num_heads and kv_num_heads. What is not known stays unknown.
// Errors: kInvalidInput.
Result<AttentionSizes> SizesOf(const OpContext& context, const AttentionShapes& shapes);

// The attribute softmax_precision, if there is one, names a floating type. Everything is computed
// in float64 all the same. Errors: kInvalidInput.
Status CheckSoftmaxPrecision(const OpContext& context);

// The attribute scale, or one over the square root of the depth.
double ScoreScale(const OpContext& context, int64_t depth);

// Heads that an attribute of packed operands gives. Errors: kInvalidInput if it is not there or not
// positive.
Result<int64_t> HeadCount(const OpContext& context, std::string_view attribute);

// Extent of one of `heads` equal parts of an axis of packed heads.
Result<Dim> ExtentOfHead(const Dim& packed, const Dim& heads, std::string_view what);

}  // namespace assay
