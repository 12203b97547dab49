#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "base/monitor.h"
#include "base/status.h"
#include "runners/onnxruntime/onnxruntime_library.h"

namespace assay {

// Options of one inference, which a thread tells to stop when the monitor is cancelled; the library
// looks at them between nodes. No thread is started for a monitor that cannot be cancelled.
class TerminateOnCancel {
 public:
  static Result<std::unique_ptr<TerminateOnCancel>> Create(const OnnxRuntime& runtime,
                                                           const Monitor& monitor);
  ~TerminateOnCancel();
  TerminateOnCancel(const TerminateOnCancel&) = delete;
  TerminateOnCancel& operator=(const TerminateOnCancel&) = delete;

  const OrtRunOptions* run_options() const { return run_options_.get(); }

 private:
  TerminateOnCancel(const OnnxRuntime& runtime, OrtOwned<OrtRunOptions> run_options)
      : runtime_(runtime), run_options_(std::move(run_options)) {}
  void Watch(const std::atomic<bool>& cancelled);

  const OnnxRuntime& runtime_;
  OrtOwned<OrtRunOptions> run_options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool finished_ = false;
  std::thread thread_;
};

}  // namespace assay
