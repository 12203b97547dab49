#include "runners/onnxruntime/terminate_on_cancel.h"

#include <atomic>
#include <chrono>
#include <utility>

namespace assay {

Result<std::unique_ptr<TerminateOnCancel>> TerminateOnCancel::Create(const OnnxRuntime& runtime,
                                                                     const Monitor& monitor) {
  OrtRunOptions* options = nullptr;
  ASSAY_RETURN_IF_ERROR(runtime.Check(runtime.api().CreateRunOptions(&options),
                                      "cannot set a run option", StatusCode::kUnsupported));
  std::unique_ptr<TerminateOnCancel> result(new TerminateOnCancel(
      runtime, OrtOwned<OrtRunOptions>(options, runtime.api().ReleaseRunOptions)));
  if (monitor.cancelled != nullptr) {
    result->thread_ =
        std::thread(&TerminateOnCancel::Watch, result.get(), std::cref(*monitor.cancelled));
  }
  return result;
}

TerminateOnCancel::~TerminateOnCancel() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    finished_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void TerminateOnCancel::Watch(const std::atomic<bool>& cancelled) {
  constexpr auto kInterval = std::chrono::milliseconds(50);
  std::unique_lock lock(mutex_);
  while (!finished_) {
    if (cancelled.load(std::memory_order_relaxed)) {
      const Status ignored =
          runtime_.Check(runtime_.api().RunOptionsSetTerminate(run_options_.get()), "cannot stop",
                         StatusCode::kUnsupported);
      (void)ignored;
      return;
    }
    wake_.wait_for(lock, kInterval, [this] { return finished_; });
  }
}

}  // namespace assay
