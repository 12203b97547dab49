// What the passes make of real networks, and whether each keeps what a network computes.
//
// usage: assay_rewrite_models [--check] [--graph] [--extent N] MODEL...
//
// Prints the changes of every pass and the operators that remain, first for any shapes, then for
// those of the check: fixed axes as they are, else 1 for the first axis and N (64) for the others.
// With --graph the latter graph follows. With --check the rewritten network is evaluated in
// float64, with all passes and with each of them disabled, and has to agree with the network as it
// was; so has the engine, within single precision. Models that do not exist are named and left out;
// exits with 77 if none exists.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ir/print.h"
#include "onnx/import.h"
#include "ops/infer_graph.h"
#include "passes/pass.h"
#include "plan/specialize.h"
#include "reference/interpreter.h"
#include "runtime/engine.h"
#include "runtime/execution_context.h"
#include "tensor/random.h"

namespace assay {
namespace {

// Weights are rounded once to float32 where they are folded, sums of the engine many times.
constexpr double kMostOfExactPasses = 1e-13;
constexpr double kMostOfReference = 5e-6;
constexpr double kMostOfEngine = 2e-5;

std::string OperatorsOf(const Graph& graph) {
  std::map<std::string, int> counts;
  for (const Node& node : graph.nodes) {
    ++counts[node.domain.empty() ? node.op : node.domain + "." + node.op];
  }
  std::vector<std::string> parts;
  for (const auto& [op, count] : counts) parts.push_back(fmt::format("{} {}", count, op));
  return fmt::format("{} nodes: {}", graph.nodes.size(), fmt::join(parts, ", "));
}

double RelativeDifference(const Tensor& got, const Tensor& truth) {
  double difference = 0;
  double norm = 0;
  for (int64_t i = 0; i < truth.elements(); ++i) {
    const double d = got.ValueAsDouble(i) - truth.ValueAsDouble(i);
    difference += d * d;
    norm += truth.ValueAsDouble(i) * truth.ValueAsDouble(i);
  }
  return norm == 0 ? std::sqrt(difference) : std::sqrt(difference / norm);
}

class ModelCheck {
 public:
  ModelCheck(std::shared_ptr<const Model> model, int64_t extent)
      : model_(std::move(model)), extent_(extent), threads_(std::make_shared<ThreadPool>()) {}

  Status Print(bool with_graph) {
    Graph graph = model_->graph;
    ASSAY_RETURN_IF_ERROR(InferGraph(graph));
    fmt::print("{}\n  {}\n", model_->source, OperatorsOf(graph));
    PassContext context{*threads_, NullLog()};
    ASSAY_ASSIGN_OR_RETURN(const std::vector<PassReport> reports, RunPasses(graph, {}, context));
    for (const PassReport& report : reports) {
      if (report.changes > 0) fmt::print("  {:5} {}\n", report.changes, report.name);
    }
    fmt::print("  {}\n", OperatorsOf(graph));
    ASSAY_RETURN_IF_ERROR(DrawInputs());
    std::vector<Shape> shapes;
    for (const NamedTensor& input : inputs_) shapes.push_back(input.tensor.shape());
    ASSAY_ASSIGN_OR_RETURN(const auto special, SpecializeGraph(graph, shapes, {}, *threads_));
    fmt::print("  with shapes {}\n", OperatorsOf(*special));
    if (with_graph) fmt::print("{}", PrintGraph(*special, {.constants = false}));
    return OkStatus();
  }

  // Returns the number of passes that change too much.
  Result<int> Check() {
    ASSAY_ASSIGN_OR_RETURN(const TensorMap truth, Reference(model_->graph));
    int failures = 0;
    PipelineOptions exact;
    exact.exact_only = true;
    ASSAY_ASSIGN_OR_RETURN(const bool exact_fits, Fits("exact passes only", exact, truth));
    failures += exact_fits ? 0 : 1;
    std::vector<std::string> disabled = {""};
    for (const Pass* pass : AllPasses()) disabled.emplace_back(pass->name);
    for (const std::string& name : disabled) {
      PipelineOptions options;
      if (!name.empty()) options.disabled = {name};
      const std::string label = name.empty() ? "all passes" : "without " + name;
      ASSAY_ASSIGN_OR_RETURN(const bool fits, Fits(label, options, truth));
      failures += fits ? 0 : 1;
    }
    return failures;
  }

 private:
  Status DrawInputs() {
    Graph graph = model_->graph;
    ASSAY_RETURN_IF_ERROR(InferGraph(graph));
    std::vector<RandomInputSpec> specs;
    for (ValueId id : graph.inputs) {
      const Value& value = graph.value(id);
      std::vector<int64_t> dims;
      for (const Dim& dim : *value.type.shape) {
        const int64_t open = dims.empty() ? 1 : extent_;
        dims.push_back(dim.IsKnown() ? dim.value() : open);
      }
      specs.push_back({value.name, value.type.dtype, Shape(dims)});
    }
    ASSAY_ASSIGN_OR_RETURN(inputs_, RandomInputs(specs, {}, 0));
    return OkStatus();
  }

  Result<TensorMap> Reference(Graph graph) {
    ASSAY_RETURN_IF_ERROR(InferGraph(graph));
    Interpreter interpreter(graph, *threads_);
    return interpreter.Run(inputs_);
  }

  Result<bool> Fits(const std::string& label, const PipelineOptions& options,
                    const TensorMap& truth) {
    Graph graph = model_->graph;
    ASSAY_RETURN_IF_ERROR(InferGraph(graph));
    PassContext context{*threads_, NullLog()};
    ASSAY_RETURN_IF_ERROR(RunPasses(graph, options, context).status());
    std::vector<Shape> shapes;
    for (const NamedTensor& input : inputs_) shapes.push_back(input.tensor.shape());
    ASSAY_ASSIGN_OR_RETURN(const auto special, SpecializeGraph(graph, shapes, options, *threads_));
    ASSAY_ASSIGN_OR_RETURN(const TensorMap rewritten, Reference(*special));
    double of_reference = 0;
    for (const NamedTensor& output : truth) {
      of_reference =
          std::max(of_reference, RelativeDifference(*rewritten.Find(output.name), output.tensor));
    }
    // The engine is not built with exact passes alone.
    std::optional<double> of_engine;
    if (!options.exact_only) {
      ASSAY_ASSIGN_OR_RETURN(of_engine, EngineDifference(options, truth));
    }
    const double most = options.exact_only ? kMostOfExactPasses : kMostOfReference;
    const bool fits = of_reference <= most && of_engine.value_or(0) <= kMostOfEngine;
    fmt::print("  {} {:40} reference {:8.1e}  engine {}\n", fits ? "ok  " : "FAIL", label,
               of_reference, of_engine ? fmt::format("{:8.1e}", *of_engine) : "-");
    std::fflush(stdout);
    return fits;
  }

  Result<double> EngineDifference(const PipelineOptions& passes, const TensorMap& truth) {
    EngineOptions options;
    options.threads = threads_;
    options.disabled_passes = passes.disabled;
    ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<Engine> engine, Engine::Build(model_, options));
    ExecutionContext context(engine);
    std::vector<Tensor> inputs;
    for (const NamedTensor& input : inputs_) inputs.push_back(input.tensor);
    std::vector<Tensor> outputs(truth.size());
    ASSAY_RETURN_IF_ERROR(context.Run(inputs, outputs));
    double difference = 0;
    for (size_t i = 0; i < truth.size(); ++i) {
      difference = std::max(difference, RelativeDifference(outputs[i], truth[i].tensor));
    }
    return difference;
  }

  std::shared_ptr<const Model> model_;
  int64_t extent_;
  std::shared_ptr<ThreadPool> threads_;
  TensorMap inputs_;
};

struct Options {
  bool check = false;
  bool graph = false;
  int64_t extent = 64;
};

Result<int> RunModel(const std::string& path, const Options& options) {
  ASSAY_ASSIGN_OR_RETURN(Model model, LoadModel(path));
  ModelCheck models(std::make_shared<const Model>(std::move(model)), options.extent);
  ASSAY_RETURN_IF_ERROR(models.Print(options.graph));
  return options.check ? models.Check() : Result<int>(0);
}

int Main(int argc, char** argv) {
  constexpr int kNothingToDo = 77;
  Options options;
  int failures = 0;
  int models = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--check") {
      options.check = true;
    } else if (argument == "--graph") {
      options.graph = true;
    } else if (argument == "--extent" && i + 1 < argc) {
      options.extent = std::atoll(argv[++i]);
    } else if (!std::filesystem::exists(argument)) {
      fmt::print("{}: no such file\n", argument);
    } else {
      ++models;
      const Result<int> result = RunModel(argument, options);
      if (!result.ok()) fmt::print("{}: {}\n", argument, result.status().ToString());
      failures += result.ok() ? *result : 1;
    }
  }
  if (models == 0) return kNothingToDo;
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) { return assay::Main(argc, argv); }
