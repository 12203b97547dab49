#include "base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

namespace assay {

int UsableCpuCount() {
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

namespace {
thread_local bool t_inside_body = false;
}  // namespace

struct ThreadPool::Impl {
  using Body = FunctionRef<void(int64_t, int64_t, int)>;

  std::vector<std::thread> workers;
  std::mutex callers;
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable done;
  uint64_t generation = 0;
  int busy = 0;
  bool stopping = false;

  const Body* body = nullptr;
  int64_t count = 0;
  int64_t grain = 1;
  std::atomic<int64_t> next{0};

  void RunBlocks(int slot) {
    t_inside_body = true;
    for (;;) {
      const int64_t begin = next.fetch_add(1, std::memory_order_relaxed) * grain;
      if (begin >= count) break;
      (*body)(begin, std::min(begin + grain, count), slot);
    }
    t_inside_body = false;
  }

  void Work(int slot) {
    uint64_t seen = 0;
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [&] { return stopping || generation != seen; });
      if (stopping) return;
      seen = generation;
      lock.unlock();
      RunBlocks(slot);
      lock.lock();
      if (--busy == 0) done.notify_one();
    }
  }
};

ThreadPool::ThreadPool(int threads) : impl_(std::make_unique<Impl>()) {
  if (threads <= 0) threads = UsableCpuCount();
  for (int i = 1; i < threads; ++i) impl_->workers.emplace_back([this, i] { impl_->Work(i); });
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  for (std::thread& worker : impl_->workers) worker.join();
}

int ThreadPool::threads() const { return static_cast<int>(impl_->workers.size()) + 1; }

void ThreadPool::ParallelFor(int64_t count, int64_t grain,
                             FunctionRef<void(int64_t, int64_t)> body) {
  ParallelForSlots(count, grain, [&](int64_t begin, int64_t end, int) { body(begin, end); });
}

void ThreadPool::ParallelForSlots(int64_t count, int64_t grain,
                                  FunctionRef<void(int64_t, int64_t, int)> body) {
  if (count <= 0) return;
  grain = std::max<int64_t>(grain, 1);
  if (t_inside_body || impl_->workers.empty() || count <= grain) {
    for (int64_t begin = 0; begin < count; begin += grain) {
      body(begin, std::min(begin + grain, count), 0);
    }
    return;
  }
  std::lock_guard caller(impl_->callers);
  {
    std::lock_guard lock(impl_->mutex);
    impl_->body = &body;
    impl_->count = count;
    impl_->grain = grain;
    impl_->next.store(0, std::memory_order_relaxed);
    impl_->busy = static_cast<int>(impl_->workers.size());
    ++impl_->generation;
  }
  impl_->wake.notify_all();
  impl_->RunBlocks(0);
  std::unique_lock lock(impl_->mutex);
  impl_->done.wait(lock, [&] { return impl_->busy == 0; });
}

}  // namespace assay
