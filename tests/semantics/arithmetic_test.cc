// M16 and M17: Mod, Round, Gelu and contracted multiply-adds.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/semantics/both_engines.h"
#include "tests/semantics/gelu_table.h"

namespace assay {
namespace {

using namespace test;

OneNode Mod(const Tensor& a, const Tensor& b, int64_t fmod, int opset = 13) {
  return {.opset = opset, .op = "Mod", .inputs = {a, b}, .attributes = {{"fmod", fmod}}};
}

TEST(Mod, DoesNotGoThroughFloats) {
  const std::vector<int64_t> large = {18542495, 2147483647, 2147483646, 16777217, -18542495};
  for (const int64_t fmod : {0, 1}) {
    const int64_t of_negative = fmod == 0 ? 1 : -31;
    const Tensor expected = Tensor::Vector<int64_t>({31, 31, 30, 1, of_negative});
    const Tensor divisors = Tensor::Vector<int64_t>({32, 32, 32, 32, 32});
    ExpectOutputs(Mod(Tensor::Vector(large), divisors, fmod), {expected});
    const DType int32 = DType::kInt32;
    ExpectOutputs(
        Mod(*ConvertTensor(Tensor::Vector(large), int32), *ConvertTensor(divisors, int32), fmod),
        {*ConvertTensor(expected, int32)});
  }
}

TEST(Mod, DoesNotGoThroughDoubles) {
  const int64_t odd = (int64_t{1} << 53) + 1;
  ExpectOutputs(Mod(Tensor::Vector<int64_t>({odd, -odd, INT64_MAX, INT64_MIN}),
                    Tensor::Vector<int64_t>({2, 2, 1000, 1000}), 0),
                {Tensor::Vector<int64_t>({1, 1, 807, 192})});
  ExpectOutputs(Mod(Tensor::Vector<int64_t>({odd, -odd, INT64_MAX, INT64_MIN}),
                    Tensor::Vector<int64_t>({2, 2, 1000, 1000}), 1),
                {Tensor::Vector<int64_t>({1, -1, 807, -808})});
  ExpectOutputs(Mod(Tensor::Vector<uint64_t>({18446744073709551615U, 9223372036854775809U}),
                    Tensor::Vector<uint64_t>({1000, 16}), 0),
                {Tensor::Vector<uint64_t>({615, 1})});
}

TEST(Mod, TakesTheSignOfTheDivisorOrWithFmodOfTheDividend) {
  for (const DType dtype : {DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64}) {
    SCOPED_TRACE(DTypeName(dtype));
    const Tensor a = Values(dtype, {6}, {-7, 7, -7, 7, -6, 0});
    const Tensor b = Values(dtype, {6}, {3, -3, -3, 3, 3, -3});
    ExpectOutputs(Mod(a, b, 0), {Values(dtype, {6}, {2, -2, -1, 1, 0, 0})});
    ExpectOutputs(Mod(a, b, 1), {Values(dtype, {6}, {-1, 1, -1, 1, 0, 0})});
  }
}

TEST(Mod, OfFloatsIsExact) {
  for (const DType dtype : {DType::kFloat16, DType::kBFloat16, DType::kFloat32, DType::kFloat64}) {
    SCOPED_TRACE(DTypeName(dtype));
    const Tensor a = Values(dtype, {7}, {-7.5, 7.5, -7.5, 6, -6, kInfinity, 1});
    const Tensor b = Values(dtype, {7}, {3, -3, -3, 3, 3, 2, 0});
    ExpectOutputs(Mod(a, b, 1), {Values(dtype, {7}, {-1.5, 1.5, -1.5, 0, -0.0, kNaN, kNaN})});
    ExpectOutputs(Mod(a, b, 0, 28), {Values(dtype, {7}, {1.5, -1.5, -1.5, 0, 0, kNaN, kNaN})});
  }
  // A quotient of 2^60 and more.
  ExpectOutputs(Mod(Tensor::Vector<double>({std::ldexp(5, 60)}), Tensor::Vector<double>({3}), 1),
                {Tensor::Vector<double>({2})});
}

TEST(Round, TakesHalvesToTheEvenNeighbour) {
  for (const DType dtype : {DType::kFloat16, DType::kBFloat16, DType::kFloat32, DType::kFloat64}) {
    SCOPED_TRACE(DTypeName(dtype));
    ExpectOutputs(
        {.opset = 22,
         .op = "Round",
         .inputs = {Values(dtype, {9}, {2.5, 3.5, -2.5, -3.5, 0.5, -0.5, 1.5, 2.25, kNaN})}},
        {Values(dtype, {9}, {2, 4, -2, -4, 0, -0.0, 2, 2, kNaN})});
  }
  // Adding one half before the floor goes wrong on these.
  const Doubles hard = {0.49999997, -0.49999997, 8388609, 8388607.5, 4194305.5};
  ExpectOutputs({.opset = 22, .op = "Round", .inputs = {Floats(hard)}},
                {Floats({0, -0.0, 8388609, 8388608, 4194306})});
}

OneNode Gelu(const Tensor& x, const char* approximate) {
  return {.opset = 20,
          .op = "Gelu",
          .inputs = {x},
          .attributes = {{"approximate", std::string(approximate)}}};
}

TEST(Gelu, BothFormsAreExact) {
  Doubles x;
  Doubles exact;
  Doubles approximate;
  for (const GeluRow& row : kGeluTable) {
    x.push_back(row.x);
    exact.push_back(row.erf);
    approximate.push_back(row.tanh);
  }
  const Shape shape({static_cast<int64_t>(x.size())});
  for (const auto& [form, expected] : {std::pair("none", exact), std::pair("tanh", approximate)}) {
    SCOPED_TRACE(form);
    const Tensor input = Tensor::Of(shape, x);
    const std::vector<Tensor> got =
        RunReference(Gelu(input, form).model(), {input}, TruthKind::kExact);
    const std::vector<Tensor> wide = RunEngine(Gelu(input, form).model(), {input});
    const Tensor single = *ConvertTensor(input, DType::kFloat32);
    const std::vector<Tensor> native = RunEngine(Gelu(single, form).model(), {single});
    for (size_t i = 0; i < x.size(); ++i) {
      SCOPED_TRACE(x[i]);
      const auto at = static_cast<int64_t>(i);
      // Far out on the negative side a relative error of the argument grows by x * x.
      const double condition = std::fabs(expected[i]) * (1 + x[i] * x[i]);
      EXPECT_NEAR(got[0].ValueAsDouble(at), expected[i], 1e-15 * condition);
      EXPECT_NEAR(wide[0].ValueAsDouble(at), expected[i], 1e-15 * condition);
      EXPECT_NEAR(native[0].ValueAsDouble(at), expected[i], 2e-7 * condition);
    }
  }
}

TEST(Gelu, FormsDifferByHalfOfAThousandth) {
  double most = 0;
  for (const GeluRow& row : kGeluTable) most = std::max(most, std::fabs(row.erf - row.tanh));
  EXPECT_NEAR(most, 4.73e-4, 1e-6);
}

// a * a - c with a = 1 + 2^-b and c = 1 + 2^-(b-1): the product rounded to the type equals c, the
// exact difference is 2^-2b. One rounding (a fused multiply-add) gives the exact one.
SharedModel SquareMinus(DType dtype, const char* second_op) {
  ModelBuilder builder(22);
  const ValueId a = builder.Input("a", dtype, {64});
  const ValueId c = builder.Input("c", dtype, {64});
  const ValueId product = builder.Add("Mul", {a, a}, "product");
  builder.Output(builder.Add(second_op, {product, c}, "y"));
  return Shared(std::move(builder));
}

TEST(Contraction, TypedTruthAndEngineRoundTwice) {
  for (const auto& [dtype, b] : {std::pair(DType::kFloat32, 12), std::pair(DType::kFloat16, 6),
                                 std::pair(DType::kBFloat16, 4), std::pair(DType::kFloat64, 27)}) {
    SCOPED_TRACE(DTypeName(dtype));
    const double a = 1 + std::ldexp(1, -b);
    const double c = 1 + std::ldexp(1, 1 - b);
    const Tensor as = Values(dtype, {64}, Doubles(64, a));
    const Tensor zeros = Values(dtype, {64}, Doubles(64, 0));
    ExpectOutputs(SquareMinus(dtype, "Sub"), {as, Values(dtype, {64}, Doubles(64, c))}, {zeros});
    ExpectOutputs(SquareMinus(dtype, "Add"), {as, Values(dtype, {64}, Doubles(64, -c))}, {zeros});
  }
}

// Against exact truth the fused result is the right one, and the typed one 100 % off.
TEST(Contraction, ExactTruthIsThatOfTheFusedMultiplyAdd) {
  for (const auto& [dtype, b] : {std::pair(DType::kFloat32, 12), std::pair(DType::kFloat16, 6)}) {
    const double a = 1 + std::ldexp(1, -b);
    const double c = 1 + std::ldexp(1, 1 - b);
    const std::vector<Tensor> exact =
        RunReference(SquareMinus(dtype, "Sub"),
                     {Values(dtype, {64}, Doubles(64, a)), Values(dtype, {64}, Doubles(64, c))},
                     TruthKind::kExact);
    EXPECT_EQ(exact[0].ValueAsDouble(0), std::fma(a, a, -c));
    EXPECT_EQ(exact[0].ValueAsDouble(63), std::ldexp(1, -2 * b));
  }
}

}  // namespace
}  // namespace assay
