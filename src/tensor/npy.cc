#include "tensor/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>

#include "base/file.h"
#include "tensor/npy_header.h"
#include "tensor/utf8.h"

namespace assay {
namespace {

static_assert(std::endian::native == std::endian::little);

// numpy strings of width 0 take no bytes of the file, so its size does not bound their number.
constexpr int64_t kMaxEmptyStrings = 1 << 20;

// Elements in the order of the file with byte order and element width still as there.
struct Elements {
  const std::byte* data;
  NpyElementType type;
  Shape shape;
  int64_t count;
};

template <size_t kBytes>
void CopyColumnMajor(const std::byte* in, const Shape& shape, std::byte* out) {
  const int rank = shape.rank();
  std::vector<int64_t> strides(static_cast<size_t>(rank));
  int64_t stride = 1;
  for (int axis = 0; axis < rank; ++axis) {
    strides[static_cast<size_t>(axis)] = stride;
    stride *= shape[axis];
  }
  std::vector<int64_t> index(static_cast<size_t>(rank), 0);
  const int64_t row = shape[rank - 1];
  const int64_t row_stride = strides.back();
  for (int64_t start = 0;;) {
    for (int64_t i = 0; i < row; ++i, out += kBytes) {
      std::memcpy(out, in + static_cast<size_t>(start + i * row_stride) * kBytes, kBytes);
    }
    int axis = rank - 2;
    for (; axis >= 0; --axis) {
      const auto a = static_cast<size_t>(axis);
      start += strides[a];
      if (++index[a] < shape[axis]) break;
      start -= strides[a] * shape[axis];
      index[a] = 0;
    }
    if (axis < 0) return;
  }
}

// Rearranges column-major (Fortran) elements of any width into row-major order.
void ToRowMajor(const Elements& in, std::byte* out) {
  if (in.count == 0) return;
  switch (in.type.item_bytes) {
    case 1:
      CopyColumnMajor<1>(in.data, in.shape, out);
      return;
    case 2:
      CopyColumnMajor<2>(in.data, in.shape, out);
      return;
    case 4:
      CopyColumnMajor<4>(in.data, in.shape, out);
      return;
    case 8:
      CopyColumnMajor<8>(in.data, in.shape, out);
      return;
    case 16:
      CopyColumnMajor<16>(in.data, in.shape, out);
      return;
    default:
      break;
  }
  // Wide strings: an index of each element, rearranged, tells where to copy from.
  const auto count = static_cast<size_t>(in.count);
  std::vector<uint64_t> from(count);
  std::vector<uint64_t> order(count);
  for (size_t i = 0; i < count; ++i) from[i] = i;
  CopyColumnMajor<8>(reinterpret_cast<const std::byte*>(from.data()), in.shape,
                     reinterpret_cast<std::byte*>(order.data()));
  const size_t width = in.type.item_bytes;
  for (size_t i = 0; i < count; ++i)
    std::memcpy(out + i * width, in.data + order[i] * width, width);
}

void ReverseBytes(std::byte* data, size_t bytes, size_t unit) {
  for (std::byte* end = data + bytes; data != end; data += unit) std::reverse(data, data + unit);
}

Result<Tensor> DecodePlain(const Elements& in, bool fortran_order,
                           std::shared_ptr<const void> owner) {
  const DType dtype = in.type.dtype;
  const size_t bytes = static_cast<size_t>(in.count) * in.type.item_bytes;
  const size_t unit = IsComplex(dtype) ? in.type.item_bytes / 2 : in.type.item_bytes;
  const bool canonical_bool =
      dtype != DType::kBool || std::all_of(in.data, in.data + bytes, [](std::byte b) {
        return b == std::byte{0} || b == std::byte{1};
      });
  const bool aligned = reinterpret_cast<uintptr_t>(in.data) % unit == 0;
  if (owner != nullptr && aligned && !fortran_order && !in.type.big_endian && canonical_bool) {
    return Tensor::View(dtype, in.shape, in.data, std::move(owner));
  }
  ASSAY_ASSIGN_OR_RETURN(Tensor out, Tensor::TryAllocate(dtype, in.shape));
  auto* data = static_cast<std::byte*>(out.mutable_raw());
  if (fortran_order) {
    ToRowMajor(in, data);
  } else if (bytes > 0) {
    std::memcpy(data, in.data, bytes);
  }
  if (in.type.big_endian) ReverseBytes(data, bytes, unit);
  if (!canonical_bool) {
    std::for_each(data, data + bytes, [](std::byte& b) { b = std::byte{b != std::byte{0}}; });
  }
  return out;
}

Result<Tensor> DecodeUnpacked(const Elements& in) {
  const DType dtype = in.type.dtype;
  const int bits = DTypeBits(dtype);
  const int low = IsSignedInteger(dtype) ? -(1 << (bits - 1)) : 0;
  const int high = low + (1 << bits) - 1;
  ASSAY_ASSIGN_OR_RETURN(Tensor out, Tensor::TryAllocate(dtype, in.shape));
  auto* packed = static_cast<uint8_t*>(out.mutable_raw());
  std::memset(packed, 0, out.byte_size());
  const int64_t per_byte = 8 / bits;
  for (int64_t i = 0; i < in.count; ++i) {
    const auto byte = static_cast<uint8_t>(in.data[i]);
    const int value = IsSignedInteger(dtype) ? static_cast<int8_t>(byte) : byte;
    if (value < low || value > high) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format(".npy: expected {} values in [{}, {}], got {} at element {}",
                                DTypeName(dtype), low, high, value, i));
    }
    const int shift = bits * static_cast<int>(i % per_byte);
    packed[i / per_byte] =
        static_cast<uint8_t>(packed[i / per_byte] | (value & ((1 << bits) - 1)) << shift);
  }
  return out;
}

Result<std::string> DecodeUtf32(const std::byte* data, size_t characters, bool big_endian) {
  std::string text;
  std::string pending;  // NULs count only if something follows them
  for (size_t i = 0; i < characters; ++i) {
    uint32_t code_point = 0;
    std::memcpy(&code_point, data + i * 4, 4);
    if (big_endian) code_point = __builtin_bswap32(code_point);
    if (code_point == 0) {
      pending += '\0';
      continue;
    }
    text += pending;
    pending.clear();
    if (!AppendUtf8(code_point, text)) {
      return Status(
          StatusCode::kInvalidInput,
          fmt::format(".npy: expected Unicode text, got the code point 0x{:x}", code_point));
    }
  }
  return text;
}

Result<Tensor> DecodeText(const Elements& in) {
  const size_t width = in.type.item_bytes;
  ASSAY_ASSIGN_OR_RETURN(Tensor out, Tensor::TryAllocate(DType::kString, in.shape));
  const std::byte* data = in.data;
  for (std::string& text : out.mutable_data<std::string>()) {
    if (in.type.encoding == NpyEncoding::kUtf32) {
      ASSAY_ASSIGN_OR_RETURN(text, DecodeUtf32(data, width / 4, in.type.big_endian));
    } else {
      const std::string_view padded(reinterpret_cast<const char*>(data), width);
      text = padded.substr(0, padded.find_last_not_of('\0') + 1);
    }
    data += width;
  }
  return out;
}

Result<Tensor> Decode(Elements in, bool fortran_order, std::shared_ptr<const void> owner) {
  // One axis or none is the same in both orders.
  if (in.shape.rank() < 2) fortran_order = false;
  if (in.type.encoding == NpyEncoding::kPlain)
    return DecodePlain(in, fortran_order, std::move(owner));
  Tensor rearranged;
  if (fortran_order) {
    const auto bytes = static_cast<int64_t>(static_cast<size_t>(in.count) * in.type.item_bytes);
    ASSAY_ASSIGN_OR_RETURN(rearranged, Tensor::TryAllocate(DType::kUInt8, Shape{bytes}));
    ToRowMajor(in, static_cast<std::byte*>(rearranged.mutable_raw()));
    in.data = rearranged.bytes().data();
  }
  return in.type.encoding == NpyEncoding::kUnpacked ? DecodeUnpacked(in) : DecodeText(in);
}

Result<Tensor> ParseNpyUnnamed(std::span<const std::byte> bytes,
                               std::shared_ptr<const void> owner) {
  const std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  ASSAY_ASSIGN_OR_RETURN(NpyHeader header, ParseNpyHeader(file));
  const std::optional<int64_t> count = header.shape.CheckedElements();
  uint64_t wanted = 0;
  if (!count || __builtin_mul_overflow(static_cast<uint64_t>(*count),
                                       uint64_t{header.type.item_bytes}, &wanted)) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format(".npy: the shape {} is too large", header.shape.ToString()));
  }
  const uint64_t available = bytes.size() - header.data_offset;
  if (available < wanted) {
    return Status(
        StatusCode::kInvalidInput,
        fmt::format(".npy: truncated: expected {} bytes of elements for {} of shape {}, got {}",
                    wanted, DTypeName(header.type.dtype), header.shape.ToString(), available));
  }
  if (available > wanted) {
    return Status(
        StatusCode::kInvalidInput,
        fmt::format(".npy: expected {} bytes of elements for {} of shape {}, got {}", wanted,
                    DTypeName(header.type.dtype), header.shape.ToString(), available),
        "a file holds one array; put several into a .npz");
  }
  if (header.type.item_bytes == 0 && *count > kMaxEmptyStrings) {
    return Status(StatusCode::kResourceLimit,
                  fmt::format(".npy: expected at most {} strings of width 0, got {}",
                              kMaxEmptyStrings, *count));
  }
  Elements elements{bytes.data() + header.data_offset, header.type, std::move(header.shape),
                    *count};
  return Decode(std::move(elements), header.fortran_order, std::move(owner));
}

struct TextWidth {
  bool unicode = true;    // every string is valid UTF-8
  size_t characters = 1;  // numpy's narrowest string type
  size_t bytes = 1;
};

Result<TextWidth> MeasureText(std::span<const std::string> strings) {
  TextWidth width;
  for (const std::string& text : strings) {
    if (text.ends_with('\0')) {
      return Status(StatusCode::kUnsupported,
                    ".npy: cannot keep a string that ends in NUL, numpy drops those at the end");
    }
    const std::optional<size_t> characters = CountUtf8(text);
    width.unicode = width.unicode && characters.has_value();
    width.characters = std::max(width.characters, characters.value_or(0));
    width.bytes = std::max(width.bytes, text.size());
  }
  return width;
}

// The strings as '<U' if all of them are UTF-8, else as '|S'.
Result<NpyParts> EncodeText(const Tensor& tensor) {
  const std::span<const std::string> strings = tensor.data<std::string>();
  ASSAY_ASSIGN_OR_RETURN(const TextWidth width, MeasureText(strings));
  const size_t item_bytes = width.unicode ? width.characters * 4 : width.bytes;
  int64_t total = 0;
  if (__builtin_mul_overflow(tensor.elements(), static_cast<int64_t>(item_bytes), &total)) {
    return Status(StatusCode::kResourceLimit, ".npy: the strings take too many bytes");
  }
  NpyParts parts;
  ASSAY_ASSIGN_OR_RETURN(parts.holder, Tensor::TryAllocate(DType::kUInt8, Shape{total}));
  auto* out = static_cast<std::byte*>(parts.holder.mutable_raw());
  if (total > 0) std::memset(out, 0, static_cast<size_t>(total));
  for (const std::string& text : strings) {
    if (width.unicode) {
      std::string_view rest = text;
      for (size_t i = 0; !rest.empty(); ++i) {
        const uint32_t code_point = *TakeUtf8(rest);
        std::memcpy(out + i * 4, &code_point, 4);
      }
    } else {
      std::memcpy(out, text.data(), text.size());
    }
    out += item_bytes;
  }
  const std::string descr =
      width.unicode ? fmt::format("'<U{}'", width.characters) : fmt::format("'|S{}'", width.bytes);
  parts.header = FormatNpyHeader(descr, tensor.shape());
  return parts;
}

Result<NpyParts> EncodeUnpacked(const Tensor& tensor) {
  const DType dtype = tensor.dtype();
  NpyParts parts;
  ASSAY_ASSIGN_OR_RETURN(parts.holder,
                         Tensor::TryAllocate(DType::kUInt8, Shape{tensor.elements()}));
  const std::span<uint8_t> out = parts.holder.mutable_data<uint8_t>();
  const auto* packed = static_cast<const uint8_t*>(tensor.raw());
  const size_t bits = static_cast<size_t>(DTypeBits(dtype));
  const size_t per_byte = 8 / bits;
  for (size_t i = 0; i < out.size(); ++i) {
    const int code = packed[i / per_byte] >> (bits * (i % per_byte)) & ((1 << bits) - 1);
    const bool negative = IsSignedInteger(dtype) && code >> (bits - 1) != 0;
    out[i] = static_cast<uint8_t>(negative ? code - (1 << bits) : code);
  }
  parts.header = FormatNpyHeader(NpyDescr(dtype), tensor.shape());
  return parts;
}

}  // namespace

Result<Tensor> ParseNpy(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                        std::string_view where) {
  Result<Tensor> tensor = ParseNpyUnnamed(bytes, std::move(owner));
  if (!tensor.ok() && !where.empty()) return tensor.status().WithContext(where);
  return tensor;
}

Result<Tensor> ReadNpy(const std::filesystem::path& path) {
  ASSAY_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  return ParseNpy(file->bytes(), file, path.string());
}

Result<NpyParts> EncodeNpy(const Tensor& tensor) {
  Result<NpyParts> parts = OkStatus();
  if (!tensor.valid()) {
    return Status(StatusCode::kInternal, ".npy: cannot write a tensor without a type");
  }
  if (tensor.shape().rank() > kMaxNpyRank) {
    return Status(StatusCode::kUnsupported,
                  fmt::format(".npy: cannot keep more than {} axes, got {}", kMaxNpyRank,
                              tensor.shape().rank()));
  }
  if (tensor.dtype() == DType::kString) {
    parts = EncodeText(tensor);
  } else if (DTypeBits(tensor.dtype()) < 8) {
    parts = EncodeUnpacked(tensor);
  } else {
    parts = NpyParts{FormatNpyHeader(NpyDescr(tensor.dtype()), tensor.shape()), tensor, {}};
  }
  if (parts.ok()) parts->elements = parts->holder.bytes();
  return parts;
}

Status WriteNpy(const std::filesystem::path& path, const Tensor& tensor) {
  Result<NpyParts> parts = EncodeNpy(tensor);
  if (!parts.ok()) return parts.status().WithContext(path.string());
  ASSAY_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  ASSAY_RETURN_IF_ERROR(file.Write(parts->header));
  ASSAY_RETURN_IF_ERROR(file.Write(parts->elements));
  return file.Commit();
}

}  // namespace assay
