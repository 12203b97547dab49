#pragma once

#include <cstddef>
#include <memory>

#include "base/status.h"

namespace assay {

// A block of memory aligned to 64 bytes, owned alone.
class AlignedBytes {
 public:
  AlignedBytes() = default;
  // Uninitialised. Errors: kResourceLimit when the memory cannot be had.
  static Result<AlignedBytes> Allocate(size_t bytes);

  std::byte* data() const { return data_.get(); }
  size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(std::byte* data) const;
  };
  std::unique_ptr<std::byte, Free> data_;
  size_t size_ = 0;
};

}  // namespace assay
