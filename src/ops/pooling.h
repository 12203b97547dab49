#pragma once

#include <cstdint>

#include "base/status.h"
#include "ops/infer_context.h"
#include "ops/reduction.h"
#include "ops/reference_context.h"
#include "ops/window.h"
#include "tensor/shape.h"

namespace assay {

// A pooling: windows over every (batch, channel) plane of input 0.
struct Pooling {
  WindowWalk walk;
  int64_t planes = 0;
  Shape output;

  // Calls body(plane, at) for every window `at` of every plane, in parallel.
  template <typename Body>
  void ForEachWindow(ThreadPool& threads, Body&& body) const {
    const int64_t windows = walk.output_count();
    // About 2^14 taps per parallel block.
    const int64_t grain = std::max<int64_t>(1, (int64_t{1} << 14) / walk.kernel_count());
    threads.ParallelFor(planes * windows, grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) body(i / windows, i % windows);
    });
  }
};

// Reads the window attributes of a pooling node. Errors as ReadWindowAttributes, ResolveWindow.
Result<Pooling> ResolvePooling(const ReferenceContext& context);
// Shape of output 0 (and of output 1, int64, where the node has it).
Status InferPooling(InferContext& context);

// The same for poolings over whole planes: the output keeps its rank with extents of 1.
Result<Reduction> ResolveGlobalPooling(const ReferenceContext& context);
Status InferGlobalPooling(InferContext& context);

}  // namespace assay
