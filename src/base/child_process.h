#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace assay {

// How a child ended.
struct ChildEnd {
  enum class Kind { kDone, kFailed, kLate };

  Kind kind = Kind::kDone;
  std::string reason;  // of what failed: "signal 6", "exit status 1"; empty for others
};

// Calls work() in a copy of this process, which ends with it; what it changes stays there, except
// in memory of SharedBytes. Ends it when is_late() says so, which is asked every 10 ms. For tests
// of code that may crash or never end. Only the calling thread is copied: threads that were started
// before are not there.
ChildEnd RunInChild(const std::function<void()>& work, const std::function<bool()>& is_late);

// Zeroed memory that this process shares with its later children, until it ends; nullptr if there
// is none.
void* SharedBytes(size_t bytes);

}  // namespace assay
