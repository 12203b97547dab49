#include "onnx/import.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "onnx/test_messages.h"

namespace assay {
namespace {

using namespace test;

class RecordingLog : public LogSink {
 public:
  bool IsEnabled(Severity) const override { return true; }
  void Write(Severity, std::string_view message) override { text += std::string(message) + "\n"; }
  void Indent(int) override {}

  std::string text;
};

// AttributeProto fields of a node.
std::string IntAttribute(std::string_view name, int64_t value) {
  return Bytes(5, Bytes(1, name) + Number(3, value) + Number(20, 2));
}
std::string TensorAttribute(std::string_view name, std::string_view tensor) {
  return Bytes(5, Bytes(1, name) + Bytes(5, tensor) + Number(20, 4));
}
std::string GraphAttribute(std::string_view name, std::string_view graph) {
  return Bytes(5, Bytes(1, name) + Bytes(6, graph) + Number(20, 5));
}

// TensorProto of float32(2,).
std::string WeightMessage(std::string_view name) {
  return Number(1, 2) + Number(2, 1) + Bytes(8, name) + Bytes(9, Raw<float>({0.5f, -1.5f}));
}

Model ParseOk(std::string bytes) {
  Result<Model> model = Parse(std::move(bytes));
  EXPECT_EQ(model.status().ToString(), "ok");
  EXPECT_EQ(VerifyModel(*model).ToString(), "ok");
  return std::move(model).value();
}

TEST(ParseModel, ReadsVersionsAndMetadata) {
  const Model model = ParseOk(
      ModelMessage(GraphMessage(Bytes(1, NodeMessage("Relu", {"x"}, "y"))),
                   Bytes(2, "pytorch") + Bytes(3, "2.4") + Bytes(4, "org.example") + Number(5, 7) +
                       Bytes(6, "doc") + Bytes(14, Bytes(1, "key") + Bytes(2, "value")) +
                       Bytes(8, Bytes(1, "com.microsoft") + Number(2, 1))));
  EXPECT_EQ(model.ir_version, 8);
  EXPECT_EQ(model.producer_name, "pytorch");
  EXPECT_EQ(model.producer_version, "2.4");
  EXPECT_EQ(model.domain, "org.example");
  EXPECT_EQ(model.model_version, 7);
  EXPECT_EQ(model.doc, "doc");
  EXPECT_EQ(model.opsets, (std::map<std::string, int>{{"", 17}, {"com.microsoft", 1}}));
  ASSERT_EQ(model.metadata.size(), 1u);
  EXPECT_EQ(model.metadata[0], (std::pair<std::string, std::string>("key", "value")));
  EXPECT_EQ(model.graph.nodes[0].opset, 17);
}

TEST(ParseModel, RefusesOperatorsOfADomainThatIsNotImported) {
  const std::string graph = Bytes(7, GraphMessage(Bytes(1, NodeMessage("Relu", {"x"}, "y"))));
  const std::string other = Bytes(8, Bytes(1, "com.microsoft") + Number(2, 1));
  for (const std::string& imports : {std::string(), other}) {
    EXPECT_EQ(ParseError(Number(1, 8) + imports + graph),
              "node \"/y\" (Relu): expected an opset_import of the default domain, got none\n"
              "hint: the version decides what an operator means; onnx.checker refuses such a model "
              "too");
  }
}

TEST(ParseModel, WarnsOfAnOpsetThatIsNotKnown) {
  class Warnings : public LogSink {
   public:
    bool IsEnabled(Severity) const override { return true; }
    void Write(Severity severity, std::string_view message) override {
      if (severity == Severity::kWarning) text += message;
    }
    void Indent(int) override {}
    std::string text;
  } log;
  const std::string graph = Bytes(7, GraphMessage(Bytes(1, NodeMessage("Relu", {"x"}, "y"))));
  ASSERT_TRUE(Parse(Number(1, 8) + Bytes(8, Bytes(1, "") + Number(2, 99)) + graph, {}, log).ok());
  EXPECT_EQ(log.text,
            "ONNX import: the model is of opset 99, the newest that is known is 28: operators are "
            "understood as of that one");
}

TEST(ParseModel, WithoutOpsetImportAnOldModelIsOfOpsetOne) {
  const Model model = ParseOk(Bytes(7, GraphMessage(Bytes(1, NodeMessage("Relu", {"x"}, "y")))));
  EXPECT_EQ(model.opsets, (std::map<std::string, int>{{"", 1}}));
}

TEST(ParseModel, UnknownOperatorsAndDomainsAreKept) {
  const Model model = ParseOk(ModelMessage(
      GraphMessage(Bytes(1, NodeMessage("Frobnicate", {"x", ""}, "y") + Bytes(7, "org.nowhere") +
                                Bytes(8, "v2") + Bytes(9, Bytes(1, "scope") + Bytes(2, "a.b"))))));
  const Node& node = model.graph.nodes[0];
  EXPECT_EQ(node.op, "Frobnicate");
  EXPECT_EQ(node.domain, "org.nowhere");
  EXPECT_EQ(node.overload, "v2");
  EXPECT_EQ(node.opset, 0);
  EXPECT_EQ(node.inputs, (std::vector<ValueId>{model.graph.inputs[0], kNoValue}));
  ASSERT_EQ(node.metadata.size(), 1u);
  EXPECT_EQ(node.metadata[0].second, "a.b");
}

TEST(ParseModel, OperatorsThatPassesMakeHaveNoVersionInAFile) {
  const Model model = ParseOk(
      Bytes(8, Bytes(1, "assay") + Number(2, 1)) +
      Bytes(7, GraphMessage(Bytes(1, NodeMessage("Conv", {"x", "x"}, "y") + Bytes(7, "assay")))));
  EXPECT_EQ(model.opsets.at("assay"), 1);
  EXPECT_EQ(model.graph.nodes[0].domain, kFusedDomain);
  EXPECT_EQ(model.graph.nodes[0].opset, 0);
}

TEST(ParseModel, LongNameOfTheDefaultDomainIsTheSameDomain) {
  const Model model = ParseOk(
      Bytes(8, Bytes(1, "ai.onnx") + Number(2, 9)) +
      Bytes(7, GraphMessage(Bytes(1, NodeMessage("Relu", {"x"}, "y") + Bytes(7, "ai.onnx")))));
  EXPECT_EQ(model.graph.nodes[0].domain, "");
  EXPECT_EQ(model.graph.nodes[0].opset, 9);
}

TEST(ParseModel, EveryKindOfAttributeIsRead) {
  const std::string type = Bytes(4, Bytes(1, Bytes(1, Number(1, 7))));  // sequence<int64>
  const std::string subgraph =
      Bytes(2, "sub") + Bytes(1, NodeMessage("Neg", {"x"}, "z")) + Bytes(12, Bytes(1, "z"));
  const auto attribute = [](std::string_view name, int64_t kind, const std::string& fields) {
    return Bytes(5, Bytes(1, name) + fields + Number(20, kind));
  };
  const std::string attributes =
      attribute("f", 1, Float(2, 0.25f)) + attribute("i", 2, Number(3, -5)) +
      attribute("s", 3, Bytes(4, "text")) + attribute("t", 4, Bytes(5, WeightMessage(""))) +
      attribute("g", 5, Bytes(6, subgraph)) + attribute("fs", 6, Float(7, 1) + Float(7, 2)) +
      attribute("is", 7, Number(8, 3) + Bytes(8, std::string("\x04\x05"))) +
      attribute("ss", 8, Bytes(9, "a") + Bytes(9, "")) +
      attribute("ts", 9, Bytes(10, WeightMessage("")) + Bytes(10, WeightMessage(""))) +
      attribute("gs", 10, Bytes(11, subgraph)) + attribute("tp", 13, Bytes(14, type)) +
      attribute("tps", 14, Bytes(15, type)) + attribute("zero", 2, "");
  const Model model =
      ParseOk(ModelMessage(GraphMessage(Bytes(1, NodeMessage("Op", {"x"}, "y", attributes)))));
  EXPECT_EQ(PrintGraph(model.graph), R"(graph "g" (%x: float32(2,)) {
  %y = Op(%x) {f=0.25, i=-5, s="text", t=float32(2,) [0.5, -1.5], g=graph "sub" () {
    capture %x: float32(2,)
    %z = Neg(%x) : undefined(?...)  # "/z"
    return %z
  }, fs=[1.0, 2.0], is=[3, 4, 5], ss=["a", ""], ts=[float32(2,) [0.5, -1.5], float32(2,) [0.5, -1.5]], gs=[graph "sub" () {
    capture %x: float32(2,)
    %z = Neg(%x) : undefined(?...)  # "/z"
    return %z
  }], tp=sequence<int64(?...)>, tps=[sequence<int64(?...)>], zero=0} : float32(2,)  # "/y"
  return %y
}
)");
}

TEST(ParseModel, AttributesWithoutTypeTakeItFromTheirValue) {
  const std::string attributes =
      Bytes(5, Bytes(1, "i") + Number(3, 4)) + Bytes(5, Bytes(1, "fs") + Float(7, 1) + Float(7, 2));
  const Model model =
      ParseOk(ModelMessage(GraphMessage(Bytes(1, NodeMessage("Op", {"x"}, "y", attributes)))));
  EXPECT_EQ(std::get<int64_t>(model.graph.nodes[0].FindAttribute("i")->value), 4);
  EXPECT_EQ(std::get<std::vector<float>>(model.graph.nodes[0].FindAttribute("fs")->value),
            (std::vector<float>{1, 2}));
}

TEST(ParseModel, InitializersListedAsInputsAreConstantsAndNoInputs) {
  const Model model = ParseOk(
      ModelMessage(GraphMessage(Bytes(11, ValueMessage("w")) + Bytes(5, WeightMessage("w")) +
                                Bytes(1, NodeMessage("Add", {"x", "w"}, "y")))));
  ASSERT_EQ(model.graph.inputs.size(), 1u);
  EXPECT_EQ(model.graph.value(model.graph.inputs[0]).name, "x");
  const Value& w = model.graph.value(model.graph.FindValue("w"));
  ASSERT_TRUE(w.constant);
  EXPECT_EQ(w.constant->data<float>()[1], -1.5f);
  EXPECT_FALSE(w.constant_node);
}

TEST(ParseModel, ConstantNodesOfEveryKindBecomeConstants) {
  const std::string sparse =
      Bytes(1, WeightMessage("")) +
      Bytes(2, Number(1, 2) + Number(2, 7) + Bytes(9, Raw<int64_t>({0, 3}))) + Number(3, 2) +
      Number(3, 2);
  const auto constant = [](std::string_view output, const std::string& attribute) {
    return Bytes(1, NodeMessage("Constant", {}, output, Bytes(5, attribute)));
  };
  const Model model = ParseOk(ModelMessage(GraphMessage(
      constant("a", Bytes(1, "value") + Bytes(5, WeightMessage("")) + Number(20, 4)) +
      constant("b", Bytes(1, "value_int") + Number(3, 3) + Number(20, 2)) +
      constant("c", Bytes(1, "value_ints") + Number(8, 3) + Number(8, 4) + Number(20, 7)) +
      constant("d", Bytes(1, "value_float") + Float(2, 0.5f) + Number(20, 1)) +
      constant("e", Bytes(1, "value_floats") + Float(7, 0.5f) + Number(20, 6)) +
      constant("f", Bytes(1, "value_string") + Bytes(4, "s") + Number(20, 3)) +
      constant("g", Bytes(1, "value_strings") + Bytes(9, "s") + Number(20, 8)) +
      constant("h", Bytes(1, "sparse_value") + Bytes(22, sparse) + Number(20, 11)) +
      Bytes(1, NodeMessage("Op", {"x", "a", "b"}, "y")))));
  EXPECT_EQ(PrintGraph(model.graph), R"(graph "g" (%x: float32(2,)) {
  %a: float32(2,) = [0.5, -1.5]  # "/a"
  %b: int64() = [3]  # "/b"
  %c: int64(2,) = [3, 4]  # "/c"
  %d: float32() = [0.5]  # "/d"
  %e: float32(1,) = [0.5]  # "/e"
  %f: string() = ["s"]  # "/f"
  %g: string(1,) = ["s"]  # "/g"
  %h: float32(2, 2) = [0.5, 0.0, 0.0, -1.5]  # "/h"
  %y = Op(%x, %a, %b) : float32(2,)  # "/y"
  return %y
}
)");
}

TEST(ParseModel, WeightsAreViewsOfTheFile) {
  auto owner = std::make_shared<const std::string>(ModelMessage(
      GraphMessage(Bytes(5, WeightMessage("w")) + Bytes(1, NodeMessage("Add", {"x", "w"}, "y")))));
  const Result<Model> model = ParseModel(*owner, owner);
  ASSERT_TRUE(model.ok());
  const auto* bytes = reinterpret_cast<const char*>(
      model->graph.value(model->graph.FindValue("w")).constant->bytes().data());
  EXPECT_GE(bytes, owner->data());
  EXPECT_LT(bytes, owner->data() + owner->size());
}

// The header of a field whose bytes come from elsewhere.
std::string BytesHeader(uint32_t field, uint64_t size) {
  std::string text;
  protozero::add_varint_to_buffer(&text, field << 3 | 2);
  protozero::add_varint_to_buffer(&text, size);
  return text;
}

// The weight is a hole in the file, which takes neither disk nor memory.
TEST(LoadModel, ReadsMessagesOfMoreThanFourGigabytes) {
  constexpr uint64_t kWeight = (uint64_t{1} << 32) + 123;
  const std::string tensor =
      Number(1, kWeight) + Number(2, 2) + Bytes(8, "w") + BytesHeader(9, kWeight);
  const std::string graph = GraphMessage(Bytes(1, NodeMessage("Add", {"x", "w"}, "y"))) +
                            BytesHeader(5, tensor.size() + kWeight) + tensor;
  const std::string start = ModelMessage("").substr(0, ModelMessage("").size() - 2) +
                            BytesHeader(7, graph.size() + kWeight) + graph;
  const std::filesystem::path path = testing::TempDir() + "large.onnx";
  ASSERT_TRUE(WriteFileAtomically(path, start).ok());
  std::filesystem::resize_file(path, start.size() + kWeight);
  {
    const Result<Model> model = LoadModel(path);
    ASSERT_TRUE(model.ok()) << model.status().ToString();
    const Value& w = model->graph.value(model->graph.FindValue("w"));
    EXPECT_EQ(w.constant->byte_size(), kWeight);
    EXPECT_EQ(w.constant->bytes()[kWeight - 1], std::byte{0});
  }
  std::filesystem::resize_file(path, start.size() + kWeight - 1);
  EXPECT_EQ(LoadModel(path).status().message(),
            "expected an ONNX model, got a truncated one: field 7 needs " +
                std::to_string(graph.size() + kWeight) + " bytes, " +
                std::to_string(graph.size() + kWeight - 1) + " are left (byte 14) (" +
                path.string() + ")");
  std::filesystem::remove(path);
}

TEST(ParseModel, NodesOutOfOrderAreSortedAndReported) {
  RecordingLog log;
  const Result<Model> model =
      Parse(ModelMessage(GraphMessage(Bytes(1, NodeMessage("Relu", {"a"}, "y")) +
                                      Bytes(1, NodeMessage("Neg", {"x"}, "a")))),
            {}, log);
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->graph.nodes[0].op, "Neg");
  EXPECT_EQ(model->graph.nodes[1].op, "Relu");
  EXPECT_EQ(
      log.text,
      "ONNX import: the nodes of graph \"g\" were not in topological order and were sorted\n");
}

TEST(ParseModel, TypesComeFromInputsOutputsAndValueInfo) {
  const std::string dims = Bytes(1, Bytes(2, "batch")) + Bytes(1, Number(1, 0)) +
                           Bytes(1, Number(1, -1)) + Bytes(1, "") + Bytes(1, Bytes(2, "?"));
  const std::string info = Bytes(1, "a") + Bytes(2, Bytes(1, Number(1, 10) + Bytes(2, dims)));
  const Model model =
      ParseOk(ModelMessage(GraphMessage(Bytes(13, info) + Bytes(1, NodeMessage("Op", {"x"}, "a")) +
                                        Bytes(1, NodeMessage("Op", {"a"}, "y")))));
  EXPECT_EQ(model.graph.value(model.graph.FindValue("a")).type.ToString(),
            "float16(batch, 0, ?, ?, ?)");
  EXPECT_EQ(model.graph.value(model.graph.FindValue("y")).type.ToString(), "float32(2,)");
}

TEST(ParseModel, EveryKindOfTypeIsRead) {
  const std::string tensor = Bytes(1, Number(1, 1));
  const auto input = [](std::string_view name, const std::string& type) {
    return Bytes(11, Bytes(1, name) + Bytes(2, type));
  };
  const Model model = ParseOk(ModelMessage(
      GraphMessage(input("a", Bytes(4, Bytes(1, tensor))) + input("b", Bytes(9, Bytes(1, tensor))) +
                   input("c", Bytes(5, Number(1, 8) + Bytes(2, tensor))) +
                   input("d", Bytes(8, Number(1, 11) + Bytes(2, Bytes(1, Number(1, 3))))) +
                   input("e", Bytes(7, Bytes(1, "dom") + Bytes(2, "T"))) +
                   Bytes(1, NodeMessage("Op", {"x"}, "y")))));
  const auto type = [&](const char* name) {
    return model.graph.value(model.graph.FindValue(name)).type.ToString();
  };
  EXPECT_EQ(type("a"), "sequence<float32(?...)>");
  EXPECT_EQ(type("b"), "optional<float32(?...)>");
  EXPECT_EQ(type("c"), "map<string, float32(?...)>");
  EXPECT_EQ(type("d"), "sparse<float64(3,)>");
  EXPECT_EQ(type("e"), "opaque<dom.T>");
}

TEST(ParseModel, SubgraphsCaptureThroughEveryLevel) {
  const std::string inner =
      Bytes(2, "inner") + Bytes(1, NodeMessage("Neg", {"x"}, "n")) + Bytes(12, Bytes(1, "n"));
  const std::string middle =
      Bytes(2, "middle") +
      Bytes(1, NodeMessage("If", {"c"}, "m", GraphAttribute("then_branch", inner))) +
      Bytes(12, Bytes(1, "m"));
  const Model model = ParseOk(ModelMessage(GraphMessage(
      Bytes(11, Bytes(1, "c") + Bytes(2, Bytes(1, Number(1, 9)))) +
      Bytes(1, NodeMessage("If", {"c"}, "y", GraphAttribute("then_branch", middle))))));
  const auto& middle_graph =
      *std::get<std::shared_ptr<const Graph>>(model.graph.nodes[0].attributes[0].value);
  const auto& inner_graph =
      *std::get<std::shared_ptr<const Graph>>(middle_graph.nodes[0].attributes[0].value);
  ASSERT_EQ(middle_graph.captures.size(), 2u);
  EXPECT_EQ(middle_graph.captures[0].second, "c");
  EXPECT_EQ(middle_graph.captures[1].second, "x");
  ASSERT_EQ(inner_graph.captures.size(), 1u);
  EXPECT_EQ(inner_graph.captures[0].second, "x");
  EXPECT_EQ(inner_graph.value(inner_graph.captures[0].first).type.ToString(), "float32(2,)");
}

TEST(ParseModel, AnInnerDefinitionHidesTheOuterOne) {
  const std::string inner = Bytes(2, "inner") + Bytes(5, WeightMessage("x")) +
                            Bytes(1, NodeMessage("Neg", {"x"}, "n")) + Bytes(12, Bytes(1, "n"));
  const Model model = ParseOk(ModelMessage(
      GraphMessage(Bytes(1, NodeMessage("Op", {"x"}, "y", GraphAttribute("body", inner))))));
  const auto& body =
      *std::get<std::shared_ptr<const Graph>>(model.graph.nodes[0].attributes[0].value);
  EXPECT_TRUE(body.captures.empty());
}

TEST(ParseModel, FunctionsKeepReferencesDefaultsAndTheirOpsets) {
  const std::string reference = Bytes(5, Bytes(1, "alpha") + Bytes(21, "slope") + Number(20, 1));
  const std::string function = Bytes(1, "Act") + Bytes(10, "local") + Bytes(13, "v1") +
                               Bytes(4, "a") + Bytes(5, "b") + Bytes(6, "slope") +
                               Bytes(11, Bytes(1, "beta") + Float(2, 2.0f) + Number(20, 1)) +
                               Bytes(9, Bytes(1, "") + Number(2, 15)) +
                               Bytes(7, NodeMessage("LeakyRelu", {"a"}, "b", reference));
  const Model model = ParseOk(
      ModelMessage(GraphMessage(Bytes(1, NodeMessage("Act", {"x"}, "y") + Bytes(7, "local"))),
                   Bytes(25, function)));
  ASSERT_EQ(model.functions.size(), 1u);
  EXPECT_EQ(model.functions[0].overload, "v1");
  EXPECT_EQ(model.functions[0].body->nodes[0].opset, 15);
  const Attribute& alpha = model.functions[0].body->nodes[0].attributes[0];
  EXPECT_EQ(alpha.reference, "slope");
  EXPECT_TRUE(std::holds_alternative<float>(alpha.value));
}

TEST(ParseModel, TrainingInformationAndAnnotationsAreDroppedAndReported) {
  RecordingLog log;
  const Result<Model> model =
      Parse(ModelMessage(
                GraphMessage(Bytes(1, NodeMessage("Relu", {"x"}, "y")) + Bytes(14, Bytes(1, "x"))),
                Bytes(20, "")),
            {}, log);
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(log.text,
            "ONNX import: training information is ignored\n"
            "ONNX import: quantization annotations are ignored\n");
}

TEST(ParseModel, TensorAttributesKeepTheirElements) {
  const Model model = ParseOk(ModelMessage(
      GraphMessage(Bytes(1, NodeMessage("ConstantOfShape", {"x"}, "y",
                                        TensorAttribute("value", WeightMessage("")))))));
  const auto& value = std::get<Tensor>(model.graph.nodes[0].attributes[0].value);
  EXPECT_EQ(value.data<float>()[0], 0.5f);
  EXPECT_EQ(model.graph.nodes[0].op, "ConstantOfShape");
}

TEST(ParseModel, ValuesOfConstantKindThatAreNoConstantsStayNodes) {
  const Model model = ParseOk(ModelMessage(
      GraphMessage(Bytes(1, NodeMessage("Constant", {}, "y", IntAttribute("frobnicate", 1))))));
  ASSERT_EQ(model.graph.nodes.size(), 1u);
  EXPECT_EQ(model.graph.nodes[0].op, "Constant");
}

}  // namespace
}  // namespace assay
