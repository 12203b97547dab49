// Graphs in engine files that no model gives: the writer does not look, the reader does.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "base/thread_pool.h"
#include "plan/engine_file.h"
#include "plan/engine_layout.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

using Body = std::shared_ptr<const Graph>;

// A body that gives what it captures.
std::shared_ptr<Graph> CapturingBody() {
  auto body = std::make_shared<Graph>();
  const ValueId x = body->AddValue("x");
  body->captures = {{x, "x"}};
  const ValueId y = body->AddValue("y");
  body->AddNode({.name = "same", .op = "Identity", .opset = 14, .inputs = {x}, .outputs = {y}});
  body->outputs = {y};
  return body;
}

// y = x, by an If whose branches capture x.
Graph Branching(const Body& then_branch, const Body& else_branch) {
  Graph graph;
  const ValueId condition =
      graph.AddInput("condition", ValueType::TensorOf(DType::kBool, SymbolicShape{}));
  const ValueId x =
      graph.AddInput("x", ValueType::TensorOf(DType::kFloat32, SymbolicShape{Dim(2)}));
  const ValueId y = graph.AddValue("y");
  graph.AddNode(
      {.name = "branch",
       .op = "If",
       .opset = 19,
       .inputs = {condition, x, x},
       .captured = 2,
       .outputs = {y},
       .attributes = {{"then_branch", then_branch, ""}, {"else_branch", else_branch, ""}}});
  graph.outputs = {y};
  return graph;
}

class EngineGraph : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "assay_graph_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  Status Write(const Graph& graph) const {
    EngineContents contents;
    contents.graph = &graph;
    for (const ValueId id : graph.inputs) {
      contents.profile.push_back(FixedRangeOf(graph.value(id).type).value_or(ShapeRange{}));
    }
    return WriteEngineFile(contents, folder_ / "a.engine");
  }
  Status ReadBack() {
    return ReadEngineFile(folder_ / "a.engine", {GetCpuFeatures(), 1}, threads_).status();
  }

  void ExpectRefused(const Graph& graph, std::string_view reason) {
    ASSERT_TRUE(Write(graph).ok());
    const Status status = ReadBack();
    EXPECT_EQ(status.code(), StatusCode::kInvalidInput) << status.ToString();
    EXPECT_NE(status.message().find(reason), std::string::npos) << status.message();
  }
  void ExpectRefused(const std::function<void(Graph&)>& change, std::string_view reason) {
    Graph graph = Branching(CapturingBody(), CapturingBody());
    change(graph);
    ExpectRefused(graph, reason);
  }
  void ExpectBodyRefused(const std::function<void(Graph&)>& change, std::string_view reason) {
    const std::shared_ptr<Graph> body = CapturingBody();
    change(*body);
    ExpectRefused(Branching(CapturingBody(), body), reason);
  }

  fs::path folder_;
  ThreadPool threads_{1};
};

TEST_F(EngineGraph, WithBodiesIsRead) {
  ASSERT_TRUE(Write(Branching(CapturingBody(), CapturingBody())).ok());
  const Status status = ReadBack();
  EXPECT_TRUE(status.ok()) << status.ToString();
}

TEST_F(EngineGraph, HasTheCapturesThatItsNodesName) {
  ExpectRefused([](Graph& graph) { graph.node(0).captured = 1; }, "captured inputs of");
  ExpectRefused([](Graph& graph) { graph.node(0).captured = 3; }, "captured inputs of");
  ExpectRefused([](Graph& graph) { graph.node(0).captured = -2; }, "captured inputs of");
  ExpectRefused([](Graph& graph) { graph.node(0).inputs.back() = kNoValue; }, "is left out");
  ExpectRefused([](Graph& graph) { graph.node(0).inputs = {1}; }, "captured inputs of");
  ExpectRefused([](Graph& graph) { graph.captures = {{0, "condition"}}; }, "no graph around it");
}

TEST_F(EngineGraph, HasBodiesThatAreWhole) {
  ExpectBodyRefused([](Graph& body) { body.captures[0].first = 7; }, "does not exist");
  ExpectBodyRefused([](Graph& body) { body.captures[0].first = -1; }, "does not exist");
  ExpectBodyRefused([](Graph& body) { body.inputs = {0}; }, "defined twice");
  ExpectBodyRefused([](Graph& body) { body.outputs = {9}; }, "an output is not defined");
  ExpectBodyRefused([](Graph& body) { body.node(0).inputs = {1}; }, "not defined before it");
  ExpectBodyRefused([](Graph& body) { body.node(0).op = "If"; }, "\"then_branch\" is missing");
}

TEST_F(EngineGraph, HasTheDataOfItsTensors) {
  // In 64 bits this takes eight bytes.
  const Shape huge = {(int64_t{1} << 61) + 1};
  const auto one = std::make_shared<const int64_t>(1);
  Graph graph = Branching(CapturingBody(), CapturingBody());
  graph.AddConstant("huge", Tensor::View(DType::kInt64, huge, one.get(), one));
  ExpectRefused(graph, "data of a tensor: expected int64 (2305843009213693953,), got 8 bytes");
}

TEST_F(EngineGraph, HasEveryAttributeOnce) {
  ExpectRefused(
      [](Graph& graph) { graph.node(0).attributes[1].name = graph.node(0).attributes[0].name; },
      "is given twice");
}

// An If in the branch of an If, and so on; all that the inner ones read comes from outside.
Graph Nested(int depth) {
  Graph graph = Branching(CapturingBody(), CapturingBody());
  for (int i = 1; i < depth; ++i) {
    auto body = std::make_shared<Graph>(std::move(graph));
    body->captures = {{0, "condition"}, {1, "x"}};
    body->inputs.clear();
    graph = Branching(CapturingBody(), body);
    graph.node(0).inputs = {0, 1, 0, 1};
    graph.node(0).captured = 3;
  }
  return graph;
}

TEST_F(EngineGraph, IsNotNestedWithoutEnd) {
  ASSERT_TRUE(Write(Nested(kMostNested)).ok());
  const Status status = ReadBack();
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(Write(Nested(kMostNested + 1)).code(), StatusCode::kUnsupported);
}

TEST_F(EngineGraph, HasNoTypesThatNobodyKnows) {
  Graph graph = Branching(CapturingBody(), CapturingBody());
  ValueType map;
  map.kind = ValueType::Kind::kMap;
  graph.AddInput("map", map);
  EXPECT_EQ(Write(graph).code(), StatusCode::kUnsupported);
}

}  // namespace
}  // namespace assay
