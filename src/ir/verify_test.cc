#include "ir/verify.h"

#include <gtest/gtest.h>

#include "ir/model_builder.h"

namespace assay {
namespace {

// y = Relu(Add(x, w))
struct Example {
  ModelBuilder builder{17};
  ValueId x = builder.Input("x", DType::kFloat32, {2});
  ValueId w = builder.Constant("w", Tensor::Vector<float>({1, 2}));
  ValueId sum = builder.Add("Add", {x, w}, "sum");
  ValueId y = builder.Add("Relu", {sum}, "y");

  Example() { builder.Output(y); }
  Graph& graph() { return builder.graph(); }
  std::string Error() { return VerifyGraph(graph()).message(); }
};

TEST(Verify, AcceptsAGraphThatIsWhole) { EXPECT_EQ(Example().Error(), ""); }

TEST(Verify, FindsIdsOutOfRange) {
  Example example;
  example.graph().nodes[1].inputs = {17};
  EXPECT_EQ(example.Error(),
            "ir verifier: inputs: expected ids from 0 to 4, got 17 (node \"/y\" (Relu)) (graph "
            "\"main\")");
}

TEST(Verify, FindsReadsBeforeProduction) {
  Example example;
  example.graph().nodes[0].inputs[1] = example.y;
  EXPECT_EQ(example.Error(),
            "ir verifier: value 3 \"y\" is read before node \"/y\" (Relu) produces it (node "
            "\"/sum\" (Add)) (graph \"main\")");
}

TEST(Verify, FindsTwoDefinitions) {
  Example example;
  example.graph().inputs.push_back(example.w);
  EXPECT_EQ(example.Error(), "ir verifier: value 1 \"w\" is defined 2 times (graph \"main\")");
}

TEST(Verify, FindsProducersThatDoNotAgree) {
  Example example;
  example.graph().value(example.y).producer = 0;
  EXPECT_EQ(
      example.Error(),
      "ir verifier: value 3 \"y\" is an output of node \"/y\" (Relu), but names node 0 as its "
      "producer (graph \"main\")");

  Example other;
  other.graph().value(other.x).producer = 1;
  other.graph().inputs.clear();
  EXPECT_EQ(other.Error(),
            "ir verifier: value 0 \"x\" names node 1 as its producer, which does not produce it "
            "(graph \"main\")");
}

TEST(Verify, FindsUndefinedValues) {
  Example example;
  example.graph().outputs.push_back(example.graph().AddValue("nowhere"));
  EXPECT_EQ(example.Error(),
            "ir verifier: graph outputs: value 4 \"nowhere\" is not defined (graph \"main\")");
}

TEST(Verify, FindsNamesThatAreNotUnique) {
  Example example;
  example.graph().value(example.sum).name = "x";
  EXPECT_EQ(example.Error(), "ir verifier: two values have the name \"x\" (graph \"main\")");
}

TEST(Verify, FindsConstantsThatContradictTheirType) {
  Example example;
  example.graph().value(example.w).type.dtype = DType::kFloat16;
  EXPECT_EQ(
      example.Error(),
      "ir verifier: constant value 1 \"w\": expected type float32(2,), got float16(2,) (graph "
      "\"main\")");
}

TEST(Verify, FindsInputsWithoutType) {
  Example example;
  example.graph().value(example.x).type = {};
  EXPECT_EQ(example.Error(),
            "ir verifier: input value 0 \"x\" has no element type (graph \"main\")");
}

TEST(Verify, FindsAttributesGivenTwiceOrReferringToNoFunction) {
  Example example;
  example.graph().nodes[1].attributes = {{"alpha", 1.0f, ""}, {"alpha", 2.0f, ""}};
  EXPECT_EQ(
      example.Error(),
      "ir verifier: attribute \"alpha\" is given twice (node \"/y\" (Relu)) (graph \"main\")");
  example.graph().nodes[1].attributes = {{"alpha", 1.0f, "outer_alpha"}};
  EXPECT_EQ(example.Error(),
            "ir verifier: attribute \"alpha\" refers to one of a function, but is in none (node "
            "\"/y\" (Relu)) (graph \"main\")");
}

TEST(Verify, FindsCapturesThatTheEnclosingGraphLacks) {
  Example example;
  auto body = std::make_shared<Graph>();
  body->name = "body";
  const ValueId inner = body->AddValue("missing");
  body->captures.emplace_back(inner, "missing");
  body->outputs = {inner};
  example.graph().nodes[1].attributes = {{"body", std::shared_ptr<const Graph>(body), ""}};
  EXPECT_EQ(example.Error(),
            "ir verifier: attribute \"body\" captures \"missing\", which the enclosing graph does "
            "not have (node \"/y\" (Relu)) (graph \"main\")");

  body->values[0].name = "sum";
  body->captures[0].second = "sum";
  EXPECT_EQ(example.Error(), "");

  body->captures[0].second = "x";
  EXPECT_EQ(
      example.Error(),
      "ir verifier: capture value 0 \"sum\": expected the name \"x\" of the outer value (graph "
      "\"body\") (node \"/y\" (Relu)) (graph \"main\")");
}

}  // namespace
}  // namespace assay
