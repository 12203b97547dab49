#include <string>
#include <vector>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 20, .inputs = {{"X", kStrings}, {"Y", kStrings}}, .outputs = {{"Z", kStrings}}},
};

Status Reference(ReferenceContext& context) {
  return BroadcastBinary<std::string, std::string>(
      context, [](const std::string& a, const std::string& b) { return a + b; });
}

void Cases(std::vector<OpCase>& cases) {
  using Strings = std::vector<std::string>;
  cases.push_back(
      {.name = "broadcasts_both",
       .inputs = {Tensor::Of<std::string>({2, 1}, {"a", "é"}),
                  Tensor::Vector<std::string>({"", "1", "23"})},
       .expected = {Tensor::Of<std::string>({2, 3}, Strings{"a", "a1", "a23", "é", "é1", "é23"})}});
  cases.push_back(
      {.name = "scalars",
       .inputs = {Tensor::Scalar<std::string>("left "), Tensor::Scalar<std::string>("right")},
       .expected = {Tensor::Scalar<std::string>("left right")}});
  cases.push_back(
      {.name = "empty",
       .inputs = {Tensor::Of<std::string>({0, 2}, {}), Tensor::Scalar<std::string>("x")},
       .expected = {Tensor::Of<std::string>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kStringConcat;
const OpDef kStringConcat = {.name = "StringConcat",
                             .schemas = kSchemas,
                             .infer = InferBroadcast,
                             .reference = Reference,
                             .cases = Cases};

}  // namespace assay
