#include <type_traits>

#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {UnarySchema(18, {}, kIntegers)};

Status Reference(ReferenceContext& context) {
  return MapNumeric(context, [](auto x) {
    if constexpr (std::is_integral_v<decltype(x)>)
      return ~x;
    else
      return x;
  });
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "int8",
                   .inputs = {Tensor::Vector<int8_t>({0, 1, -1, 127, -128})},
                   .expected = {Tensor::Vector<int8_t>({-1, -2, 0, -128, 127})}});
  cases.push_back({.name = "uint16",
                   .inputs = {Tensor::Of<uint16_t>({2, 1}, {0, 61680})},
                   .expected = {Tensor::Of<uint16_t>({2, 1}, {65535, 3855})}});
  cases.push_back({.name = "uint64",
                   .inputs = {Tensor::Scalar<uint64_t>(1)},
                   .expected = {Tensor::Scalar<uint64_t>(18446744073709551614U)}});
}

}  // namespace

extern const OpDef kBitwiseNot;
const OpDef kBitwiseNot = {.name = "BitwiseNot",
                           .schemas = kSchemas,
                           .infer = InferSameAsInput,
                           .reference = Reference,
                           .cases = Cases};

}  // namespace assay
