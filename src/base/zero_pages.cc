#include "base/zero_pages.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>

namespace assay {

Result<std::shared_ptr<const void>> MapZeroPages(size_t bytes) {
  const size_t size = std::max<size_t>(bytes, 1);
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED) {
    return Status(StatusCode::kResourceLimit, fmt::format("cannot map {} bytes of memory", size));
  }
  return std::shared_ptr<const void>(
      data, [size](const void* mapped) { munmap(const_cast<void*>(mapped), size); });
}

}  // namespace assay
