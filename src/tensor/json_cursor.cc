#include "tensor/json_cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tensor/number_text.h"
#include "tensor/utf8.h"

namespace assay {
namespace {

constexpr std::string_view kNumberCharacters = "+-.0123456789eE";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// RFC 8259, section 6.
bool IsJsonNumber(std::string_view text) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t begin = i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    return i - begin;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const size_t first = i;
  const size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

std::optional<uint32_t> FourHexDigits(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  uint32_t value = 0;
  for (char c : text.substr(0, 4)) {
    const uint32_t digit = IsDigit(c)             ? static_cast<uint32_t>(c - '0')
                           : c >= 'a' && c <= 'f' ? static_cast<uint32_t>(c - 'a' + 10)
                           : c >= 'A' && c <= 'F' ? static_cast<uint32_t>(c - 'A' + 10)
                                                  : 16;
    if (digit == 16) return std::nullopt;
    value = value << 4 | digit;
  }
  return value;
}

// Takes one character, escaped or not, off the front of `raw`; nullopt if it is malformed.
std::optional<uint32_t> TakeCharacter(std::string_view& raw) {
  if (static_cast<uint8_t>(raw.front()) < 0x20) return std::nullopt;
  if (raw.front() != '\\') return TakeUtf8(raw);
  if (raw.size() < 2) return std::nullopt;
  constexpr std::string_view kShort = "\"\\/bfnrt";
  constexpr std::string_view kMeaning = "\"\\/\b\f\n\r\t";
  const char kind = raw[1];
  if (const size_t which = kShort.find(kind); which != std::string_view::npos) {
    raw.remove_prefix(2);
    return static_cast<uint8_t>(kMeaning[which]);
  }
  if (kind != 'u') return std::nullopt;
  std::optional<uint32_t> unit = FourHexDigits(raw.substr(2));
  if (!unit) return std::nullopt;
  raw.remove_prefix(6);
  if (*unit < 0xD800 || *unit > 0xDFFF) return unit;
  if (*unit > 0xDBFF || !raw.starts_with("\\u")) return std::nullopt;
  const std::optional<uint32_t> low = FourHexDigits(raw.substr(2));
  if (!low || *low < 0xDC00 || *low > 0xDFFF) return std::nullopt;
  raw.remove_prefix(6);
  return 0x10000 + ((*unit & 0x3FF) << 10) + (*low & 0x3FF);
}

}  // namespace

std::string_view JsonKindName(JsonCursor::Kind kind) {
  switch (kind) {
    case JsonCursor::Kind::kNull:
      return "null";
    case JsonCursor::Kind::kBool:
      return "a truth value";
    case JsonCursor::Kind::kNumber:
      return "a number";
    case JsonCursor::Kind::kString:
      return "a string";
    case JsonCursor::Kind::kArray:
      return "a list";
    case JsonCursor::Kind::kObject:
      return "an object";
    case JsonCursor::Kind::kEnd:
      return "the end of the text";
    case JsonCursor::Kind::kOther:
      return "something else";
  }
  return "something else";
}

void JsonCursor::SkipSpace() {
  while (position_ < text_.size()) {
    const char c = text_[position_];
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
    ++position_;
  }
}

bool JsonCursor::Accept(char c) {
  SkipSpace();
  if (position_ >= text_.size() || text_[position_] != c) return false;
  ++position_;
  return true;
}

JsonCursor::Kind JsonCursor::Peek() {
  SkipSpace();
  if (position_ >= text_.size()) return Kind::kEnd;
  switch (text_[position_]) {
    case '{':
      return Kind::kObject;
    case '[':
      return Kind::kArray;
    case '"':
      return Kind::kString;
    case 'n':
      return Kind::kNull;
    case 't':
    case 'f':
      return Kind::kBool;
    case 'N':
    case 'I':
    case '-':
      return Kind::kNumber;
    default:
      return IsDigit(text_[position_]) ? Kind::kNumber : Kind::kOther;
  }
}

Status JsonCursor::ErrorAt(size_t position, std::string_view message) const {
  const std::string_view before = text_.substr(0, position);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t newline = before.rfind('\n');
  const size_t column = position - (newline == std::string_view::npos ? 0 : newline + 1) + 1;
  return Status(StatusCode::kInvalidInput,
                fmt::format("JSON: {} (line {}, column {})", message, line, column));
}

Status JsonCursor::Unexpected(std::string_view wanted) {
  const Kind kind = Peek();
  if (kind == Kind::kEnd) {
    return ErrorAt(position_,
                   fmt::format("truncated: expected {}, got the end of the text", wanted));
  }
  if (kind != Kind::kOther) {
    return ErrorAt(position_, fmt::format("expected {}, got {}", wanted, JsonKindName(kind)));
  }
  const auto byte = static_cast<uint8_t>(text_[position_]);
  const std::string got = byte >= 0x20 && byte < 0x7F ? fmt::format("'{}'", static_cast<char>(byte))
                                                      : fmt::format("byte 0x{:02x}", byte);
  return ErrorAt(position_, fmt::format("expected {}, got {}", wanted, got));
}

Status JsonCursor::EnterArray() { return Accept('[') ? OkStatus() : Unexpected("a list"); }
Status JsonCursor::EnterObject() { return Accept('{') ? OkStatus() : Unexpected("an object"); }

Result<bool> JsonCursor::Next(char close, size_t taken) {
  if (Accept(close)) return false;
  if (taken > 0 && !Accept(',')) return Unexpected(fmt::format("',' or '{}'", close));
  return true;
}

Result<bool> JsonCursor::NextItem(size_t taken) { return Next(']', taken); }

Result<std::optional<std::string>> JsonCursor::NextKey(size_t taken) {
  ASSAY_ASSIGN_OR_RETURN(const bool more, Next('}', taken));
  if (!more) return std::optional<std::string>();
  ASSAY_ASSIGN_OR_RETURN(const JsonString raw, String());
  ASSAY_ASSIGN_OR_RETURN(std::string key, Unescape(raw));
  if (!Accept(':')) return Unexpected("':'");
  return std::optional<std::string>(std::move(key));
}

Result<JsonString> JsonCursor::String() {
  if (Peek() != Kind::kString) return Unexpected("a string");
  const size_t begin = position_ + 1;
  for (size_t end = begin;; ++end) {
    end = text_.find('"', end);
    if (end == std::string_view::npos) {
      return ErrorAt(position_, "truncated: the string that starts here does not end");
    }
    // A quote belongs to the string if an odd number of backslashes stands before it.
    size_t backslashes = 0;
    while (end - backslashes > begin && text_[end - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 != 0) continue;
    position_ = end + 1;
    return JsonString{text_.substr(begin, end - begin), begin};
  }
}

Status JsonCursor::Word(std::string_view word) {
  if (!text_.substr(position_).starts_with(word))
    return ErrorAt(position_, fmt::format("expected \"{}\"", word));
  position_ += word.size();
  return OkStatus();
}

Status JsonCursor::Null() {
  if (Peek() != Kind::kNull) return Unexpected("null");
  return Word("null");
}

Result<double> JsonCursor::Number() {
  if (Peek() != Kind::kNumber) return Unexpected("a number");
  const std::string_view rest = text_.substr(position_);
  for (std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
    if (!rest.starts_with(word)) continue;
    position_ += word.size();
    return *ParseDouble(word);
  }
  const std::string_view number = rest.substr(0, rest.find_first_not_of(kNumberCharacters));
  const std::optional<double> value = IsJsonNumber(number) ? ParseDouble(number) : std::nullopt;
  if (!value) return ErrorAt(position_, "malformed number");
  position_ += number.size();
  return *value;
}

Status JsonCursor::SkipScalar(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return Word("null");
    case Kind::kBool:
      return Word(text_[position_] == 't' ? "true" : "false");
    case Kind::kNumber:
      return Number().status();
    case Kind::kString:
      return String().status();
    default:
      return Unexpected("a value");
  }
}

Status JsonCursor::SkipKey() {
  ASSAY_RETURN_IF_ERROR(String().status());
  return Accept(':') ? OkStatus() : Unexpected("':'");
}

Status JsonCursor::Skip() {
  std::string open;  // closing brackets that are still to come
  for (;;) {
    const Kind kind = Peek();
    if (kind == Kind::kArray || kind == Kind::kObject) {
      if (open.size() == kMaxDepth) {
        return ErrorAt(position_, fmt::format("nested more than {} levels deep", kMaxDepth));
      }
      ++position_;
      open += kind == Kind::kArray ? ']' : '}';
      if (!Accept(open.back())) {
        if (kind == Kind::kObject) ASSAY_RETURN_IF_ERROR(SkipKey());
        continue;
      }
      open.pop_back();
    } else {
      ASSAY_RETURN_IF_ERROR(SkipScalar(kind));
    }
    while (!open.empty() && Accept(open.back())) open.pop_back();
    if (open.empty()) return OkStatus();
    if (!Accept(',')) return Unexpected(fmt::format("',' or '{}'", open.back()));
    if (open.back() == '}') ASSAY_RETURN_IF_ERROR(SkipKey());
  }
}

Status JsonCursor::End() {
  if (Peek() == Kind::kEnd) return OkStatus();
  return Unexpected("the end of the text");
}

Result<std::string> JsonCursor::Unescape(const JsonString& string) const {
  std::string out;
  std::string_view raw = string.raw;
  while (!raw.empty()) {
    const std::optional<uint32_t> code_point = TakeCharacter(raw);
    if (!code_point || !AppendUtf8(*code_point, out)) {
      return ErrorAt(string.offset + string.raw.size() - raw.size(),
                     "malformed character in a string");
    }
  }
  return out;
}

std::optional<std::string> JsonCursor::UnescapeLatin1(const JsonString& string) {
  std::string out;
  std::string_view raw = string.raw;
  while (!raw.empty()) {
    const std::optional<uint32_t> code_point = TakeCharacter(raw);
    if (!code_point || *code_point > 0xFF) return std::nullopt;
    out += static_cast<char>(*code_point);
  }
  return out;
}

}  // namespace assay
