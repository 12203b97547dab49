#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "tensor/tensor.h"
#include "tensor/zip_directory.h"

namespace assay {

// numpy's .npz format: a ZIP archive with one .npy file per array, called by the array's name.

// All arrays in the order of the archive, without the ".npy" of their names. Stored and deflated
// entries, zip64; every size is checked against the file before memory is taken, and checksums are
// verified. Stored entries whose elements are aligned become views if `owner` is given.
// Errors: kInvalidInput (malformed, truncated, checksum), kUnsupported (encrypted, other
// compression), kResourceLimit.
Result<TensorMap> ParseNpz(std::span<const std::byte> bytes,
                           const std::shared_ptr<const void>& owner, std::string_view where);
Result<TensorMap> ReadNpz(const std::filesystem::path& path);

enum class NpzCompression { kNone, kDeflate };

// Writes arrays one by one. Elements of stored entries start at multiples of 64 bytes of the file,
// so that reading can map them. The file appears when Finish() succeeds.
class NpzWriter {
 public:
  static Result<NpzWriter> Create(const std::filesystem::path& path,
                                  NpzCompression compression = NpzCompression::kNone);

  // Errors: kInvalidInput (the name was used before, or holds a NUL or is too long), kIo.
  Status Add(std::string_view name, const Tensor& tensor);
  Status Finish();

  // Sizes and offsets from here on are written as zip64; lower only in tests.
  void set_zip64_threshold(uint64_t bytes) { zip64_threshold_ = bytes; }

 private:
  NpzWriter(AtomicFile file, NpzCompression compression)
      : file_(std::move(file)), compression_(compression) {}
  Status Write(std::string_view data);

  AtomicFile file_;
  NpzCompression compression_;
  uint64_t offset_ = 0;
  uint64_t zip64_threshold_ = 0xFFFFFFFF;
  std::vector<ZipEntry> entries_;
  std::unordered_set<std::string> names_;
};

Status WriteNpz(const std::filesystem::path& path, const TensorMap& tensors,
                NpzCompression compression = NpzCompression::kNone);

}  // namespace assay
