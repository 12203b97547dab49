#include <fmt/format.h>

#include "base/file.h"
#include "passes/pass_test.h"

namespace assay {
namespace {

using namespace test;

std::vector<PassReport> RunAll(Graph& graph, const PipelineOptions& options) {
  EXPECT_TRUE(InferGraph(graph).ok());
  ThreadPool threads(1);
  PassContext context{threads, NullLog()};
  Result<std::vector<PassReport>> reports = RunPasses(graph, options, context);
  EXPECT_TRUE(reports.ok()) << reports.status().ToString();
  return reports.ok() ? *std::move(reports) : std::vector<PassReport>();
}

Graph Network() {
  TestGraph t;
  const ValueId x = t.Input("x", {Dim::Symbol("N"), 3, 4, 4});
  const ValueId product = t.Add("Conv", {x, t.Weight("w", {3, 3, 1, 1})}, "product");
  const ValueId scaled = t.Add("Mul", {product, t.Weight("s", {3, 1, 1})}, "scaled");
  const ValueId same = t.Add("Identity", {scaled}, "same");
  t.Output(t.Add("Mul", {same, t.Add("Sigmoid", {same}, "gate")}, "y"));
  return t.graph;
}

TEST(Pipeline, PassesWorkForEachOther) {
  Graph graph = Network();
  RunAll(graph, {});
  EXPECT_EQ(NodesOf(graph), R"(graph "" (%x: float64(N, 3, 4, 4)) {
  %y = assay.Conv(%x, %w_folded) {activation="Swish"} : float64(N, 3, 4, 4)  # "/product"
  return %y
}
)");
  EXPECT_EQ(OriginsOf(graph, 0), (std::vector<std::string>{"/product", "/scaled", "/gate", "/y"}));
}

TEST(Pipeline, RunsOnlyExactPassesIfAsked) {
  Graph graph = Network();
  const std::vector<PassReport> reports = RunAll(graph, {.exact_only = true});
  EXPECT_EQ(reports.size(), AllPasses().size());
  for (const PassReport& report : reports) {
    EXPECT_EQ(report.disabled, report.effect != PassEffect::kExact) << report.name;
  }
  EXPECT_EQ(graph.nodes.size(), 4u);
}

TEST(Pipeline, RunsAgainWhatShapesDecide) {
  Graph graph = Network();
  for (const PassReport& report : RunAll(graph, {.has_shapes = true})) {
    EXPECT_TRUE(FindPass(report.name)->again_with_shapes) << report.name;
  }
}

TEST(Pipeline, LeavesOutDisabledPassesAndRefusesUnknownNames) {
  Graph graph = Network();
  for (const PassReport& report : RunAll(graph, {.disabled = {"remove-no-ops"}})) {
    EXPECT_EQ(report.disabled, report.name == "remove-no-ops");
  }
  ThreadPool threads(1);
  PassContext context{threads, NullLog()};
  const Status status = RunPasses(graph, {.disabled = {"remove-no-op"}}, context).status();
  EXPECT_EQ(status.code(), StatusCode::kUsage);
  EXPECT_EQ(status.ToString(), "unknown pass \"remove-no-op\"\nhint: did you mean remove-no-ops?");
}

// docs/passes.md has a row for every pass, in their order.
TEST(Pipeline, EveryPassIsDescribed) {
  const Result<std::string> page = ReadFile(std::string(ASSAY_SOURCE_DIR) + "/docs/passes.md");
  ASSERT_TRUE(page.ok());
  size_t rows = 0;
  for (size_t at = 0; (at = page->find("\n| `", at)) != std::string::npos; ++at) ++rows;
  EXPECT_EQ(rows, AllPasses().size());
  size_t before = 0;
  for (const Pass* pass : AllPasses()) {
    const std::string row =
        fmt::format("\n| `{}` | {} | {}| ", pass->name, PassEffectName(pass->effect),
                    pass->again_with_shapes ? "again " : "");
    const size_t at = page->find(row);
    EXPECT_NE(at, std::string::npos) << row;
    EXPECT_GE(at, before) << pass->name;
    before = at;
  }
}

}  // namespace
}  // namespace assay
