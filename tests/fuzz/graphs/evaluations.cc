#include "tests/fuzz/graphs/evaluations.h"

#include <algorithm>
#include <cmath>

#include "onnx/export.h"
#include "ops/infer_graph.h"
#include "passes/pass.h"
#include "runners/onnxruntime/onnxruntime_runner.h"
#include "runtime/engine.h"
#include "runtime/execution_context.h"
#include "tensor/narrow_float.h"
#include "tests/fuzz/graphs/random.h"

namespace assay::fuzz {
namespace {

int PrecisionOf(DType type) {
  switch (type) {
    case DType::kFloat64:
      return 53;
    case DType::kFloat16:
      return 11;
    case DType::kBFloat16:
      return 8;
    default:
      return 24;
  }
}

double LeastNormal(DType type) {
  switch (type) {
    case DType::kFloat64:
      return 0x1p-1022;
    case DType::kFloat16:
      return 0x1p-14;
    default:
      return 0x1p-126;
  }
}

// At most half the significant bits of the type are used: sums and products come out exactly.
bool IsShort(double x, int precision) {
  int exponent = 0;
  const double scaled = std::ldexp(std::frexp(x, &exponent), precision / 2);
  return scaled == std::nearbyint(scaled);
}

void Shake(Tensor& tensor, DType declared, const Shaking& shaking, bool short_too, uint64_t salt) {
  if (!IsFloating(declared) || tensor.dtype() != DType::kFloat64) return;
  Random random(shaking.seed * 1000003 + salt);
  const int precision = PrecisionOf(declared);
  const double unit = std::ldexp(shaking.amplitude, -precision);
  const double least = LeastNormal(declared);
  const double flushed = shaking.flush ? std::ldexp(LargestOf(tensor), 1 - precision) : 0;
  Tensor shaken = Tensor::Allocate(DType::kFloat64, tensor.shape());
  for (size_t i = 0; i < static_cast<size_t>(tensor.elements()); ++i) {
    const double x = tensor.data<double>()[i];
    const double draw = 2 * random.Unit() - 1;
    const bool keep = !std::isfinite(x) || (!short_too && IsShort(x, precision));
    // Subnormal numbers are no denser than the least normal ones.
    const double size = std::max(std::fabs(x), x == 0 ? 0 : least);
    double& y = shaken.mutable_data<double>()[i];
    y = keep ? x : x + size * unit * draw;
    if (std::fabs(x) < flushed) y = 0;
    if (shaking.round) y = RoundToDType(declared, y);
  }
  tensor = shaken;
}

Result<Graph> Inferred(const Model& model) {
  Graph graph = model.graph;
  ASSAY_RETURN_IF_ERROR(InferGraph(graph));
  return graph;
}

Status Feed(const Graph& graph, const TensorMap& inputs, const Shaking* shaking,
            Evaluation& evaluation) {
  for (size_t i = 0; i < graph.values.size(); ++i) {
    const auto id = static_cast<ValueId>(i);
    const Value& value = graph.values[i];
    const bool is_input = std::ranges::find(graph.inputs, id) != graph.inputs.end();
    if (!is_input && !(value.constant && shaking != nullptr)) continue;
    const Tensor* given = is_input ? inputs.Find(value.name) : &*value.constant;
    if (given == nullptr) return Status(StatusCode::kInternal, "no input " + value.name);
    Tensor tensor = *given;
    if (shaking != nullptr && IsFloating(tensor.dtype())) {
      ASSAY_ASSIGN_OR_RETURN(tensor, ConvertTensor(tensor, DType::kFloat64));
      Shake(tensor, value.type.dtype, *shaking, shaking->short_given, i);
    }
    evaluation.feeds.emplace_back(id, tensor);
  }
  return OkStatus();
}

std::vector<std::string> AllPassNames() {
  std::vector<std::string> names;
  for (const Pass* pass : AllPasses()) names.emplace_back(pass->name);
  return names;
}

}  // namespace

double LargestOf(const Tensor& tensor) {
  double largest = 0;
  for (int64_t k = 0; IsFloating(tensor.dtype()) && k < tensor.elements(); ++k) {
    const double x = std::fabs(tensor.ValueAsDouble(k));
    if (std::isfinite(x)) largest = std::max(largest, x);
  }
  return largest;
}

bool SameBits(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || a.shape() != b.shape()) return false;
  if (a.dtype() != DType::kString) return std::ranges::equal(a.bytes(), b.bytes());
  return std::ranges::equal(a.data<std::string>(), b.data<std::string>());
}

Result<Outputs> RunReference(const Case& c, TruthKind truth, ThreadPool& threads,
                             const Shaking* shaking) {
  ASSAY_ASSIGN_OR_RETURN(const Graph graph, Inferred(c.model));
  Evaluation evaluation;
  ASSAY_RETURN_IF_ERROR(Feed(graph, c.inputs, shaking, evaluation));
  evaluation.wanted = graph.outputs;
  if (shaking != nullptr) {
    evaluation.observe = [&](ValueId id, Tensor& tensor) {
      Shake(tensor, graph.value(id).type.dtype, *shaking, shaking->short_computed,
            static_cast<uint64_t>(id));
    };
  }
  Interpreter interpreter(graph, threads, {.truth = truth});
  ASSAY_ASSIGN_OR_RETURN(const std::vector<RuntimeValue> values, interpreter.Evaluate(evaluation));
  Outputs outputs;
  for (const RuntimeValue& value : values) outputs.push_back(value.tensor());
  return outputs;
}

Result<std::vector<RuntimeValue>> AllValues(const Case& c, ThreadPool& threads) {
  ASSAY_ASSIGN_OR_RETURN(const Graph graph, Inferred(c.model));
  Evaluation evaluation;
  ASSAY_RETURN_IF_ERROR(Feed(graph, c.inputs, nullptr, evaluation));
  for (size_t i = 0; i < graph.values.size(); ++i) {
    evaluation.wanted.push_back(static_cast<ValueId>(i));
  }
  Interpreter interpreter(graph, threads, {.truth = TruthKind::kTyped});
  return interpreter.Evaluate(evaluation);
}

Result<Outputs> RunNative(const Case& c, bool passes, std::shared_ptr<ThreadPool> threads) {
  EngineOptions options;
  options.threads = std::move(threads);
  if (!passes) options.disabled_passes = AllPassNames();
  ASSAY_ASSIGN_OR_RETURN(std::shared_ptr<Engine> engine,
                         Engine::Build(std::make_shared<Model>(c.model), options));
  std::vector<Tensor> inputs;
  for (const ValueId id : c.model.graph.inputs) {
    inputs.push_back(*c.inputs.Find(c.model.graph.value(id).name));
  }
  ExecutionContext context(engine);
  Outputs outputs(c.model.graph.outputs.size());
  ASSAY_RETURN_IF_ERROR(context.Run(inputs, outputs));
  // Memory is used again by a second run.
  Outputs again(outputs.size());
  ASSAY_RETURN_IF_ERROR(context.Run(inputs, again));
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!SameBits(outputs[i], again[i])) {
      return Status(StatusCode::kInternal, "a second run gives other bits");
    }
  }
  return outputs;
}

Result<Outputs> RunOnnxRuntime(const Case& c, const std::filesystem::path& path,
                               const std::string& library, bool optimized) {
  ASSAY_RETURN_IF_ERROR(SaveModel(c.model, path));
  RunnerRequest request;
  request.model = std::make_shared<ModelSource>(path, ModelSource::Options{});
  request.onnxruntime_library = library;
  if (!optimized) request.graph_optimization_level = "disable";
  ASSAY_ASSIGN_OR_RETURN(const std::unique_ptr<Runner> runner, CreateOnnxRuntimeRunner(request));
  ASSAY_RETURN_IF_ERROR(runner->Activate().status());
  ASSAY_ASSIGN_OR_RETURN(const RunOutput run, runner->Run(c.inputs));
  Outputs outputs;
  for (const NamedTensor& item : run.outputs) outputs.push_back(item.tensor);
  return outputs;
}

}  // namespace assay::fuzz
