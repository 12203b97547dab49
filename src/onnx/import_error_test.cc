#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "onnx/import.h"
#include "onnx/test_messages.h"

namespace assay {
namespace {

using namespace test;

std::string LoadError(const std::string& name, std::string_view bytes) {
  const std::string path = testing::TempDir() + name;
  EXPECT_TRUE(WriteFileAtomically(path, bytes).ok());
  const Result<Model> model = LoadModel(path);
  std::filesystem::remove(path);
  std::string text = model.status().ToString();
  const size_t folder = text.find(testing::TempDir());
  return folder == std::string::npos ? text : text.erase(folder, testing::TempDir().size());
}

std::string Relu() { return Bytes(1, NodeMessage("Relu", {"x"}, "y")); }

// TensorProto: dims, data type, name, other fields.
std::string TensorMessage(std::initializer_list<int64_t> dims, int64_t type, std::string_view name,
                          const std::string& fields) {
  std::string text;
  for (int64_t dim : dims) text += Number(1, dim);
  return text + Number(2, type) + Bytes(8, name) + fields;
}

std::string InitializerError(const std::string& tensor) {
  return ParseError(ModelMessage(GraphMessage(Relu() + Bytes(5, tensor))));
}

TEST(LoadModelError, NoSuchFile) {
  const Result<Model> model = LoadModel("missing/model.onnx");
  EXPECT_EQ(model.status().code(), StatusCode::kNotFound);
  EXPECT_EQ(model.status().ToString(),
            "cannot open \"missing/model.onnx\": No such file or directory\n"
            "hint: check the path; it is taken relative to the current folder");
}

TEST(LoadModelError, Folder) {
  const Result<Model> model = LoadModel(testing::TempDir());
  EXPECT_EQ(model.status().code(), StatusCode::kInvalidInput);
}

TEST(LoadModelError, EmptyFile) {
  EXPECT_EQ(LoadError("empty.onnx", ""),
            "expected an ONNX model, got an empty file (empty.onnx)\n"
            "hint: copy or download the model again");
}

TEST(LoadModelError, TruncatedFile) {
  const std::string whole = ModelMessage(GraphMessage(Relu()));
  EXPECT_EQ(LoadError("short.onnx", whole.substr(0, whole.size() - 10)),
            "expected an ONNX model, got a truncated one: field 7 needs 55 bytes, 45 are left "
            "(byte 10) (short.onnx)\n"
            "hint: the file is incomplete; copy or download it again");
}

TEST(LoadModelError, OtherFilesAreNamedForWhatTheyLookLike) {
  using namespace std::string_literals;
  EXPECT_EQ(LoadError("photo.png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s),
            "expected an ONNX model, got a PNG image (photo.png)");
  EXPECT_EQ(LoadError("notes.txt", "Some notes\nabout models.\n"),
            "expected an ONNX model, got text (notes.txt)");
  EXPECT_EQ(LoadError("lfs.onnx", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n"),
            "expected an ONNX model, got a Git LFS pointer; the model itself was not downloaded "
            "(lfs.onnx)");
  EXPECT_EQ(LoadError("model.pt", "PK\x03\x04 archive/data.pkl"),
            "expected an ONNX model, got a zip archive, as PyTorch checkpoints and npz files are "
            "(model.pt)");
  EXPECT_EQ(LoadError("page.onnx", "<!DOCTYPE html><html>"),
            "expected an ONNX model, got an HTML page; the download may have needed a login "
            "(page.onnx)");
}

TEST(LoadModelError, ProtobufThatIsNoModel) {
  EXPECT_EQ(ParseError(Number(2, 5)),
            "expected an ONNX model, got malformed protobuf: field 2: expected a run of bytes, got "
            "a number (byte 1)");
  EXPECT_EQ(ParseError(Number(1, 8) + Number(50, 1)),
            "expected an ONNX model, got protobuf without a graph");
  EXPECT_EQ(ParseError(ModelMessage(GraphMessage(Relu()), Bytes(7, ""))),
            "expected one graph, got several");
  EXPECT_EQ(ParseError("\x0b\x01\xff"),
            "expected an ONNX model, got malformed protobuf: expected a protobuf field, got "
            "something else (byte 0)");
}

TEST(ParseModelError, CyclicGraph) {
  EXPECT_EQ(ParseError(ModelMessage(GraphMessage(Bytes(1, NodeMessage("Add", {"x", "b"}, "a")) +
                                                 Bytes(1, NodeMessage("Mul", {"a", "x"}, "b")) +
                                                 Bytes(1, NodeMessage("Relu", {"b"}, "y"))))),
            "cyclic graph: node \"/b\" (Mul) -> node \"/a\" (Add) -> node \"/b\" (Mul)\n"
            "hint: no node may depend on its own output; a loop is written with Loop or Scan");
}

TEST(ParseModelError, UndefinedValueWithNearNames) {
  EXPECT_EQ(
      ParseError(ModelMessage(GraphMessage(Bytes(1, NodeMessage("Relu", {"x"}, "hidden")) +
                                           Bytes(1, NodeMessage("Add", {"x", "hiden"}, "y"))))),
      "undefined value: input 1 of node \"/y\" (Add) reads \"hiden\", which no input, "
      "initializer or node defines\n"
      "hint: did you mean hidden?");
  EXPECT_EQ(
      ParseError(ModelMessage(GraphMessage(Bytes(1, NodeMessage("Relu", {"x"}, "z"))))),
      "undefined value: graph output reads \"y\", which no input, initializer or node defines");
}

TEST(ParseModelError, UndefinedValueInASubgraph) {
  const std::string body =
      Bytes(2, "b") + Bytes(1, NodeMessage("Neg", {"nowhere"}, "n")) + Bytes(12, Bytes(1, "n"));
  EXPECT_EQ(ParseError(ModelMessage(GraphMessage(Bytes(
                1, NodeMessage("Op", {"x"}, "y",
                               Bytes(5, Bytes(1, "body") + Bytes(6, body) + Number(20, 5))))))),
            "attribute \"body\": undefined value: input 0 of node \"/n\" (Neg) reads \"nowhere\", "
            "which no input, initializer or node defines (node \"/y\" (Op))");
}

TEST(ParseModelError, ValueDefinedTwice) {
  EXPECT_EQ(
      ParseError(ModelMessage(GraphMessage(Relu() + Relu()))),
      "value \"y\" is defined twice: as a node output and as an output of node \"/y\" (Relu)\n"
      "hint: rename one of them; every value of a graph has one definition");
  EXPECT_EQ(ParseError(ModelMessage(GraphMessage(Relu() + Bytes(11, ValueMessage("x"))))),
            "value \"x\" is defined twice: as an input and as an input\n"
            "hint: rename one of them; every value of a graph has one definition");
  EXPECT_EQ(ParseError(ModelMessage(GraphMessage(
                Relu() + Bytes(5, TensorMessage({}, 1, "y", Bytes(9, Raw<float>({1}))))))),
            "value \"y\" is defined twice: as an initializer or Constant and as an output of node "
            "\"/y\" (Relu)\n"
            "hint: rename one of them; every value of a graph has one definition");
}

TEST(ParseModelError, WrongWeightSize) {
  EXPECT_EQ(InitializerError(TensorMessage({3, 3}, 1, "w", Bytes(9, std::string(35, '\0')))),
            "tensor \"w\": expected 36 bytes for float32(3, 3), got 35 in raw_data");
  EXPECT_EQ(InitializerError(TensorMessage({3}, 1, "w", Bytes(4, std::string(8, '\0')))),
            "tensor \"w\": expected 12 bytes for float32(3,), got 8 in float_data");
  EXPECT_EQ(InitializerError(TensorMessage({3}, 7, "w", Number(7, 1) + Number(7, 2))),
            "tensor \"w\": expected 3 numbers for int64(3,), got 2 in int64_data");
  EXPECT_EQ(InitializerError(TensorMessage({3}, 22, "w", Number(5, 1))),
            "tensor \"w\": expected 2 numbers for int4(3,), got 1 in int32_data");
  EXPECT_EQ(InitializerError(TensorMessage({5}, 27, "w", Bytes(9, "12345"))),
            "tensor \"w\": expected 4 bytes for float6_e2m3fn(5,), got 5 in raw_data");
  EXPECT_EQ(InitializerError(TensorMessage({2}, 8, "w", Bytes(6, "one"))),
            "tensor \"w\": expected 2 strings for string(2,), got 1 in string_data");
}

TEST(ParseModelError, NegativeAndHugeDims) {
  EXPECT_EQ(InitializerError(TensorMessage({-1, 3}, 1, "w", "")),
            "tensor \"w\": expected extents >= 0 with a product that fits, got float32(-1, 3)");
  EXPECT_EQ(InitializerError(TensorMessage({int64_t{1} << 40, int64_t{1} << 40}, 1, "w", "")),
            "tensor \"w\": expected extents >= 0 with a product that fits, got "
            "float32(1099511627776, 1099511627776)");
  EXPECT_EQ(InitializerError(TensorMessage({int64_t{1} << 60}, 15, "w", Bytes(9, ""))),
            "tensor \"w\": expected extents >= 0 with a product that fits, got "
            "complex128(1152921504606846976,)");
  const auto input = [](const std::string& dims) {
    return ParseError(ModelMessage(GraphMessage(
        Relu() + Bytes(11, Bytes(1, "in") + Bytes(2, Bytes(1, Number(1, 1) + Bytes(2, dims)))))));
  };
  EXPECT_EQ(input(Bytes(1, Number(1, -2))), "type of \"in\": expected an extent >= 0, got -2");
  const std::string huge = Bytes(1, Number(1, int64_t{1} << 40));
  EXPECT_EQ(input(huge + Bytes(1, Bytes(2, "N")) + huge),
            "type of \"in\": expected extents with a product that fits, got (1099511627776, N, "
            "1099511627776)");
}

TEST(ParseModelError, UnknownElementTypesAndValuesOutOfRange) {
  EXPECT_EQ(InitializerError(TensorMessage({}, 77, "w", Bytes(9, "1234"))),
            "tensor \"w\": expected an element type from 1 to 28, got 77\n"
            "hint: the file is damaged or newer than ONNX 1.23");
  EXPECT_EQ(InitializerError(TensorMessage({1}, 2, "w", Number(5, 256))),
            "tensor \"w\": expected numbers of 8 bits for uint8(1,), got 256 in int32_data");
  EXPECT_EQ(InitializerError(TensorMessage({1}, 1, "w", Bytes(3, Number(1, 0)))),
            "tensor \"w\": tensors in segments are not supported\n"
            "hint: save the model again without segments");
}

TEST(ParseModelError, SparseTensors) {
  const auto sparse = [](const std::string& indices, std::initializer_list<int64_t> dims) {
    std::string text =
        Bytes(1, TensorMessage({1}, 1, "s", Bytes(9, Raw<float>({1})))) + Bytes(2, indices);
    for (int64_t dim : dims) text += Number(3, dim);
    return ParseError(ModelMessage(GraphMessage(Relu() + Bytes(15, text))));
  };
  const auto index = [](int64_t i) {
    return TensorMessage({1}, 7, "", Bytes(9, Raw<int64_t>({i})));
  };
  EXPECT_EQ(sparse(index(4), {2, 2}),
            "sparse tensor \"s\": expected sparse indices from 0 to 3, got 4");
  EXPECT_EQ(sparse(TensorMessage({1, 2}, 7, "", Bytes(9, Raw<int64_t>({1, -1}))), {2, 2}),
            "sparse tensor \"s\": expected sparse indices from 0 to 1 in axis 1, got -1");
  EXPECT_EQ(sparse(TensorMessage({1}, 6, "", Bytes(9, Raw<int32_t>({1}))), {2, 2}),
            "sparse tensor \"s\": expected int64 indices of shape (1,) or (1, 2), got int32(1,)");
  EXPECT_EQ(
      sparse(index(0), {100000, 100000}),
      "sparse tensor \"s\": float32(100000, 100000) takes more than the 1 GiB that all sparse "
      "tensors of a model may take as dense ones");
}

TEST(ParseModelError, Attributes) {
  const auto attribute = [](const std::string& fields) {
    return ParseError(
        ModelMessage(GraphMessage(Bytes(1, NodeMessage("Op", {"x"}, "y", Bytes(5, fields))))));
  };
  EXPECT_EQ(attribute(Bytes(1, "a")),
            "attribute \"a\": expected a value, got none (node \"/y\" (Op))");
  EXPECT_EQ(attribute(Bytes(1, "a") + Number(20, 4)),
            "attribute \"a\": expected a tensor, got none (node \"/y\" (Op))");
  EXPECT_EQ(attribute(Bytes(1, "a") + Number(20, 99)),
            "attribute \"a\": expected an attribute type from 1 to 14, got 99 (node \"/y\" (Op))");
  EXPECT_EQ(attribute(Number(3, 1)), "attribute without a name (node \"/y\" (Op))");
  EXPECT_EQ(
      attribute(Bytes(1, "a") + Bytes(22, "") + Number(20, 11)),
      "attribute \"a\": sparse tensors are supported in Constant nodes only (node \"/y\" (Op))");
  EXPECT_EQ(attribute(Bytes(1, "a") + Bytes(21, "b") + Number(20, 1)),
            "attribute \"a\": refers to attribute \"b\" of a function, but is in none (node \"/y\" "
            "(Op))");
  const std::string one = Bytes(1, "a") + Number(3, 1) + Number(20, 2);
  EXPECT_EQ(attribute(one + ""), "ok");
  EXPECT_EQ(ParseError(ModelMessage(GraphMessage(
                Bytes(1, NodeMessage("Op", {"x"}, "y", Bytes(5, one) + Bytes(5, one)))))),
            "attribute \"a\" is given twice (node \"/y\" (Op))");
}

TEST(ParseModelError, MalformedProtobufDeepInsideNamesTheByte) {
  const std::string model =
      ModelMessage(GraphMessage(Bytes(1, NodeMessage("Op", {"x"}, "y", Bytes(5, "\x0a\x7f")))));
  const size_t position = model.find("\x0a\x7f") + 2;
  EXPECT_EQ(ParseError(model),
            "expected an ONNX model, got a truncated one: field 1 needs 127 bytes, 0 "
            "are left (byte " +
                std::to_string(position) +
                ")\nhint: the file is incomplete; copy or download it again");
}

TEST(ParseModelError, NestingWithoutEnd) {
  std::string graph = Bytes(2, "leaf");
  for (int i = 0; i < 70; ++i) {
    const std::string attribute = Bytes(1, "body") + Bytes(6, graph) + Number(20, 5);
    graph = Bytes(2, "g") + Bytes(1, NodeMessage("Op", {}, "y", Bytes(5, attribute)));
  }
  const std::string error = ParseError(ModelMessage(graph));
  EXPECT_NE(error.find("expected graphs nested at most 64 deep, got more"), std::string::npos)
      << error;

  std::string type = Bytes(1, Number(1, 1));
  for (int i = 0; i < 40; ++i) type = Bytes(4, Bytes(1, type));
  EXPECT_EQ(
      ParseError(ModelMessage(GraphMessage(Relu() + Bytes(11, Bytes(1, "deep") + Bytes(2, type))))),
      "type of \"deep\": expected types nested at most 32 deep, got more");
}

TEST(ParseModelError, Functions) {
  const auto function = [](std::string_view name, std::string_view callee) {
    return Bytes(25, Bytes(1, name) + Bytes(10, "local") + Bytes(4, "x") + Bytes(5, "y") +
                         Bytes(7, NodeMessage(callee, {"x"}, "y") + Bytes(7, "local")));
  };
  const auto error = [](const std::string& functions) {
    return ParseError(ModelMessage(GraphMessage(Relu()), functions));
  };
  EXPECT_EQ(error(function("a", "b") + function("b", "a")),
            "functions call themselves: node \"b\" (function) -> node \"a\" (function) -> node "
            "\"b\" (function)\n"
            "hint: ONNX functions may not be recursive");
  EXPECT_EQ(error(function("a", "Relu") + function("a", "Relu")),
            "function \"local.a\" is defined twice");
  EXPECT_EQ(error(Bytes(25, Bytes(10, "local"))), "function without a name");
  EXPECT_EQ(error(Bytes(25, Bytes(1, "f") + Bytes(5, "y"))),
            "undefined value: function output reads \"y\", which no input, initializer or node "
            "defines (function \"f\")");
}

}  // namespace
}  // namespace assay
