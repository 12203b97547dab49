#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/status.h"

namespace assay {

// Base64 with the standard alphabet and padding (RFC 4648, section 4), without line breaks.

// Bytes that the text decodes to, judged by its length and padding alone; nullopt if the length is
// no multiple of four.
std::optional<size_t> Base64DecodedSize(std::string_view text);

// Decodes into `out`, whose size must be Base64DecodedSize(text). Returns the position of the first
// character that is not allowed where it stands, or nullopt if there is none.
std::optional<size_t> Base64Decode(std::string_view text, std::span<std::byte> out);

// Encodes bytes that come in pieces, straight into a file.
class Base64Writer {
 public:
  explicit Base64Writer(AtomicFile& file) : file_(file) {}
  Status Write(std::span<const std::byte> data);
  // Writes what is left, with its padding.
  Status Finish();

 private:
  AtomicFile& file_;
  std::byte pending_[3] = {};
  size_t pending_bytes_ = 0;
};

}  // namespace assay
