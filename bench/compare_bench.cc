#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "compare/compare_pair.h"
#include "compare/comparison.h"
#include "tensor/tensor.h"

namespace {

using assay::CompareOptions;
using assay::DType;
using assay::OutputComparison;
using assay::Tensor;
using assay::ThreadPool;

// A pair of tensors, and tolerances that some elements meet and some miss: nothing can be skipped.
struct Pair {
  Tensor output;
  Tensor reference;
};

enum class Content { kNormal, kProbability, kPassing };

class Random {
 public:
  float Uniform() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<float>(state_ >> 40) / 16777216.0f;
  }
  float Normal() { return (Uniform() + Uniform() + Uniform() + Uniform() - 2) * 1.7320508f; }

 private:
  uint64_t state_ = 1;
};

Pair MakePair(Content content, int64_t elements) {
  Pair pair = {Tensor::Allocate(DType::kFloat32, {elements}),
               Tensor::Allocate(DType::kFloat32, {elements})};
  const auto output = pair.output.mutable_data<float>();
  const auto reference = pair.reference.mutable_data<float>();
  Random random;
  for (size_t i = 0; i < output.size(); ++i) {
    float x = random.Normal();
    if (content == Content::kProbability) x = 1 / (1 + std::exp(-3 * x));
    const float noise = 1e-6f * random.Normal();
    reference[i] = x;
    output[i] = x + (content == Content::kProbability ? x * (1 - x) * noise : x * noise);
  }
  return pair;
}

const Pair& CachedPair(Content content, int64_t elements) {
  static Content cached_content;
  static std::unique_ptr<Pair> cached;
  if (cached == nullptr || cached_content != content || cached->output.elements() != elements) {
    cached = std::make_unique<Pair>(MakePair(content, elements));
    cached_content = content;
  }
  return *cached;
}

CompareOptions Options(Content content) {
  CompareOptions options;
  const double tolerance = content == Content::kPassing ? 1e-4 : 1e-6;
  options.tolerance = {tolerance, tolerance};
  return options;
}

// Everything that CompareTensors computes, on the threads of the machine.
void CompareAll(benchmark::State& state, Content content) {
  const int64_t elements = state.range(0);
  const Pair& pair = CachedPair(content, elements);
  ThreadPool pool(static_cast<int>(state.range(1)));
  for (auto _ : state) {
    auto comparison = CompareTensors(pair.output, pair.reference, Options(content), pool);
    benchmark::DoNotOptimize(comparison);
  }
  state.SetItemsProcessed(state.iterations() * elements);
}

void Sizes(benchmark::internal::Benchmark* bench) {
  for (const int64_t elements : {10'000, 1'000'000, 10'000'000, 50'000'000}) {
    for (const int threads : {1, 2}) bench->Args({elements, threads});
  }
  bench->ArgNames({"elements", "threads"})->UseRealTime()->MeasureProcessCPUTime();
}

BENCHMARK_CAPTURE(CompareAll, normal, Content::kNormal)->Apply(Sizes);
BENCHMARK_CAPTURE(CompareAll, probability, Content::kProbability)->Apply(Sizes);
BENCHMARK_CAPTURE(CompareAll, passing, Content::kPassing)->Apply(Sizes);

// The measurement alone with the loops of one instruction set (InstructionSet's numbering).
void MeasureWithInstructionSet(benchmark::State& state) {
  const auto set = static_cast<assay::InstructionSet>(state.range(0));
  const auto* kernels = assay::FindBlockKernels<float>(set);
  if (kernels == nullptr) {
    state.SkipWithError("this CPU does not have the instruction set");
    return;
  }
  constexpr int64_t kElements = 10'000'000;
  const Pair& pair = CachedPair(Content::kNormal, kElements);
  ThreadPool pool(1);
  for (auto _ : state) {
    OutputComparison comparison;
    comparison.output_dtype = comparison.reference_dtype = DType::kFloat32;
    comparison.options = Options(Content::kNormal);
    auto status = MeasurePair(pair.output, pair.reference, *kernels, pool, {}, &comparison);
    benchmark::DoNotOptimize(status);
  }
  state.SetItemsProcessed(state.iterations() * kElements);
}
BENCHMARK(MeasureWithInstructionSet)
    ->DenseRange(0, assay::kInstructionSetCount - 1)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

// Other element types, both sides alike.
void CompareType(benchmark::State& state, DType dtype) {
  constexpr int64_t kElements = 5'000'000;
  const Pair& pair = CachedPair(Content::kNormal, kElements);
  const auto output = ConvertTensor(pair.output, dtype);
  const auto reference = ConvertTensor(pair.reference, dtype);
  ThreadPool pool(2);
  for (auto _ : state) {
    auto comparison = CompareTensors(*output, *reference, {}, pool);
    benchmark::DoNotOptimize(comparison);
  }
  state.SetItemsProcessed(state.iterations() * kElements);
}
BENCHMARK_CAPTURE(CompareType, float16, DType::kFloat16)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(CompareType, bfloat16, DType::kBFloat16)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(CompareType, float64, DType::kFloat64)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(CompareType, int32, DType::kInt32)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(CompareType, int64, DType::kInt64)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(CompareType, uint8, DType::kUInt8)->UseRealTime()->MeasureProcessCPUTime();

}  // namespace
