#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"

namespace assay {

// A log that can keep back what is written until it is known whether it is worth showing.
class HeldLog final : public LogSink {
 public:
  explicit HeldLog(LogSink& log) : log_(log) {}

  bool IsEnabled(Severity severity) const override { return log_.IsEnabled(severity); }
  void Write(Severity severity, std::string_view message) override {
    if (!holding_) return log_.Write(severity, message);
    held_.push_back({severity, std::string(message), 0});
  }
  void Indent(int levels) override {
    if (!holding_) return log_.Indent(levels);
    held_.push_back({Severity::kInfo, "", levels});
  }

  void Hold() { holding_ = true; }
  // Writes what was held: everything, or warnings and worse only.
  void Release(bool everything) {
    holding_ = false;
    for (const Entry& entry : std::exchange(held_, {})) {
      if (entry.indent != 0)
        log_.Indent(entry.indent);
      else if (everything || entry.severity >= Severity::kWarning)
        log_.Write(entry.severity, entry.message);
    }
  }

 private:
  struct Entry {
    Severity severity;
    std::string message;
    int indent;  // 0: a message
  };

  LogSink& log_;
  bool holding_ = false;
  std::vector<Entry> held_;
};

}  // namespace assay
