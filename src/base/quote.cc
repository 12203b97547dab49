#include "base/quote.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace assay {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The second byte of U+0080 to U+009F in UTF-8, which terminals take for control characters too.
bool IsControlPair(unsigned char first, unsigned char second) {
  return first == 0xC2 && second >= 0x80 && second <= 0x9F;
}

void AppendEscaped(std::string_view text, bool escape_quotes, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (escape_quotes && (c == '"' || c == '\\')) {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else if (i + 1 < text.size() &&
               IsControlPair(byte, static_cast<unsigned char>(text[i + 1]))) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++i]));
    } else {
      out += c;
    }
  }
}

}  // namespace

std::string Quote(std::string_view text, size_t max_bytes) {
  size_t shown = text.size();
  if (shown > max_bytes) {
    shown = max_bytes;
    while (shown > 0 && IsContinuation(text[shown])) --shown;
  }
  std::string quoted = "\"";
  AppendEscaped(text.substr(0, shown), true, quoted);
  quoted += '"';
  if (shown < text.size()) quoted += fmt::format("... ({} bytes)", text.size());
  return quoted;
}

std::string QuoteUnlessPlain(std::string_view text) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("_./:-").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  return Quote(text);
}

std::string Printable(std::string_view text) {
  std::string printable;
  AppendEscaped(text, false, printable);
  return printable;
}

}  // namespace assay
