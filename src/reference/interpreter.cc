#include "reference/interpreter.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <optional>

#include "ops/elementwise.h"
#include "ops/evaluate_node.h"
#include "ops/op_def.h"

namespace assay {
namespace {

// Rounds a kFloat64 tensor to `dtype` in place. The tensor must not share its buffer with a live
// value.
void RoundInPlace(Tensor& tensor, DType dtype, ThreadPool& threads) {
  const std::span<double> values = tensor.mutable_data<double>();
  threads.ParallelFor(
      static_cast<int64_t>(values.size()), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
          values[i] = RoundToDType(dtype, values[i]);
        }
      });
}

// State of one evaluation.
class Run {
 public:
  Run(const Graph& graph, const Evaluation& evaluation, ThreadPool& threads,
      const ReferenceOptions& options, ReferenceStatistics& statistics, size_t outer_bytes = 0,
      bool is_body = false)
      : graph_(graph),
        evaluation_(evaluation),
        threads_(threads),
        options_(options),
        statistics_(statistics),
        outer_bytes_(outer_bytes),
        is_body_(is_body),
        run_body_([this](const Graph& body, std::vector<RuntimeValue> inputs,
                         std::vector<RuntimeValue> captures) {
          return RunBody(body, std::move(inputs), std::move(captures));
        }),
        values_(graph.values.size()),
        uses_(graph.values.size(), 0) {}

  Result<std::vector<RuntimeValue>> Execute() {
    for (const auto& [id, value] : evaluation_.feeds) ASSAY_RETURN_IF_ERROR(Feed(id, value));
    const std::vector<NodeId> schedule = Schedule();
    for (size_t i = 0; i < schedule.size(); ++i) {
      ASSAY_RETURN_IF_ERROR(options_.monitor.Check());
      const NodeId id = schedule[i];
      if (!is_body_) {
        options_.monitor.Report(fmt::format("reference: node {} of {} ({})", i + 1, schedule.size(),
                                            graph_.node(id).op),
                                static_cast<double>(i) / static_cast<double>(schedule.size()));
      }
      if (Status status = ExecuteNode(id); !status.ok()) {
        return status.WithContext(graph_.NodeLabel(id));
      }
    }
    std::vector<RuntimeValue> results;
    for (ValueId id : evaluation_.wanted) {
      ASSAY_RETURN_IF_ERROR(Materialize(id));
      results.push_back(values_[static_cast<size_t>(id)]);
    }
    return results;
  }

 private:
  // Values that are given may have any type; those that are moved are rounded already.
  enum class Origin { kGiven, kComputed, kMoved };

  Status Feed(ValueId id, const RuntimeValue& fed) {
    const Value& value = graph_.value(id);
    if (value.type.kind != ValueType::Kind::kTensor) return Store(id, fed, Origin::kGiven);
    if (!fed.is_tensor()) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("\"{}\": expected a tensor, got none", value.name));
    }
    const Tensor& tensor = fed.tensor();
    if (value.type.dtype != tensor.dtype() &&
        !(IsFloating(value.type.dtype) && tensor.dtype() == DType::kFloat64)) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("element type of \"{}\": expected {}, got {}", value.name,
                                DTypeName(value.type.dtype), DTypeName(tensor.dtype())));
    }
    if (value.type.shape && !Fits(*value.type.shape, tensor.shape())) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("shape of \"{}\": expected {}, got {}", value.name,
                                ToString(*value.type.shape), tensor.shape().ToString()));
    }
    return Store(id, tensor, Origin::kGiven);
  }

  static bool Fits(const SymbolicShape& expected, const Shape& got) {
    if (expected.size() != static_cast<size_t>(got.rank())) return false;
    for (int i = 0; i < got.rank(); ++i) {
      const Dim& dim = expected[static_cast<size_t>(i)];
      if (dim.IsKnown() && dim.value() != got[i]) return false;
    }
    return true;
  }

  // Nodes that the wanted values need, in graph order; counts the uses of every value on the way.
  std::vector<NodeId> Schedule() {
    std::vector<char> needed(graph_.nodes.size(), 0);
    for (ValueId id : evaluation_.wanted) {
      ++uses_[static_cast<size_t>(id)];
      Need(id, needed);
    }
    std::vector<NodeId> schedule;
    for (size_t i = graph_.nodes.size(); i-- > 0;) {
      if (needed[i] == 0) continue;
      schedule.push_back(static_cast<NodeId>(i));
      for (ValueId input : graph_.nodes[i].inputs) {
        if (input == kNoValue) continue;
        ++uses_[static_cast<size_t>(input)];
        Need(input, needed);
      }
    }
    std::reverse(schedule.begin(), schedule.end());
    return schedule;
  }

  bool IsThere(ValueId id) const { return values_[static_cast<size_t>(id)].valid(); }

  void Need(ValueId id, std::vector<char>& needed) const {
    const Value& value = graph_.value(id);
    if (IsThere(id) || value.constant || value.producer == kNoNode) return;
    needed[static_cast<size_t>(value.producer)] = 1;
  }

  // Makes sure that a value is there: fed, computed, or converted from a constant.
  Status Materialize(ValueId id) {
    if (IsThere(id)) return OkStatus();
    const Value& value = graph_.value(id);
    if (!value.constant) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("no value is given for \"{}\"", value.name));
    }
    return Store(id, *value.constant, Origin::kGiven);
  }

  // Takes a value, its tensors widened to float64 where floating.
  Status Store(ValueId id, RuntimeValue value, Origin origin) {
    if (value.is_tensor()) {
      ASSAY_RETURN_IF_ERROR(Widen(value.tensor(), graph_.value(id).type.dtype, origin));
      if (evaluation_.observe && origin != Origin::kGiven) evaluation_.observe(id, value.tensor());
    } else if (value.is_sequence() && origin == Origin::kGiven) {
      ASSAY_ASSIGN_OR_RETURN(value, WidenedSequence(value));
    }
    live_bytes_ += value.byte_size();
    NotePeak();
    values_[static_cast<size_t>(id)] = std::move(value);
    return OkStatus();
  }

  // Elements of sequences were computed as tensors, and rounded then.
  static Result<RuntimeValue> WidenedSequence(const RuntimeValue& sequence) {
    RuntimeValue::Sequence elements = sequence.sequence();
    for (RuntimeValue& element : elements) {
      if (element.is_sequence()) {
        ASSAY_ASSIGN_OR_RETURN(element, WidenedSequence(element));
      } else if (element.is_tensor() && IsFloating(element.tensor().dtype())) {
        ASSAY_ASSIGN_OR_RETURN(element, ConvertTensor(element.tensor(), DType::kFloat64));
      }
    }
    return RuntimeValue::OfSequence(std::move(elements));
  }

  void NotePeak() {
    statistics_.peak_bytes = std::max(statistics_.peak_bytes, outer_bytes_ + live_bytes_);
  }

  Status Widen(Tensor& tensor, DType declared, Origin origin) const {
    if (IsFloating(tensor.dtype()) && tensor.dtype() != DType::kFloat64) {
      ASSAY_ASSIGN_OR_RETURN(tensor, ConvertTensor(tensor, DType::kFloat64));
    } else if (options_.truth == TruthKind::kTyped && origin == Origin::kComputed &&
               IsFloating(declared) && declared != DType::kFloat64) {
      RoundInPlace(tensor, declared, threads_);
    }
    return OkStatus();
  }

  void Release(ValueId id) {
    RuntimeValue& value = values_[static_cast<size_t>(id)];
    if (--uses_[static_cast<size_t>(id)] > 0 || !value.valid()) return;
    live_bytes_ -= value.byte_size();
    value = {};
  }

  Status ExecuteNode(NodeId id) {
    const Node& node = graph_.node(id);
    std::vector<const RuntimeValue*> inputs;
    for (ValueId input : node.inputs) {
      if (input == kNoValue) {
        inputs.push_back(nullptr);
        continue;
      }
      ASSAY_RETURN_IF_ERROR(Materialize(input));
      inputs.push_back(&values_[static_cast<size_t>(input)]);
    }
    ASSAY_ASSIGN_OR_RETURN(std::vector<RuntimeValue> outputs,
                           EvaluateNode(graph_, node, std::move(inputs), threads_, run_body_));
    ASSAY_RETURN_IF_ERROR(TakeOutputs(node, outputs));
    ++statistics_.nodes;
    for (ValueId input : node.inputs) {
      if (input != kNoValue) Release(input);
    }
    return OkStatus();
  }

  Status TakeOutputs(const Node& node, std::vector<RuntimeValue>& outputs) {
    const Origin origin =
        FindOp(node.domain, node.op)->moves_values ? Origin::kMoved : Origin::kComputed;
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      const ValueId output = node.outputs[i];
      if (output == kNoValue) continue;
      if (uses_[static_cast<size_t>(output)] == 0 && !evaluation_.observe) continue;
      ASSAY_RETURN_IF_ERROR(Store(output, Unshared(std::move(outputs[i]), node, origin), origin));
      if (uses_[static_cast<size_t>(output)] == 0) {
        ++uses_[static_cast<size_t>(output)];
        Release(output);
      }
    }
    return OkStatus();
  }

  // Identity-like operators hand their input's buffer on; rounding or an observer may write to it.
  RuntimeValue Unshared(RuntimeValue value, const Node& node, Origin origin) const {
    const bool may_write =
        (options_.truth == TruthKind::kTyped && origin == Origin::kComputed) || evaluation_.observe;
    if (!may_write || !value.is_tensor()) return value;
    const Tensor& tensor = value.tensor();
    if (tensor.dtype() != DType::kFloat64) return value;
    if (origin == Origin::kMoved) return Copied(tensor);
    for (ValueId input : node.inputs) {
      if (input == kNoValue || !values_[static_cast<size_t>(input)].is_tensor()) continue;
      if (values_[static_cast<size_t>(input)].tensor().raw() == tensor.raw()) return Copied(tensor);
    }
    return value;
  }

  static Tensor Copied(const Tensor& tensor) {
    Tensor copy = Tensor::Allocate(tensor.dtype(), tensor.shape());
    std::copy_n(tensor.data<double>().data(), tensor.elements(),
                copy.mutable_data<double>().data());
    return copy;
  }

  // One evaluation of a body, whose tensors count beside those of this graph.
  Result<std::vector<RuntimeValue>> RunBody(const Graph& body, std::vector<RuntimeValue> inputs,
                                            std::vector<RuntimeValue> captures) {
    Evaluation evaluation;
    for (size_t i = 0; i < inputs.size(); ++i) {
      evaluation.feeds.emplace_back(body.inputs[i], std::move(inputs[i]));
    }
    for (size_t i = 0; i < captures.size(); ++i) {
      evaluation.feeds.emplace_back(body.captures[i].first, std::move(captures[i]));
    }
    evaluation.wanted = body.outputs;
    return Run(body, evaluation, threads_, options_, statistics_, outer_bytes_ + live_bytes_,
               /*is_body=*/true)
        .Execute();
  }

  const Graph& graph_;
  const Evaluation& evaluation_;
  ThreadPool& threads_;
  const ReferenceOptions& options_;
  ReferenceStatistics& statistics_;
  const size_t outer_bytes_;
  const bool is_body_;
  const BodyRunner run_body_;
  std::vector<RuntimeValue> values_;
  std::vector<int64_t> uses_;
  size_t live_bytes_ = 0;
};

}  // namespace

Interpreter::Interpreter(const Graph& graph, ThreadPool& threads, ReferenceOptions options)
    : graph_(graph), threads_(threads), options_(std::move(options)) {}

Result<std::vector<RuntimeValue>> Interpreter::Evaluate(const Evaluation& evaluation) {
  statistics_ = {};
  try {
    return assay::Run(graph_, evaluation, threads_, options_, statistics_).Execute();
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kResourceLimit, "out of memory in the float64 reference",
                  "use smaller input shapes or a machine with more memory");
  }
}

Result<std::vector<RuntimeValue>> Interpreter::RunValues(const TensorMap& inputs) {
  Evaluation evaluation;
  for (ValueId id : graph_.inputs) {
    const Value& value = graph_.value(id);
    const Tensor* tensor = inputs.Find(value.name);
    if (tensor == nullptr && value.constant) continue;
    if (tensor == nullptr) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("no tensor is given for input \"{}\"", value.name));
    }
    evaluation.feeds.emplace_back(id, *tensor);
  }
  evaluation.wanted = graph_.outputs;
  return Evaluate(evaluation);
}

Result<TensorMap> Interpreter::Run(const TensorMap& inputs) {
  ASSAY_ASSIGN_OR_RETURN(std::vector<RuntimeValue> results, RunValues(inputs));
  TensorMap outputs;
  for (size_t i = 0; i < results.size(); ++i) {
    const Value& value = graph_.value(graph_.outputs[i]);
    if (!results[i].is_tensor()) {
      return Status(StatusCode::kUnsupported,
                    fmt::format("output \"{}\": expected a tensor, got {}", value.name,
                                value.type.ToString()));
    }
    outputs.Add(value.name, std::move(results[i].tensor()));
  }
  return outputs;
}

}  // namespace assay
