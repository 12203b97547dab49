#include "ops/matrix_product.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace assay {
namespace {

// Operands of `products` products in memory, with any strides.
struct Operands {
  int64_t products = 1;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t depth = 0;
  bool left_transposed = false;
  bool right_transposed = false;
  std::vector<double> left;
  std::vector<double> right;

  Operands(int64_t products, int64_t rows, int64_t columns, int64_t depth,
           bool left_transposed = false, bool right_transposed = false)
      : products(products),
        rows(rows),
        columns(columns),
        depth(depth),
        left_transposed(left_transposed),
        right_transposed(right_transposed),
        left(static_cast<size_t>(products * rows * depth)),
        right(static_cast<size_t>(products * depth * columns)) {
    std::mt19937_64 random(20240229);
    std::uniform_real_distribution<double> value(-1, 1);
    for (double& x : left) x = value(random);
    for (double& x : right) x = value(random);
  }

  GemmProblem Problem(std::vector<double>& result) const {
    result.assign(static_cast<size_t>(products * rows * columns), 99);
    return {.products = products,
            .rows = rows,
            .columns = columns,
            .depth = depth,
            .left =
                [this](int64_t product) {
                  const double* data = left.data() + product * rows * depth;
                  return left_transposed ? MatrixView{data, 1, rows} : MatrixView{data, depth, 1};
                },
            .right = RowsOf([this](int64_t product) {
              const double* data = right.data() + product * depth * columns;
              return right_transposed ? MatrixView{data, 1, depth} : MatrixView{data, columns, 1};
            }),
            .result = [this, &result](
                          int64_t product) { return result.data() + product * rows * columns; },
            .result_row_stride = columns};
  }
};

// Sizes around every block and tile boundary.
std::vector<Operands> Sizes() {
  return {{1, 1, 1, 1},
          {2, 3, 5, 7},
          {1, 8, 24, 256},
          {1, 97, 481, 257},
          {1, 385, 25, 513},
          {3, 6, 9, 300, true},
          {2, 31, 33, 40, false, true},
          {1, 13, 500, 20, true, true},
          {5, 0, 3, 2},
          {1, 2, 0, 3}};
}

TEST(Gemm, EqualsTheNaiveProduct) {
  ThreadPool threads(2);
  for (const Operands& operands : Sizes()) {
    std::vector<double> blocked;
    std::vector<double> naive;
    Gemm(operands.Problem(blocked), threads);
    NaiveGemm(operands.Problem(naive));
    ASSERT_EQ(blocked.size(), naive.size());
    for (size_t i = 0; i < naive.size(); ++i) {
      // All operands are below 1: the sum of magnitudes is below the depth.
      ASSERT_NEAR(blocked[i], naive[i], 1e-14 * static_cast<double>(operands.depth)) << i;
    }
  }
}

TEST(Gemm, ComputesAKnownProduct) {
  ThreadPool threads(1);
  Operands operands(1, 2, 2, 3);
  operands.left = {1, 2, 3, 4, 5, 6};
  operands.right = {7, 8, 9, 10, 11, 12};
  std::vector<double> result;
  Gemm(operands.Problem(result), threads);
  EXPECT_EQ(result, (std::vector<double>{58, 64, 139, 154}));
}

TEST(Gemm, HasTheSameBitsForEveryNumberOfThreads) {
  const Operands operands(2, 400, 500, 600);
  ThreadPool one(1);
  std::vector<double> expected;
  Gemm(operands.Problem(expected), one);
  for (int count : {2, 3, 5}) {
    ThreadPool threads(count);
    std::vector<double> result;
    Gemm(operands.Problem(result), threads);
    EXPECT_EQ(std::memcmp(result.data(), expected.data(), result.size() * sizeof(double)), 0)
        << count << " threads";
  }
}

TEST(Gemm, HasTheSameBitsWithEveryKernel) {
  const Operands operands(1, 50, 70, 700);
  ThreadPool threads(2);
  std::vector<double> expected;
  Gemm(operands.Problem(expected), GemmKernels().back(), threads);
  for (const GemmKernel& kernel : GemmKernels()) {
    std::vector<double> result;
    Gemm(operands.Problem(result), kernel, threads);
    EXPECT_EQ(std::memcmp(result.data(), expected.data(), result.size() * sizeof(double)), 0)
        << kernel.name;
  }
}

// Would fail with a fused multiply-add: the rounded square is 1 + 2^-29, what it loses is 2^-60.
TEST(Gemm, RoundsProductsBeforeAdding) {
  const double x = 1 + std::ldexp(1.0, -30);
  for (const GemmKernel& kernel : GemmKernels()) {
    Operands operands(1, 1, 1, 2);
    operands.left = {1, x};
    operands.right = {-(1 + std::ldexp(1.0, -29)), x};
    ThreadPool threads(1);
    std::vector<double> result;
    Gemm(operands.Problem(result), kernel, threads);
    EXPECT_EQ(result[0], 0) << kernel.name;
  }
}

TEST(Gemm, CarriesInfinityAndNanToTheirElementsOnly) {
  Operands operands(1, 9, 25, 4);
  operands.left[4 * 2] = std::numeric_limits<double>::infinity();
  operands.right[25 * 1 + 3] = std::numeric_limits<double>::quiet_NaN();
  ThreadPool threads(2);
  std::vector<double> result;
  Gemm(operands.Problem(result), threads);
  for (int64_t i = 0; i < 9; ++i) {
    for (int64_t j = 0; j < 25; ++j) {
      const double value = result[static_cast<size_t>(i * 25 + j)];
      EXPECT_EQ(std::isnan(value), j == 3) << i << " " << j;
      EXPECT_EQ(std::isinf(value), i == 2 && j != 3) << i << " " << j;
    }
  }
}

TEST(Gemm, OfDepthZeroGivesZeros) {
  const Operands operands(1, 2, 3, 0);
  ThreadPool threads(1);
  std::vector<double> result;
  Gemm(operands.Problem(result), threads);
  EXPECT_EQ(result, std::vector<double>(6, 0.0));
}

TEST(GemmKernels, HaveTilesThatDivideTheBlocks) {
  for (const GemmKernel& kernel : GemmKernels()) {
    EXPECT_LE(kernel.rows * kernel.columns, kMaxGemmTile) << kernel.name;
    EXPECT_EQ(96 % kernel.rows, 0) << kernel.name;
    EXPECT_EQ(480 % kernel.columns, 0) << kernel.name;
  }
}

}  // namespace
}  // namespace assay
