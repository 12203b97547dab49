#include "reference/interpreter.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <optional>

#include "ops/elementwise.h"
#include "ops/evaluate_node.h"

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
      const ReferenceOptions& options, ReferenceStatistics& statistics)
      : graph_(graph),
        evaluation_(evaluation),
        threads_(threads),
        options_(options),
        statistics_(statistics),
        values_(graph.values.size()),
        uses_(graph.values.size(), 0) {}

  Result<std::vector<Tensor>> Execute() {
    statistics_ = {};
    for (const auto& [id, tensor] : evaluation_.feeds) ASSAY_RETURN_IF_ERROR(Feed(id, tensor));
    const std::vector<NodeId> schedule = Schedule();
    for (size_t i = 0; i < schedule.size(); ++i) {
      ASSAY_RETURN_IF_ERROR(options_.monitor.Check());
      const NodeId id = schedule[i];
      options_.monitor.Report(
          fmt::format("reference: node {} of {} ({})", i + 1, schedule.size(), graph_.node(id).op),
          static_cast<double>(i) / static_cast<double>(schedule.size()));
      if (Status status = ExecuteNode(id); !status.ok()) {
        return status.WithContext(graph_.NodeLabel(id));
      }
    }
    std::vector<Tensor> results;
    for (ValueId id : evaluation_.wanted) {
      ASSAY_RETURN_IF_ERROR(Materialize(id));
      results.push_back(*values_[static_cast<size_t>(id)]);
    }
    return results;
  }

 private:
  Status Feed(ValueId id, const Tensor& tensor) {
    const Value& value = graph_.value(id);
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
    return Store(id, tensor, /*fresh=*/false);
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

  void Need(ValueId id, std::vector<char>& needed) const {
    const Value& value = graph_.value(id);
    if (values_[static_cast<size_t>(id)] || value.constant || value.producer == kNoNode) return;
    needed[static_cast<size_t>(value.producer)] = 1;
  }

  // Makes sure that a value is there: fed, computed, or converted from a constant.
  Status Materialize(ValueId id) {
    if (values_[static_cast<size_t>(id)]) return OkStatus();
    const Value& value = graph_.value(id);
    if (!value.constant) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format("no value is given for \"{}\"", value.name));
    }
    return Store(id, *value.constant, /*fresh=*/false);
  }

  // Takes a tensor as the value, widened to float64 where floating.
  Status Store(ValueId id, Tensor tensor, bool fresh) {
    const DType declared = graph_.value(id).type.dtype;
    if (IsFloating(tensor.dtype()) && tensor.dtype() != DType::kFloat64) {
      ASSAY_ASSIGN_OR_RETURN(tensor, ConvertTensor(tensor, DType::kFloat64));
    } else if (options_.truth == TruthKind::kTyped && fresh && IsFloating(declared) &&
               declared != DType::kFloat64) {
      RoundInPlace(tensor, declared, threads_);
    }
    if (evaluation_.observe && fresh) evaluation_.observe(id, tensor);
    live_bytes_ += tensor.byte_size();
    statistics_.peak_bytes = std::max(statistics_.peak_bytes, live_bytes_);
    values_[static_cast<size_t>(id)] = std::move(tensor);
    return OkStatus();
  }

  void Release(ValueId id) {
    std::optional<Tensor>& tensor = values_[static_cast<size_t>(id)];
    if (--uses_[static_cast<size_t>(id)] > 0 || !tensor) return;
    live_bytes_ -= tensor->byte_size();
    tensor.reset();
  }

  Status ExecuteNode(NodeId id) {
    const Node& node = graph_.node(id);
    std::vector<const Tensor*> inputs;
    for (ValueId input : node.inputs) {
      if (input == kNoValue) {
        inputs.push_back(nullptr);
        continue;
      }
      ASSAY_RETURN_IF_ERROR(Materialize(input));
      inputs.push_back(&*values_[static_cast<size_t>(input)]);
    }
    ASSAY_ASSIGN_OR_RETURN(std::vector<Tensor> outputs,
                           EvaluateNode(graph_, node, std::move(inputs), threads_));
    ASSAY_RETURN_IF_ERROR(TakeOutputs(node, outputs));
    ++statistics_.nodes;
    for (ValueId input : node.inputs) {
      if (input != kNoValue) Release(input);
    }
    return OkStatus();
  }

  Status TakeOutputs(const Node& node, std::vector<Tensor>& outputs) {
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      const ValueId output = node.outputs[i];
      if (output == kNoValue) continue;
      if (uses_[static_cast<size_t>(output)] == 0 && !evaluation_.observe) continue;
      ASSAY_RETURN_IF_ERROR(Store(output, Unshared(std::move(outputs[i]), node), /*fresh=*/true));
      if (uses_[static_cast<size_t>(output)] == 0) {
        ++uses_[static_cast<size_t>(output)];
        Release(output);
      }
    }
    return OkStatus();
  }

  // Identity-like operators hand their input's buffer on; rounding or an observer may write to it.
  Tensor Unshared(Tensor tensor, const Node& node) const {
    const bool may_write = options_.truth == TruthKind::kTyped || evaluation_.observe;
    if (!may_write || tensor.dtype() != DType::kFloat64) return tensor;
    for (ValueId input : node.inputs) {
      if (input == kNoValue || !values_[static_cast<size_t>(input)]) continue;
      if (values_[static_cast<size_t>(input)]->raw() != tensor.raw()) continue;
      Tensor copy = Tensor::Allocate(tensor.dtype(), tensor.shape());
      std::copy_n(tensor.data<double>().data(), tensor.elements(),
                  copy.mutable_data<double>().data());
      return copy;
    }
    return tensor;
  }

  const Graph& graph_;
  const Evaluation& evaluation_;
  ThreadPool& threads_;
  const ReferenceOptions& options_;
  ReferenceStatistics& statistics_;
  std::vector<std::optional<Tensor>> values_;
  std::vector<int64_t> uses_;
  size_t live_bytes_ = 0;
};

}  // namespace

Interpreter::Interpreter(const Graph& graph, ThreadPool& threads, ReferenceOptions options)
    : graph_(graph), threads_(threads), options_(std::move(options)) {}

Result<std::vector<Tensor>> Interpreter::Evaluate(const Evaluation& evaluation) {
  try {
    return assay::Run(graph_, evaluation, threads_, options_, statistics_).Execute();
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kResourceLimit, "out of memory in the float64 reference",
                  "use smaller input shapes or a machine with more memory");
  }
}

Result<TensorMap> Interpreter::Run(const TensorMap& inputs) {
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
  ASSAY_ASSIGN_OR_RETURN(std::vector<Tensor> results, Evaluate(evaluation));
  TensorMap outputs;
  for (size_t i = 0; i < results.size(); ++i) {
    outputs.Add(graph_.value(graph_.outputs[i]).name, std::move(results[i]));
  }
  return outputs;
}

}  // namespace assay
