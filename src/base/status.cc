#include "base/status.h"

namespace assay {

std::string_view StatusCodeName(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "ok";
    case StatusCode::kUsage:
      return "usage";
    case StatusCode::kInvalidInput:
      return "invalid input";
    case StatusCode::kNotFound:
      return "not found";
    case StatusCode::kUnsupported:
      return "unsupported";
    case StatusCode::kUnavailable:
      return "unavailable";
    case StatusCode::kIo:
      return "input/output";
    case StatusCode::kResourceLimit:
      return "resource limit";
    case StatusCode::kInterrupted:
      return "interrupted";
    case StatusCode::kInternal:
      return "internal";
  }
  return "unknown";
}

Status Status::WithContext(std::string_view where) const {
  if (ok()) return *this;
  std::string message = message_ + " (";
  message += where;
  message += ")";
  return Status(code_, std::move(message), hint_);
}

std::string Status::ToString() const {
  if (ok()) return "ok";
  if (hint_.empty()) return message_;
  return message_ + "\nhint: " + hint_;
}

}  // namespace assay
