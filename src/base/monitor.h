#pragma once

#include <atomic>
#include <functional>
#include <string_view>

#include "base/status.h"

namespace assay {

// How a long operation reports where it stands and learns that it should stop. Both parts are
// optional; a default Monitor is silent and never cancels. Thread-safe if the callback is.
struct Monitor {
  // stage: what is being done, for example "reference: node 12 of 300 (Conv)"; fraction in [0, 1].
  std::function<void(std::string_view stage, double fraction)> progress;
  const std::atomic<bool>* cancelled = nullptr;

  void Report(std::string_view stage, double fraction) const {
    if (progress) progress(stage, fraction);
  }
  bool IsCancelled() const {
    return cancelled != nullptr && cancelled->load(std::memory_order_relaxed);
  }
  Status Check() const {
    if (IsCancelled()) return Status(StatusCode::kInterrupted, "interrupted by the user");
    return OkStatus();
  }
};

}  // namespace assay
