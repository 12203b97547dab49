#pragma once

#include <cstdint>
#include <memory>

#include "base/function_ref.h"

namespace assay {

// Runs index ranges on a fixed set of threads. The partition of a loop depends only on its length
// and grain, never on the number of threads, so results cannot depend on it either.
class ThreadPool {
 public:
  // threads: number of threads that work, the calling one included; 0 means one per usable CPU.
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;

  // Calls body(begin, end) for consecutive blocks of at most `grain` indices that cover [0, count).
  // Blocks start at multiples of grain. Returns when all blocks are done. A call from inside a body
  // runs serially on the calling thread. Allocates nothing. Safe to call from several threads;
  // calls take turns.
  void ParallelFor(int64_t count, int64_t grain,
                   FunctionRef<void(int64_t begin, int64_t end)> body);

  // As ParallelFor; body also learns in which of the threads() slots it runs, for scratch memory of
  // its own: no two bodies of one call run in one slot at the same time.
  void ParallelForSlots(int64_t count, int64_t grain,
                        FunctionRef<void(int64_t begin, int64_t end, int slot)> body);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Number of CPUs that this process may use.
int UsableCpuCount();

}  // namespace assay
