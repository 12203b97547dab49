#include "reference/bad_node.h"

#include <gtest/gtest.h>

#include "ops/infer_graph.h"
#include "ops/op_def.h"
#include "reference/interpreter.h"

namespace assay {
namespace {

// The message of inference or, if that passes, of running the node; empty if both pass.
std::string MessageOf(const BadNode& bad, bool shapes_known) {
  Graph graph;
  Node node;
  node.op = bad.op;
  node.domain = bad.domain;
  node.opset = bad.opset;
  node.attributes = bad.attributes;
  TensorMap inputs;
  for (size_t i = 0; i < bad.inputs.size(); ++i) {
    node.inputs.push_back(kNoValue);
    if (!bad.inputs[i]) continue;
    const Tensor& tensor = *bad.inputs[i];
    ValueType type = ValueType::TensorOf(tensor.dtype());
    if (shapes_known) type.shape = ToSymbolic(tensor.shape());
    inputs.Add("input" + std::to_string(i), tensor);
    node.inputs.back() = graph.AddInput("input" + std::to_string(i), type);
  }
  for (const FormalParam& output : FindOp(bad.domain, bad.op)->SchemaFor(bad.opset)->outputs) {
    if (output.arity == Arity::kRequired || node.outputs.empty()) {
      node.outputs.push_back(graph.AddValue(std::string(output.name)));
    }
  }
  graph.outputs = node.outputs;
  graph.AddNode(std::move(node));
  if (Status status = InferGraph(graph); !status.ok()) {
    return shapes_known ? status.message() : "inference without shapes: " + status.message();
  }
  ThreadPool threads(2);
  Interpreter interpreter(graph, threads);
  const Result<TensorMap> outputs = interpreter.Run(inputs);
  if (outputs.ok()) return {};
  EXPECT_EQ(outputs.status().code(), StatusCode::kInvalidInput);
  return outputs.status().message();
}

}  // namespace

void ExpectSaysWhatIsWrong(const BadNode& bad) {
  for (const bool shapes_known : {true, false}) {
    const std::string message = MessageOf(bad, shapes_known);
    EXPECT_NE(message.find(bad.message), std::string::npos)
        << (shapes_known ? "with" : "without") << " known shapes: " << message;
    EXPECT_NE(message.find("(" + bad.op + ")"), std::string::npos) << message;
  }
}

}  // namespace assay
