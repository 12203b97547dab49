// Saving and loading 100 million float32 elements (381 MiB) in every format, from and to the page
// cache; the time of a save includes flushing to disk.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tensor/random.h"
#include "tensor/tensor_file.h"

namespace assay {
namespace {

constexpr int64_t kElements = 100'000'000;

const std::vector<TensorMap>& Inputs() {
  static const std::vector<TensorMap> inputs = [] {
    const RandomInputSpec spec{"x", DType::kFloat32, Shape{kElements}};
    Result<TensorMap> map = RandomInputs({&spec, 1}, {}, 0);
    if (!map.ok()) std::abort();
    return std::vector<TensorMap>{*std::move(map)};
  }();
  return inputs;
}

std::filesystem::path Path(const std::string& extension) {
  return std::filesystem::temp_directory_path() / ("assay_tensor_file_bench" + extension);
}

void CountBytes(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * kElements * static_cast<int64_t>(sizeof(float)));
}

void BM_SaveInputs(benchmark::State& state, const std::string& extension) {
  const std::vector<TensorMap>& inputs = Inputs();
  for (auto _ : state) {
    if (!SaveInputs(Path(extension), inputs).ok()) state.SkipWithError("cannot save");
  }
  CountBytes(state);
}

void BM_LoadInputs(benchmark::State& state, const std::string& extension) {
  if (!SaveInputs(Path(extension), Inputs()).ok()) state.SkipWithError("cannot save");
  for (auto _ : state) {
    const Result<std::vector<TensorMap>> inputs = LoadInputs(Path(extension));
    if (!inputs.ok()) state.SkipWithError("cannot load");
    benchmark::DoNotOptimize((*inputs)[0][0].tensor.raw());
  }
  CountBytes(state);
  std::filesystem::remove(Path(extension));
}

BENCHMARK_CAPTURE(BM_SaveInputs, json, std::string(".json"))
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(BM_LoadInputs, json, std::string(".json"))
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(BM_SaveInputs, npz, std::string(".npz"))
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(BM_LoadInputs, npz, std::string(".npz"))
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void BM_RandomInputs(benchmark::State& state, DType dtype) {
  const RandomInputSpec spec{"x", dtype, Shape{1'000'000}};
  for (auto _ : state) {
    const Result<TensorMap> map = RandomInputs({&spec, 1}, {}, 0);
    benchmark::DoNotOptimize((*map)[0].tensor.raw());
  }
  state.SetItemsProcessed(state.iterations() * 1'000'000);
}

BENCHMARK_CAPTURE(BM_RandomInputs, float32, DType::kFloat32)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_RandomInputs, float16, DType::kFloat16)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_RandomInputs, int64, DType::kInt64)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace assay
