#include <limits>
#include <type_traits>

#include "ops/elementwise.h"
#include "ops/elementwise_schema.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema Schema(int since, DTypeSet types) {
  return {since,
          {},
          {{"X", types}, {"Y", types}},
          {{"Z", types}},
          {RequiredAttribute("direction", AttributeKind::kString)}};
}

constexpr OpSchema kSchemas[] = {Schema(11, kUnsignedIntegers), Schema(28, kIntegers)};

template <typename T>
bool IsWithinWidth(T amount) {
  if constexpr (std::is_signed_v<T>) {
    if (amount < 0) return false;
  }
  return static_cast<uint64_t>(amount) < sizeof(T) * 8;
}

template <typename T>
T ShiftLeft(T value, T amount) {
  if (!IsWithinWidth(amount)) return 0;
  return static_cast<T>(static_cast<uint64_t>(value) << static_cast<uint64_t>(amount));
}

template <typename T>
T ShiftRight(T value, T amount) {
  if (IsWithinWidth(amount)) return static_cast<T>(value >> amount);
  if constexpr (std::is_signed_v<T>) {
    if (value < 0) return -1;
  }
  return 0;
}

Status Infer(InferContext& context) {
  const std::string direction = context.String("direction");
  if (direction != "LEFT" && direction != "RIGHT") {
    return OpContext::Invalid("attribute \"direction\": expected LEFT or RIGHT, got " + direction);
  }
  return InferBroadcast(context);
}

Status Reference(ReferenceContext& context) {
  if (context.String("direction") == "LEFT") {
    return BroadcastIntegers(context, [](auto x, auto y) { return ShiftLeft(x, y); });
  }
  return BroadcastIntegers(context, [](auto x, auto y) { return ShiftRight(x, y); });
}

void Cases(std::vector<OpCase>& cases) {
  const std::vector<Attribute> left = {{"direction", "LEFT"}};
  const std::vector<Attribute> right = {{"direction", "RIGHT"}};
  cases.push_back(
      {.name = "left_uint8",
       .opset = 11,
       .attributes = left,
       .inputs = {Tensor::Of<uint8_t>({3, 1}, {1, 255, 16}), Tensor::Vector<uint8_t>({0, 4, 8})},
       .expected = {Tensor::Of<uint8_t>({3, 3}, {1, 16, 0, 255, 240, 0, 16, 0, 0})}});
  cases.push_back({.name = "right_uint64",
                   .opset = 11,
                   .attributes = right,
                   .inputs = {Tensor::Vector<uint64_t>({16, 18446744073709551615U, 1}),
                              Tensor::Vector<uint64_t>({2, 63, 64})},
                   .expected = {Tensor::Vector<uint64_t>({4, 1, 0})}});
  cases.push_back({.name = "left_int8_past_the_sign",
                   .attributes = left,
                   .inputs = {Tensor::Vector<int8_t>({1, -1, 64, 5, 5}),
                              Tensor::Vector<int8_t>({7, 1, 2, 8, -1})},
                   .expected = {Tensor::Vector<int8_t>({-128, -2, 0, 0, 0})}});
  cases.push_back({.name = "right_int32_extends_the_sign",
                   .attributes = right,
                   .inputs = {Tensor::Vector<int32_t>({-8, -1, 8, -8, 8, -8}),
                              Tensor::Vector<int32_t>({1, 31, 3, 32, 32, -5})},
                   .expected = {Tensor::Vector<int32_t>({-4, -1, 1, -1, 0, -1})}});
}

}  // namespace

extern const OpDef kBitShift;
const OpDef kBitShift = {.name = "BitShift",
                         .schemas = kSchemas,
                         .infer = Infer,
                         .reference = Reference,
                         .cases = Cases};

}  // namespace assay
