#include "tests/fuzz/graphs/watch.h"

#include <chrono>
#include <new>
#include <string>

#include "base/child_process.h"

namespace assay::fuzz {

int64_t NowSeconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

bool Dies(int limit, const std::function<void()>& work) {
  const int64_t end = NowSeconds() + limit;
  return RunInChild(work, [&] { return NowSeconds() >= end; }).kind != ChildEnd::Kind::kDone;
}

int Watch(uint64_t first, int limit, const std::function<void(uint64_t, Progress&)>& work,
          const std::function<bool(const Progress&, const std::string& reason)>& report) {
  void* memory = SharedBytes(sizeof(Progress));
  if (memory == nullptr) return 1;
  auto& progress = *new (memory) Progress();
  int failures = 0;
  for (;;) {
    progress.since = NowSeconds();
    const ChildEnd end = RunInChild([&] { work(first, progress); },
                                    [&] { return NowSeconds() - progress.since >= limit; });
    if (end.kind == ChildEnd::Kind::kDone) return failures + progress.findings;
    const std::string reason = end.kind == ChildEnd::Kind::kLate ? "hang" : "crash, " + end.reason;
    if (report(progress, reason)) ++failures;
    first = progress.seed + 1;
  }
}

}  // namespace assay::fuzz
