#include "tensor/polygraphy_array.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "base/file.h"
#include "tensor/base64.h"
#include "tensor/npy.h"
#include "tensor/npz.h"

namespace assay {
namespace {

constexpr std::string_view kLegacyKeyPrefix = "__polygraphy_encoded_";
constexpr std::string_view kLegacyMarker = "polygraphy_serialized_json_type";
constexpr std::string_view kZipMagic = "PK\x03\x04";

std::string_view TextOf(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Bytes of a .npy file, or, as the oldest releases wrote, of a .npz archive whose first array
// counts.
Result<Tensor> ParseArrayFile(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  if (!TextOf(bytes).starts_with(kZipMagic)) return ParseNpy(bytes, std::move(owner), {});
  ASSAY_ASSIGN_OR_RETURN(const TensorMap map, ParseNpz(bytes, owner, {}));
  if (map.empty()) {
    return Status(StatusCode::kInvalidInput, "expected an array, got an archive without arrays");
  }
  return map[0].tensor;
}

// Old releases wrote the bytes of the file as Latin-1 text; its magic bytes tell.
bool IsLatin1File(std::string_view raw) {
  return raw.starts_with("\\u0093NUMPY") || raw.starts_with("\xC2\x93NUMPY") ||
         raw.starts_with("PK\\u0003\\u0004");
}

Result<Tensor> ParseLatin1(const JsonCursor& cursor, const JsonString& string) {
  std::optional<std::string> bytes = JsonCursor::UnescapeLatin1(string);
  if (!bytes) return cursor.ErrorAt(string.offset, "expected Latin-1 text of an array file");
  const auto owner = std::make_shared<const std::string>(*std::move(bytes));
  return ParseArrayFile(std::as_bytes(std::span(owner->data(), owner->size())), owner);
}

// Characters that are decoded before their pages are given back.
constexpr size_t kBase64Piece = size_t{16} << 20;

// As Base64Decode; text of a mapped file does not stay in memory beside what it decodes to.
std::optional<size_t> DecodeAndRelease(std::string_view text, std::span<std::byte> out) {
  for (size_t begin = 0; begin < text.size(); begin += kBase64Piece) {
    const std::string_view piece = text.substr(begin, kBase64Piece);
    const bool is_last = begin + piece.size() == text.size();
    if (!is_last && piece.ends_with('=')) return begin + piece.find('=');
    const size_t bytes = is_last ? *Base64DecodedSize(piece) : piece.size() / 4 * 3;
    const std::optional<size_t> bad = Base64Decode(piece, out.subspan(begin / 4 * 3, bytes));
    if (bad) return begin + *bad;
    MappedFile::ReleasePages(std::as_bytes(std::span(piece)));
  }
  return std::nullopt;
}

Result<Tensor> ParseBase64(const JsonCursor& cursor, const JsonString& string) {
  std::string_view text = string.raw;
  std::string unescaped;
  if (string.has_escapes()) {
    ASSAY_ASSIGN_OR_RETURN(unescaped, cursor.Unescape(string));
    text = unescaped;
  }
  const std::optional<size_t> size = Base64DecodedSize(text);
  if (!size) {
    return cursor.ErrorAt(
        string.offset,
        fmt::format("base64 of an array: expected a multiple of 4 characters, got {}",
                    text.size()));
  }
  ASSAY_ASSIGN_OR_RETURN(Tensor buffer,
                         Tensor::TryAllocate(DType::kUInt8, Shape{static_cast<int64_t>(*size)}));
  const std::span<std::byte> bytes(static_cast<std::byte*>(buffer.mutable_raw()), *size);
  if (const std::optional<size_t> bad = DecodeAndRelease(text, bytes)) {
    return cursor.ErrorAt(
        string.offset + *bad,
        fmt::format("base64 of an array: malformed at character {} of {}", *bad + 1, text.size()));
  }
  const auto owner = std::make_shared<const Tensor>(std::move(buffer));
  return ParseArrayFile(owner->bytes(), owner);
}

// What an object with "array" or "values" turns out to hold, once all its keys are known.
struct ArrayObject {
  std::optional<std::string> class_name;
  std::optional<JsonString> array;
  std::optional<size_t> values;  // position in the text
  size_t position = 0;
};

Result<ArrayObject> ParseObject(JsonCursor& cursor) {
  ArrayObject object;
  if (cursor.Peek() != JsonCursor::Kind::kObject) return cursor.Unexpected("an array object");
  object.position = cursor.position();
  ASSAY_RETURN_IF_ERROR(cursor.EnterObject());
  for (size_t taken = 0;; ++taken) {
    ASSAY_ASSIGN_OR_RETURN(const std::optional<std::string> key, cursor.NextKey(taken));
    if (!key) return object;
    ASSAY_ASSIGN_OR_RETURN(std::optional<std::string> class_name, TakeClassMarker(cursor, *key));
    if (class_name) {
      object.class_name = std::move(class_name);
    } else if (*key == "array") {
      ASSAY_ASSIGN_OR_RETURN(object.array, cursor.String());
    } else {
      cursor.Peek();
      if (*key == "values") object.values = cursor.position();
      ASSAY_RETURN_IF_ERROR(cursor.Skip());
    }
  }
}

}  // namespace

Result<std::optional<std::string>> TakeClassMarker(JsonCursor& cursor, std::string_view key) {
  if (cursor.Peek() != JsonCursor::Kind::kString) return std::optional<std::string>();
  const bool current = key == kPolygraphyClassKey;
  if (!current && !key.starts_with(kLegacyKeyPrefix)) return std::optional<std::string>();
  const size_t before = cursor.position();
  ASSAY_ASSIGN_OR_RETURN(const JsonString raw, cursor.String());
  ASSAY_ASSIGN_OR_RETURN(std::string value, cursor.Unescape(raw));
  if (current) return std::optional<std::string>(std::move(value));
  if (value == kLegacyMarker)
    return std::optional<std::string>(key.substr(kLegacyKeyPrefix.size()));
  cursor.set_position(before);
  return std::optional<std::string>();
}

Result<Tensor> ParsePolygraphyArray(JsonCursor& cursor) {
  ASSAY_ASSIGN_OR_RETURN(ArrayObject object, ParseObject(cursor));
  const size_t end = cursor.position();
  if (object.class_name == "LazyArray" || object.class_name == "LazyNumpyArray") {
    if (!object.values)
      return cursor.ErrorAt(object.position, "expected the key \"values\" in a lazy array");
    cursor.set_position(*object.values);
    ASSAY_ASSIGN_OR_RETURN(object, ParseObject(cursor));
    cursor.set_position(end);
  }
  if (!object.class_name) {
    return cursor.ErrorAt(object.position, "expected an array, got an object that names no class");
  }
  if (*object.class_name != "ndarray") {
    const bool torch = *object.class_name == "Tensor";
    const Status status = cursor.ErrorAt(
        object.position, torch ? "cannot read a PyTorch tensor"
                               : fmt::format("expected an array, got an object of class \"{}\"",
                                             *object.class_name));
    return Status(StatusCode::kUnsupported, status.message(),
                  torch ? "save the data as numpy arrays: tensor.numpy()" : "");
  }
  if (!object.array)
    return cursor.ErrorAt(object.position, "expected the key \"array\" in an array");
  return IsLatin1File(object.array->raw) ? ParseLatin1(cursor, *object.array)
                                         : ParseBase64(cursor, *object.array);
}

}  // namespace assay
