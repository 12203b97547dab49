#include "base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
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

// How long a thread looks for work before it sleeps: about 30 microseconds, the time between two
// small steps of an engine.
constexpr int kSpins = 2000;

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// The state of a pool in one word: how many workers have joined the job, whether more may, and the
// number of the job.
constexpr uint64_t kOneWorker = 1;
constexpr uint64_t kWorkers = 0xFFFF;
constexpr uint64_t kOpen = 0x10000;
constexpr uint64_t kOneJob = 0x20000;

bool IsOpen(uint64_t state) { return (state & kOpen) != 0; }
uint64_t JobOf(uint64_t state) { return state / kOneJob; }

}  // namespace

struct ThreadPool::Impl {
  using Body = FunctionRef<void(int64_t, int64_t, int)>;

  std::vector<std::thread> workers;
  int spins = 0;
  std::mutex callers;
  std::atomic<uint64_t> state{0};
  std::atomic<bool> stopping{false};

  // Of the job; written only while no worker has joined.
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

  // Waits until the state is another one, first awake, then asleep.
  uint64_t WaitForChange(uint64_t seen) {
    for (int i = 0; i < spins; ++i) {
      const uint64_t now = state.load(std::memory_order_acquire);
      if (now != seen) return now;
      Pause();
    }
    state.wait(seen, std::memory_order_acquire);
    return state.load(std::memory_order_acquire);
  }

  void Work(int slot) {
    uint64_t last_job = 0;
    uint64_t now = state.load(std::memory_order_acquire);
    for (;;) {
      if (stopping.load(std::memory_order_relaxed)) return;
      if (!IsOpen(now) || JobOf(now) == last_job) {
        now = WaitForChange(now);
        continue;
      }
      if (!state.compare_exchange_weak(now, now + kOneWorker, std::memory_order_acquire)) continue;
      last_job = JobOf(now);
      RunBlocks(slot);
      now = state.fetch_sub(kOneWorker, std::memory_order_release) - kOneWorker;
      if (!IsOpen(now) && (now & kWorkers) == 0) state.notify_all();
    }
  }

  void Stop() {
    stopping.store(true, std::memory_order_relaxed);
    state.fetch_add(kOneJob, std::memory_order_release);
    state.notify_all();
    for (std::thread& worker : workers) worker.join();
  }

  void RunJob() {
    const uint64_t closed = state.load(std::memory_order_relaxed);
    state.store((closed & ~kWorkers & ~kOpen) + kOneJob + kOpen, std::memory_order_release);
    state.notify_all();
    RunBlocks(0);
    uint64_t now = state.fetch_and(~kOpen, std::memory_order_acquire) & ~kOpen;
    while ((now & kWorkers) != 0) now = WaitForChange(now);
  }
};

ThreadPool::ThreadPool(int threads) : impl_(std::make_unique<Impl>()) {
  if (threads <= 0) threads = UsableCpuCount();
  threads = std::min<int>(threads, static_cast<int>(kWorkers));
  impl_->spins = threads <= UsableCpuCount() ? kSpins : 0;
  try {
    for (int i = 1; i < threads; ++i) impl_->workers.emplace_back([this, i] { impl_->Work(i); });
  } catch (...) {
    impl_->Stop();
    throw;
  }
}

ThreadPool::~ThreadPool() { impl_->Stop(); }

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
  impl_->body = &body;
  impl_->count = count;
  impl_->grain = grain;
  impl_->next.store(0, std::memory_order_relaxed);
  impl_->RunJob();
}

}  // namespace assay
