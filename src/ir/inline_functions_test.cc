#include "ir/inline_functions.h"

#include <gtest/gtest.h>

#include <memory>

#include "ir/captures.h"
#include "ir/print.h"
#include "ir/verify.h"

namespace assay {
namespace {

ValueType Floats() { return ValueType::TensorOf(DType::kFloat32, SymbolicShape{2}); }

// leaky(x) = LeakyRelu(x, alpha), alpha 0.5 unless the call gives it.
Function Leaky() {
  auto body = std::make_shared<Graph>();
  const ValueId x = body->AddInput("x", {});
  const ValueId y = body->AddValue("y");
  body->AddNode({.name = "act",
                 .op = "LeakyRelu",
                 .opset = 16,
                 .inputs = {x},
                 .outputs = {y},
                 .attributes = {{"alpha", 0.0F, "slope"}}});
  body->outputs = {y};
  Function function;
  function.domain = "local";
  function.name = "leaky";
  function.attribute_defaults = {{"slope", 0.5F, ""}};
  function.body = body;
  return function;
}

// twice(x) = leaky(leaky(x)), and x itself.
Function Twice() {
  auto body = std::make_shared<Graph>();
  const ValueId x = body->AddInput("x", {});
  const ValueId once = body->AddValue("once");
  const ValueId y = body->AddValue("y");
  body->AddNode({.name = "a", .op = "leaky", .domain = "local", .inputs = {x}, .outputs = {once}});
  body->AddNode({.name = "b", .op = "leaky", .domain = "local", .inputs = {once}, .outputs = {y}});
  body->outputs = {y, x};
  Function function;
  function.domain = "local";
  function.name = "twice";
  function.body = body;
  return function;
}

Model Calling(const std::string& function, std::vector<Attribute> attributes, size_t outputs) {
  Model model;
  model.functions = {Leaky(), Twice()};
  Graph& graph = model.graph;
  const ValueId x = graph.AddInput("x", Floats());
  Node call{.name = "call", .op = function, .domain = "local", .inputs = {x}};
  call.attributes = std::move(attributes);
  for (size_t i = 0; i < outputs; ++i) {
    call.outputs.push_back(graph.AddValue("out" + std::to_string(i)));
  }
  graph.outputs = call.outputs;
  graph.AddNode(std::move(call));
  return model;
}

std::string Inlined(const Model& model) {
  const Result<Graph> graph = InlineFunctions(model);
  EXPECT_TRUE(graph.ok()) << graph.status().ToString();
  const Status verified = VerifyGraph(*graph);
  EXPECT_TRUE(verified.ok()) << verified.ToString();
  return PrintGraph(*graph);
}

TEST(InlineFunctions, TakesAttributesOfTheCall) {
  EXPECT_EQ(Inlined(Calling("leaky", {{"slope", 0.25F, ""}}, 1)),
            "graph \"\" (%x: float32(2,)) {\n"
            "  %out0 = LeakyRelu(%x) {alpha=0.25} : undefined(?...)  # \"call/act\"\n"
            "  return %out0\n"
            "}\n");
}

TEST(InlineFunctions, TakesDefaultsAndFollowsCallsInsideFunctions) {
  EXPECT_EQ(Inlined(Calling("twice", {}, 2)),
            "graph \"\" (%x: float32(2,)) {\n"
            "  %out1 = Identity(%x) : undefined(?...)  # \"call\"\n"
            "  %call/once = LeakyRelu(%x) {alpha=0.5} : undefined(?...)  # \"call/a/act\"\n"
            "  %out0 = LeakyRelu(%call/once) {alpha=0.5} : undefined(?...)  # \"call/b/act\"\n"
            "  return %out0, %out1\n"
            "}\n");
}

TEST(InlineFunctions, RefusesMoreOutputsThanThereAre) {
  const Result<Graph> graph = InlineFunctions(Calling("leaky", {}, 2));
  ASSERT_FALSE(graph.ok());
  EXPECT_NE(graph.status().ToString().find("at most 1 inputs and 1 outputs, got 1 and 2"),
            std::string::npos)
      << graph.status().ToString();
}

TEST(InlineFunctions, RefusesFunctionsThatCallThemselves) {
  Model model = Calling("leaky", {}, 1);
  auto body = std::make_shared<Graph>();
  const ValueId x = body->AddInput("x", {});
  const ValueId y = body->AddValue("y");
  body->AddNode({.op = "leaky", .domain = "local", .inputs = {x}, .outputs = {y}});
  body->outputs = {y};
  model.functions[0].body = body;
  const Result<Graph> graph = InlineFunctions(model);
  ASSERT_FALSE(graph.ok());
  EXPECT_NE(graph.status().ToString().find("without end"), std::string::npos);
}

// A branch that reads a weight and an input of the graph around it.
Graph WithBranches() {
  const auto branch = [](bool reads_weight) {
    auto graph = std::make_shared<Graph>();
    const ValueId x = graph->AddValue("x", Floats());
    graph->captures = {{x, "x"}};
    ValueId other = x;
    if (reads_weight) {
      other = graph->AddValue("w", Floats());
      graph->captures.emplace_back(other, "w");
    }
    const ValueId y = graph->AddValue("y");
    graph->AddNode({.op = "Add", .opset = 14, .inputs = {x, other}, .outputs = {y}});
    graph->outputs = {y};
    return std::shared_ptr<const Graph>(graph);
  };
  Graph graph;
  graph.AddInput("x", Floats());
  const ValueId go = graph.AddInput("go", ValueType::TensorOf(DType::kBool, SymbolicShape{}));
  graph.AddConstant("w", Tensor::Vector<float>({1, 2}));
  const ValueId out = graph.AddValue("out");
  graph.AddNode(
      {.name = "choose",
       .op = "If",
       .opset = 21,
       .inputs = {go},
       .outputs = {out},
       .attributes = {{"then_branch", branch(true), ""}, {"else_branch", branch(false), ""}}});
  graph.outputs = {out};
  return graph;
}

TEST(BindCaptures, MakesThemInputsAndSinksConstants) {
  Graph graph = WithBranches();
  BindCaptures(graph);
  ASSERT_TRUE(VerifyGraph(graph).ok()) << VerifyGraph(graph).ToString();
  const Node& node = graph.nodes[0];
  EXPECT_EQ(node.formal_inputs(), 1u);
  EXPECT_EQ(node.inputs, (std::vector<ValueId>{1, 0, 0}));  // x of both branches
  const std::vector<std::shared_ptr<const Graph>> bodies = BodiesOf(node);
  EXPECT_EQ(bodies[0]->captures.size(), 1u);
  EXPECT_TRUE(bodies[0]->value(bodies[0]->FindValue("w")).constant.has_value());
  const Graph once = graph;
  BindCaptures(graph);
  EXPECT_EQ(PrintGraph(once), PrintGraph(graph));
}

TEST(BindCaptures, SinksWhatBecameConstantSince) {
  Graph graph = WithBranches();
  BindCaptures(graph);
  graph.inputs = {1};
  graph.value(0).constant = Tensor::Vector<float>({3, 4});
  BindCaptures(graph);
  EXPECT_EQ(graph.nodes[0].captured, 0);
  EXPECT_EQ(graph.nodes[0].inputs.size(), 1u);
}

}  // namespace
}  // namespace assay
