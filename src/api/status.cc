#include <exception>
#include <new>
#include <system_error>

#include "api/handles.h"

namespace assay {
namespace {

// There when there is no memory for another: the text fits into the string itself.
assay_status* OutOfMemory() noexcept {
  static assay_status status{Status(StatusCode::kResourceLimit, "out of memory")};
  return &status;
}

assay_status* StatusOf(StatusCode code, const char* message) noexcept {
  try {
    return new assay_status{Status(code, message)};
  } catch (...) {
    return OutOfMemory();
  }
}

}  // namespace

assay_status* NewStatus(Status status) {
  return status.ok() ? nullptr : new assay_status{std::move(status)};
}

assay_status* StatusOfException() noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return OutOfMemory();
  } catch (const std::system_error& error) {
    return StatusOf(StatusCode::kIo, error.what());
  } catch (const std::exception& error) {
    return StatusOf(StatusCode::kInternal, error.what());
  } catch (...) {
    return StatusOf(StatusCode::kInternal, "an exception of an unknown kind");
  }
}

}  // namespace assay

assay_code assay_status_code(const assay_status* status) {
  return status == nullptr ? ASSAY_OK : static_cast<assay_code>(status->status.code());
}
const char* assay_status_message(const assay_status* status) {
  return status == nullptr ? "" : status->status.message().c_str();
}
const char* assay_status_hint(const assay_status* status) {
  return status == nullptr ? "" : status->status.hint().c_str();
}
void assay_status_free(assay_status* status) {
  if (status != assay::OutOfMemory()) delete status;
}
