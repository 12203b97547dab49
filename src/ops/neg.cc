#include <optional>
#include <type_traits>
#include <vector>

#include "ops/arithmetic.h"
#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {FirstUnarySchema(),
                                 UnarySchema(6, {13}, kFloats | kSignedIntegers)};

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(InferSameAsInput(context));
  std::optional<std::vector<Dim>> contents = context.InputContents(0);
  if (!contents) return OkStatus();
  for (Dim& dim : *contents) dim = Dim(0) - dim;
  context.SetOutputContents(0, *std::move(contents));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  return MapNumeric(context, [](auto x) {
    if constexpr (std::is_floating_point_v<decltype(x)>)
      return -x;
    else
      return WrappingSubtract(decltype(x){0}, x);
  });
}

void Cases(std::vector<OpCase>& cases) {
  AddUnaryCases(
      cases,
      {{1.5, -1.5}, {-2.5, 2.5}, {0, -0.0}, {-0.0, 0}, {-kInfinity, kInfinity}, {kNaN, kNaN}});

  cases.push_back({.name = "int32_minimum_wraps",
                   .inputs = {Tensor::Vector<int32_t>({-2147483647 - 1, -3, 7})},
                   .expected = {Tensor::Vector<int32_t>({-2147483647 - 1, 3, -7})}});
}

}  // namespace

extern const OpDef kNeg;
const OpDef kNeg = {
    .name = "Neg", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
