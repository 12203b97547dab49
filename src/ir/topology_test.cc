#include "ir/topology.h"

#include <gtest/gtest.h>

#include "ir/model_builder.h"

namespace assay {
namespace {

// Adds a node that reads values by id, whether they are produced yet or not.
void AddRelu(Graph& graph, const char* name, ValueId input, ValueId output) {
  graph.AddNode({.name = name, .op = "Relu", .inputs = {input}, .outputs = {output}});
}

TEST(TopologicalOrder, KeepsAnOrderThatIsRight) {
  ModelBuilder builder(17);
  const ValueId x = builder.Input("x", DType::kFloat32, {1});
  const ValueId a = builder.Add("Relu", {x}, "a");
  builder.Add("Relu", {x}, "b");
  builder.Add("Relu", {a}, "c");
  const auto order = TopologicalOrder(builder.graph());
  ASSERT_TRUE(order.ok());
  EXPECT_EQ(*order, (std::vector<NodeId>{0, 1, 2}));
}

TEST(TopologicalOrder, PutsProducersFirst) {
  Graph graph;
  const ValueId x = graph.AddInput("x", ValueType::TensorOf(DType::kFloat32));
  const ValueId a = graph.AddValue("a");
  const ValueId b = graph.AddValue("b");
  AddRelu(graph, "second", a, b);
  AddRelu(graph, "first", x, a);
  const auto order = TopologicalOrder(graph);
  ASSERT_TRUE(order.ok());
  EXPECT_EQ(*order, (std::vector<NodeId>{1, 0}));

  ReorderNodes(graph, *order);
  EXPECT_EQ(graph.nodes[0].name, "first");
  EXPECT_EQ(graph.value(a).producer, 0);
  EXPECT_EQ(graph.value(b).producer, 1);
}

TEST(TopologicalOrder, CountsWhatSubgraphsCapture) {
  auto body = std::make_shared<Graph>();
  const ValueId captured = body->AddValue("a");
  body->captures.emplace_back(captured, "a");
  body->outputs = {captured};

  Graph graph;
  const ValueId condition = graph.AddInput("condition", ValueType::TensorOf(DType::kBool));
  const ValueId x = graph.AddInput("x", ValueType::TensorOf(DType::kFloat32));
  const ValueId a = graph.AddValue("a");
  const ValueId y = graph.AddValue("y");
  graph.AddNode({.name = "if",
                 .op = "If",
                 .inputs = {condition},
                 .outputs = {y},
                 .attributes = {{"then_branch", std::shared_ptr<const Graph>(body), ""}}});
  AddRelu(graph, "relu", x, a);
  const auto order = TopologicalOrder(graph);
  ASSERT_TRUE(order.ok());
  EXPECT_EQ(*order, (std::vector<NodeId>{1, 0}));
}

TEST(TopologicalOrder, NamesTheNodesOfACycleAndNoOthers) {
  Graph graph;
  const ValueId x = graph.AddInput("x", ValueType::TensorOf(DType::kFloat32));
  const ValueId a = graph.AddValue("a");
  const ValueId b = graph.AddValue("b");
  const ValueId c = graph.AddValue("c");
  const ValueId d = graph.AddValue("d");
  AddRelu(graph, "before", x, graph.AddValue("p"));
  AddRelu(graph, "after", c, d);
  AddRelu(graph, "one", c, a);
  AddRelu(graph, "", a, b);
  AddRelu(graph, "three", b, c);
  const auto order = TopologicalOrder(graph);
  ASSERT_FALSE(order.ok());
  EXPECT_EQ(order.status().message(),
            "cyclic graph: node \"one\" (Relu) -> node 3 (Relu) -> \"b\" -> node \"three\" (Relu) "
            "-> node \"one\" (Relu)");
}

}  // namespace
}  // namespace assay
