#include "plan/engine_layout.h"

#include <fmt/format.h>

#include <cstring>

#include "base/quote.h"
#include "plan/engine_file.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace assay {
namespace {

// Fields in order: magic 8, major 2, minor 2, header bytes 4, file bytes 8, table offset 8, table
// bytes 8, table hash 16, hash of all that 8.
constexpr size_t kHashedHeaderBytes = 56;

template <typename T>
void Put(std::byte*& at, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) {
    *at++ = static_cast<std::byte>(static_cast<uint64_t>(value) >> (8 * i));
  }
}

template <typename T>
T Take(const std::byte*& at) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value |= static_cast<uint64_t>(*at++) << (8 * i);
  return static_cast<T>(value);
}

Status Damaged(std::string message) {
  return Status(StatusCode::kInvalidInput, std::move(message),
                "the file is damaged or was not copied whole: build the engine again");
}

}  // namespace

ContentHash HashBytes(std::span<const std::byte> bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

std::array<std::byte, kEngineHeaderBytes> EncodeHeader(const EngineHeader& header) {
  std::array<std::byte, kEngineHeaderBytes> bytes{};
  std::memcpy(bytes.data(), kEngineMagic.data(), kEngineMagic.size());
  std::byte* at = bytes.data() + kEngineMagic.size();
  Put(at, header.major);
  Put(at, header.minor);
  Put(at, static_cast<uint32_t>(kEngineHeaderBytes));
  Put(at, header.file_bytes);
  Put(at, header.table_offset);
  Put(at, header.table_bytes);
  Put(at, header.table_hash.high);
  Put(at, header.table_hash.low);
  Put(at, HashBytes(std::span(bytes).first(kHashedHeaderBytes)).low);
  return bytes;
}

Result<EngineHeader> DecodeHeader(std::span<const std::byte> file, bool with_checksums) {
  if (file.size() < kEngineHeaderBytes) {
    return Damaged(fmt::format("engine file: expected at least {} bytes, got {}",
                               kEngineHeaderBytes, file.size()));
  }
  if (std::memcmp(file.data(), kEngineMagic.data(), kEngineMagic.size()) != 0) {
    const std::string_view begin(reinterpret_cast<const char*>(file.data()), kEngineMagic.size());
    return Status(StatusCode::kInvalidInput,
                  fmt::format("beginning of the engine file: expected {}, got {}",
                              Quote(kEngineMagic), Quote(begin)),
                  "it is damaged, or no engine that Assay saved");
  }
  const std::byte* at = file.data() + kEngineMagic.size();
  EngineHeader header;
  header.major = Take<uint16_t>(at);
  header.minor = Take<uint16_t>(at);
  const auto header_bytes = Take<uint32_t>(at);
  header.file_bytes = Take<uint64_t>(at);
  header.table_offset = Take<uint64_t>(at);
  header.table_bytes = Take<uint64_t>(at);
  header.table_hash.high = Take<uint64_t>(at);
  header.table_hash.low = Take<uint64_t>(at);
  if (header.major != kEngineFileMajor || header.minor > kEngineFileMinor) {
    return Status(StatusCode::kUnsupported,
                  fmt::format("version of the engine file: expected {}.0 to {}.{}, got {}.{}",
                              kEngineFileMajor, kEngineFileMajor, kEngineFileMinor, header.major,
                              header.minor),
                  "build the engine again with this version of Assay");
  }
  const uint64_t hash = HashBytes(file.first(kHashedHeaderBytes)).low;
  const auto stated = Take<uint64_t>(at);
  if (with_checksums && stated != hash) {
    return Damaged(fmt::format(
        "checksum of the engine file's header: expected {:016x}, got {:016x}", stated, hash));
  }
  if (header_bytes != kEngineHeaderBytes) {
    return Damaged(fmt::format("bytes of the engine file's header: expected {}, got {}",
                               kEngineHeaderBytes, header_bytes));
  }
  if (header.file_bytes != file.size()) {
    return Damaged(fmt::format("size of the engine file: expected {} bytes, got {}",
                               header.file_bytes, file.size()));
  }
  if (header.table_offset != kEngineHeaderBytes ||
      header.table_bytes > file.size() - kEngineHeaderBytes) {
    return Damaged("engine file: its table lies outside");
  }
  const auto table = file.subspan(header.table_offset, header.table_bytes);
  if (const ContentHash table_hash = HashBytes(table);
      with_checksums && !(table_hash == header.table_hash)) {
    return Damaged(fmt::format("checksum of the engine file's table: expected {}, got {}",
                               header.table_hash.ToString(), table_hash.ToString()));
  }
  return header;
}

}  // namespace assay
