// Speed of the float64 products and convolutions behind the reference, at the sizes of real
// networks, on every usable CPU.

#include <benchmark/benchmark.h>

#include <vector>

#include "base/thread_pool.h"
#include "ops/convolution.h"
#include "ops/matrix_product.h"

namespace assay {
namespace {

constexpr char kFlops[] = "FLOP/s";

benchmark::Counter FlopRate(double flops) {
  return {flops, benchmark::Counter::kIsIterationInvariantRate};
}

void BM_Gemm(benchmark::State& state) {
  const int64_t rows = state.range(0);
  const int64_t columns = state.range(1);
  const int64_t depth = state.range(2);
  const std::vector<double> left(static_cast<size_t>(rows * depth), 0.5);
  const std::vector<double> right(static_cast<size_t>(depth * columns), 0.25);
  std::vector<double> result(static_cast<size_t>(rows * columns));
  ThreadPool threads;
  const GemmProblem problem = {.rows = rows,
                               .columns = columns,
                               .depth = depth,
                               .left =
                                   [&](int64_t) {
                                     return MatrixView{left.data(), depth};
                                   },
                               .right = RowsOf([&](int64_t) {
                                 return MatrixView{right.data(), columns};
                               }),
                               .result = [&](int64_t) { return result.data(); },
                               .result_row_stride = columns};
  for (auto _ : state) Gemm(problem, threads);
  state.counters[kFlops] = FlopRate(2.0 * static_cast<double>(rows * columns * depth));
}
BENCHMARK(BM_Gemm)
    ->Args({1024, 1024, 1024})
    ->Args({197, 3072, 768})
    ->Args({1, 1000, 2048})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// Arguments: channels, filters, extent of the square picture, extent of the square kernel,
// dilation, groups; stride 1 and padding that keeps the extent.
void BM_Convolve(benchmark::State& state) {
  const int64_t channels = state.range(0);
  const int64_t extent = state.range(2);
  const int64_t kernel = state.range(3);
  const int64_t dilation = state.range(4);
  const int64_t pad = (kernel - 1) / 2 * dilation;
  const WindowAxis axis = {extent, kernel, 1, dilation, pad, pad, extent};
  const Convolution convolution = {1, channels, state.range(1), state.range(5), {axis, axis}};
  const int64_t depth = convolution.channels_per_group() * kernel * kernel;
  const std::vector<double> input(static_cast<size_t>(channels * extent * extent), 0.5);
  const std::vector<double> weights(static_cast<size_t>(convolution.filters * depth), 0.25);
  std::vector<double> output(static_cast<size_t>(convolution.filters * extent * extent));
  ThreadPool threads;
  for (auto _ : state) {
    Convolve(convolution, input.data(), weights.data(), output.data(), threads);
  }
  state.counters[kFlops] =
      FlopRate(2.0 * static_cast<double>(convolution.filters * depth * extent * extent));
}
BENCHMARK(BM_Convolve)
    ->Args({64, 64, 128, 3, 1, 1})
    ->Args({256, 64, 128, 1, 1, 1})
    ->Args({256, 256, 64, 3, 2, 1})
    ->Args({512, 2048, 64, 1, 1, 1})
    ->Args({2048, 256, 64, 3, 12, 1})
    ->Args({3, 64, 256, 7, 1, 1})
    ->Args({256, 256, 64, 3, 1, 256})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace assay
