#include <gtest/gtest.h>

#include <memory>

#include "ir/print.h"
#include "passes/pass_test.h"

namespace assay {
namespace {

// max(x, 0) in one branch, what is captured in the other.
std::shared_ptr<const Graph> Branch(bool computes) {
  auto branch = std::make_shared<Graph>();
  const ValueId x = branch->AddValue("x", ValueType::TensorOf(DType::kFloat32, SymbolicShape{2}));
  branch->captures = {{x, "x"}};
  if (!computes) {
    branch->outputs = {x};
    return branch;
  }
  const ValueId y = branch->AddValue("positive");
  branch->AddNode({.name = "relu", .op = "Relu", .opset = 14, .inputs = {x}, .outputs = {y}});
  branch->outputs = {y};
  return branch;
}

Graph Choice(bool condition) {
  Graph graph;
  graph.AddInput("x", ValueType::TensorOf(DType::kFloat32, SymbolicShape{2}));
  const ValueId known = graph.AddConstant("known", Tensor::Scalar<bool>(condition));
  const ValueId y = graph.AddValue("y");
  graph.AddNode(
      {.name = "choose",
       .op = "If",
       .opset = 21,
       .inputs = {known},
       .outputs = {y},
       .attributes = {{"then_branch", Branch(true), ""}, {"else_branch", Branch(false), ""}}});
  graph.outputs = {y};
  return graph;
}

std::string Inlined(Graph graph) {
  EXPECT_TRUE(InferGraph(graph).ok());
  ThreadPool threads(1);
  PassContext context{threads, NullLog()};
  const Result<int> changes = FindPass("inline-branches")->run(graph, context);
  EXPECT_TRUE(changes.ok() && *changes == 1);
  EXPECT_TRUE(InferGraph(graph).ok());
  return PrintGraph(graph);
}

TEST(InlineBranches, PutsTheNodesOfTheBranchInPlace) {
  EXPECT_EQ(Inlined(Choice(true)),
            "graph \"\" (%x: float32(2,)) {\n"
            "  %y = Relu(%x) : float32(2,)  # \"relu\"\n"
            "  return %y\n"
            "}\n");
}

TEST(InlineBranches, CopiesWhatABranchOnlyHandsOn) {
  EXPECT_EQ(Inlined(Choice(false)),
            "graph \"\" (%x: float32(2,)) {\n"
            "  %y = Identity(%x) : float32(2,)\n"
            "  return %y\n"
            "}\n");
}

}  // namespace
}  // namespace assay
