#include "cli/console_log.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/process.h"
#include "base/quote.h"
#include "base/terminal.h"

namespace assay {
namespace {

constexpr std::chrono::seconds kQuietTime{1};
constexpr std::chrono::milliseconds kRedrawTime{100};
constexpr std::string_view kTab = "    ";

std::string_view PrefixOf(Severity severity) {
  switch (severity) {
    case Severity::kUltraVerbose:
      return "[U] ";
    case Severity::kSuperVerbose:
      return "[S] ";
    case Severity::kExtraVerbose:
      return "[X] ";
    case Severity::kVerbose:
      return "[V] ";
    case Severity::kInfo:
    case Severity::kStart:
    case Severity::kFinish:
      return "[I] ";
    case Severity::kWarning:
      return "[W] ";
    case Severity::kError:
      return "[E] ";
    case Severity::kCritical:
      return "[!] ";
  }
  return "";
}

// Terminal colors; empty for plain text.
std::string_view ColorOf(Severity severity) {
  switch (severity) {
    case Severity::kUltraVerbose:
      return "\x1b[90m";
    case Severity::kSuperVerbose:
    case Severity::kExtraVerbose:
      return "\x1b[35m";
    case Severity::kVerbose:
      return "\x1b[95m";
    case Severity::kInfo:
      return "";
    case Severity::kStart:
      return "\x1b[96m";
    case Severity::kFinish:
      return "\x1b[92m";
    case Severity::kWarning:
      return "\x1b[93m";
    case Severity::kError:
    case Severity::kCritical:
      return "\x1b[91m";
  }
  return "";
}

// Names and texts of files must not command the terminal; tabs are left.
void AppendLine(std::string_view line, std::string& text) {
  for (size_t start = 0;;) {
    const size_t tab = line.find('\t', start);
    text += Printable(line.substr(start, tab - start));
    if (tab == std::string_view::npos) return;
    text += '\t';
    start = tab + 1;
  }
}

}  // namespace

Result<std::unique_ptr<ConsoleLog>> ConsoleLog::Create(const LoggingSettings& settings) {
  std::unique_ptr<ConsoleLog> log(new ConsoleLog(settings));
  if (!settings.file.empty()) {
    log->file_ = std::fopen(settings.file.c_str(), "w");
    if (log->file_ == nullptr) {
      return Status(StatusCode::kIo, fmt::format("log file: cannot be written: {} ({})",
                                                 std::strerror(errno), settings.file));
    }
  }
  return log;
}

ConsoleLog::ConsoleLog(const LoggingSettings& settings)
    : settings_(settings),
      colored_(settings.colors && IsTerminal(StandardStream::kOutput)),
      shows_progress_(IsTerminal(StandardStream::kError)) {}

ConsoleLog::~ConsoleLog() {
  ClearProgress();
  if (file_ != nullptr) std::fclose(file_);
  std::fflush(stdout);
}

Status ConsoleLog::CloseFile() {
  const std::scoped_lock lock(mutex_);
  if (file_ == nullptr) return OkStatus();
  if (std::fclose(std::exchange(file_, nullptr)) != 0 && file_error_ == 0) file_error_ = errno;
  if (file_error_ == 0) return OkStatus();
  return Status(StatusCode::kIo, fmt::format("log file: not all of it could be written: {} ({})",
                                             std::strerror(file_error_), settings_.file));
}

void ConsoleLog::Write(Severity severity, std::string_view message) {
  if (!IsEnabled(severity)) return;
  std::string text(PrefixOf(severity));
  if (settings_.timestamps) text += "(" + LocalTime("%X") + ") ";
  std::string continuation(text.size(), ' ');
  for (int i = 0; i < indent_; ++i) {
    text += kTab;
    continuation += kTab;
  }
  if (message.ends_with('\n')) message.remove_suffix(1);
  for (size_t start = 0;;) {
    const size_t end = message.find('\n', start);
    AppendLine(message.substr(start, end - start), text);
    if (end == std::string_view::npos) break;
    text += '\n';
    text += continuation;
    start = end + 1;
  }

  const std::scoped_lock lock(mutex_);
  ClearProgress();
  std::FILE* stream = severity >= Severity::kCritical ? stderr : stdout;
  if (stream == stderr) std::fflush(stdout);
  const std::string_view color = colored_ ? ColorOf(severity) : std::string_view();
  fmt::print(stream, "{}{}{}\n", color, text, color.empty() ? "" : "\x1b[0m");
  if (file_ != nullptr) {
    text += '\n';
    const bool written =
        std::fwrite(text.data(), 1, text.size(), file_) == text.size() && std::fflush(file_) == 0;
    if (!written && file_error_ == 0) file_error_ = errno;
  }
}

Monitor ConsoleLog::MakeMonitor(const std::atomic<bool>* cancelled) {
  Monitor monitor;
  monitor.cancelled = cancelled;
  if (shows_progress_) {
    monitor.progress = [this](std::string_view stage, double fraction) {
      ShowProgress(stage, fraction);
    };
  }
  return monitor;
}

void ConsoleLog::EndProgress() {
  const std::scoped_lock lock(mutex_);
  ClearProgress();
  in_operation_ = false;
}

void ConsoleLog::ShowProgress(std::string_view stage, double fraction) {
  const auto now = Clock::now();
  const std::scoped_lock lock(mutex_);
  if (!in_operation_) {
    in_operation_ = true;
    operation_start_ = now;
  }
  if (now - operation_start_ < kQuietTime || now - last_draw_ < kRedrawTime) return;
  last_draw_ = now;
  std::string line = fmt::format("{:3.0f}% {}", 100 * fraction, stage);
  const size_t columns = static_cast<size_t>(TerminalColumns(StandardStream::kError));
  if (line.size() >= columns) line.resize(columns - 1);
  std::fflush(stdout);
  fmt::print(stderr, "\r{}\x1b[K", line);
  std::fflush(stderr);
  progress_drawn_ = true;
}

void ConsoleLog::ClearProgress() {
  if (!progress_drawn_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  progress_drawn_ = false;
}

}  // namespace assay
