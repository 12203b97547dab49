#include "plan/planner.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "plan/specialize.h"
#include "plan/test_networks.h"

namespace assay {
namespace {

class Planner : public testing::Test {
 protected:
  void SetUp() override {
    const Result<std::shared_ptr<const Graph>> specialized =
        SpecializeGraph(BranchingNetwork()->graph, {{1, 3, 20, 24}}, {}, threads_);
    ASSERT_TRUE(specialized.ok()) << specialized.status().ToString();
    graph_ = *specialized;
    const Result<std::shared_ptr<const Plan>> plan = MakePlan(graph_, options_);
    ASSERT_TRUE(plan.ok()) << plan.status().ToString();
    plan_ = **plan;
  }

  // Steps whose first operand on that side lies in the arena.
  std::vector<Step*> StepsWith(std::vector<Location> Step::*side) {
    std::vector<Step*> found;
    for (Step& step : plan_.steps) {
      if (!(step.*side).empty() && (step.*side)[0].kind == Location::Kind::kArena) {
        found.push_back(&step);
      }
    }
    return found;
  }

  ThreadPool threads_{1};
  PlanOptions options_{.machine = {GetCpuFeatures(), 1}};
  std::shared_ptr<const Graph> graph_;
  Plan plan_;
};

void ExpectCaught(const Plan& plan, const std::string& part) {
  const Status status = VerifyPlan(plan);
  EXPECT_EQ(status.code(), StatusCode::kInternal);
  EXPECT_NE(status.ToString().find(part), std::string::npos) << status.ToString();
}

TEST_F(Planner, MakesAPlanThatHolds) { EXPECT_TRUE(VerifyPlan(plan_).ok()); }

TEST_F(Planner, AValueMovedOverAnotherOneThatIsStillNeededIsCaught) {
  // The stem is read by two branches; the first branch's output is planted over it.
  const auto stem_reader = std::find_if(plan_.steps.begin() + 1, plan_.steps.end(), [](Step& step) {
    return step.inputs[0].kind == Location::Kind::kArena;
  });
  ASSERT_NE(stem_reader, plan_.steps.end());
  const Location stem = stem_reader->inputs[0];
  int readers = 0;
  for (const Step& step : plan_.steps) readers += step.inputs[0].index == stem.index ? 1 : 0;
  ASSERT_GE(readers, 2);
  Location& output = stem_reader->outputs[0];
  ASSERT_EQ(output.kind, Location::Kind::kArena);
  stem_reader->preparation.in_place = {{0, 0}};
  output.offset = stem.offset;
  stem_reader->inputs[0].bytes = output.bytes = std::max(output.bytes, stem.bytes);
  stem_reader->workspace = {};
  stem_reader->preparation.workspace_bytes = 0;
  plan_.arena_bytes *= 2;
  ExpectCaught(plan_, "was overwritten");
}

TEST_F(Planner, AnOutputOverAnInputThatItsTacticDoesNotAllowIsCaught) {
  for (Step* step : StepsWith(&Step::inputs)) {
    if (step->outputs[0].kind != Location::Kind::kArena || !step->preparation.in_place.empty()) {
      continue;
    }
    step->outputs[0].offset = step->inputs[0].offset;
    plan_.arena_bytes *= 2;
    ExpectCaught(plan_, "overlaps input");
    return;
  }
  FAIL() << "no step to try it on";
}

TEST_F(Planner, AWorkspaceOverAnOperandIsCaught) {
  for (Step* step : StepsWith(&Step::outputs)) {
    if (step->workspace.kind != Location::Kind::kArena) continue;
    step->workspace.offset = step->outputs[0].offset;
    plan_.arena_bytes *= 2;
    ExpectCaught(plan_, "overlaps the workspace");
    return;
  }
  FAIL() << "no step to try it on";
}

TEST_F(Planner, TooLittleMemoryIsCaught) {
  Step* step = StepsWith(&Step::outputs).front();
  step->outputs[0].bytes -= 4;
  ExpectCaught(plan_, "bytes for");
}

TEST_F(Planner, AMisalignedLocationAndOneOutsideTheArenaAreCaught) {
  Location& output = StepsWith(&Step::outputs).front()->outputs[0];
  const size_t offset = output.offset;
  output.offset += 4;
  ExpectCaught(plan_, "not aligned");
  output.offset = offset;
  plan_.arena_bytes = offset;
  ExpectCaught(plan_, "leaves the arena");
}

TEST_F(Planner, ConvertsWhereFormatsDiffer) {
  const auto graph = *SpecializeGraph(DepthwiseNetwork()->graph, {{1, 3, 9, 10}}, {}, threads_);
  options_.tactic_of = BlockedDepthwise;
  const Result<std::shared_ptr<const Plan>> made = MakePlan(graph, options_);
  ASSERT_TRUE(made.ok()) << made.status().ToString();
  const Plan& plan = **made;
  std::vector<std::string> conversions;
  for (const Step& step : plan.steps) {
    const Node& node = plan.graph->node(step.node);
    if (node.op != "Convert") continue;
    EXPECT_EQ(step.tactic->name, "cpu.convert.layout");
    EXPECT_FALSE(step.origins.empty());
    const OpContext attributes(node, *FindOp(node.domain, node.op)->SchemaFor(1));
    conversions.push_back(attributes.String("from") + " " + attributes.String("to"));
  }
  // The second one serves the next convolution and the output.
  EXPECT_EQ(conversions, (std::vector<std::string>{"float32 float32/c4", "float32/c4 float32"}));
  EXPECT_EQ(plan.graph->value(plan.graph->outputs[1]).name, graph->value(graph->outputs[1]).name);
  EXPECT_TRUE(VerifyPlan(plan).ok());
}

TEST_F(Planner, AFormatThatNobodyConvertsIsCaught) {
  const auto graph = *SpecializeGraph(DepthwiseNetwork()->graph, {{1, 3, 9, 10}}, {}, threads_);
  Plan plan = **MakePlan(graph, options_);
  for (Step& step : plan.steps) {
    if (plan.graph->node(step.node).FindAttribute("group") == nullptr) continue;
    step.tactic = FindTactic("cpu.conv.depthwise_blocked.f32.portable");
  }
  ExpectCaught(plan, "format of");
}

TEST_F(Planner, RefusesATacticOfAnotherOperatorAndOneThatDoesNotExist) {
  options_.tactic_of = [](const Graph&, NodeId) { return "cpu.resize.nearest"; };
  Status status = MakePlan(graph_, options_).status();
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_NE(status.message().find("cpu.resize.nearest cannot be used: it is for another operator"),
            std::string::npos)
      << status.ToString();
  options_.tactic_of = [](const Graph&, NodeId) { return "cpu.none"; };
  status = MakePlan(graph_, options_).status();
  EXPECT_NE(status.message().find("there is no such tactic"), std::string::npos)
      << status.ToString();
}

}  // namespace
}  // namespace assay
