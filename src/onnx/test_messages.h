#pragma once

#include <cstring>
#include <protozero/buffer_string.hpp>
#include <protozero/varint.hpp>
#include <string>
#include <string_view>

#include "base/status.h"
#include "onnx/import.h"

// Protobuf messages put together by hand, for tests of the reader: what no writer would write.
namespace assay::test {

inline std::string Number(uint32_t field, int64_t value) {
  std::string text;
  protozero::add_varint_to_buffer(&text, field << 3);
  protozero::add_varint_to_buffer(&text, static_cast<uint64_t>(value));
  return text;
}

inline std::string Bytes(uint32_t field, std::string_view bytes) {
  std::string text;
  protozero::add_varint_to_buffer(&text, field << 3 | 2);
  protozero::add_varint_to_buffer(&text, bytes.size());
  text += bytes;
  return text;
}

inline std::string Float(uint32_t field, float value) {
  std::string text;
  protozero::add_varint_to_buffer(&text, field << 3 | 5);
  text.append(reinterpret_cast<const char*>(&value), sizeof(value));
  return text;
}

template <typename T>
std::string Raw(std::initializer_list<T> values) {
  return std::string(reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T));
}

// NodeProto with one output and any attributes (AttributeProto fields of the node).
inline std::string NodeMessage(std::string_view op, std::initializer_list<std::string_view> inputs,
                               std::string_view output, std::string_view attributes = {}) {
  std::string text;
  for (std::string_view input : inputs) text += Bytes(1, input);
  std::string name = "/";
  name += output;
  text += Bytes(2, output) + Bytes(3, name) + Bytes(4, op);
  text += attributes;
  return text;
}

// ValueInfoProto of a float tensor of shape (2,).
inline std::string ValueMessage(std::string_view name) {
  const std::string shape = Bytes(1, Number(1, 2));
  return Bytes(1, name) + Bytes(2, Bytes(1, Number(1, 1) + Bytes(2, shape)));
}

// GraphProto with the input x, the output y, and other fields.
inline std::string GraphMessage(std::string_view fields) {
  return Bytes(2, "g") + Bytes(11, ValueMessage("x")) + Bytes(12, ValueMessage("y")) +
         std::string(fields);
}

// ModelProto over a GraphProto, opset 17.
inline std::string ModelMessage(std::string_view graph, std::string_view fields = {}) {
  return Number(1, 8) + Bytes(8, Bytes(1, "") + Number(2, 17)) + std::string(fields) +
         Bytes(7, graph);
}

// The bytes stay alive with the model.
inline Result<Model> Parse(std::string bytes, const ImportOptions& options = {},
                           LogSink& log = NullLog()) {
  auto owner = std::make_shared<const std::string>(std::move(bytes));
  return ParseModel(*owner, owner, options, log);
}

// Message and hint, "ok" if there was no error.
inline std::string ParseError(std::string bytes) {
  return Parse(std::move(bytes)).status().ToString();
}

}  // namespace assay::test
