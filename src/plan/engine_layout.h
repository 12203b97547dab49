#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tensor/hash.h"

namespace assay {

// The first 64 bytes of an engine file, little-endian.
struct EngineHeader {
  uint16_t major = 0;
  uint16_t minor = 0;
  uint64_t file_bytes = 0;
  uint64_t table_offset = 0;
  uint64_t table_bytes = 0;
  ContentHash table_hash;
};

inline constexpr size_t kEngineHeaderBytes = 64;
inline constexpr std::string_view kEngineMagic = "ASSAYENG";
// Large blobs start on a page, others where every vector load is aligned.
inline constexpr size_t kPageBytes = 4096;
inline constexpr size_t kBlobAlignment = 64;
// Graphs inside graphs, and types inside types, are no deeper than this.
inline constexpr int kMostNested = 100;

std::array<std::byte, kEngineHeaderBytes> EncodeHeader(const EngineHeader& header);

// Checks magic, byte order, version, checksum and sizes against the file. Errors: kInvalidInput,
// kUnsupported for another version; messages lack the file's name.
Result<EngineHeader> DecodeHeader(std::span<const std::byte> file, bool with_checksums);

ContentHash HashBytes(std::span<const std::byte> bytes);

}  // namespace assay
