// Runs generated operator cases through the float64 reference, or the native engine, and compares
// with the outputs that come with them.
//
// usage: assay_conformance [--native FAILURES] CASES EXPECTED_FAILURES [NAME...]
//
// EXPECTED_FAILURES holds lines "case<space>reason"; an expected failure that passes is an error
// too. FAILURES has the same form and holds those of the engine alone. The file tolerances.txt
// beside EXPECTED_FAILURES holds lines "case rtol atol reason" for cases whose own tolerance is too
// narrow for a true result; one that is not needed is an error. Of cases that draw random numbers
// the outputs are compared in type and shape, and what was drawn with its distribution. With names,
// only cases whose names contain one of them run, and every failure is explained.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "ir/inline_functions.h"
#include "onnx/import.h"
#include "onnx/tensor_file.h"
#include "ops/infer_graph.h"
#include "reference/interpreter.h"
#include "runtime/engine.h"
#include "runtime/execution_context.h"
#include "tests/conformance/distribution.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

struct CaseResult {
  bool passed = true;
  std::string detail;
};

CaseResult Fail(std::string detail) { return {false, std::move(detail)}; }

struct Tolerance {
  double rtol = 1e-3;
  double atol = 1e-7;
};

bool ElementsMatch(const Tensor& got, const Tensor& expected, int64_t i,
                   const Tolerance& tolerance) {
  if (expected.dtype() == DType::kString) {
    return got.data<std::string>()[static_cast<size_t>(i)] ==
           expected.data<std::string>()[static_cast<size_t>(i)];
  }
  if (!IsFloating(expected.dtype())) return got.ValueAsInt(i) == expected.ValueAsInt(i);
  const double a = got.ValueAsDouble(i);
  const double b = expected.ValueAsDouble(i);
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b || std::fabs(a - b) <= tolerance.atol + tolerance.rtol * std::fabs(b);
}

std::string Print(const Tensor& tensor, int64_t i) {
  if (tensor.dtype() == DType::kString) return tensor.data<std::string>()[static_cast<size_t>(i)];
  return fmt::format("{}", tensor.ValueAsDouble(i));
}

// The output in the declared type of the expected one; an error if type or shape differ.
Result<Tensor> InDeclaredType(const std::string& name, const Tensor& output,
                              const Tensor& expected) {
  Tensor got = output;
  if (IsFloating(expected.dtype()) && got.dtype() == DType::kFloat64) {
    ASSAY_ASSIGN_OR_RETURN(got, ConvertTensor(output, expected.dtype()));
  }
  if (got.dtype() == expected.dtype() && got.shape() == expected.shape()) return got;
  return Status(
      StatusCode::kInvalidInput,
      fmt::format("output \"{}\": expected {} {}, got {} {}", name, DTypeName(expected.dtype()),
                  expected.shape().ToString(), DTypeName(got.dtype()), got.shape().ToString()));
}

CaseResult CompareTensor(const std::string& name, const Tensor& output, const Tensor& expected,
                         Tolerance tolerance, bool compare_values) {
  // As the onnx package's own runner: two places of bfloat16, whose steps are coarser than rtol.
  if (expected.dtype() == DType::kBFloat16) {
    tolerance.rtol = std::max(tolerance.rtol, 0x1p-6);
  }
  if (IsComplex(expected.dtype())) return Fail("complex numbers are not compared");
  const Result<Tensor> got = InDeclaredType(name, output, expected);
  if (!got.ok()) return Fail(got.status().ToString());
  for (int64_t i = 0; compare_values && i < got->elements(); ++i) {
    if (!ElementsMatch(*got, expected, i, tolerance)) {
      return Fail(fmt::format("output \"{}\", element {}: expected {}, got {}", name, i,
                              Print(expected, i), Print(*got, i)));
    }
  }
  return {};
}

CaseResult CompareOutput(const std::string& name, const RuntimeValue& got,
                         const RuntimeValue& expected, const Tolerance& tolerance,
                         bool compare_values) {
  if (expected.is_empty_optional() && got.is_empty_optional()) return {};
  if (expected.is_tensor() && got.is_tensor()) {
    return CompareTensor(name, got.tensor(), expected.tensor(), tolerance, compare_values);
  }
  if (!expected.is_sequence() || !got.is_sequence()) {
    return Fail(fmt::format("output \"{}\" is of another kind than expected", name));
  }
  if (expected.sequence().size() != got.sequence().size()) {
    return Fail(fmt::format("output \"{}\": expected a sequence of {}, got one of {}", name,
                            expected.sequence().size(), got.sequence().size()));
  }
  for (size_t i = 0; i < got.sequence().size(); ++i) {
    CaseResult result = CompareOutput(fmt::format("{}[{}]", name, i), got.sequence()[i],
                                      expected.sequence()[i], tolerance, compare_values);
    if (!result.passed) return result;
  }
  return {};
}

// The value that generate_cases.py wrote under "input_0", "output_0", ...
Result<RuntimeValue> ReadValue(const fs::path& folder, const std::string& stem) {
  if (fs::exists(folder / (stem + ".none"))) return RuntimeValue::EmptyOptional();
  if (fs::path file = folder / (stem + ".sequence.pb"); fs::exists(file)) {
    ASSAY_ASSIGN_OR_RETURN(std::vector<Tensor> tensors, LoadSequenceProto(file));
    return RuntimeValue::OfSequence({tensors.begin(), tensors.end()});
  }
  ASSAY_ASSIGN_OR_RETURN(NamedTensor tensor, LoadTensorProto(folder / (stem + ".pb")));
  return RuntimeValue(std::move(tensor.tensor));
}

// Every known extent that inference gave must be what execution gave.
CaseResult CheckInferredShape(const Value& value, const RuntimeValue& got) {
  if (!got.is_tensor() || !value.type.shape) return {};
  const Tensor& tensor = got.tensor();
  const SymbolicShape& shape = *value.type.shape;
  bool fits = shape.size() == static_cast<size_t>(tensor.shape().rank());
  for (size_t k = 0; fits && k < shape.size(); ++k) {
    fits = !shape[k].IsKnown() || shape[k].value() == tensor.shape()[static_cast<int>(k)];
  }
  if (fits) return {};
  return Fail(fmt::format("\"{}\" was inferred as {} but is {}", value.name, ToString(shape),
                          tensor.shape().ToString()));
}

bool DrawsNumbers(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), HasDistribution);
}

// Runs the graph once more and looks at what each drawing node takes and gives.
CaseResult CheckDistributions(const Graph& graph, Evaluation evaluation, Interpreter& interpreter) {
  for (const Node& node : graph.nodes) {
    if (!HasDistribution(node)) continue;
    evaluation.wanted = {node.outputs[0]};
    if (!node.inputs.empty()) evaluation.wanted.push_back(node.inputs[0]);
    const Result<std::vector<RuntimeValue>> values = interpreter.Evaluate(evaluation);
    if (!values.ok()) return Fail(values.status().ToString());
    const Tensor* input = node.inputs.empty() ? nullptr : &values->back().tensor();
    const std::string message = CheckDistribution(node, input, values->front().tensor());
    if (!message.empty()) return Fail(message);
  }
  return {};
}

// Tolerances by name of the case.
std::map<std::string, Tolerance> ReadTolerances(const fs::path& path) {
  std::map<std::string, Tolerance> tolerances;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::string name;
    Tolerance tolerance;
    fields >> name >> tolerance.rtol >> tolerance.atol;
    tolerances[name] = tolerance;
  }
  return tolerances;
}

Tolerance ToleranceOfCase(const fs::path& folder) {
  Tolerance tolerance;
  std::ifstream(folder / "tolerance.txt") >> tolerance.rtol >> tolerance.atol;
  return tolerance;
}

Result<std::vector<RuntimeValue>> ReadInputs(const fs::path& folder, size_t count) {
  std::vector<RuntimeValue> inputs;
  for (size_t k = 0; k < count; ++k) {
    ASSAY_ASSIGN_OR_RETURN(RuntimeValue value, ReadValue(folder, fmt::format("input_{}", k)));
    inputs.push_back(std::move(value));
  }
  return inputs;
}

CaseResult CompareOutputs(const fs::path& folder, const Graph& graph,
                          const std::vector<RuntimeValue>& outputs, const Tolerance& tolerance,
                          bool compare_values) {
  for (size_t k = 0; k < outputs.size(); ++k) {
    const Value& output = graph.value(graph.outputs[k]);
    CaseResult result = CheckInferredShape(output, outputs[k]);
    if (!result.passed) return result;
    const Result<RuntimeValue> expected = ReadValue(folder, fmt::format("output_{}", k));
    if (!expected.ok()) return Fail(expected.status().ToString());
    result = CompareOutput(output.name, outputs[k], *expected, tolerance, compare_values);
    if (!result.passed) return result;
  }
  return {};
}

CaseResult RunReference(const fs::path& folder, Graph& graph, const Tolerance& tolerance,
                        const std::shared_ptr<ThreadPool>& threads) {
  if (const Status status = InferGraph(graph); !status.ok()) return Fail(status.ToString());
  Result<std::vector<RuntimeValue>> inputs = ReadInputs(folder, graph.inputs.size());
  if (!inputs.ok()) return Fail(inputs.status().ToString());
  Evaluation evaluation;
  for (size_t k = 0; k < inputs->size(); ++k) {
    evaluation.feeds.emplace_back(graph.inputs[k], std::move((*inputs)[k]));
  }
  evaluation.wanted = graph.outputs;
  Interpreter interpreter(graph, *threads, {.truth = TruthKind::kTyped, .monitor = {}});
  const Result<std::vector<RuntimeValue>> outputs = interpreter.Evaluate(evaluation);
  if (!outputs.ok()) return Fail(outputs.status().ToString());
  const bool draws = DrawsNumbers(graph);
  CaseResult result = CompareOutputs(folder, graph, *outputs, tolerance, !draws);
  if (!result.passed || !draws) return result;
  return CheckDistributions(graph, std::move(evaluation), interpreter);
}

CaseResult RunNative(const fs::path& folder, const Graph& graph, const Tolerance& tolerance,
                     const std::shared_ptr<ThreadPool>& threads) {
  auto model = std::make_shared<Model>();
  model->graph = graph;
  EngineOptions options;
  options.threads = threads;
  const Result<std::shared_ptr<Engine>> engine = Engine::Build(model, options);
  if (!engine.ok()) return Fail(engine.status().ToString());
  const Result<std::vector<RuntimeValue>> inputs = ReadInputs(folder, graph.inputs.size());
  if (!inputs.ok()) return Fail(inputs.status().ToString());
  ExecutionContext context(*engine);
  const Result<std::vector<RuntimeValue>> outputs = context.RunValues(*inputs);
  if (!outputs.ok()) return Fail(outputs.status().ToString());
  return CompareOutputs(folder, graph, *outputs, tolerance, !DrawsNumbers(graph));
}

CaseResult RunCase(const fs::path& folder, const Tolerance& tolerance, bool native,
                   const std::shared_ptr<ThreadPool>& threads) {
  const Result<Model> model = LoadModel(folder / "model.onnx");
  if (!model.ok()) return Fail(model.status().ToString());
  Result<Graph> graph = InlineFunctions(*model);
  if (!graph.ok()) return Fail(graph.status().ToString());
  // Declared shapes of the cases are the answer; inference has to find them by itself.
  for (Value& value : graph->values) {
    if (value.producer != kNoNode) value.type.shape.reset();
  }
  return native ? RunNative(folder, *graph, tolerance, threads)
                : RunReference(folder, *graph, tolerance, threads);
}

void ReadExpectedFailures(const fs::path& path, std::map<std::string, std::string>& failures) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const size_t space = line.find(' ');
    if (space == std::string::npos) {
      failures[line] = "";
    } else {
      failures[line.substr(0, space)] = line.substr(space + 1);
    }
  }
}

int Main(int argc, char** argv) {
  std::map<std::string, std::string> expected_failures;
  const bool native = argc > 2 && argv[1] == std::string_view("--native");
  if (native) {
    ReadExpectedFailures(argv[2], expected_failures);
    argv += 2;
    argc -= 2;
  }
  if (argc < 3) {
    fmt::print(stderr,
               "usage: assay_conformance [--native FAILURES] CASES EXPECTED_FAILURES "
               "[NAME...]\n");
    return 2;
  }
  ReadExpectedFailures(argv[2], expected_failures);
  const std::map<std::string, Tolerance> tolerances =
      ReadTolerances(fs::path(argv[2]).replace_filename("tolerances.txt"));
  const std::vector<std::string> wanted(argv + 3, argv + argc);
  std::vector<fs::path> folders;
  for (const fs::directory_entry& entry : fs::directory_iterator(argv[1])) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename();
    const bool selected = std::any_of(wanted.begin(), wanted.end(), [&](const std::string& part) {
      return name.find(part) != std::string::npos;
    });
    if (wanted.empty() || selected) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());

  const auto threads = std::make_shared<ThreadPool>();
  int passed = 0;
  int failed_as_expected = 0;
  int errors = 0;
  std::set<std::string> seen;
  for (const fs::path& folder : folders) {
    const std::string name = folder.filename();
    seen.insert(name);
    CaseResult result = RunCase(folder, ToleranceOfCase(folder), native, threads);
    if (const auto wider = tolerances.find(name); wider != tolerances.end()) {
      if (result.passed)
        result = Fail("passes without the wider tolerance");
      else
        result = RunCase(folder, wider->second, native, threads);
    }
    const auto expected = expected_failures.find(name);
    const bool is_expected = expected != expected_failures.end();
    if (result.passed != is_expected) {
      ++(result.passed ? passed : failed_as_expected);
    } else if (result.passed) {
      ++errors;
      fmt::print("UNEXPECTED PASS {}: remove it from the expected failures ({})\n", name,
                 expected->second);
    } else {
      ++errors;
      fmt::print("FAILED {}: {}\n", name, result.detail);
    }
  }
  for (const auto& [name, reason] : expected_failures) {
    if (!wanted.empty() || seen.contains(name)) continue;
    ++errors;
    fmt::print("UNKNOWN CASE {} in the expected failures ({})\n", name, reason);
  }
  fmt::print("{}: {} of {} cases passed, {} failed for a known reason, {} errors\n",
             native ? "native engine" : "reference", passed, folders.size(), failed_as_expected,
             errors);
  return errors == 0 && (passed > 0 || failed_as_expected > 0) ? 0 : 1;
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) { return assay::Main(argc, argv); }
