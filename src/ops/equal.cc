#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <vector>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr DTypeSet kFirstTypes = kBools | kIndexTypes;

constexpr OpSchema kSchemas[] = {
    LegacyBinarySchema(1, kFirstTypes, kBools),
    BinarySchema(7, {11, 13, 19}, kNumeric | kBools | kStrings, kBools),
};

// A symbol that stands for an extent itself and not for an expression that could be negative.
bool IsExtent(const Dim& dim) {
  const std::string& text = dim.symbol();
  return dim.IsSymbolic() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '_';
         });
}

std::optional<bool> CompareDims(const Dim& a, const Dim& b) {
  if (a.IsKnown() && b.IsKnown()) return a.value() == b.value();
  if (a.SameAs(b)) return true;
  const bool negative = (a.IsKnown() && a.value() < 0 && IsExtent(b)) ||
                        (b.IsKnown() && b.value() < 0 && IsExtent(a));
  return negative ? std::optional<bool>(false) : std::nullopt;
}

// Exporters compare a wanted shape with -1 to find the axes to keep.
Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(InferBroadcastBool(context));
  const auto a = context.InputContents(0);
  const auto b = context.InputContents(1);
  if (!a || !b || a->empty() || b->empty()) return OkStatus();
  if (a->size() != b->size() && a->size() != 1 && b->size() != 1) return OkStatus();
  std::vector<Dim> contents;
  for (size_t i = 0; i < std::max(a->size(), b->size()); ++i) {
    const std::optional<bool> equal =
        CompareDims((*a)[a->size() == 1 ? 0 : i], (*b)[b->size() == 1 ? 0 : i]);
    contents.push_back(equal ? Dim(*equal ? 1 : 0) : Dim::Unknown());
  }
  context.SetOutputContents(0, std::move(contents));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  switch (context.Input(0).dtype()) {
    case DType::kBool:
      return BroadcastBools(context, [](bool a, bool b) { return a == b; });
    case DType::kString:
      return BroadcastBinary<std::string, bool>(
          context, [](const std::string& a, const std::string& b) { return a == b; });
    default:
      return BroadcastComparison(context, [](auto a, auto b) { return a == b; });
  }
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "special_values",
                   .inputs = {Tensor::Vector<double>({1, 0, kNaN, kInfinity, 5e-324}),
                              Tensor::Vector<double>({1, -0.0, kNaN, kInfinity, 0})},
                   .expected = {Tensor::Vector<bool>({true, true, false, true, false})}});
  cases.push_back({.name = "int64_beyond_double",
                   .inputs = {Tensor::Vector<int64_t>({INT64_MAX, 7}),
                              Tensor::Vector<int64_t>({INT64_MAX - 1, 7})},
                   .expected = {Tensor::Vector<bool>({false, true})}});
  cases.push_back({.name = "bool",
                   .inputs = {Tensor::Vector<bool>({true, true, false}),
                              Tensor::Vector<bool>({true, false, false})},
                   .expected = {Tensor::Vector<bool>({true, false, true})}});
  cases.push_back(
      {.name = "string_broadcast",
       .inputs = {Tensor::Of<std::string>({2, 1}, {"a", "bc"}),
                  Tensor::Vector<std::string>({"bc", "", "a"})},
       .expected = {Tensor::Of<bool>({2, 3}, {false, false, true, true, false, false})}});
  cases.push_back(
      {.name = "opset_1_axis",
       .opset = 1,
       .attributes = {{"axis", int64_t{0}}, {"broadcast", int64_t{1}}},
       .inputs = {Tensor::Of<int32_t>({2, 2}, {1, 2, 1, 2}), Tensor::Vector<int32_t>({1, 2})},
       .expected = {Tensor::Of<bool>({2, 2}, {true, false, false, true})}});
}

}  // namespace

extern const OpDef kEqual;
const OpDef kEqual = {
    .name = "Equal", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
