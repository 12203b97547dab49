#pragma once

#include <array>
#include <string_view>

#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {

// Schemas of the families that share one form.

// A hint of opset 1 about reuse of buffers; has no meaning.
inline constexpr AttributeDef kConsumedInputs =
    OptionalAttribute("consumed_inputs", AttributeKind::kInts);

// One input, one output of the same type.
constexpr OpSchema UnarySchema(int since, InlineList<int, 8> also_since, DTypeSet types,
                               std::string_view input = "X", std::string_view output = "Y",
                               InlineList<AttributeDef, 24> attributes = {}) {
  return {since, also_since, {{input, types}}, {{output, types}}, attributes};
}

// The form of opset 1, where it differs from the next in `consumed_inputs` alone.
constexpr OpSchema FirstUnarySchema(std::string_view input = "X", std::string_view output = "Y") {
  return UnarySchema(1, {}, kBasicFloats, input, output, {kConsumedInputs});
}

// Two inputs of one type and an output, broadcast by numpy's rule.
constexpr OpSchema BinarySchema(int since, InlineList<int, 8> also_since, DTypeSet types,
                                DTypeSet results) {
  return {since, also_since, {{"A", types}, {"B", types}}, {{"C", results}}};
}
constexpr OpSchema BinarySchema(int since, InlineList<int, 8> also_since, DTypeSet types) {
  return BinarySchema(since, also_since, types, types);
}

inline constexpr AttributeDef kLegacyAxis = OptionalAttribute("axis", AttributeKind::kInt);
inline constexpr AttributeDef kLegacyBroadcast = IntAttribute("broadcast", 0);

// As BinarySchema before opset 7: broadcast only on request (see AlignSecondOperand).
constexpr OpSchema LegacyBinarySchema(int since, DTypeSet types, DTypeSet results,
                                      InlineList<AttributeDef, 24> attributes = {
                                          kLegacyAxis, kLegacyBroadcast}) {
  return {since, {}, {{"A", types}, {"B", types}}, {{"C", results}}, attributes};
}

// Add, Sub, Mul and Div.
constexpr std::array<OpSchema, 3> ArithmeticSchemas() {
  constexpr DTypeSet kWideIntegers =
      DTypeSet::Of(DType::kInt32, DType::kInt64, DType::kUInt32, DType::kUInt64);
  return {LegacyBinarySchema(1, kBasicFloats, kBasicFloats,
                             {kLegacyAxis, kLegacyBroadcast, kConsumedInputs}),
          LegacyBinarySchema(6, kBasicFloats | kWideIntegers, kBasicFloats | kWideIntegers),
          BinarySchema(7, {13, 14}, kNumeric)};
}

// And, Or and Xor.
constexpr std::array<OpSchema, 2> LogicSchemas() {
  return {LegacyBinarySchema(1, kBools, kBools), BinarySchema(7, {}, kBools)};
}

// Greater and Less.
constexpr std::array<OpSchema, 2> OrderSchemas() {
  return {LegacyBinarySchema(1, kBasicFloats, kBools), BinarySchema(7, {9, 13}, kNumeric, kBools)};
}

// Any number of inputs of one type.
constexpr OpSchema VariadicSchema(int since, InlineList<int, 8> also_since, DTypeSet types,
                                  std::string_view output,
                                  InlineList<AttributeDef, 24> attributes = {}) {
  return {since,
          also_since,
          {{"data_0", types}, {"data_1", types, Arity::kVariadic}},
          {{output, types}},
          attributes};
}

}  // namespace assay
