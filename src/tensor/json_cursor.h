#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace assay {

// A string as it stands in JSON text, between its quotes; escapes are not yet resolved.
struct JsonString {
  std::string_view raw;
  size_t offset = 0;  // of `raw` in the text

  bool has_escapes() const { return raw.find('\\') != std::string_view::npos; }
};

// Walks through JSON text from front to back without building anything, so that a string of
// hundreds of megabytes costs one search for its end. The caller says what it expects; nothing
// recurses. Besides RFC 8259 it takes NaN, Infinity and -Infinity, which Python writes. Errors:
// kInvalidInput with line and column.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : text_(text) {}

  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject, kEnd, kOther };
  // The kind of the next value, by its first character.
  Kind Peek();

  // Enter* take the opening bracket. Next* then step over the separator to the next item, given how
  // many were taken so far, and after the last one take the closing bracket and return false
  // (nullopt).
  Status EnterArray();
  Result<bool> NextItem(size_t taken);
  Status EnterObject();
  Result<std::optional<std::string>> NextKey(size_t taken);

  Result<JsonString> String();
  Result<double> Number();
  Status Null();
  // Steps over any value, however deep up to kMaxDepth.
  Status Skip();
  // Nothing but space may follow.
  Status End();

  size_t position() const { return position_; }
  void set_position(size_t position) { position_ = position; }

  // "expected X, got Y (line 3, column 7)" for what stands at the cursor.
  Status Unexpected(std::string_view wanted);
  // A message about a place in the text.
  Status ErrorAt(size_t position, std::string_view message) const;

  // The text of a string with its escapes resolved, as UTF-8.
  Result<std::string> Unescape(const JsonString& string) const;
  // The same as code points 0 to 255, one byte each; nullopt if there are others or bad escapes.
  static std::optional<std::string> UnescapeLatin1(const JsonString& string);

  static constexpr int kMaxDepth = 256;

 private:
  void SkipSpace();
  bool Accept(char c);
  Status Word(std::string_view word);
  Result<bool> Next(char close, size_t taken);
  Status SkipScalar(Kind kind);
  Status SkipKey();

  std::string_view text_;
  size_t position_ = 0;
};

std::string_view JsonKindName(JsonCursor::Kind kind);

}  // namespace assay
