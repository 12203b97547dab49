#include "ops/matrix_product.h"

#include <algorithm>
#include <vector>

#include "ops/scratch_pool.h"

namespace assay {
namespace {

// Extents of the blocks. The first two say which elements one parallel task computes; all are
// multiples of every kernel's tile. A packed block of the left side stays in the second-level
// cache while the panels of the right side pass by.
constexpr int64_t kTaskRows = 384;
constexpr int64_t kTaskColumns = 480;
constexpr int64_t kRowBlock = 96;

int64_t CeilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }

struct Range {
  int64_t begin = 0;
  int64_t count = 0;
};

Range BlockOf(int64_t index, int64_t block, int64_t extent) {
  const int64_t begin = index * block;
  return {begin, std::min(block, extent - begin)};
}

// Rows [rows) and depth [depth) of the left side as panels of `height` rows: panel by panel, in
// each k by k. Rows past the end are zero.
void PackLeft(const MatrixView& left, Range rows, Range depth, int height, double* packed) {
  for (int64_t panel = 0; panel < rows.count; panel += height) {
    for (int i = 0; i < height; ++i) {
      double* out = packed + i;
      if (panel + i >= rows.count) {
        for (int64_t k = 0; k < depth.count; ++k) out[k * height] = 0;
        continue;
      }
      const double* in =
          left.data + (rows.begin + panel + i) * left.row_stride + depth.begin * left.column_stride;
      for (int64_t k = 0; k < depth.count; ++k) out[k * height] = in[k * left.column_stride];
    }
    packed += depth.count * height;
  }
}

// Depth [depth) and columns [columns) of the right side as panels of `width` columns. `row` has
// room for one row of whole panels.
void PackRight(const RowSource& right, int64_t product, Range depth, Range columns, int width,
               std::span<double> row, double* packed) {
  const int64_t padded = CeilDivide(columns.count, width) * width;
  std::fill(row.begin() + columns.count, row.begin() + padded, 0.0);
  for (int64_t k = 0; k < depth.count; ++k) {
    right(product, depth.begin + k, columns.begin,
          row.subspan(0, static_cast<size_t>(columns.count)));
    for (int64_t panel = 0; panel < padded; panel += width) {
      std::copy_n(row.data() + panel, width, packed + panel * depth.count + k * width);
    }
  }
}

struct Target {
  double* data = nullptr;
  int64_t row_stride = 0;
};

// Stores (first block of the depth) or adds a tile, as far as it lies inside the result.
void AddTile(const double* tile, int tile_columns, int64_t rows, int64_t columns, bool first,
             Target target) {
  for (int64_t i = 0; i < rows; ++i) {
    double* out = target.data + i * target.row_stride;
    const double* in = tile + i * tile_columns;
    if (first) {
      std::copy_n(in, columns, out);
    } else {
      for (int64_t j = 0; j < columns; ++j) out[j] += in[j];
    }
  }
}

class Blocked {
 public:
  Blocked(const GemmProblem& problem, const GemmKernel& kernel)
      : problem_(problem),
        kernel_(kernel),
        depth_(std::min(problem.depth, kGemmDepthBlock)),
        row_tasks_(CeilDivide(problem.rows, kTaskRows)),
        column_tasks_(CeilDivide(problem.columns, kTaskColumns)) {}

  int64_t tasks() const { return problem_.products * row_tasks_ * column_tasks_; }
  size_t scratch() const { return static_cast<size_t>(LeftSize() + RightSize() + RowSize()); }

  void RunTask(int64_t task, double* scratch) const {
    const int64_t product = task / (row_tasks_ * column_tasks_);
    const int64_t tile = task % (row_tasks_ * column_tasks_);
    const Range rows = BlockOf(tile / column_tasks_, kTaskRows, problem_.rows);
    const Range columns = BlockOf(tile % column_tasks_, kTaskColumns, problem_.columns);
    const MatrixView left = problem_.left(product);
    double* result = problem_.result(product);
    double* packed_left = scratch;
    double* packed_right = packed_left + LeftSize();
    const std::span<double> row(packed_right + RightSize(), static_cast<size_t>(RowSize()));
    for (int64_t k = 0; k < problem_.depth; k += kGemmDepthBlock) {
      const Range depth = {k, std::min(kGemmDepthBlock, problem_.depth - k)};
      PackRight(problem_.right, product, depth, columns, kernel_.columns, row, packed_right);
      for (int64_t i = 0; i < rows.count; i += kRowBlock) {
        const Range block = {rows.begin + i, std::min(kRowBlock, rows.count - i)};
        PackLeft(left, block, depth, kernel_.rows, packed_left);
        RunBlock(block, columns, depth, packed_left, packed_right, result);
      }
    }
  }

 private:
  int64_t LeftSize() const {
    return CeilDivide(std::min(problem_.rows, kRowBlock), kernel_.rows) * kernel_.rows * depth_;
  }
  int64_t RowSize() const {
    return CeilDivide(std::min(problem_.columns, kTaskColumns), kernel_.columns) * kernel_.columns;
  }
  int64_t RightSize() const { return RowSize() * depth_; }

  void RunBlock(Range rows, Range columns, Range depth, const double* left, const double* right,
                double* result) const {
    double tile[kMaxGemmTile];
    for (int64_t j = 0; j < columns.count; j += kernel_.columns) {
      for (int64_t i = 0; i < rows.count; i += kernel_.rows) {
        kernel_.run(depth.count, left + i * depth.count, right + j * depth.count, tile);
        AddTile(tile, kernel_.columns, std::min<int64_t>(kernel_.rows, rows.count - i),
                std::min<int64_t>(kernel_.columns, columns.count - j), depth.begin == 0,
                {result + (rows.begin + i) * problem_.result_row_stride + columns.begin + j,
                 problem_.result_row_stride});
      }
    }
  }

  const GemmProblem& problem_;
  const GemmKernel& kernel_;
  int64_t depth_;
  int64_t row_tasks_;
  int64_t column_tasks_;
};

void FillZero(const GemmProblem& problem) {
  for (int64_t product = 0; product < problem.products; ++product) {
    double* result = problem.result(product);
    for (int64_t i = 0; i < problem.rows; ++i) {
      std::fill_n(result + i * problem.result_row_stride, problem.columns, 0.0);
    }
  }
}

}  // namespace

RowSource RowsOf(std::function<MatrixView(int64_t product)> right) {
  return [right = std::move(right)](int64_t product, int64_t row, int64_t begin,
                                    std::span<double> out) {
    const MatrixView view = right(product);
    const double* in = view.data + row * view.row_stride + begin * view.column_stride;
    if (view.column_stride == 1) {
      std::copy_n(in, out.size(), out.begin());
      return;
    }
    for (double& value : out) {
      value = *in;
      in += view.column_stride;
    }
  };
}

void Gemm(const GemmProblem& problem, const GemmKernel& kernel, ThreadPool& threads) {
  if (problem.depth == 0) {
    FillZero(problem);
    return;
  }
  const Blocked blocked(problem, kernel);
  if (blocked.tasks() == 0) return;
  ScratchPool scratch(threads.threads(), blocked.scratch());
  threads.ParallelFor(blocked.tasks(), 1, [&](int64_t begin, int64_t end) {
    ScratchPool::Loan loan(scratch);
    for (int64_t task = begin; task < end; ++task) blocked.RunTask(task, loan.data());
  });
}

void Gemm(const GemmProblem& problem, ThreadPool& threads) {
  Gemm(problem, GemmKernels().front(), threads);
}

void NaiveGemm(const GemmProblem& problem) {
  std::vector<double> row(static_cast<size_t>(problem.columns));
  FillZero(problem);
  for (int64_t product = 0; product < problem.products; ++product) {
    const MatrixView left = problem.left(product);
    double* result = problem.result(product);
    for (int64_t k = 0; k < problem.depth; ++k) {
      problem.right(product, k, 0, row);
      for (int64_t i = 0; i < problem.rows; ++i) {
        const double a = left.data[i * left.row_stride + k * left.column_stride];
        double* out = result + i * problem.result_row_stride;
        for (size_t j = 0; j < row.size(); ++j) out[j] += a * row[j];
      }
    }
  }
}

}  // namespace assay
