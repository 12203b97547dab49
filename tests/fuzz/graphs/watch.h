#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace assay::fuzz {

// Where a watched process stands; shared with the one that watches.
struct Progress {
  volatile uint64_t seed = 0;
  volatile int64_t since = 0;  // seconds, steady
  volatile int subject = -1;   // -1: the graph is being made
  volatile int findings = 0;
};

// Calls work(first seed, progress) in a process of its own, and again behind a seed at which it
// crashed or stood still for `limit` seconds, of which `report(progress, reason)` hears and says
// whether it counts. Returns the number of findings and of such seeds.
int Watch(uint64_t first, int limit, const std::function<void(uint64_t, Progress&)>& work,
          const std::function<bool(const Progress&, const std::string& reason)>& report);

// True if a process that does the work crashes, or is not done after `limit` seconds.
bool Dies(int limit, const std::function<void()>& work);

int64_t NowSeconds();

}  // namespace assay::fuzz
