#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/monitor.h"
#include "base/status.h"
#include "cli/options/logging_options.h"

namespace assay {

// The log of the program, laid out as Polygraphy's: "[I] " and the like before every message, four
// spaces per level of indentation, further lines aligned below the first. Critical messages go to
// stderr, all others to stdout; a copy goes to a file if asked for. Also shows how far a long
// operation is, in one line that disappears, if stderr is a terminal. Thread-safe.
class ConsoleLog final : public LogSink {
 public:
  // Errors: kIo if the log file cannot be written.
  static Result<std::unique_ptr<ConsoleLog>> Create(const LoggingSettings& settings);
  ~ConsoleLog() override;
  // Ends the copy in the file. Errors: kIo if not all of it could be written.
  Status CloseFile();

  bool IsEnabled(Severity severity) const override { return severity >= settings_.severity; }
  void Write(Severity severity, std::string_view message) override;
  void Indent(int levels) override { indent_ += levels; }

  // A monitor whose progress is shown here: nothing in the first second of an operation, nothing at
  // all if stderr is no terminal. The log must outlive it.
  Monitor MakeMonitor(const std::atomic<bool>* cancelled);
  // Ends the operation whose progress is shown, so that the next one starts anew.
  void EndProgress();

 private:
  explicit ConsoleLog(const LoggingSettings& settings);
  void ShowProgress(std::string_view stage, double fraction);
  void ClearProgress();

  LoggingSettings settings_;
  int indent_ = 0;
  bool colored_ = false;
  bool shows_progress_ = false;
  std::FILE* file_ = nullptr;
  int file_error_ = 0;  // errno of the first write that failed
  std::mutex mutex_;
  using Clock = std::chrono::steady_clock;
  Clock::time_point operation_start_;
  Clock::time_point last_draw_;
  bool in_operation_ = false;
  bool progress_drawn_ = false;
};

}  // namespace assay
