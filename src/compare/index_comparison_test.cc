#include "compare/index_comparison.h"

#include <gtest/gtest.h>

#include <cmath>

#include "compare/argmax_agreement.h"
#include "compare/top_k.h"

namespace assay {
namespace {

Verdict Judge(const Tensor& output, const Tensor& reference, int64_t tolerance) {
  const auto comparison = CompareIndices(output, reference, tolerance);
  return comparison.ok() ? comparison->verdict : Verdict::kUnmatched;
}

Tensor Indices(const std::vector<int64_t>& values) { return Tensor::Vector<int64_t>(values); }

// Expected: Polygraphy 0.53.6, and its documentation of IndicesCompareFunc.
TEST(CompareIndices, AllowsIndicesToMoveByTheTolerance) {
  EXPECT_EQ(Judge(Indices({0, 1, 2}), Indices({1, 0, 2}), 0), Verdict::kFail);
  EXPECT_EQ(Judge(Indices({0, 1, 2}), Indices({1, 0, 2}), 1), Verdict::kPass);
  EXPECT_EQ(Judge(Indices({0, 1, 2}), Indices({1, 2, 0}), 1), Verdict::kFail);
  EXPECT_EQ(Judge(Indices({0, 1, 2}), Indices({1, 2, 0}), 2), Verdict::kPass);
  EXPECT_EQ(Judge(Indices({5, 6, 7}), Indices({5, 6, 8}), 1), Verdict::kPass);
  EXPECT_EQ(Judge(Indices({5, 6, 7}), Indices({5, 6, 8}), 0), Verdict::kFail);
}

TEST(CompareIndices, TakesRowsAlongTheLastAxis) {
  const Tensor output = Tensor::Of<int64_t>({2, 2}, {0, 1, 5, 6});
  const Tensor reference = Tensor::Of<int64_t>({2, 2}, {0, 1, 6, 5});
  const auto strict = CompareIndices(output, reference, 0);
  ASSERT_TRUE(strict.ok());
  EXPECT_EQ(strict->verdict, Verdict::kFail);
  EXPECT_EQ(strict->rows, 2);
  EXPECT_EQ(strict->mismatch_count, 2);
  ASSERT_EQ(strict->mismatches.size(), 2u);
  EXPECT_EQ(strict->mismatches[0].row, 1);
  EXPECT_EQ(strict->mismatches[0].position, 0);
  EXPECT_EQ(strict->mismatches[0].reference_position, 1);
  EXPECT_EQ(strict->mismatches[0].value, "5");
  EXPECT_EQ(strict->max_distance, 1);
  EXPECT_EQ(Judge(output, reference, 1), Verdict::kPass);
}

TEST(CompareIndices, ReportsValuesThatAreNotThere) {
  const auto comparison = CompareIndices(Indices({9, 1}), Indices({0, 1}), 0);
  ASSERT_TRUE(comparison.ok());
  ASSERT_EQ(comparison->mismatches.size(), 1u);
  EXPECT_EQ(comparison->mismatches[0].reference_position, -1);
  EXPECT_EQ(comparison->mismatches[0].value, "9");
}

TEST(CompareIndices, TakesTheFirstOfRepeatedValues) {
  EXPECT_EQ(Judge(Indices({1, 2, 3, 7}), Indices({7, 7, 3, 1}), 3), Verdict::kPass);
  const auto repeated = CompareIndices(Indices({1, 2, 2, 7}), Indices({7, 2, 7, 7}), 0);
  EXPECT_EQ(repeated->mismatch_count, 2);
  EXPECT_EQ(repeated->mismatches[1].reference_position, 1);
}

TEST(CompareIndices, ComparesAcrossTypes) {
  EXPECT_EQ(Judge(Indices({3, -1}), Tensor::Vector<int32_t>({3, -1}), 0), Verdict::kPass);
  EXPECT_EQ(Judge(Indices({3, 1}), Tensor::Vector<float>({3.0f, 1.0f}), 0), Verdict::kPass);
  EXPECT_EQ(Judge(Indices({-1}), Tensor::Vector<uint64_t>({UINT64_MAX}), 0), Verdict::kFail);
  EXPECT_EQ(
      Judge(Tensor::Vector<float>({std::nanf("")}), Tensor::Vector<float>({std::nanf("")}), 0),
      Verdict::kFail);
}

TEST(CompareIndices, IsVacuousWhereNothingIsChecked) {
  EXPECT_EQ(Judge(Indices({}), Indices({}), 0), Verdict::kVacuous);
  EXPECT_EQ(Judge(Indices({1, 2}), Indices({3, 4}), 2), Verdict::kVacuous);
  EXPECT_EQ(Judge(Indices({1, 2}), Indices({1, 2, 3}), 0), Verdict::kFail);
  EXPECT_EQ(CompareIndices(Indices({1}), Indices({1}), -1).status().code(), StatusCode::kUsage);
}

std::vector<int64_t> TopK(const Tensor& tensor, int64_t k, int64_t axis = -1) {
  ThreadPool pool(2);
  const auto indices = TopKIndices(tensor, k, axis, pool);
  if (!indices.ok()) return {-1};
  const auto data = indices->data<int64_t>();
  return {data.begin(), data.end()};
}

using Expected = std::vector<int64_t>;

TEST(TopKIndices, KeepsEqualValuesInOrder) {
  EXPECT_EQ(TopK(Tensor::Vector<float>({1, 3, 3, 2, 3}), 4), (Expected{1, 2, 4, 3}));
  EXPECT_EQ(TopK(Tensor::Vector<float>({0.0f, -0.0f, 0.0f}), 3), (Expected{0, 1, 2}));
}

TEST(TopKIndices, PutsNanLast) {
  const float nan = std::nanf("");
  EXPECT_EQ(TopK(Tensor::Vector<float>({nan, -INFINITY, 5, nan}), 4), (Expected{2, 1, 0, 3}));
}

TEST(TopKIndices, WorksForBoolAndUnsignedAndExtremes) {
  Tensor truth = Tensor::Zeros(DType::kBool, {3});
  static_cast<uint8_t*>(truth.mutable_raw())[1] = 1;
  EXPECT_EQ(TopK(truth, 2), (Expected{1, 0}));
  EXPECT_EQ(TopK(Tensor::Vector<uint8_t>({0, 200, 5}), 3), (Expected{1, 2, 0}));
  EXPECT_EQ(TopK(Tensor::Vector<int32_t>({INT32_MIN, 0, INT32_MAX}), 3), (Expected{2, 1, 0}));
  EXPECT_EQ(TopK(Tensor::Vector<uint64_t>({1, UINT64_MAX, uint64_t{1} << 63}), 3),
            (Expected{1, 2, 0}));
}

TEST(TopKIndices, GoesAlongAnyAxisAndClampsK) {
  const Tensor tensor = Tensor::Of<float>({2, 3}, {1, 5, 3, 4, 2, 6});
  EXPECT_EQ(TopK(tensor, 2), (Expected{1, 2, 2, 0}));
  EXPECT_EQ(TopK(tensor, 1, 0), (Expected{1, 0, 1}));
  EXPECT_EQ(TopK(tensor, 9, -2), (Expected{1, 0, 1, 0, 1, 0}));
  ThreadPool pool(1);
  EXPECT_EQ(TopKIndices(tensor, 2, -1, pool)->shape(), (Shape{2, 2}));
  EXPECT_EQ(TopKIndices(tensor, 0, -1, pool).status().code(), StatusCode::kUsage);
  EXPECT_EQ(TopKIndices(tensor, 1, 2, pool).status().code(), StatusCode::kUsage);
  EXPECT_EQ(TopKIndices(Tensor::Vector<std::string>({"a"}), 1, 0, pool).status().code(),
            StatusCode::kUnsupported);
  EXPECT_TRUE(TopK(Tensor::Zeros(DType::kFloat32, {0, 4}), 2).empty());
}

TEST(CompareArgmax, CountsFlipsAndTheirLargestGap) {
  ThreadPool pool(2);
  const Tensor output = Tensor::Of<float>({3, 2}, {1, 2, 3, 1, 0.5f, 0.6f});
  const Tensor reference = Tensor::Of<float>({3, 2}, {1, 2, 1, 3, 0.6f, 0.5f});
  const auto agreement = CompareArgmax(output, reference, -1, pool);
  ASSERT_TRUE(agreement.ok());
  EXPECT_EQ(agreement->rows, 3);
  EXPECT_EQ(agreement->flips, 2);
  EXPECT_EQ(agreement->first_flip, 1);
  EXPECT_EQ(agreement->max_gap, 2);
  EXPECT_DOUBLE_EQ(agreement->agreement(), 1.0 / 3);
  const auto columns = CompareArgmax(output, output, 0, pool);
  EXPECT_EQ(columns->rows, 2);
  EXPECT_EQ(columns->flips, 0);
  EXPECT_EQ(CompareArgmax(output, Tensor::Zeros(DType::kFloat32, {2}), 0, pool).status().code(),
            StatusCode::kInvalidInput);
}

TEST(CompareArgmax, TakesTheFirstOfEqualValuesAndNanAsLargest) {
  ThreadPool pool(1);
  const float nan = std::nanf("");
  const Tensor output = Tensor::Of<float>({2, 3}, {7, 7, 1, 1, nan, 9});
  const Tensor reference = Tensor::Of<float>({2, 3}, {7, 2, 1, 1, 8, 2});
  EXPECT_EQ(CompareArgmax(output, reference, 1, pool)->flips, 0);
}

}  // namespace
}  // namespace assay
