#include "onnx/wire.h"

#include <fmt/format.h>

#include <cstring>
#include <protozero/varint.hpp>

namespace assay {
namespace {

using protozero::pbf_wire_type;

std::string_view WireTypeName(pbf_wire_type type) {
  switch (type) {
    case pbf_wire_type::varint:
      return "a number";
    case pbf_wire_type::fixed64:
      return "8 bytes";
    case pbf_wire_type::length_delimited:
      return "a run of bytes";
    case pbf_wire_type::fixed32:
      return "4 bytes";
    case pbf_wire_type::unknown:
      break;
  }
  return "nothing known";
}

uint64_t DecodeVarint(const char** data, const char* end) {
  const char* start = *data;
  try {
    return protozero::decode_varint(data, end);
  } catch (const protozero::end_of_buffer_exception&) {
    throw WireError{start, "the data ends inside a number", true};
  } catch (const protozero::exception&) {
    throw WireError{start, "a number of more than 64 bits"};
  }
}

size_t FixedWidth(pbf_wire_type type) {
  if (type == pbf_wire_type::fixed32) return 4;
  if (type == pbf_wire_type::fixed64) return 8;
  return 0;
}

}  // namespace

bool WireReader::Next() {
  const char* start = position();
  try {
    if (!reader_.next()) return false;
  } catch (const protozero::end_of_buffer_exception&) {
    throw WireError{start, "the data ends inside a field number", true};
  } catch (const protozero::exception&) {
    throw WireError{start, "expected a protobuf field, got something else"};
  }
  field_ = reader_.tag();
  return true;
}

void WireReader::Expect(pbf_wire_type type) {
  if (reader_.wire_type() == type) return;
  throw WireError{position(), fmt::format("field {}: expected {}, got {}", field_,
                                          WireTypeName(type), WireTypeName(reader_.wire_type()))};
}

std::string_view WireReader::Take(size_t size) {
  const char* start = position();
  const auto left = static_cast<size_t>(end_ - start);
  if (size > left) {
    throw WireError{start, fmt::format("field {} needs {} bytes, {} are left", field_, size, left),
                    true};
  }
  reader_ = protozero::pbf_reader(start + size, left - size);
  return {start, size};
}

int64_t WireReader::Int() {
  Expect(pbf_wire_type::varint);
  const char* data = position();
  const uint64_t value = DecodeVarint(&data, end_);
  Take(static_cast<size_t>(data - position()));
  return static_cast<int64_t>(value);
}

float WireReader::Float() {
  Expect(pbf_wire_type::fixed32);
  float value;
  std::memcpy(&value, Take(sizeof(value)).data(), sizeof(value));
  return value;
}

std::string_view WireReader::Bytes() {
  Expect(pbf_wire_type::length_delimited);
  const char* data = position();
  const uint64_t size = DecodeVarint(&data, end_);
  Take(static_cast<size_t>(data - position()));
  return Take(size);
}

void WireReader::Skip() {
  switch (reader_.wire_type()) {
    case pbf_wire_type::varint:
      Int();
      return;
    case pbf_wire_type::fixed32:
    case pbf_wire_type::fixed64:
      Take(FixedWidth(reader_.wire_type()));
      return;
    case pbf_wire_type::length_delimited:
      Bytes();
      return;
    case pbf_wire_type::unknown:
      break;
  }
  throw WireError{position(), "expected a protobuf field, got something else"};
}

void WireReader::Ints(std::vector<int64_t>& values) {
  if (reader_.wire_type() != pbf_wire_type::length_delimited) {
    values.push_back(Int());
    return;
  }
  const std::string_view packed = Bytes();
  const char* const end = packed.data() + packed.size();
  for (const char* data = packed.data(); data != end;) {
    values.push_back(static_cast<int64_t>(DecodeVarint(&data, end)));
  }
}

void WireReader::Floats(std::vector<float>& values) {
  if (reader_.wire_type() != pbf_wire_type::length_delimited) {
    values.push_back(Float());
    return;
  }
  const std::string_view packed = Bytes();
  if (packed.size() % sizeof(float) != 0) {
    throw WireError{packed.data(), fmt::format("field {}: expected a multiple of 4 bytes, got {}",
                                               field_, packed.size())};
  }
  const size_t count = values.size();
  values.resize(count + packed.size() / sizeof(float));
  if (!packed.empty()) std::memcpy(values.data() + count, packed.data(), packed.size());
}

void FixedBytes::Append(WireReader& reader) {
  const size_t width = FixedWidth(reader.reader_.wire_type());
  const std::string_view piece = width != 0 ? reader.Take(width) : reader.Bytes();
  present_ = true;
  if (gathered_.empty() && view_.empty()) {
    view_ = piece;
    return;
  }
  if (gathered_.empty()) gathered_ = view_;
  gathered_ += piece;
}

}  // namespace assay
