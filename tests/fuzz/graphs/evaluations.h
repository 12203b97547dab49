#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "ir/graph.h"
#include "reference/interpreter.h"
#include "tensor/tensor.h"

namespace assay::fuzz {

// A model, what goes in, and its graph after inference.
struct Case {
  Model model;
  TensorMap inputs;
};

using Outputs = std::vector<Tensor>;

// How values are shaken, to see what roundings may do.
struct Shaking {
  uint64_t seed = 0;
  double amplitude = 4;  // in units of half the spacing of the value's type
  // Computed values, or all, that have few enough significant bits to be exact are shaken too.
  bool short_computed = false;
  bool short_given = false;
  // What is below one spacing of the largest element of its tensor becomes 0.
  bool flush = false;
  bool round = false;  // to the declared type again, where values that were near may meet
};

// Magnitude of the largest finite element of a floating tensor, else 0.
double LargestOf(const Tensor& tensor);
bool SameBits(const Tensor& a, const Tensor& b);

// Outputs of the reference, floating ones in float64.
Result<Outputs> RunReference(const Case& c, TruthKind truth, ThreadPool& threads,
                             const Shaking* shaking = nullptr);
// Every tensor of the graph, by value id; invalid where it is none. Floating ones in float64.
Result<std::vector<RuntimeValue>> AllValues(const Case& c, ThreadPool& threads);

Result<Outputs> RunNative(const Case& c, bool passes, std::shared_ptr<ThreadPool> threads);

// The model is written to `path` first. `optimized` off: no rewriting by the library.
Result<Outputs> RunOnnxRuntime(const Case& c, const std::filesystem::path& path,
                               const std::string& library, bool optimized);

}  // namespace assay::fuzz
