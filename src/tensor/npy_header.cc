#include "tensor/npy_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

namespace assay {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMaxHeaderBytes = 1 << 16;
constexpr size_t kAlignment = 64;
// numpy leaves room for the first extent to grow to this many digits.
constexpr size_t kExtentDigits = 21;

Status Malformed(std::string message) {
  return Status(StatusCode::kInvalidInput, ".npy header: " + std::move(message));
}

// The part of Python's literal syntax that numpy writes into headers.
class PythonLiteral {
 public:
  explicit PythonLiteral(std::string_view text) : text_(text) {}

  bool Accept(char c) {
    SkipSpace();
    if (position_ >= text_.size() || text_[position_] != c) return false;
    ++position_;
    return true;
  }
  Status Expect(char c) {
    if (Accept(c)) return OkStatus();
    return Unexpected(fmt::format("'{}'", c));
  }
  bool AcceptWord(std::string_view word) {
    SkipSpace();
    if (!text_.substr(position_).starts_with(word)) return false;
    position_ += word.size();
    return true;
  }
  bool AtString() {
    SkipSpace();
    return position_ < text_.size() && (text_[position_] == '\'' || text_[position_] == '"');
  }
  bool AtEnd() {
    SkipSpace();
    return position_ == text_.size();
  }
  Result<std::string_view> String() {
    if (!AtString()) return Unexpected("a string");
    const char quote = text_[position_];
    const size_t end = text_.find(quote, position_ + 1);
    if (end == std::string_view::npos) return Malformed("a string does not end");
    const std::string_view value = text_.substr(position_ + 1, end - position_ - 1);
    if (value.find('\\') != std::string_view::npos)
      return Malformed("escaped text is not expected");
    position_ = end + 1;
    return value;
  }
  Result<int64_t> Extent() {
    SkipSpace();
    int64_t value = 0;
    const char* begin = text_.data() + position_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error == std::errc::result_out_of_range)
      return Malformed("an extent of 'shape' is too large");
    if (error != std::errc() || value < 0) return Unexpected("an extent of 'shape'");
    position_ += static_cast<size_t>(end - begin);
    Accept('L');  // Python 2 wrote long integers so
    return value;
  }
  Status Unexpected(std::string_view wanted) {
    SkipSpace();
    if (position_ >= text_.size())
      return Malformed(fmt::format("expected {}, got its end", wanted));
    return Malformed(fmt::format("expected {}, got byte 0x{:02x} at position {}", wanted,
                                 static_cast<uint8_t>(text_[position_]), position_));
  }

 private:
  void SkipSpace() {
    while (position_ < text_.size() &&
           (text_[position_] == ' ' || text_[position_] == '\n' || text_[position_] == '\t')) {
      ++position_;
    }
  }

  std::string_view text_;
  size_t position_ = 0;
};

// 'descr': either a type string, or the names and type strings of a structured type's fields.
struct Descr {
  struct Field {
    std::string_view name;
    std::string_view type;
    bool plain;  // neither nested nor with a shape of its own
  };
  std::string_view type;
  std::optional<std::vector<Field>> fields;
};

Status StructuredType() {
  return Status(StatusCode::kUnsupported,
                ".npy header: expected one value per element, got a structured type",
                "save each field as an array of its own");
}

Result<Descr> ParseDescr(PythonLiteral& literal) {
  Descr descr;
  if (literal.AtString()) {
    ASSAY_ASSIGN_OR_RETURN(descr.type, literal.String());
    return descr;
  }
  ASSAY_RETURN_IF_ERROR(literal.Expect('['));
  descr.fields.emplace();
  while (!literal.Accept(']')) {
    ASSAY_RETURN_IF_ERROR(literal.Expect('('));
    if (!literal.AtString()) return StructuredType();  // a field with a title
    Descr::Field field{};
    ASSAY_ASSIGN_OR_RETURN(field.name, literal.String());
    ASSAY_RETURN_IF_ERROR(literal.Expect(','));
    if (!literal.AtString()) return StructuredType();
    ASSAY_ASSIGN_OR_RETURN(field.type, literal.String());
    if (!literal.Accept(')')) return StructuredType();
    descr.fields->push_back(field);
    if (!literal.Accept(',')) {
      ASSAY_RETURN_IF_ERROR(literal.Expect(']'));
      break;
    }
  }
  return descr;
}

Result<Shape> ParseShape(PythonLiteral& literal) {
  ASSAY_RETURN_IF_ERROR(literal.Expect('('));
  std::vector<int64_t> dims;
  while (!literal.Accept(')')) {
    if (dims.size() == kMaxNpyRank)
      return Malformed(fmt::format("'shape' has more than {} axes", kMaxNpyRank));
    ASSAY_ASSIGN_OR_RETURN(const int64_t extent, literal.Extent());
    dims.push_back(extent);
    if (!literal.Accept(',')) {
      ASSAY_RETURN_IF_ERROR(literal.Expect(')'));
      break;
    }
  }
  return Shape(std::move(dims));
}

struct PlainType {
  char kind;
  size_t bytes;
  DType dtype;
};
constexpr PlainType kPlainTypes[] = {
    {'b', 1, DType::kBool},
    {'i', 1, DType::kInt8},
    {'i', 2, DType::kInt16},
    {'i', 4, DType::kInt32},
    {'i', 8, DType::kInt64},
    {'u', 1, DType::kUInt8},
    {'u', 2, DType::kUInt16},
    {'u', 4, DType::kUInt32},
    {'u', 8, DType::kUInt64},
    {'f', 2, DType::kFloat16},
    {'f', 4, DType::kFloat32},
    {'f', 8, DType::kFloat64},
    {'c', 8, DType::kComplex64},
    {'c', 16, DType::kComplex128},
    // ml_dtypes registers this one as a one-byte float; no other type can be meant.
    {'f', 1, DType::kFloat8E5M2},
};

Status UnsupportedType(std::string_view descr, std::string_view what, std::string hint) {
  return Status(StatusCode::kUnsupported,
                fmt::format(".npy header: cannot read elements of type '{}': {}", descr, what),
                std::move(hint));
}

Status OpaqueType(std::string_view descr) {
  return UnsupportedType(descr,
                         "numpy stores bfloat16, float8 and int4 arrays of ml_dtypes so, without "
                         "saying which they are",
                         "save array.astype(numpy.float32), or array.view([('bfloat16', '<u2')]), "
                         "array.view([('float8_e4m3fn', '|u1')]) and so on, which name the type");
}

Result<NpyElementType> TextType(std::string_view descr, NpyEncoding encoding, size_t characters,
                                bool big_endian) {
  const size_t unit = encoding == NpyEncoding::kUtf32 ? 4 : 1;
  if (characters > SIZE_MAX / 8) return Malformed(fmt::format("the type '{}' is too wide", descr));
  return NpyElementType{DType::kString, encoding, characters * unit, big_endian};
}

Result<NpyElementType> InterpretType(std::string_view descr) {
  std::string_view rest = descr;
  char order = '|';
  if (!rest.empty() && std::string_view("<>|=").find(rest.front()) != std::string_view::npos) {
    order = rest.front();
    rest.remove_prefix(1);
  }
  if (rest.empty()) return Malformed(fmt::format("unknown type '{}'", descr));
  const char kind = rest.front();
  rest.remove_prefix(1);
  if (kind == 'O') {
    return UnsupportedType(descr, "they are pickled Python objects, which could run code when read",
                           "save the array with a numeric or string type");
  }
  if (kind == 'M' || kind == 'm') {
    return UnsupportedType(descr, "dates and times are not tensor elements", "save them as int64");
  }
  size_t count = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
  if (error != std::errc() || end != rest.data() + rest.size()) {
    return Malformed(fmt::format("unknown type '{}'", descr));
  }
  const bool big_endian = order == '>';
  if (kind == 'U') return TextType(descr, NpyEncoding::kUtf32, count, big_endian);
  if (kind == 'S' || kind == 'a') return TextType(descr, NpyEncoding::kByteText, count, false);
  if (kind == 'V') {
    // A plain void type has no byte order ('|V2'); the only two-byte type of ml_dtypes has one.
    if (count == 2 && order == '<') return NpyElementType{DType::kBFloat16, NpyEncoding::kPlain, 2};
    return OpaqueType(descr);
  }
  for (const PlainType& type : kPlainTypes) {
    if (type.kind == kind && type.bytes == count) {
      return NpyElementType{type.dtype, NpyEncoding::kPlain, count, big_endian && count > 1};
    }
  }
  if (kind == 'f' || kind == 'c') {
    return UnsupportedType(descr, "extended precision differs between machines",
                           "save the array as float64");
  }
  return Malformed(fmt::format("unknown type '{}'", descr));
}

// The integer type that holds one element of a type that numpy lacks; nullptr for other types.
const char* CarrierOf(DType dtype) {
  switch (dtype) {
    case DType::kBFloat16:
      return "<u2";
    case DType::kFloat8E4M3FN:
    case DType::kFloat8E4M3FNUZ:
    case DType::kFloat8E5M2:
    case DType::kFloat8E5M2FNUZ:
    case DType::kFloat8E8M0:
    case DType::kFloat6E2M3:
    case DType::kFloat6E3M2:
    case DType::kFloat4E2M1:
    case DType::kUInt4:
    case DType::kUInt2:
      return "|u1";
    case DType::kInt4:
    case DType::kInt2:
      return "|i1";
    default:
      return nullptr;
  }
}

Result<NpyElementType> InterpretFields(const std::vector<Descr::Field>& fields) {
  if (fields.size() != 1) return StructuredType();
  const std::optional<DType> dtype = DTypeFromName(fields[0].name);
  if (!dtype || CarrierOf(*dtype) == nullptr || fields[0].type != CarrierOf(*dtype)) {
    return StructuredType();
  }
  NpyElementType type{*dtype};
  type.item_bytes = *dtype == DType::kBFloat16 ? 2 : 1;
  if (DTypeBits(*dtype) < 8) type.encoding = NpyEncoding::kUnpacked;
  return type;
}

Status ParseDictionary(std::string_view text, NpyHeader& header) {
  PythonLiteral literal(text);
  bool has_type = false;
  bool has_order = false;
  bool has_shape = false;
  ASSAY_RETURN_IF_ERROR(literal.Expect('{'));
  while (!literal.Accept('}')) {
    ASSAY_ASSIGN_OR_RETURN(const std::string_view key, literal.String());
    ASSAY_RETURN_IF_ERROR(literal.Expect(':'));
    bool* seen = key == "descr"           ? &has_type
                 : key == "fortran_order" ? &has_order
                 : key == "shape"         ? &has_shape
                                          : nullptr;
    if (seen == nullptr || *seen) {
      return Malformed("expected the keys 'descr', 'fortran_order' and 'shape', each once");
    }
    *seen = true;
    if (key == "descr") {
      ASSAY_ASSIGN_OR_RETURN(const Descr descr, ParseDescr(literal));
      ASSAY_ASSIGN_OR_RETURN(
          header.type, descr.fields ? InterpretFields(*descr.fields) : InterpretType(descr.type));
    } else if (key == "fortran_order") {
      header.fortran_order = literal.AcceptWord("True");
      if (!header.fortran_order && !literal.AcceptWord("False")) {
        return literal.Unexpected("True or False");
      }
    } else {
      ASSAY_ASSIGN_OR_RETURN(header.shape, ParseShape(literal));
    }
    if (!literal.Accept(',')) {
      ASSAY_RETURN_IF_ERROR(literal.Expect('}'));
      break;
    }
  }
  if (!literal.AtEnd()) return literal.Unexpected("nothing more");
  if (!has_type || !has_order || !has_shape) {
    return Malformed("expected the keys 'descr', 'fortran_order' and 'shape', each once");
  }
  return OkStatus();
}

}  // namespace

Result<NpyHeader> ParseNpyHeader(std::string_view file) {
  if (!file.starts_with(kMagic)) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format(".npy: expected the magic bytes \\x93NUMPY, got {}",
                              file.size() < kMagic.size() ? "a shorter file" : "others"));
  }
  if (file.size() < 10) return Malformed("truncated");
  const auto byte = [&](size_t i) { return size_t{static_cast<uint8_t>(file[i])}; };
  const size_t version = byte(6);
  if (version < 1 || version > 3 || byte(7) != 0) {
    return Status(
        StatusCode::kUnsupported,
        fmt::format(".npy: expected format version 1.0, 2.0 or 3.0, got {}.{}", version, byte(7)));
  }
  const size_t prefix = version == 1 ? 10 : 12;
  if (file.size() < prefix) return Malformed("truncated");
  const size_t length = version == 1 ? byte(8) | byte(9) << 8
                                     : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  if (length > kMaxHeaderBytes) {
    return Malformed(fmt::format("expected at most {} bytes, got {}", kMaxHeaderBytes, length));
  }
  if (file.size() - prefix < length) {
    return Malformed(
        fmt::format("truncated: expected {} bytes, got {}", length, file.size() - prefix));
  }
  NpyHeader header;
  header.data_offset = prefix + length;
  ASSAY_RETURN_IF_ERROR(ParseDictionary(file.substr(prefix, length), header));
  return header;
}

std::string FormatNpyHeader(std::string_view descr, const Shape& shape) {
  std::string header = fmt::format("{{'descr': {}, 'fortran_order': False, 'shape': {}, }}", descr,
                                   shape.ToString());
  if (shape.rank() > 0) {
    const size_t digits = std::to_string(shape[0]).size();
    header.append(kExtentDigits - std::min(kExtentDigits, digits), ' ');
  }
  constexpr size_t kPrefix = 10;
  header.append(kAlignment - (kPrefix + header.size() + 1) % kAlignment, ' ');
  header += '\n';
  std::string file(kMagic);
  file += {'\x01', '\x00', static_cast<char>(header.size() & 0xFF),
           static_cast<char>(header.size() >> 8)};
  return file + header;
}

std::string NpyDescr(DType dtype) {
  if (const char* carrier = CarrierOf(dtype)) {
    return fmt::format("[('{}', '{}')]", DTypeName(dtype), carrier);
  }
  for (const PlainType& type : kPlainTypes) {
    if (type.dtype == dtype) {
      return fmt::format("'{}{}{}'", type.bytes == 1 ? '|' : '<', type.kind, type.bytes);
    }
  }
  return "";
}

}  // namespace assay
