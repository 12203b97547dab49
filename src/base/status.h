#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace assay {

enum class StatusCode {
  kOk,
  kUsage,          // the request itself is wrong: an option, a tolerance, a name that was typed
  kInvalidInput,   // a file, model or tensor that is malformed or does not fit
  kNotFound,       // a file, library or name that does not exist
  kUnsupported,    // well formed, but not implemented
  kUnavailable,    // a library, device or provider that was asked for is not there
  kIo,             // the operating system refused: permission, disk full
  kResourceLimit,  // memory or a stated limit
  kInterrupted,    // cancelled by the user
  kInternal,       // a defect of Assay
};

std::string_view StatusCodeName(StatusCode code);

// Outcome of an operation that can fail. The message reads "what: expected X, got Y (where)"; the
// hint, if any, says what the user can do about it.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message, std::string hint = {})
      : code_(code), message_(std::move(message)), hint_(std::move(hint)) {}

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }

  // Returns the same status with " (where)" appended to the message; an ok status stays ok.
  Status WithContext(std::string_view where) const;

  // "message\nhint: ..." for people.
  std::string ToString() const;

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
  std::string hint_;
};

inline Status OkStatus() { return {}; }

// A value, or the reason why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}          // NOLINT: implicit by design
  Result(Status status) : status_(std::move(status)) {}  // NOLINT: implicit by design

  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  T& value() & { return *value_; }
  const T& value() const& { return *value_; }
  T&& value() && { return std::move(*value_); }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return std::move(*value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace assay

#define ASSAY_CONCAT_INNER(a, b) a##b
#define ASSAY_CONCAT(a, b) ASSAY_CONCAT_INNER(a, b)

#define ASSAY_RETURN_IF_ERROR(expr)                                                     \
  do {                                                                                  \
    if (::assay::Status assay_status = (expr); !assay_status.ok()) return assay_status; \
  } while (false)

#define ASSAY_ASSIGN_OR_RETURN(lhs, expr) \
  ASSAY_ASSIGN_OR_RETURN_INNER(ASSAY_CONCAT(assay_result_, __LINE__), lhs, expr)
#define ASSAY_ASSIGN_OR_RETURN_INNER(result, lhs, expr) \
  auto result = (expr);                                 \
  if (!result.ok()) return result.status();             \
  lhs = std::move(result).value()
