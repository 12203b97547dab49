#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace assay {

// numpy's own limit.
inline constexpr int kMaxNpyRank = 64;

// How the elements of a .npy file are encoded.
enum class NpyEncoding {
  kPlain,     // as the tensor holds them, apart from the byte order
  kUnpacked,  // packed types: one byte an element
  kUtf32,     // '<U': code points
  kByteText,  // '|S'
};

struct NpyElementType {
  DType dtype = DType::kUndefined;
  NpyEncoding encoding = NpyEncoding::kPlain;
  size_t item_bytes = 0;
  bool big_endian = false;
};

struct NpyHeader {
  NpyElementType type;
  Shape shape;
  bool fortran_order = false;
  size_t data_offset = 0;  // of the first element in the file
};

// Reads magic, version and header of a .npy file from its first bytes; sizes are not yet compared
// with the file. Errors: kInvalidInput, kUnsupported (see npy.h).
Result<NpyHeader> ParseNpyHeader(std::string_view file);

// Magic, version 1.0 and header as numpy writes them; `descr` is Python text such as "'<f4'". The
// rank must be at most 64.
std::string FormatNpyHeader(std::string_view descr, const Shape& shape);

// The descr of a type other than kString, as Python text: "'<f4'", "[('bfloat16', '<u2')]".
std::string NpyDescr(DType dtype);

}  // namespace assay
