#include "base/executable_path.h"

#include <fmt/format.h>

#include <system_error>

namespace assay {

Result<std::filesystem::path> ExecutablePath() {
  std::error_code error;
  std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return Status(StatusCode::kIo,
                  fmt::format("cannot find the path of the running program: {}", error.message()));
  }
  return path;
}

}  // namespace assay
