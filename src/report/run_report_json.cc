#include "report/run_report_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "compare/metric_table.h"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

Json Number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

Json NumberOrNull(std::optional<double> value) { return value ? Number(*value) : Json(); }

Json ShapeJson(const Shape& shape) { return shape.dims(); }

Json StatisticsJson(const Statistics& s) {
  Json json = {{"count", s.count},
               {"mean", Number(s.mean)},
               {"standard_deviation", Number(s.standard_deviation)},
               {"average_magnitude", Number(s.average_magnitude)},
               {"min", Number(s.min.value)},
               {"min_index", s.min.index},
               {"max", Number(s.max.value)},
               {"max_index", s.max.index}};
  if (s.has_order_statistics) json["median"] = Number(s.median);
  if (s.has_percentiles) {
    json["p90"] = Number(s.p90);
    json["p95"] = Number(s.p95);
    json["p99"] = Number(s.p99);
  }
  return json;
}

Json HistogramJson(const Histogram& histogram) {
  if (!histogram.valid) return nullptr;
  Json edges = Json::array();
  for (double edge : histogram.edges) edges.push_back(Number(edge));
  return {{"edges", edges}, {"counts", histogram.counts}};
}

Json FunctionJson(const FunctionReport& function) {
  const CompareFunctionDef& def = CompareFunctionOf(function.function);
  Json json = {{"function", def.name},
               {"verdict", VerdictName(function.verdict)},
               {"reasons", function.reasons}};
  if (def.has_threshold) {
    json["value"] = Number(function.value);
    json["threshold"] = Number(function.threshold);
  }
  if (function.indices) {
    json["index_tolerance"] = function.indices->index_tolerance;
    json["compared"] = function.indices->compared;
    json["mismatches"] = function.indices->mismatch_count;
    json["max_distance"] = function.indices->max_distance;
  }
  return json;
}

Json FunctionsJson(const std::vector<FunctionReport>& functions) {
  Json json = Json::array();
  for (const FunctionReport& function : functions) json.push_back(FunctionJson(function));
  return json;
}

void AddComparison(const OutputComparison& c, Json& json) {
  json["dtype"] = DTypeName(c.output_dtype);
  json["reference_dtype"] = DTypeName(c.reference_dtype);
  json["shape"] = ShapeJson(c.output_shape);
  json["reference_shape"] = ShapeJson(c.reference_shape);
  json["compared"] = c.compared;
  if (!c.compared) return;
  json["tolerance"] = {{"absolute", Number(c.options.tolerance.absolute)},
                       {"relative", Number(c.options.tolerance.relative)},
                       {"error_stat", ErrorStatName(c.options.error_stat)},
                       {"rule", ToleranceRuleName(c.options.rule)}};
  Json metrics = Json::object();
  for (const MetricDef& metric : AllMetrics()) {
    const std::optional<double> value = metric.read(c);
    if (value) metrics[std::string(metric.name)] = Number(*value);
  }
  json["metrics"] = std::move(metrics);
  json["mismatches"] = {{"polygraphy", c.mismatches.polygraphy},
                        {"allclose", c.mismatches.allclose},
                        {"strict", c.mismatches.strict},
                        {"first", c.first_mismatch}};
  json["statistics"] = {{"output", StatisticsJson(c.output)},
                        {"reference", StatisticsJson(c.reference)},
                        {"absolute_difference", StatisticsJson(c.absolute_difference)},
                        {"relative_difference", StatisticsJson(c.relative_difference)}};
  json["histograms"] = {{"output", HistogramJson(c.output_histogram)},
                        {"reference", HistogramJson(c.reference_histogram)},
                        {"absolute_difference", HistogramJson(c.absolute_histogram)},
                        {"relative_difference", HistogramJson(c.relative_histogram)}};
  Json frontier = Json::array();
  for (const Tolerance& point : c.frontier.points) {
    frontier.push_back({Number(point.absolute), Number(point.relative)});
  }
  json["tolerance_frontier"] = {
      {"points", frontier},
      {"min_relative_at_absolute", NumberOrNull(c.frontier.min_relative_at_absolute)},
      {"min_absolute_at_relative", NumberOrNull(c.frontier.min_absolute_at_relative)}};
  if (!c.frontier.obstacle.empty()) json["tolerance_frontier"]["obstacle"] = c.frontier.obstacle;
  if (c.logit) {
    json["logit_view"] = {{"explanation", c.logit->explanation},
                          {"is_floor_effect", c.logit->is_floor_effect},
                          {"outside", c.logit->output_outside},
                          {"first_outside", c.logit->first_outside}};
  }
}

Json OutputJson(const OutputReport& output) {
  Json json = {{"output", output.output},
               {"reference", output.reference},
               {"verdict", VerdictName(output.verdict)},
               {"functions", FunctionsJson(output.functions)}};
  if (output.comparison) AddComparison(*output.comparison, json);
  return json;
}

Json PairJson(const PairReport& pair) {
  Json iterations = Json::array();
  for (const IterationReport& iteration : pair.iterations) {
    Json outputs = Json::array();
    for (const OutputReport& output : iteration.outputs) outputs.push_back(OutputJson(output));
    iterations.push_back({{"verdict", VerdictName(iteration.verdict)},
                          {"outputs", std::move(outputs)},
                          {"unmatched_outputs", iteration.unmatched_outputs},
                          {"unmatched_references", iteration.unmatched_references}});
  }
  Json json = {{"runner", pair.first},
               {"reference", pair.second},
               {"verdict", VerdictName(pair.verdict)},
               {"passed_iterations", pair.passed_iterations()},
               {"iterations", std::move(iterations)}};
  if (!pair.shared_steps.empty()) json["shared_steps"] = pair.shared_steps;
  if (!pair.averages.empty()) {
    Json averages = Json::array();
    for (const AverageReport& average : pair.averages) {
      averages.push_back({{"output", average.output},
                          {"verdict", VerdictName(average.verdict)},
                          {"functions", FunctionsJson(average.functions)}});
    }
    json["averages"] = std::move(averages);
  }
  return json;
}

Json ReferenceStepsJson(const ReferenceSteps& steps) {
  Json list = Json::array();
  for (const ReferenceSteps::Step& step : steps.steps) {
    list.push_back(
        {{"op", step.op}, {"nodes", step.nodes}, {"computes_floats", step.computes_floats}});
  }
  return {{"of", steps.total}, {"steps", std::move(list)}};
}

Json RunnerJson(const RunnerReport& runner) {
  Json details = Json::object();
  for (const auto& [name, value] : runner.info.details) details[name] = value;
  Json json = {{"name", runner.name}};
  if (!runner.source.empty()) {
    json["source"] = runner.source;
  } else if (!runner.info.library.empty()) {
    json["library"] = runner.info.library;
    json["device"] = runner.info.device;
    json["details"] = std::move(details);
    json["activation_seconds"] = runner.activation_seconds;
    if (runner.memory_bytes) json["memory_bytes"] = *runner.memory_bytes;
    if (runner.peak_tensor_bytes > 0) json["peak_tensor_bytes"] = runner.peak_tensor_bytes;
  }
  json["inference_seconds"] = runner.seconds;
  for (const PassReport& pass : runner.info.passes) {
    json["passes"].push_back({{"name", pass.name},
                              {"effect", PassEffectName(pass.effect)},
                              {"changes", pass.changes},
                              {"seconds", pass.seconds},
                              {"disabled", pass.disabled}});
  }
  if (runner.reference_steps != nullptr) {
    json["reference_steps"] = ReferenceStepsJson(*runner.reference_steps);
  }
  for (const StepProfile::Line& line : runner.steps.lines()) {
    json["steps"].push_back(
        {{"nodes", line.nodes}, {"tactic", line.tactic}, {"seconds", line.seconds}});
  }
  return json;
}

}  // namespace

std::string RunReportJson(const RunReport& report) {
  Json json = {{"format", 1},
               {"program", "assay " + report.program_version},
               {"command", report.command_line},
               {"model", report.model},
               {"verdict", report.Outcome()},
               {"reasons", report.reasons},
               {"compares", report.compares()}};
  if (!report.error.empty()) json["error"] = report.error;
  json["iterations"] = report.iterations;
  json["interrupted"] = report.interrupted;
  json["stopped_early"] = report.stopped_early;
  json["seconds"] = report.seconds;
  json["peak_memory_bytes"] = report.peak_memory_bytes;
  json["inputs"] = {{"source", report.inputs.source}, {"hashes", report.inputs.hashes}};
  if (report.inputs.seed) json["inputs"]["seed"] = *report.inputs.seed;
  json["runners"] = Json::array();
  for (const RunnerReport& runner : report.runners) json["runners"].push_back(RunnerJson(runner));
  json["pairs"] = Json::array();
  for (const PairReport& pair : report.pairs) json["pairs"].push_back(PairJson(pair));
  if (report.validated) {
    json["invalid_outputs"] = Json::array();
    for (const ValidationReport& invalid : report.invalid_outputs) {
      json["invalid_outputs"].push_back({{"runner", invalid.runner},
                                         {"output", invalid.output},
                                         {"iteration", invalid.iteration},
                                         {"nan", invalid.nan_count},
                                         {"not_finite", invalid.non_finite_count}});
    }
  }
  // Names from a model may hold bytes that are no UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace assay
