// M14: ties and near ties in TopK, ArgMax and ArgMin.

#include <gtest/gtest.h>

#include "tests/semantics/both_engines.h"

namespace assay {
namespace {

using namespace test;

constexpr DType kRankedTypes[] = {DType::kFloat16, DType::kBFloat16, DType::kFloat32,
                                  DType::kFloat64, DType::kInt8,     DType::kUInt8,
                                  DType::kInt32,   DType::kInt64};

OneNode TopK(const Tensor& data, int64_t k, std::vector<Attribute> attributes = {}) {
  return {.opset = 24,
          .op = "TopK",
          .inputs = {data, Tensor::Vector<int64_t>({k})},
          .attributes = std::move(attributes),
          .outputs = 2,
          .constant = {1}};
}

OneNode Arg(std::string op, const Tensor& data, int64_t axis, int64_t last, int64_t keep = 0) {
  return {.opset = 13,
          .op = std::move(op),
          .inputs = {data},
          .attributes = {{"axis", axis}, {"keepdims", keep}, {"select_last_index", last}}};
}

TEST(TopKTies, GoToTheLowestIndexInEveryType) {
  for (const DType dtype : kRankedTypes) {
    if (dtype == DType::kInt8 || dtype == DType::kUInt8) continue;  // not in the operator's types
    SCOPED_TRACE(DTypeName(dtype));
    const Tensor data = Values(dtype, {2, 6}, {1, 3, 2, 3, 3, 2, 7, 7, 7, 7, 7, 7});
    ExpectOutputs(TopK(data, 4), {Values(dtype, {2, 4}, {3, 3, 3, 2, 7, 7, 7, 7}),
                                  Tensor::Of<int64_t>({2, 4}, {1, 3, 4, 2, 0, 1, 2, 3})});
    ExpectOutputs(TopK(data, 3, {{"largest", int64_t{0}}}),
                  {Values(dtype, {2, 3}, {1, 2, 2, 7, 7, 7}),
                   Tensor::Of<int64_t>({2, 3}, {0, 2, 5, 0, 1, 2})});
  }
}

TEST(TopKTies, GoToTheLowestIndexAcrossAnOuterAxis) {
  const Tensor data = Values(DType::kFloat32, {3, 2}, {5, 1, 5, 2, 4, 2});
  ExpectOutputs(
      TopK(data, 2, {{"axis", int64_t{0}}}),
      {Values(DType::kFloat32, {2, 2}, {5, 2, 5, 2}), Tensor::Of<int64_t>({2, 2}, {0, 1, 1, 2})});
}

TEST(TopKTies, ZerosOfEitherSignAreTied) {
  ExpectOutputs(TopK(Floats({-1, -0.0, 0, -0.0}), 3),
                {Floats({-0.0, 0, -0.0}), Tensor::Vector<int64_t>({1, 2, 3})});
}

TEST(TopKTies, NaNCountsAsLargest) {
  const Tensor data = Floats({1, kNaN, kInfinity, kNaN, -kInfinity});
  ExpectOutputs(TopK(data, 4),
                {Floats({kNaN, kNaN, kInfinity, 1}), Tensor::Vector<int64_t>({1, 3, 2, 0})});
  ExpectOutputs(TopK(data, 4, {{"largest", int64_t{0}}}),
                {Floats({-kInfinity, 1, kInfinity, kNaN}), Tensor::Vector<int64_t>({4, 0, 2, 1})});
}

TEST(TopKTies, KOfTheWholeAxisAndOfNothing) {
  const Tensor data = Floats({2, 2, 2});
  ExpectOutputs(TopK(data, 3), {data, Tensor::Vector<int64_t>({0, 1, 2})});
  ExpectOutputs(TopK(data, 0), {Floats({}), Tensor::Vector<int64_t>({})});
}

// Different in float32, equal in float16 and bfloat16.
TEST(TopKNearTies, BecomeTiesInShorterTypes) {
  const Doubles scores = {.49998, .50012, .50004, .4};
  const auto indices_of = [&](DType dtype) {
    return RunReference(TopK(Values(dtype, {4}, scores), 2).model(), {Values(dtype, {4}, scores)});
  };
  ExpectEqual(indices_of(DType::kFloat32)[1], Tensor::Vector<int64_t>({1, 2}));
  for (const DType dtype : {DType::kFloat16, DType::kBFloat16}) {
    const Tensor data = Values(dtype, {4}, scores);
    ExpectOutputs(TopK(data, 2), {Values(dtype, {2}, {.5, .5}), Tensor::Vector<int64_t>({0, 1})});
  }
}

TEST(ArgMaxTies, FirstOrLastInEveryType) {
  for (const DType dtype : kRankedTypes) {
    SCOPED_TRACE(DTypeName(dtype));
    const Tensor data = Values(dtype, {2, 5}, {1, 4, 4, 2, 4, 3, 3, 3, 3, 3});
    ExpectOutputs(Arg("ArgMax", data, 1, 0), {Tensor::Vector<int64_t>({1, 0})});
    ExpectOutputs(Arg("ArgMax", data, 1, 1), {Tensor::Vector<int64_t>({4, 4})});
    ExpectOutputs(Arg("ArgMax", data, 0, 0), {Tensor::Vector<int64_t>({1, 0, 0, 1, 0})});
    ExpectOutputs(Arg("ArgMin", data, 1, 0), {Tensor::Vector<int64_t>({0, 0})});
    ExpectOutputs(Arg("ArgMin", data, 1, 1, 1), {Tensor::Of<int64_t>({2, 1}, {0, 4})});
    ExpectOutputs(Arg("ArgMin", data, 0, 1), {Tensor::Vector<int64_t>({0, 1, 1, 0, 1})});
  }
}

TEST(ArgMaxTies, LongLinesOfEqualValues) {
  for (const int64_t extent : {7, 8, 9, 31, 64, 65, 1000}) {
    SCOPED_TRACE(extent);
    Doubles values(static_cast<size_t>(2 * extent), 1.5);
    const Tensor rows = Values(DType::kFloat32, {2, extent}, values);
    ExpectOutputs(Arg("ArgMax", rows, 1, 0), {Tensor::Vector<int64_t>({0, 0})});
    ExpectOutputs(Arg("ArgMin", rows, -1, 1), {Tensor::Vector<int64_t>({extent - 1, extent - 1})});
    const Tensor columns = Values(DType::kFloat32, {extent, 2}, values);
    ExpectOutputs(Arg("ArgMax", columns, 0, 1),
                  {Tensor::Vector<int64_t>({extent - 1, extent - 1})});
    ExpectOutputs(Arg("ArgMin", columns, 0, 0), {Tensor::Vector<int64_t>({0, 0})});
  }
}

// As numpy: a NaN is the extreme of its line, and the tie among NaNs is broken like any other.
TEST(ArgMaxTies, NaNIsTheExtreme) {
  const Tensor data = Floats({1, kNaN, kInfinity, kNaN, -kInfinity});
  for (const char* op : {"ArgMax", "ArgMin"}) {
    ExpectOutputs(Arg(op, data, 0, 0), {Tensor::Scalar<int64_t>(1)});
    ExpectOutputs(Arg(op, data, 0, 1), {Tensor::Scalar<int64_t>(3)});
  }
}

TEST(ArgMaxTies, ZerosOfEitherSignAreTied) {
  ExpectOutputs(Arg("ArgMax", Floats({-0.0, 0, -0.0}), 0, 0), {Tensor::Scalar<int64_t>(0)});
  ExpectOutputs(Arg("ArgMax", Floats({-0.0, 0, -0.0}), 0, 1), {Tensor::Scalar<int64_t>(2)});
}

}  // namespace
}  // namespace assay
