#include "base/thread_pool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <thread>
#include <vector>

namespace assay {
namespace {

TEST(ThreadPool, CoversEveryIndexOnce) {
  for (const int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    for (const int64_t count : {0, 1, 7, 64, 1000}) {
      std::vector<std::atomic<int>> seen(static_cast<size_t>(count));
      pool.ParallelFor(count, 3, [&](int64_t begin, int64_t end) {
        EXPECT_EQ(begin % 3, 0);
        EXPECT_LE(end - begin, 3);
        for (int64_t i = begin; i < end; ++i) ++seen[static_cast<size_t>(i)];
      });
      for (const std::atomic<int>& times : seen) EXPECT_EQ(times, 1);
    }
  }
}

TEST(ThreadPool, NeverRunsTwoBodiesInOneSlot) {
  ThreadPool pool(4);
  std::vector<std::atomic<int>> running(4);
  for (int repeat = 0; repeat < 200; ++repeat) {
    pool.ParallelForSlots(64, 1, [&](int64_t, int64_t, int slot) {
      EXPECT_EQ(running[static_cast<size_t>(slot)].fetch_add(1), 0);
      EXPECT_EQ(running[static_cast<size_t>(slot)].fetch_sub(1), 1);
    });
  }
}

TEST(ThreadPool, FinishesEveryJobBeforeItReturns) {
  ThreadPool pool(3);
  for (int64_t repeat = 1; repeat <= 20000; ++repeat) {
    std::atomic<int64_t> sum{0};
    pool.ParallelFor(4, 1, [&](int64_t begin, int64_t) { sum += begin + repeat; });
    ASSERT_EQ(sum, 6 + 4 * repeat);
  }
}

TEST(ThreadPool, TakesCallsFromSeveralThreadsInTurn) {
  ThreadPool pool(2);
  std::atomic<int64_t> sum{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int repeat = 0; repeat < 500; ++repeat) {
        pool.ParallelFor(8, 1, [&](int64_t, int64_t) { ++sum; });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(sum, 4 * 500 * 8);
}

TEST(ThreadPool, RunsACallFromInsideABodyAtOnce) {
  ThreadPool pool(3);
  std::atomic<int64_t> sum{0};
  pool.ParallelFor(6, 1, [&](int64_t, int64_t) {
    pool.ParallelFor(5, 2, [&](int64_t begin, int64_t end) { sum += end - begin; });
  });
  EXPECT_EQ(sum, 30);
}

#if defined(__has_feature)
#define ASSAY_HAS_FEATURE(name) __has_feature(name)
#else
#define ASSAY_HAS_FEATURE(name) 0
#endif
// Sanitizers take address space.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !ASSAY_HAS_FEATURE(address_sanitizer) && !ASSAY_HAS_FEATURE(thread_sanitizer)
// Threads that were started are joined before the error leaves.
TEST(ThreadPoolDeathTest, ThrowsWhenThreadsCannotBeHad) {
  const auto start_many = [] {
    const rlimit limit = {size_t{1} << 29, size_t{1} << 29};  // stacks of a few threads
    if (setrlimit(RLIMIT_AS, &limit) != 0) std::exit(1);
    try {
      const ThreadPool pool(4096);
    } catch (const std::system_error& error) {
      std::fprintf(stderr, "refused: %s", error.what());
      std::exit(3);
    }
    std::exit(0);
  };
  EXPECT_EXIT(start_many(), testing::ExitedWithCode(3), "refused: ");
}
#endif

}  // namespace
}  // namespace assay
