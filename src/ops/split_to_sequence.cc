#include <fmt/format.h>

#include <algorithm>

#include "ops/data_movement.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/sequence.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 11,
     .also_since = {24},
     .inputs = {{"input", kAllTypes}, {"split", kIndexTypes, Arity::kOptional}},
     .outputs = {{"output_sequence", kAllTypes, Arity::kRequired, kSequenceKind}},
     .attributes = {IntAttribute("axis", 0), IntAttribute("keepdims", 1)}},
};

// Without split every slice is an element of its own, and may lose the axis.
bool DropsAxis(const OpContext& context) {
  return !context.HasInput(1) && context.Int("keepdims") == 0;
}

Status Infer(InferContext& context) {
  ValueType type = *context.InputValueType(0);
  if (type.shape) {
    const int rank = static_cast<int>(type.shape->size());
    ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(context.Int("axis"), rank));
    (*type.shape)[static_cast<size_t>(axis)] = context.HasInput(1) ? Dim::Unknown() : Dim(1);
    if (DropsAxis(context)) type.shape->erase(type.shape->begin() + axis);
  }
  context.SetOutputType(0, SequenceOf(std::move(type)));
  return OkStatus();
}

// Extents of the pieces. One number that is no list is the extent of all but the last.
Result<std::vector<int64_t>> Pieces(const ReferenceContext& context, int64_t extent) {
  if (!context.HasInput(1)) return std::vector<int64_t>(static_cast<size_t>(extent), 1);
  std::vector<int64_t> pieces = context.IntValues(1);
  if (context.Input(1).shape().rank() == 0) {
    const int64_t piece = pieces[0];
    if (piece < 1) {
      return OpContext::Invalid(fmt::format("split: expected at least 1, got {}", piece));
    }
    pieces.clear();
    for (int64_t at = 0; at < extent; at += piece) pieces.push_back(std::min(piece, extent - at));
    return pieces;
  }
  int64_t left = extent;
  for (int64_t piece : pieces) {
    if (piece < 0 || piece > left) {
      return OpContext::Invalid(
          fmt::format("split: expected extents of at least 0 that make {}, got {}", extent,
                      fmt::join(pieces, ", ")));
    }
    left -= piece;
  }
  if (left == 0) return pieces;
  return OpContext::Invalid(
      fmt::format("split: expected extents that make {}, got {}", extent, fmt::join(pieces, ", ")));
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(context.Int("axis"), input.shape().rank()));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int64_t> pieces, Pieces(context, input.shape()[axis]));
  RuntimeValue::Sequence elements;
  int64_t at = 0;
  for (int64_t piece : pieces) {
    elements.emplace_back(DropsAxis(context)
                              ? SliceAt(input, axis, at, context.threads())
                              : SliceRange(input, axis, at, at + piece, context.threads()));
    at += piece;
  }
  context.SetOutput(0, RuntimeValue::OfSequence(std::move(elements)));
  return OkStatus();
}

}  // namespace

extern const OpDef kSplitToSequence;
const OpDef kSplitToSequence = {.name = "SplitToSequence",
                                .schemas = kSchemas,
                                .infer = Infer,
                                .reference = Reference,
                                .moves_values = true};

}  // namespace assay
