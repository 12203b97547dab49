#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tensor/tensor.h"

namespace assay {

// numpy's .npy format, versions 1 to 3
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): magic "\x93NUMPY",
// version, header length, a Python dictionary literal with 'descr', 'fortran_order' and 'shape',
// padded to 64 bytes, then the elements.
//
// Element types: bool, integers of 8 to 64 bits, float16/32/64, complex64/128 in either byte order;
// '<U' and '|S' strings become string tensors (UTF-8, trailing NULs dropped as numpy does). Types
// that numpy lacks are stored as a structured type with one field, named by the type, over an
// integer that holds the bits of one element: [('bfloat16', '<u2')], [('float8_e4m3fn', '|u1')],
// [('int4', '|i1')]. numpy loads them: array['bfloat16'].view(ml_dtypes.bfloat16).

// Parses a complete .npy file in memory. If `owner` is given, keeps `bytes` alive, and the elements
// are aligned, little-endian and row-major, the tensor is a view; otherwise its elements are
// copied. `where` stands in error messages unless it is empty. Errors: kInvalidInput (malformed,
// truncated, data left over), kUnsupported (object, structured, date and opaque '|V' types),
// kResourceLimit.
Result<Tensor> ParseNpy(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                        std::string_view where);

// Maps the file and parses it.
Result<Tensor> ReadNpy(const std::filesystem::path& path);
Status WriteNpy(const std::filesystem::path& path, const Tensor& tensor);

// A tensor as the two consecutive parts of a .npy file (version 1, or 2 if the header is long),
// byte for byte as numpy.save writes it. `elements` points into `holder`.
struct NpyParts {
  std::string header;
  Tensor holder;
  std::span<const std::byte> elements;
};
// Errors: kUnsupported for what numpy cannot hold (strings that end in NUL, more than 64 axes).
Result<NpyParts> EncodeNpy(const Tensor& tensor);

}  // namespace assay
