#include "base/log.h"

namespace assay {
namespace {

class NullSink final : public LogSink {
 public:
  bool IsEnabled(Severity) const override { return false; }
  void Write(Severity, std::string_view) override {}
  void Indent(int) override {}
};

}  // namespace

LogSink& NullLog() {
  static NullSink sink;
  return sink;
}

}  // namespace assay
