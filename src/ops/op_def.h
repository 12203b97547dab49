#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/inline_list.h"
#include "base/status.h"
#include "ir/graph.h"
#include "tensor/dtype.h"
#include "tensor/tensor.h"

namespace assay {

class InferContext;
class ReferenceContext;

enum class Arity {
  kRequired,
  kOptional,
  kVariadic,  // only for the last one; stands for zero or more
};

// What kinds of values a formal input or output may have.
struct ValueKinds {
  bool tensor = true;
  bool sequence = false;
  bool optional = false;
};
inline constexpr ValueKinds kTensorKind = {};
inline constexpr ValueKinds kSequenceKind = {.tensor = false, .sequence = true};
inline constexpr ValueKinds kOptionalKind = {.tensor = false, .optional = true};
inline constexpr ValueKinds kTensorOrSequence = {.sequence = true};
inline constexpr ValueKinds kAnyKind = {.sequence = true, .optional = true};

// A formal input or output of an operator.
struct FormalParam {
  std::string_view name;
  DTypeSet types;  // of elements: of a tensor, or of the tensors inside
  Arity arity = Arity::kRequired;
  ValueKinds kinds = kTensorKind;
};

enum class AttributeKind {
  kInt,
  kFloat,
  kString,
  kTensor,
  kGraph,
  kInts,
  kFloats,
  kStrings,
  kType
};

// A formal attribute with its default, if it has one.
struct AttributeDef {
  std::string_view name;
  AttributeKind kind = AttributeKind::kInt;
  bool required = false;
  bool has_default = false;
  int64_t default_int = 0;
  float default_float = 0;
  std::string_view default_string;
  InlineList<int64_t, 4> default_ints;
};

constexpr AttributeDef IntAttribute(std::string_view name, int64_t value) {
  return {name, AttributeKind::kInt, false, true, value};
}
constexpr AttributeDef FloatAttribute(std::string_view name, float value) {
  return {name, AttributeKind::kFloat, false, true, 0, value};
}
constexpr AttributeDef StringAttribute(std::string_view name, std::string_view value) {
  return {name, AttributeKind::kString, false, true, 0, 0, value};
}
constexpr AttributeDef IntsAttribute(std::string_view name, InlineList<int64_t, 4> value) {
  return {name, AttributeKind::kInts, false, true, 0, 0, {}, value};
}
constexpr AttributeDef OptionalAttribute(std::string_view name, AttributeKind kind) {
  return {name, kind};
}
constexpr AttributeDef RequiredAttribute(std::string_view name, AttributeKind kind) {
  return {name, kind, true};
}

// What one opset version of an operator takes and gives. `also_since` lists later versions that
// changed nothing but the permitted element types; `types` are the union over all of them.
struct OpSchema {
  int since = 1;
  InlineList<int, 8> also_since;
  InlineList<FormalParam, 18> inputs;
  InlineList<FormalParam, 6> outputs;
  InlineList<AttributeDef, 24> attributes;
};

// One example of an operator: what goes in and, where it is known independently, what comes out.
struct OpCase {
  std::string name;
  int opset = 0;  // 0: the newest that the operator has
  std::vector<Attribute> attributes;
  std::vector<std::optional<Tensor>> inputs;  // nullopt: left out
  std::vector<DType> output_types;  // one per requested output; may be empty for one output
                                    // whose type inference gives
  // Floating outputs are compared within 1e-12 of the largest magnitude unless `tolerance` says
  // else; empty: only run, and checked against inferred types and shapes.
  std::vector<Tensor> expected;
  double tolerance = 1e-12;
};

// Everything that Assay knows about one operator.
struct OpDef {
  std::string_view name;
  std::string_view domain;  // "" is ai.onnx
  // Ascending by `since`.
  std::span<const OpSchema> schemas;
  // Gives the types and (symbolic) shapes of the outputs. Never looks at data other than constants.
  Status (*infer)(InferContext& context) = nullptr;
  // Computes the outputs in float64: every floating-point tensor comes and goes as kFloat64;
  // integers, bools and strings in their declared type. Naive on purpose and independent of every
  // tactic.
  Status (*reference)(ReferenceContext& context) = nullptr;
  // Neither computes with elements nor looks at floating ones, so that `reference` takes tensors in
  // whatever type they come and gives them in the same.
  bool moves_values = false;
  // Draws random numbers: two nodes that look the same are not, and none is computed ahead.
  bool random = false;
  // Appends examples: edge shapes, special values, each attribute at least once off its default.
  void (*cases)(std::vector<OpCase>& cases) = nullptr;

  // The schema in force under an opset version; nullptr if the operator came later.
  const OpSchema* SchemaFor(int opset) const;
};

// All operators, sorted by domain and name.
std::span<const OpDef* const> AllOps();
// nullptr if there is none. "ai.onnx" is the same domain as "".
const OpDef* FindOp(std::string_view domain, std::string_view name);

// True if the node's operator is known and draws random numbers.
bool IsRandom(const Node& node);

// Checks one node against its operator's schema: the operator exists under this opset, number of
// inputs and outputs, attribute names, kinds and required ones. Errors name the node, and near
// names.
Status CheckNode(const Graph& graph, NodeId id);

}  // namespace assay
