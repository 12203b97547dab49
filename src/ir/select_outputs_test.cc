#include "ir/select_outputs.h"

#include <gtest/gtest.h>

#include "ir/model_builder.h"

namespace assay {
namespace {

class RecordingLog : public LogSink {
 public:
  bool IsEnabled(Severity) const override { return true; }
  void Write(Severity, std::string_view message) override { text += std::string(message) + "\n"; }
  void Indent(int) override {}

  std::string text;
};

// conv1, relu1, conv2, split_a, split_b in this order; the output is split_a.
Graph Example() {
  ModelBuilder builder(17);
  const ValueId x = builder.Input("x", DType::kFloat32, {1, 3, 8, 8});
  const ValueId w = builder.Constant("w", Tensor::Zeros(DType::kFloat32, {3, 3, 1, 1}));
  const ValueId conv1 = builder.Add("Conv", {x, w}, "conv1");
  const ValueId relu1 = builder.Add("Relu", {conv1}, "relu1");
  const ValueId conv2 = builder.Add("Conv", {relu1, w}, "conv2");
  const auto split = builder.Add("Split", {conv2}, {"split_a", "", "split_b"});
  builder.Output(split[0]);
  return std::move(builder.graph());
}

std::vector<std::string> OutputsOf(const Graph& graph) {
  std::vector<std::string> names;
  for (ValueId id : graph.outputs) names.push_back(graph.value(id).name);
  return names;
}

using Names = std::vector<std::string>;

Names Select(const OutputSelection& selection, LogSink& log = NullLog()) {
  Graph graph = Example();
  const Status status = SelectOutputs(graph, selection, log);
  EXPECT_EQ(status.ToString(), "ok");
  return OutputsOf(graph);
}

Status Refusal(const OutputSelection& selection) {
  Graph graph = Example();
  const Status status = SelectOutputs(graph, selection);
  EXPECT_EQ(OutputsOf(graph), Names{"split_a"});
  return status;
}

TEST(SelectOutputs, NothingAskedChangesNothing) { EXPECT_EQ(Select({}), Names{"split_a"}); }

TEST(SelectOutputs, NamesReplaceTheOutputsInTheirOrder) {
  EXPECT_EQ(Select({.outputs = {"conv2", "x", "conv1", "conv2"}}), (Names{"conv2", "x", "conv1"}));
}

TEST(SelectOutputs, StarAndMarkAllStandForTheOutputsOfAllNodes) {
  const Names all = {"conv1", "relu1", "conv2", "split_a", "split_b"};
  EXPECT_EQ(Select({.outputs = {"*"}}), all);
  EXPECT_EQ(Select({.outputs = {"mark", "all"}}), all);
}

TEST(SelectOutputs, PatternsKeepGraphOrder) {
  EXPECT_EQ(Select({.outputs = {"split_*", "conv[12]"}}),
            (Names{"split_a", "split_b", "conv1", "conv2"}));
}

TEST(SelectOutputs, ANameWithBracketsIsTakenLiterallyFirst) {
  Graph graph = Example();
  graph.value(graph.FindValue("conv1")).name = "t[0]";
  graph.value(graph.FindValue("conv2")).name = "t0";
  ASSERT_TRUE(SelectOutputs(graph, {.outputs = {"t[0]"}}).ok());
  EXPECT_EQ(OutputsOf(graph), Names{"t[0]"});
}

TEST(SelectOutputs, TypesAreFoundInAnyCaseAndAddToNames) {
  EXPECT_EQ(Select({.by_type = {"conv"}}), (Names{"conv1", "conv2"}));
  EXPECT_EQ(Select({.outputs = {"relu1"}, .by_type = {"Split"}}),
            (Names{"relu1", "split_a", "split_b"}));
}

TEST(SelectOutputs, ExclusionComesLast) {
  EXPECT_EQ(Select({.outputs = {"*"}, .exclude = {"conv*", "split_b"}}),
            (Names{"relu1", "split_a"}));
}

TEST(SelectOutputs, APatternThatMatchesNothingIsAWarning) {
  RecordingLog log;
  EXPECT_EQ(Select({.outputs = {"conv1", "pool*"}}, log), Names{"conv1"});
  EXPECT_EQ(log.text, "No tensors matched wildcard pattern: 'pool*'\n");
}

TEST(SelectOutputs, UnknownNamesAreErrorsWithNearNames) {
  EXPECT_EQ(Refusal({.outputs = {"conv3"}}).ToString(),
            "outputs: the model has no value \"conv3\"\nhint: did you mean conv1 or conv2?");
  EXPECT_EQ(Refusal({.exclude = {"relu9"}}).ToString(),
            "outputs: the model has no value \"relu9\"\nhint: did you mean relu1?");
  EXPECT_EQ(Refusal({.outputs = {"w"}}).message(),
            "outputs: expected a value that is computed, got \"w\", a constant");
}

TEST(SelectOutputs, UnknownTypesAreErrorsWithNearTypes) {
  EXPECT_EQ(Refusal({.by_type = {"Cnov"}}).ToString(),
            "outputs: the model has no node of type \"Cnov\"\nhint: did you mean Conv?");
  EXPECT_EQ(Refusal({.by_type = {"Attention"}}).ToString(),
            "outputs: the model has no node of type \"Attention\"\nhint: the model has Conv, Relu, "
            "Split");
}

TEST(SelectOutputs, NoOutputLeftIsAnError) {
  const Status status = Refusal({.exclude = {"split_a"}});
  EXPECT_EQ(status.code(), StatusCode::kUsage);
  EXPECT_EQ(status.message(), "outputs: expected at least one, got none after selection");
}

}  // namespace
}  // namespace assay
