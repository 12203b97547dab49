#include "compare/validation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace assay {
namespace {

TEST(ValidateTensor, FindsTheFirstNanAndTheFirstNonFinite) {
  std::vector<float> values(300000, 1.0f);
  values[270000] = std::nanf("");
  values[260000] = -INFINITY;
  values[299999] = std::nanf("");
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    const Validation validation = ValidateTensor(Tensor::Vector<float>(values), pool);
    EXPECT_FALSE(validation.valid());
    EXPECT_EQ(validation.nan_count, 2);
    EXPECT_EQ(validation.non_finite_count, 3);
    EXPECT_EQ(validation.first_nan, 270000);
    EXPECT_EQ(validation.first_non_finite, 260000);
  }
}

TEST(ValidateTensor, AcceptsWhatCannotBeNan) {
  ThreadPool pool(1);
  EXPECT_TRUE(ValidateTensor(Tensor::Vector<int32_t>({1}), pool).valid());
  EXPECT_TRUE(ValidateTensor(Tensor::Vector<std::string>({"nan"}), pool).valid());
  EXPECT_TRUE(ValidateTensor(Tensor::Vector<float>({}), pool).valid());
  EXPECT_TRUE(ValidateTensor(Tensor::Vector<double>({1e300}), pool).valid());
}

TEST(ValidateTensor, ChecksNarrowAndComplexTypes) {
  ThreadPool pool(1);
  Tensor half = Tensor::Zeros(DType::kFloat16, {2});
  static_cast<uint16_t*>(half.mutable_raw())[1] = 0x7c00;
  EXPECT_EQ(ValidateTensor(half, pool).first_non_finite, 1);
  EXPECT_EQ(ValidateTensor(half, pool).nan_count, 0);
  Tensor complex = Tensor::Zeros(DType::kComplex64, {3});
  static_cast<float*>(complex.mutable_raw())[5] = std::nanf("");
  EXPECT_EQ(ValidateTensor(complex, pool).first_nan, 2);
}

}  // namespace
}  // namespace assay
