#include "report/model_text.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

ValueType Floats(SymbolicShape shape) {
  return ValueType::TensorOf(DType::kFloat32, std::move(shape));
}

// A branch on a flag, a weight, a constant node, an unknown shape.
Model MakeModel() {
  auto branch = std::make_shared<Graph>();
  branch->name = "then";
  const ValueId captured = branch->AddValue("x");
  branch->captures = {{captured, "x"}};
  const ValueId result = branch->AddValue("result", Floats({Dim::Symbol("N"), Dim(2)}));
  branch->AddNode({.name = "act", .op = "Relu", .inputs = {captured}, .outputs = {result}});
  branch->outputs = {result};

  Model model;
  model.opsets = {{"", 17}, {"com.example", 2}};
  Graph& graph = model.graph;
  graph.name = "branching";
  const ValueId x = graph.AddInput("x", Floats({Dim::Symbol("N"), Dim(2)}));
  const ValueId flag = graph.AddInput("flag", ValueType::TensorOf(DType::kBool, SymbolicShape{}));
  const ValueId weight = graph.AddConstant("w", Tensor::Vector<float>({1.0F, -2.5F}));
  const ValueId limit = graph.AddConstant("limit", Tensor::Scalar<int64_t>(3));
  graph.value(limit).constant_node = "limit_node";
  const ValueId y = graph.AddValue("y", Floats({Dim::Symbol("N"), Dim(2)}));
  const ValueId z = graph.AddValue("z");
  graph.AddNode({.name = "choose",
                 .op = "If",
                 .inputs = {flag},
                 .outputs = {y},
                 .attributes = {{"then_branch", std::shared_ptr<const Graph>(branch)}}});
  graph.AddNode(
      {.name = "",
       .op = "Mix",
       .domain = "com.example",
       .inputs = {y, weight, kNoValue, limit},
       .outputs = {z},
       .attributes = {
           {"alpha", 0.25F}, {"to", int64_t{10}}, {"names", std::vector<std::string>{"a", "b"}}}});
  graph.outputs = {z};
  (void)x;
  return model;
}

TEST(ModelText, SumsUpWithoutOptions) {
  EXPECT_EQ(ModelText(MakeModel(), {}),
            R"(Name: branching | ONNX Opset: 17 | Other Opsets: {'com.example': 2}

---- 2 Graph Input(s) ----
{x [dtype=float32, shape=('N', 2)],
 flag [dtype=bool, shape=()]}

---- 1 Graph Output(s) ----
{z}

---- 1 Initializer(s) ----

---- 1 Constant Node(s) ----

---- 2 Node(s) ----)");
}

TEST(ModelText, ShowsSubgraphsAttributesAndWeights) {
  EXPECT_EQ(ModelText(MakeModel(), {.layers = true, .attributes = true, .weights = true}),
            R"(Name: branching | ONNX Opset: 17 | Other Opsets: {'com.example': 2}

---- 2 Graph Input(s) ----
{x [dtype=float32, shape=('N', 2)],
 flag [dtype=bool, shape=()]}

---- 1 Graph Output(s) ----
{z}

---- 1 Initializer(s) ----
Initializer | w [dtype=float32, shape=[2]] | Values:
    [ 1.  -2.5]

---- 1 Constant Node(s) ----
limit_node -> {limit [dtype=int64, shape=()]} | Values:
    3

---- 2 Node(s) ----
Node 0    | choose [Op: If]
    {flag [dtype=bool, shape=()]}
     -> {y [dtype=float32, shape=('N', 2)]}
    ---- Attributes ----
    choose.then_branch = 
            ---- 0 Subgraph Input(s) ----
            {}
            
            ---- 1 Subgraph Output(s) ----
            {result [dtype=float32, shape=('N', 2)]}
            
            ---- 0 Initializer(s) ----
            {}
            
            ---- 1 Node(s) ----
            Node 0    | act [Op: Relu]
                {x}
                 -> {result [dtype=float32, shape=('N', 2)]}
            

Node 1    |  [Op: com.example.Mix]
    {y [dtype=float32, shape=('N', 2)],
     Initializer | w [dtype=float32, shape=(2,)],
     ,
     limit [dtype=int64, shape=()]}
     -> {z}
    ---- Attributes ----
    alpha = 0.25
    to = float16
    names = ['a', 'b'])");
}

}  // namespace
}  // namespace assay
