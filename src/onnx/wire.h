#pragma once

#include <cstdint>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

// Malformed protobuf. Thrown inside onnx/ only; its public functions turn it into a Status.
struct WireError {
  const char* position;  // where in the message bytes
  std::string what;
  bool truncated = false;  // more bytes are needed than there are
};

// Reads the fields of one protobuf message in order, over protozero. Unlike it, lengths have 64
// bits (a model may hold more than 4 GiB) and a field of an unexpected wire type is an error.
//
//   for (WireReader reader(message); reader.Next();) {
//     switch (reader.field()) {
//       case 1: name = reader.Bytes(); break;
//       default: reader.Skip();
//     }
//   }
class WireReader {
 public:
  explicit WireReader(std::string_view message)
      : reader_(message.data(), message.size()), end_(message.data() + message.size()) {}

  // Moves to the next field; false at the end of the message.
  bool Next();
  uint32_t field() const { return field_; }

  // Exactly one of these per field.
  int64_t Int();
  float Float();
  std::string_view Bytes();  // text, bytes, or a message
  void Skip();

  // For repeated numbers, packed or not; each appends to what is there.
  void Ints(std::vector<int64_t>& values);
  void Floats(std::vector<float>& values);

 private:
  friend class FixedBytes;

  const char* position() const { return reader_.data().data(); }
  void Expect(protozero::pbf_wire_type type);
  std::string_view Take(size_t size);

  protozero::pbf_reader reader_;
  const char* end_;
  uint32_t field_ = 0;
};

// A repeated field of fixed-width numbers as bytes: a view of the message if it lies there in one
// piece, as writers put it, else gathered.
class FixedBytes {
 public:
  void Append(WireReader& reader);
  bool present() const { return present_; }
  std::string_view bytes() const { return gathered_.empty() ? view_ : gathered_; }
  bool IsView() const { return gathered_.empty(); }

 private:
  bool present_ = false;
  std::string_view view_;
  std::string gathered_;
};

}  // namespace assay
