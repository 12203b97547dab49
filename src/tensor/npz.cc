#include "tensor/npz.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <unordered_set>

#include "tensor/npy.h"
#include "tensor/zip_directory.h"

namespace assay {
namespace {

constexpr std::string_view kSuffix = ".npy";
constexpr size_t kMaxNameBytes = 65535;
constexpr uint64_t kAlignment = 64;

uint32_t Crc(uint32_t crc, std::string_view data) {
  return static_cast<uint32_t>(
      crc32_z(crc, reinterpret_cast<const Bytef*>(data.data()), data.size()));
}

std::string_view ArrayName(std::string_view entry_name) {
  if (entry_name.ends_with(kSuffix)) entry_name.remove_suffix(kSuffix.size());
  return entry_name;
}

Status Damaged(const ZipEntry& entry, std::string_view what) {
  return Status(StatusCode::kInvalidInput,
                fmt::format(".npz: array \"{}\" is damaged: {}", entry.name, what));
}

// The bytes of an entry, and what keeps them alive.
struct EntryBytes {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
};

Result<EntryBytes> Inflate(const ZipEntry& entry, std::span<const std::byte> compressed) {
  ASSAY_ASSIGN_OR_RETURN(
      Tensor buffer, Tensor::TryAllocate(DType::kUInt8, Shape{static_cast<int64_t>(entry.bytes)}));
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    return Status(StatusCode::kResourceLimit, ".npz: no memory to decompress");
  }
  constexpr size_t kStep = size_t{1} << 30;
  const std::byte* in = compressed.data();
  size_t in_left = compressed.size();
  auto* out = static_cast<std::byte*>(buffer.mutable_raw());
  size_t out_left = entry.bytes;
  int state = Z_OK;
  while (state == Z_OK) {
    const size_t in_step = std::min(in_left, kStep);
    const size_t out_step = std::min(out_left, kStep);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in));
    stream.avail_in = static_cast<uInt>(in_step);
    stream.next_out = reinterpret_cast<Bytef*>(out);
    stream.avail_out = static_cast<uInt>(out_step);
    state = inflate(&stream, Z_NO_FLUSH);
    const size_t consumed = in_step - stream.avail_in;
    const size_t produced = out_step - stream.avail_out;
    if (state == Z_OK && consumed == 0 && produced == 0) state = Z_BUF_ERROR;
    in += consumed;
    in_left -= consumed;
    out += produced;
    out_left -= produced;
  }
  inflateEnd(&stream);
  if (state == Z_BUF_ERROR && out_left == 0) {
    return Damaged(
        entry, fmt::format("it decompresses to more than the {} bytes it declares", entry.bytes));
  }
  if (state != Z_STREAM_END) return Damaged(entry, "its compressed data cannot be decoded");
  if (out_left != 0) {
    return Damaged(entry, fmt::format("expected {} bytes after decompression, got {}", entry.bytes,
                                      entry.bytes - out_left));
  }
  auto owner = std::make_shared<const Tensor>(std::move(buffer));
  return EntryBytes{owner->bytes(), owner};
}

Result<Tensor> ReadEntry(const ZipEntry& entry, std::span<const std::byte> file,
                         const std::shared_ptr<const void>& owner) {
  ASSAY_ASSIGN_OR_RETURN(const std::span<const std::byte> data, ZipEntryData(file, entry));
  EntryBytes content{data, owner};
  if (entry.method == ZipMethod::kDeflated) {
    ASSAY_ASSIGN_OR_RETURN(content, Inflate(entry, data));
  }
  const uint32_t crc = Crc(0, std::string_view(reinterpret_cast<const char*>(content.bytes.data()),
                                               content.bytes.size()));
  if (crc != entry.crc) {
    return Damaged(entry, fmt::format("expected the checksum {:08x}, got {:08x}", entry.crc, crc));
  }
  return ParseNpy(content.bytes, content.owner, fmt::format("array \"{}\"", ArrayName(entry.name)));
}

void DeflatePart(z_stream& stream, std::string_view data, bool last, std::string& out) {
  constexpr size_t kStep = size_t{1} << 30;
  std::vector<Bytef> buffer(size_t{1} << 20);
  do {
    const size_t step = std::min(data.size(), kStep);
    const bool finish = last && step == data.size();
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(step);
    do {
      stream.next_out = buffer.data();
      stream.avail_out = static_cast<uInt>(buffer.size());
      deflate(&stream, finish ? Z_FINISH : Z_NO_FLUSH);
      out.append(reinterpret_cast<const char*>(buffer.data()), buffer.size() - stream.avail_out);
    } while (stream.avail_out == 0);
    data.remove_prefix(step);
  } while (!data.empty());
}

// Both parts, one after the other, as one deflated stream.
Result<std::string> Deflate(std::string_view header, std::string_view elements) {
  z_stream stream{};
  constexpr int kMemoryLevel = 8;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return Status(StatusCode::kResourceLimit, ".npz: no memory to compress");
  }
  std::string out;
  DeflatePart(stream, header, /*last=*/false, out);
  DeflatePart(stream, elements, /*last=*/true, out);
  deflateEnd(&stream);
  return out;
}

Result<TensorMap> ParseNpzUnnamed(std::span<const std::byte> bytes,
                                  const std::shared_ptr<const void>& owner) {
  ASSAY_ASSIGN_OR_RETURN(const std::vector<ZipEntry> entries, ReadZipDirectory(bytes));
  TensorMap map;
  std::unordered_set<std::string_view> names;
  for (const ZipEntry& entry : entries) {
    if (entry.name.ends_with('/')) continue;
    const std::string_view name = ArrayName(entry.name);
    if (!names.insert(name).second) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format(".npz: two arrays are called \"{}\"", name));
    }
    ASSAY_ASSIGN_OR_RETURN(Tensor tensor, ReadEntry(entry, bytes, owner));
    map.Add(std::string(name), std::move(tensor));
  }
  return map;
}

}  // namespace

Result<TensorMap> ParseNpz(std::span<const std::byte> bytes,
                           const std::shared_ptr<const void>& owner, std::string_view where) {
  Result<TensorMap> map = ParseNpzUnnamed(bytes, owner);
  if (!map.ok() && !where.empty()) return map.status().WithContext(where);
  return map;
}

Result<TensorMap> ReadNpz(const std::filesystem::path& path) {
  ASSAY_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  return ParseNpz(file->bytes(), file, path.string());
}

Result<NpzWriter> NpzWriter::Create(const std::filesystem::path& path, NpzCompression compression) {
  ASSAY_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  return NpzWriter(std::move(file), compression);
}

Status NpzWriter::Write(std::string_view data) {
  offset_ += data.size();
  return file_.Write(data);
}

Status NpzWriter::Add(std::string_view name, const Tensor& tensor) {
  ZipEntry entry;
  entry.name = std::string(name) + std::string(kSuffix);
  if (entry.name.size() > kMaxNameBytes || name.find('\0') != std::string_view::npos) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format(".npz: expected a name of at most {} bytes without NUL, got \"{}\"",
                              kMaxNameBytes - kSuffix.size(), name.substr(0, 100)));
  }
  if (!names_.insert(entry.name).second) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format(".npz: two arrays are called \"{}\"", name));
  }
  Result<NpyParts> parts = EncodeNpy(tensor);
  if (!parts.ok()) return parts.status().WithContext(fmt::format("array \"{}\"", name));
  const std::string_view elements(reinterpret_cast<const char*>(parts->elements.data()),
                                  parts->elements.size());
  entry.crc = Crc(Crc(0, parts->header), elements);
  entry.bytes = parts->header.size() + elements.size();
  entry.header_offset = offset_;
  if (compression_ == NpzCompression::kNone) {
    entry.compressed_bytes = entry.bytes;
    ASSAY_RETURN_IF_ERROR(Write(ZipLocalHeader(entry, kAlignment, zip64_threshold_)));
    ASSAY_RETURN_IF_ERROR(Write(parts->header));
    ASSAY_RETURN_IF_ERROR(Write(elements));
  } else {
    ASSAY_ASSIGN_OR_RETURN(const std::string compressed, Deflate(parts->header, elements));
    entry.method = ZipMethod::kDeflated;
    entry.compressed_bytes = compressed.size();
    ASSAY_RETURN_IF_ERROR(Write(ZipLocalHeader(entry, 1, zip64_threshold_)));
    ASSAY_RETURN_IF_ERROR(Write(compressed));
  }
  entries_.push_back(std::move(entry));
  return OkStatus();
}

Status NpzWriter::Finish() {
  ASSAY_RETURN_IF_ERROR(Write(ZipDirectory(entries_, offset_, zip64_threshold_)));
  return file_.Commit();
}

Status WriteNpz(const std::filesystem::path& path, const TensorMap& tensors,
                NpzCompression compression) {
  ASSAY_ASSIGN_OR_RETURN(NpzWriter writer, NpzWriter::Create(path, compression));
  for (const NamedTensor& item : tensors) ASSAY_RETURN_IF_ERROR(writer.Add(item.name, item.tensor));
  return writer.Finish();
}

}  // namespace assay
