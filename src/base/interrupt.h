#pragma once

#include <atomic>

namespace assay {

// Makes Ctrl-C (and a request to end, SIGTERM) set a flag instead of ending the process, so that
// finished work can be kept. A second Ctrl-C ends the process at once. For Monitor::cancelled.
const std::atomic<bool>& CatchInterrupts();

// Exit code by which shells know that a process was interrupted.
inline constexpr int kInterruptedExitCode = 130;

}  // namespace assay
