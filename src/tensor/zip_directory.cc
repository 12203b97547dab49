#include "tensor/zip_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "tensor/utf8.h"

namespace assay {
namespace {

constexpr uint32_t kLocalSignature = 0x04034b50;
constexpr uint32_t kEntrySignature = 0x02014b50;
constexpr uint32_t kEndSignature = 0x06054b50;
constexpr uint32_t kZip64EndSignature = 0x06064b50;
constexpr uint32_t kZip64LocatorSignature = 0x07064b50;
constexpr size_t kLocalBytes = 30;
constexpr size_t kEntryBytes = 46;
constexpr size_t kEndBytes = 22;
constexpr size_t kZip64EndBytes = 56;
constexpr size_t kZip64LocatorBytes = 20;
constexpr uint16_t kZip64Extra = 0x0001;
constexpr uint16_t kAlignmentExtra = 0xD935;  // as Android's zipalign pads
constexpr uint16_t kFlagEncrypted = 1 << 0;
constexpr uint16_t kFlagUtf8 = 1 << 11;
constexpr uint32_t kSaturated32 = 0xFFFFFFFF;
constexpr uint16_t kSaturated16 = 0xFFFF;
// Deflate spends at least two bits on a match of at most 258 bytes.
constexpr uint64_t kMaxDeflateRatio = 1032;
constexpr uint16_t kVersion = 20;
constexpr uint16_t kZip64Version = 45;
constexpr uint16_t kMadeByUnix = 3 << 8;
constexpr uint32_t kPermissions = 0600U << 16;
constexpr uint16_t kFirstOfJanuary1980 = 1 << 5 | 1;

Status Malformed(std::string message) {
  return Status(StatusCode::kInvalidInput, ".npz: " + std::move(message));
}

template <typename T>
T Load(const std::byte* data) {
  T value;
  std::memcpy(&value, data, sizeof(T));
  return value;
}

template <typename T>
void Append(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

struct Directory {
  uint64_t entries;
  uint64_t bytes;
  uint64_t offset;
};

std::optional<size_t> FindEndRecord(std::span<const std::byte> archive) {
  if (archive.size() < kEndBytes) return std::nullopt;
  const size_t last = archive.size() - kEndBytes;
  const size_t first = last > kSaturated16 ? last - kSaturated16 : 0;
  for (size_t position = last + 1; position-- > first;) {
    if (Load<uint32_t>(&archive[position]) != kEndSignature) continue;
    if (Load<uint16_t>(&archive[position + 20]) == last - position) return position;
  }
  return std::nullopt;
}

// Replaces what the end record could not hold; `end` is its position.
Status ReadZip64End(std::span<const std::byte> archive, size_t end, Directory& directory) {
  if (end < kZip64LocatorBytes ||
      Load<uint32_t>(&archive[end - kZip64LocatorBytes]) != kZip64LocatorSignature) {
    return OkStatus();
  }
  const auto offset = Load<uint64_t>(&archive[end - kZip64LocatorBytes + 8]);
  if (end - kZip64LocatorBytes < kZip64EndBytes ||
      offset > end - kZip64LocatorBytes - kZip64EndBytes ||
      Load<uint32_t>(&archive[offset]) != kZip64EndSignature) {
    return Malformed("the zip64 end record is not where it should be");
  }
  directory.entries = Load<uint64_t>(&archive[offset + 32]);
  directory.bytes = Load<uint64_t>(&archive[offset + 40]);
  directory.offset = Load<uint64_t>(&archive[offset + 48]);
  return OkStatus();
}

Result<Directory> FindDirectory(std::span<const std::byte> archive) {
  const std::optional<size_t> end = FindEndRecord(archive);
  if (!end) {
    const bool begins = archive.size() >= 4 && Load<uint32_t>(archive.data()) == kLocalSignature;
    return Malformed(begins ? "truncated: the archive has no end record"
                            : "expected a ZIP archive, got a file without an end record");
  }
  const std::byte* record = &archive[*end];
  const auto disk = Load<uint16_t>(record + 4);
  if (disk != 0 && disk != kSaturated16) {
    return Status(StatusCode::kUnsupported, ".npz: the archive is spread over several files");
  }
  Directory directory{Load<uint16_t>(record + 10), Load<uint32_t>(record + 12),
                      Load<uint32_t>(record + 16)};
  if (directory.entries == kSaturated16 || directory.bytes == kSaturated32 ||
      directory.offset == kSaturated32) {
    ASSAY_RETURN_IF_ERROR(ReadZip64End(archive, *end, directory));
  }
  if (directory.offset > *end || directory.bytes > *end - directory.offset ||
      directory.entries > directory.bytes / kEntryBytes) {
    return Malformed(
        fmt::format("the directory of {} entries in {} bytes at offset {} does not fit the file",
                    directory.entries, directory.bytes, directory.offset));
  }
  return directory;
}

// Takes sizes and offset that the fixed fields could not hold from the zip64 extra field.
Status ApplyZip64Extra(std::span<const std::byte> extra, ZipEntry& entry) {
  uint64_t* const fields[] = {&entry.bytes, &entry.compressed_bytes, &entry.header_offset};
  while (extra.size() >= 4) {
    const auto id = Load<uint16_t>(extra.data());
    const size_t size = Load<uint16_t>(&extra[2]);
    if (size > extra.size() - 4) break;
    std::span<const std::byte> content = extra.subspan(4, size);
    extra = extra.subspan(4 + size);
    if (id != kZip64Extra) continue;
    for (uint64_t* field : fields) {
      if (*field != kSaturated32) continue;
      if (content.size() < 8)
        return Malformed(fmt::format("array \"{}\" lacks its zip64 sizes", entry.name));
      *field = Load<uint64_t>(content.data());
      content = content.subspan(8);
    }
    break;
  }
  return OkStatus();
}

Status CheckEntry(const ZipEntry& entry, uint16_t flags, uint16_t method, uint64_t room) {
  if ((flags & kFlagEncrypted) != 0) {
    return Status(StatusCode::kUnsupported,
                  fmt::format(".npz: array \"{}\" is encrypted", entry.name));
  }
  if (method != static_cast<uint16_t>(ZipMethod::kStored) &&
      method != static_cast<uint16_t>(ZipMethod::kDeflated)) {
    return Status(StatusCode::kUnsupported,
                  fmt::format(".npz: array \"{}\": expected compression method 0 or 8, got {}",
                              entry.name, method),
                  "write the file with numpy.savez or numpy.savez_compressed");
  }
  if (entry.compressed_bytes > room) {
    return Malformed(fmt::format("array \"{}\": expected at most {} bytes in the archive, got {}",
                                 entry.name, room, entry.compressed_bytes));
  }
  const bool plausible = entry.method == ZipMethod::kStored
                             ? entry.bytes == entry.compressed_bytes
                             : entry.bytes / kMaxDeflateRatio <= entry.compressed_bytes;
  if (!plausible) {
    return Malformed(fmt::format("array \"{}\": {} bytes cannot come from {} in the archive",
                                 entry.name, entry.bytes, entry.compressed_bytes));
  }
  return OkStatus();
}

}  // namespace

Result<std::vector<ZipEntry>> ReadZipDirectory(std::span<const std::byte> archive) {
  ASSAY_ASSIGN_OR_RETURN(const Directory directory, FindDirectory(archive));
  std::span<const std::byte> rest = archive.subspan(directory.offset, directory.bytes);
  std::vector<ZipEntry> entries;
  entries.reserve(directory.entries);
  uint64_t room = directory.offset;
  for (uint64_t i = 0; i < directory.entries; ++i) {
    if (rest.size() < kEntryBytes || Load<uint32_t>(rest.data()) != kEntrySignature) {
      return Malformed(fmt::format("entry {} of the directory is malformed", i));
    }
    const std::byte* record = rest.data();
    const size_t name_bytes = Load<uint16_t>(record + 28);
    const size_t extra_bytes = Load<uint16_t>(record + 30);
    const size_t comment_bytes = Load<uint16_t>(record + 32);
    if (rest.size() - kEntryBytes < name_bytes + extra_bytes + comment_bytes) {
      return Malformed(fmt::format("entry {} of the directory is truncated", i));
    }
    const auto method = Load<uint16_t>(record + 10);
    ZipEntry entry;
    entry.name.assign(reinterpret_cast<const char*>(record + kEntryBytes), name_bytes);
    entry.method = static_cast<ZipMethod>(method);
    entry.crc = Load<uint32_t>(record + 16);
    entry.compressed_bytes = Load<uint32_t>(record + 20);
    entry.bytes = Load<uint32_t>(record + 24);
    entry.header_offset = Load<uint32_t>(record + 42);
    ASSAY_RETURN_IF_ERROR(
        ApplyZip64Extra(rest.subspan(kEntryBytes + name_bytes, extra_bytes), entry));
    ASSAY_RETURN_IF_ERROR(CheckEntry(entry, Load<uint16_t>(record + 8), method, room));
    room -= entry.compressed_bytes;
    entries.push_back(std::move(entry));
    rest = rest.subspan(kEntryBytes + name_bytes + extra_bytes + comment_bytes);
  }
  return entries;
}

Result<std::span<const std::byte>> ZipEntryData(std::span<const std::byte> archive,
                                                const ZipEntry& entry) {
  const uint64_t size = archive.size();
  const auto outside = [&] {
    return Malformed(fmt::format("array \"{}\" is not where the directory says (offset {})",
                                 entry.name, entry.header_offset));
  };
  if (size < kLocalBytes || entry.header_offset > size - kLocalBytes) return outside();
  const std::byte* record = &archive[entry.header_offset];
  if (Load<uint32_t>(record) != kLocalSignature) return outside();
  const uint64_t name_bytes = Load<uint16_t>(record + 26);
  const uint64_t start =
      entry.header_offset + kLocalBytes + name_bytes + Load<uint16_t>(record + 28);
  if (start > size || entry.compressed_bytes > size - start) return outside();
  const std::string_view name(reinterpret_cast<const char*>(record + kLocalBytes), name_bytes);
  if (name != entry.name) return outside();
  return archive.subspan(start, entry.compressed_bytes);
}

std::string ZipLocalHeader(const ZipEntry& entry, uint64_t alignment, uint64_t zip64_threshold) {
  const bool zip64 = entry.bytes >= zip64_threshold || entry.compressed_bytes >= zip64_threshold;
  std::string extra;
  if (zip64) {
    Append<uint16_t>(extra, kZip64Extra);
    Append<uint16_t>(extra, 16);
    Append<uint64_t>(extra, entry.bytes);
    Append<uint64_t>(extra, entry.compressed_bytes);
  }
  uint64_t start = entry.header_offset + kLocalBytes + entry.name.size() + extra.size();
  if (start % alignment != 0) {
    constexpr uint64_t kFieldBytes = 6;
    const uint64_t padding = (alignment - (start + kFieldBytes) % alignment) % alignment;
    Append<uint16_t>(extra, kAlignmentExtra);
    Append<uint16_t>(extra, static_cast<uint16_t>(2 + padding));
    Append<uint16_t>(extra, static_cast<uint16_t>(alignment));
    extra.append(padding, '\0');
  }
  std::string header;
  Append<uint32_t>(header, kLocalSignature);
  Append<uint16_t>(header, zip64 ? kZip64Version : kVersion);
  Append<uint16_t>(header, CountUtf8(entry.name) ? kFlagUtf8 : 0);
  Append<uint16_t>(header, static_cast<uint16_t>(entry.method));
  Append<uint16_t>(header, 0);
  Append<uint16_t>(header, kFirstOfJanuary1980);
  Append<uint32_t>(header, entry.crc);
  Append<uint32_t>(header, zip64 ? kSaturated32 : static_cast<uint32_t>(entry.compressed_bytes));
  Append<uint32_t>(header, zip64 ? kSaturated32 : static_cast<uint32_t>(entry.bytes));
  Append<uint16_t>(header, static_cast<uint16_t>(entry.name.size()));
  Append<uint16_t>(header, static_cast<uint16_t>(extra.size()));
  return header + entry.name + extra;
}

std::string ZipDirectory(std::span<const ZipEntry> entries, uint64_t directory_offset,
                         uint64_t zip64_threshold) {
  std::string out;
  bool zip64 = entries.size() >= kSaturated16 || directory_offset >= zip64_threshold;
  for (const ZipEntry& entry : entries) {
    std::string extra;
    const auto field = [&](uint64_t value) {
      if (value < zip64_threshold) return static_cast<uint32_t>(value);
      Append<uint64_t>(extra, value);
      return kSaturated32;
    };
    // The order of the calls is the order in the extra field.
    const uint32_t bytes = field(entry.bytes);
    const uint32_t compressed_bytes = field(entry.compressed_bytes);
    const uint32_t offset = field(entry.header_offset);
    const bool large = !extra.empty();
    zip64 = zip64 || large;
    Append<uint32_t>(out, kEntrySignature);
    Append<uint16_t>(out, kMadeByUnix | (large ? kZip64Version : kVersion));
    Append<uint16_t>(out, large ? kZip64Version : kVersion);
    Append<uint16_t>(out, CountUtf8(entry.name) ? kFlagUtf8 : 0);
    Append<uint16_t>(out, static_cast<uint16_t>(entry.method));
    Append<uint16_t>(out, 0);
    Append<uint16_t>(out, kFirstOfJanuary1980);
    Append<uint32_t>(out, entry.crc);
    Append<uint32_t>(out, compressed_bytes);
    Append<uint32_t>(out, bytes);
    Append<uint16_t>(out, static_cast<uint16_t>(entry.name.size()));
    Append<uint16_t>(out, static_cast<uint16_t>(large ? 4 + extra.size() : 0));
    Append<uint16_t>(out, 0);
    Append<uint16_t>(out, 0);
    Append<uint16_t>(out, 0);
    Append<uint32_t>(out, kPermissions);
    Append<uint32_t>(out, offset);
    out += entry.name;
    if (large) {
      Append<uint16_t>(out, kZip64Extra);
      Append<uint16_t>(out, static_cast<uint16_t>(extra.size()));
      out += extra;
    }
  }
  const uint64_t directory_bytes = out.size();
  zip64 = zip64 || directory_bytes >= zip64_threshold;
  if (zip64) {
    const uint64_t end_offset = directory_offset + directory_bytes;
    Append<uint32_t>(out, kZip64EndSignature);
    Append<uint64_t>(out, kZip64EndBytes - 12);
    Append<uint16_t>(out, kMadeByUnix | kZip64Version);
    Append<uint16_t>(out, kZip64Version);
    Append<uint32_t>(out, 0);
    Append<uint32_t>(out, 0);
    Append<uint64_t>(out, entries.size());
    Append<uint64_t>(out, entries.size());
    Append<uint64_t>(out, directory_bytes);
    Append<uint64_t>(out, directory_offset);
    Append<uint32_t>(out, kZip64LocatorSignature);
    Append<uint32_t>(out, 0);
    Append<uint64_t>(out, end_offset);
    Append<uint32_t>(out, 1);
  }
  const auto count = static_cast<uint16_t>(std::min<size_t>(entries.size(), kSaturated16));
  const auto clamp = [&](uint64_t value) {
    return zip64 ? kSaturated32 : static_cast<uint32_t>(value);
  };
  Append<uint32_t>(out, kEndSignature);
  Append<uint16_t>(out, 0);
  Append<uint16_t>(out, 0);
  Append<uint16_t>(out, count);
  Append<uint16_t>(out, count);
  Append<uint32_t>(out, clamp(directory_bytes));
  Append<uint32_t>(out, clamp(directory_offset));
  Append<uint16_t>(out, 0);
  return out;
}

}  // namespace assay
