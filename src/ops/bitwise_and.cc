#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {BinarySchema(18, {}, kIntegers)};

Status Reference(ReferenceContext& context) {
  return BroadcastIntegers(context, [](auto a, auto b) { return a & b; });
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "int32",
                   .inputs = {Tensor::Vector<int32_t>({12, -1, 0, 2147483647}),
                              Tensor::Vector<int32_t>({10, 7, -5, -2147483647 - 1})},
                   .expected = {Tensor::Vector<int32_t>({8, 7, 0, 0})}});
  cases.push_back(
      {.name = "uint8_broadcast",
       .inputs = {Tensor::Of<uint8_t>({2, 1}, {240, 15}), Tensor::Vector<uint8_t>({60, 255, 0})},
       .expected = {Tensor::Of<uint8_t>({2, 3}, {48, 240, 0, 12, 15, 0})}});
  cases.push_back(
      {.name = "uint64",
       .inputs = {Tensor::Vector<uint64_t>({18446744073709551615U, 9223372036854775808U}),
                  Tensor::Vector<uint64_t>({1311768467463790320U, 18446744073709551615U})},
       .expected = {Tensor::Vector<uint64_t>({1311768467463790320U, 9223372036854775808U})}});
}

}  // namespace

extern const OpDef kBitwiseAnd;
const OpDef kBitwiseAnd = {.name = "BitwiseAnd",
                           .schemas = kSchemas,
                           .infer = InferBroadcast,
                           .reference = Reference,
                           .cases = Cases};

}  // namespace assay
