#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {BinarySchema(18, {}, kIntegers)};

Status Reference(ReferenceContext& context) {
  return BroadcastIntegers(context, [](auto a, auto b) { return a | b; });
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "int32",
                   .inputs = {Tensor::Vector<int32_t>({12, -1, 0, 2147483647}),
                              Tensor::Vector<int32_t>({10, 7, -5, -2147483647 - 1})},
                   .expected = {Tensor::Vector<int32_t>({14, -1, -5, -1})}});
  cases.push_back(
      {.name = "uint8_broadcast",
       .inputs = {Tensor::Of<uint8_t>({2, 1}, {240, 15}), Tensor::Vector<uint8_t>({60, 255, 0})},
       .expected = {Tensor::Of<uint8_t>({2, 3}, {252, 255, 240, 63, 255, 15})}});
  cases.push_back(
      {.name = "uint64",
       .inputs = {Tensor::Vector<uint64_t>({18446744073709551615U, 9223372036854775808U}),
                  Tensor::Vector<uint64_t>({1311768467463790320U, 18446744073709551615U})},
       .expected = {Tensor::Vector<uint64_t>({18446744073709551615U, 18446744073709551615U})}});
}

}  // namespace

extern const OpDef kBitwiseOr;
const OpDef kBitwiseOr = {.name = "BitwiseOr",
                          .schemas = kSchemas,
                          .infer = InferBroadcast,
                          .reference = Reference,
                          .cases = Cases};

}  // namespace assay
