#include "tensor/utf8.h"

namespace assay {
namespace {

constexpr uint32_t kLastCodePoint = 0x10FFFF;

bool IsSurrogate(uint32_t code_point) { return code_point >= 0xD800 && code_point <= 0xDFFF; }

}  // namespace

bool AppendUtf8(uint32_t code_point, std::string& out) {
  if (code_point > kLastCodePoint || IsSurrogate(code_point)) return false;
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
    return true;
  }
  const int continuation = code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
  const uint32_t lead = 0xFF00 >> (continuation + 1) & 0xFF;
  out += static_cast<char>(lead | code_point >> (6 * continuation));
  for (int i = continuation - 1; i >= 0; --i) {
    out += static_cast<char>(0x80 | (code_point >> (6 * i) & 0x3F));
  }
  return true;
}

std::optional<uint32_t> TakeUtf8(std::string_view& text) {
  const auto lead = static_cast<uint8_t>(text.front());
  if (lead < 0x80) {
    text.remove_prefix(1);
    return lead;
  }
  size_t continuation = 0;
  uint32_t smallest = 0;
  if ((lead & 0xE0) == 0xC0) {
    continuation = 1;
    smallest = 0x80;
  } else if ((lead & 0xF0) == 0xE0) {
    continuation = 2;
    smallest = 0x800;
  } else if ((lead & 0xF8) == 0xF0) {
    continuation = 3;
    smallest = 0x10000;
  }
  if (continuation == 0 || text.size() <= continuation) return std::nullopt;
  uint32_t code_point = lead & (0x3F >> continuation);
  for (size_t i = 1; i <= continuation; ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xC0) != 0x80) return std::nullopt;
    code_point = code_point << 6 | (byte & 0x3F);
  }
  if (code_point < smallest || code_point > kLastCodePoint || IsSurrogate(code_point)) {
    return std::nullopt;
  }
  text.remove_prefix(continuation + 1);
  return code_point;
}

std::optional<size_t> CountUtf8(std::string_view text) {
  size_t count = 0;
  while (!text.empty()) {
    if (!TakeUtf8(text)) return std::nullopt;
    ++count;
  }
  return count;
}

}  // namespace assay
