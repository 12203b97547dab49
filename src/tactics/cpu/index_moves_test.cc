// Indices are data: what they ask for outside an axis is an error of the run.

#include <gtest/gtest.h>

#include "tactics/tactic.h"

namespace assay {
namespace {

// Runs a tactic on float data (3, 2) with indices of the shape and, for scattering, updates of one
// element each.
Status RunWithIndices(std::string_view tactic_name, const std::vector<int64_t>& indices,
                      const Shape& shape, const Shape& result) {
  const Tactic& tactic = *FindTactic(tactic_name);
  Node node;
  node.op = tactic.op;
  node.opset = tactic.op == "Scatter" ? 9 : 13;
  const bool scatters = tactic.op.starts_with("Scatter");
  node.inputs = scatters ? std::vector<ValueId>{0, 1, 2} : std::vector<ValueId>{0, 1};
  node.outputs = {3};
  const OpSchema& schema = *FindOp("", tactic.op)->SchemaFor(node.opset);
  std::vector<Operand> inputs = {{true, DType::kFloat32, {3, 2}, nullptr},
                                 {true, DType::kInt64, shape, nullptr}};
  if (scatters) inputs.push_back({true, DType::kFloat32, shape, nullptr});
  const Instance instance(node, schema, inputs, {{true, DType::kFloat32, result, nullptr}});
  const Machine machine = {GetCpuFeatures(), 1};
  EXPECT_TRUE(tactic.supports(instance, machine).ok());
  const Result<Preparation> preparation = tactic.prepare(instance, machine);
  EXPECT_TRUE(preparation.ok());
  const std::vector<float> data = {1, 2, 3, 4, 5, 6};
  std::vector<float> output(64);
  const void* in[] = {data.data(), indices.data(), data.data()};
  void* out[] = {output.data()};
  ThreadPool threads(1);
  Call call;
  call.state = preparation->state.get();
  call.inputs = in;
  call.outputs = out;
  call.threads = &threads;
  return tactic.run(call);
}

TEST(IndexMoves, AcceptIndicesFromBothEnds) {
  EXPECT_TRUE(RunWithIndices("cpu.gather.move", {-3, 2}, {2}, {2, 2}).ok());
  EXPECT_TRUE(RunWithIndices("cpu.gather_elements.move", {-3, 2}, {1, 2}, {1, 2}).ok());
  EXPECT_TRUE(RunWithIndices("cpu.gather_nd.move", {-3, 1}, {1, 2}, {1}).ok());
  EXPECT_TRUE(RunWithIndices("cpu.scatter.move", {-3, 2}, {1, 2}, {3, 2}).ok());
  EXPECT_TRUE(RunWithIndices("cpu.scatter_elements.move", {-3, 2}, {1, 2}, {3, 2}).ok());
}

TEST(IndexMoves, RefuseIndicesOutsideTheAxis) {
  for (const int64_t index : {int64_t{3}, int64_t{-4}, INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(RunWithIndices("cpu.gather.move", {0, index}, {2}, {2, 2}).code(),
              StatusCode::kInvalidInput);
    EXPECT_EQ(RunWithIndices("cpu.gather_elements.move", {index, 0}, {1, 2}, {1, 2}).code(),
              StatusCode::kInvalidInput);
    EXPECT_EQ(RunWithIndices("cpu.gather_nd.move", {0, index}, {1, 2}, {1}).code(),
              StatusCode::kInvalidInput);
    EXPECT_EQ(RunWithIndices("cpu.scatter.move", {index, 0}, {1, 2}, {3, 2}).code(),
              StatusCode::kInvalidInput);
    EXPECT_EQ(RunWithIndices("cpu.scatter_elements.move", {index, 0}, {1, 2}, {3, 2}).code(),
              StatusCode::kInvalidInput);
  }
}

}  // namespace
}  // namespace assay
