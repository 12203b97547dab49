#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace assay {

// Severities in Polygraphy's order, so that -v and -q mean the same.
enum class Severity {
  kUltraVerbose = -20,
  kSuperVerbose = -10,
  kExtraVerbose = 0,
  kVerbose = 10,
  kInfo = 20,
  kStart = 22,
  kFinish = 28,
  kWarning = 30,
  kError = 40,
  kCritical = 50,
};

// Where the library sends what it has to say; it never prints by itself. Implementations are
// thread-safe.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual bool IsEnabled(Severity severity) const = 0;
  virtual void Write(Severity severity, std::string_view message) = 0;

  // Indents every later line by one level; LogIndent pairs the two calls.
  virtual void Indent(int levels) = 0;
};

// Drops everything.
LogSink& NullLog();

class LogIndent {
 public:
  explicit LogIndent(LogSink& log, int levels = 1) : log_(log), levels_(levels) {
    log_.Indent(levels_);
  }
  ~LogIndent() { log_.Indent(-levels_); }
  LogIndent(const LogIndent&) = delete;
  LogIndent& operator=(const LogIndent&) = delete;

 private:
  LogSink& log_;
  int levels_;
};

// Writes every message once, however often it comes. A message that is not enabled does not count.
class OnceLog {
 public:
  explicit OnceLog(LogSink& log) : log_(log) {}
  void Write(Severity severity, const std::string& message) {
    if (log_.IsEnabled(severity) && written_.insert(message).second) log_.Write(severity, message);
  }

 private:
  LogSink& log_;
  std::set<std::string> written_;
};

}  // namespace assay
