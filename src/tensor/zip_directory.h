#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace assay {

// The ZIP archive format (APPNOTE.TXT 6.3), as far as .npz files need it: one disk, stored and
// deflated entries, zip64.

enum class ZipMethod : uint16_t { kStored = 0, kDeflated = 8 };

struct ZipEntry {
  std::string name;
  ZipMethod method = ZipMethod::kStored;
  uint32_t crc = 0;               // CRC-32 of the uncompressed bytes
  uint64_t compressed_bytes = 0;  // in the archive
  uint64_t bytes = 0;             // uncompressed
  uint64_t header_offset = 0;     // of the local header in the archive
};

// The entries in the order of the central directory. Sizes are plausible when this succeeds:
// entries together are no larger than the archive, and none grows more than deflate can. Errors:
// kInvalidInput (not an archive, truncated, contradictory), kUnsupported (encrypted, other
// compression, several disks).
Result<std::vector<ZipEntry>> ReadZipDirectory(std::span<const std::byte> archive);

// The stored or compressed bytes of an entry. Errors: kInvalidInput.
Result<std::span<const std::byte>> ZipEntryData(std::span<const std::byte> archive,
                                                const ZipEntry& entry);

// The records of an archive, for writing. Sizes and offsets of at least `zip64_threshold` (at most
// 0xFFFFFFFF) use the zip64 form.

// Local header, with padding so that the entry's data start at a multiple of `alignment`;
// entry.header_offset tells where it will stand.
std::string ZipLocalHeader(const ZipEntry& entry, uint64_t alignment, uint64_t zip64_threshold);

// Central directory and end records for an archive whose entries end at `directory_offset`.
std::string ZipDirectory(std::span<const ZipEntry> entries, uint64_t directory_offset,
                         uint64_t zip64_threshold);

}  // namespace assay
