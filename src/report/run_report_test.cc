#include "report/run_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/run_report_json.h"

namespace assay {
namespace {

OutputReport Output(Verdict verdict, std::vector<std::string> reasons = {}) {
  OutputReport output;
  output.output = "y";
  output.reference = "y";
  output.verdict = verdict;
  output.functions.push_back({.verdict = verdict, .reasons = std::move(reasons)});
  return output;
}

RunReport Report(std::vector<IterationReport> iterations) {
  RunReport report;
  PairReport pair;
  pair.first = "a";
  pair.second = "b";
  report.iterations = static_cast<int64_t>(iterations.size());
  pair.iterations = std::move(iterations);
  report.pairs.push_back(std::move(pair));
  return report;
}

IterationReport Iteration(Verdict verdict, std::vector<std::string> reasons = {}) {
  IterationReport iteration;
  iteration.outputs.push_back(Output(verdict, std::move(reasons)));
  iteration.verdict = verdict;
  return iteration;
}

TEST(ConcludeRun, PassesOnlyIfEveryIterationPasses) {
  RunReport report = Report({Iteration(Verdict::kPass), Iteration(Verdict::kPass)});
  ConcludeRun(report);
  EXPECT_EQ(report.verdict, Verdict::kPass);
  EXPECT_TRUE(report.reasons.empty());

  report = Report({Iteration(Verdict::kPass), Iteration(Verdict::kFail, {"too far"})});
  ConcludeRun(report);
  EXPECT_EQ(report.verdict, Verdict::kFail);
  EXPECT_EQ(report.reasons, std::vector<std::string>{"output 'y', iteration 1, simple: too far"});
}

TEST(ConcludeRun, FindsAPairWithoutIterationsVacuous) {
  RunReport report = Report({});
  ConcludeRun(report);
  EXPECT_EQ(report.verdict, Verdict::kVacuous);
  EXPECT_EQ(report.reasons, std::vector<std::string>{"nothing was compared between a and b"});
}

TEST(ConcludeRun, PassesALiveRunThatHadNothingToCompareWith) {
  RunReport report;
  report.runners.push_back({.name = "a"});
  report.iterations = 1;
  ConcludeRun(report);
  EXPECT_EQ(report.verdict, Verdict::kPass);
}

TEST(ConcludeRun, FindsARunWithoutIterationsVacuous) {
  RunReport report;
  report.runners.push_back({.name = "a"});
  ConcludeRun(report);
  EXPECT_EQ(report.verdict, Verdict::kVacuous);
  EXPECT_EQ(report.reasons, std::vector<std::string>{"nothing was run: there are no iterations"});
}

TEST(ConcludeRun, NeverSaysPassOfARunThatDidNotComeToItsEnd) {
  RunReport failed;
  failed.error = "no such file";
  ConcludeRun(failed);
  EXPECT_EQ(nlohmann::json::parse(RunReportJson(failed))["verdict"], "error");
  EXPECT_EQ(failed.reasons,
            std::vector<std::string>{"the run ended in an error: 0 iteration(s) were finished"});

  RunReport interrupted = Report({Iteration(Verdict::kPass), Iteration(Verdict::kPass)});
  interrupted.interrupted = true;
  interrupted.requested_iterations = 10;
  ConcludeRun(interrupted);
  const auto json = nlohmann::json::parse(RunReportJson(interrupted));
  EXPECT_EQ(json["verdict"], "interrupted");
  EXPECT_EQ(json["reasons"][0], "the run was interrupted: 2 of 10 iteration(s) were compared");
  EXPECT_EQ(json["pairs"][0]["verdict"], "pass");
}

TEST(ConcludeRun, FindsStoredOutputsWithoutAPartnerVacuous) {
  RunReport report;
  report.runners.push_back({.name = "a", .source = "a.json"});
  ConcludeRun(report);
  EXPECT_EQ(report.verdict, Verdict::kVacuous);
  RunReport validated;
  validated.runners = report.runners;
  validated.iterations = 1;
  validated.validated = true;
  ConcludeRun(validated);
  EXPECT_EQ(validated.verdict, Verdict::kPass);
}

TEST(ConcludeRun, CountsWhatHasNoPartner) {
  IterationReport iteration = Iteration(Verdict::kPass);
  iteration.unmatched_references = {"z"};
  iteration.verdict = Verdict::kUnmatched;
  RunReport report = Report({iteration});
  ConcludeRun(report);
  EXPECT_EQ(report.verdict, Verdict::kUnmatched);
  EXPECT_EQ(report.reasons,
            std::vector<std::string>{"iteration 0: outputs of b without a partner: ['z']"});

  report = Report({Iteration(Verdict::kPass)});
  report.iteration_mismatch = "one run is longer";
  ConcludeRun(report);
  EXPECT_EQ(report.verdict, Verdict::kUnmatched);
}

TEST(ConcludeRun, FailsOnInvalidOutputs) {
  RunReport report = Report({Iteration(Verdict::kPass)});
  report.invalid_outputs.push_back({"a", "y", 0, 1, 3});
  ConcludeRun(report);
  EXPECT_EQ(report.verdict, Verdict::kFail);
  EXPECT_EQ(report.reasons,
            std::vector<std::string>{
                "output 'y' of a, iteration 0: 3 of its values are not finite (1 NaN)"});
}

TEST(ConcludeRun, NamesTheFirstReasonsAndCountsTheRest) {
  std::vector<IterationReport> iterations(15, Iteration(Verdict::kFail, {"too far"}));
  RunReport report = Report(iterations);
  ConcludeRun(report);
  ASSERT_EQ(report.reasons.size(), 11u);
  EXPECT_EQ(report.reasons.back(), "5 more");
}

TEST(RunReportJson, WritesWhatIsNotFiniteAsText) {
  RunReport report = Report({Iteration(Verdict::kFail)});
  report.pairs[0].iterations[0].outputs[0].functions[0] = {
      .function = CompareFunction::kPsnr,
      .verdict = Verdict::kPass,
      .value = std::numeric_limits<double>::infinity(),
      .threshold = 30};
  report.model = "caf\xe9.onnx";
  const auto json = nlohmann::json::parse(RunReportJson(report));
  const auto& function = json["pairs"][0]["iterations"][0]["outputs"][0]["functions"][0];
  EXPECT_EQ(function["value"], "inf");
  EXPECT_EQ(function["threshold"], 30);
  EXPECT_EQ(json["verdict"], "vacuous");
}

TEST(AccuracyResultsJson, WritesBareVerdictsWhereThereAreNoFigures) {
  const RunReport report = Report({Iteration(Verdict::kFail)});
  const auto json = nlohmann::json::parse(AccuracyResultsJson(report, false));
  EXPECT_EQ(json["polygraphy_class"], "AccuracyResults");
  EXPECT_EQ(json["lst"][0]["lst"][0][0], (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(json["lst"][0]["lst"][0][1][0]["y"], false);
}

}  // namespace
}  // namespace assay
