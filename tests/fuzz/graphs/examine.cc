#include "tests/fuzz/graphs/examine.h"

#include <fmt/format.h>

#include <algorithm>

#include "ir/print.h"
#include "onnx/export.h"
#include "onnx/import.h"
#include "ops/infer_graph.h"

namespace assay::fuzz {
namespace {

Finding FindingOf(Subject subject, const Difference& difference) {
  return {subject, difference.what,
          fmt::format("output {}: {}", difference.output, difference.detail), difference.tie};
}

Finding ErrorOf(Subject subject, const Status& status) {
  return {subject, "error", status.ToString()};
}

std::optional<Finding> Judged(Subject subject, Truth& truth, const Result<Outputs>& got) {
  if (!got.ok() && truth.IsFragile()) return std::nullopt;
  if (!got.ok()) return ErrorOf(subject, got.status());
  if (const auto difference = truth.Judge(*got)) return FindingOf(subject, *difference);
  return std::nullopt;
}

// What inference says of a value and what it turns out to be; empty: no contradiction.
std::string Contradiction(const Value& value, const InferredContents& contents, const Tensor& got) {
  if (value.type.shape) {
    const SymbolicShape& shape = *value.type.shape;
    bool fits = shape.size() == static_cast<size_t>(got.shape().rank());
    for (size_t k = 0; fits && k < shape.size(); ++k) {
      fits = !shape[k].IsKnown() || shape[k].value() == got.shape()[static_cast<int>(k)];
    }
    if (!fits) {
      return fmt::format("{} inferred as {}, is {}", value.name, ToString(shape),
                         got.shape().ToString());
    }
  }
  for (size_t k = 0; contents && k < contents->size(); ++k) {
    const Dim& dim = (*contents)[k];
    if (dim.IsKnown() && dim.value() != got.ValueAsInt(static_cast<int64_t>(k))) {
      return fmt::format("element {} of {} inferred as {}, is {}", k, value.name, dim.value(),
                         got.ValueAsInt(static_cast<int64_t>(k)));
    }
  }
  return {};
}

std::optional<Finding> ExamineInference(const Case& c, ThreadPool& threads) {
  Graph graph = c.model.graph;
  std::vector<InferredContents> contents;
  const Status status = InferGraph(graph, {}, nullptr, &contents);
  if (!status.ok()) return ErrorOf(Subject::kReference, status);
  const Result<std::vector<RuntimeValue>> values = AllValues(c, threads);
  if (!values.ok()) return ErrorOf(Subject::kReference, values.status());
  for (size_t i = 0; i < values->size(); ++i) {
    if (!(*values)[i].is_tensor()) continue;
    const std::string text = Contradiction(graph.values[i], contents[i], (*values)[i].tensor());
    if (!text.empty()) return Finding{Subject::kReference, "inference", text};
  }
  return std::nullopt;
}

// What ONNX Runtime says where it has no kernel or no such type, which is no disagreement.
bool IsNotImplemented(const std::string& message) {
  for (const char* text :
       {"NOT_IMPLEMENTED", "Could not find an implementation", "Type Error: Type",
        "is not currently supported", "not supported", "under development", "not implemented",
        "is not a registered function", "only supports", "unsupported"}) {
    if (message.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

std::string_view SubjectName(Subject subject) {
  switch (subject) {
    case Subject::kReference:
      return "reference";
    case Subject::kNative:
      return "native";
    case Subject::kNativeWithoutPasses:
      return "native without passes";
    case Subject::kThreads:
      return "threads";
    case Subject::kRoundTrip:
      return "round trip";
    case Subject::kOnnxRuntime:
      return "ONNX Runtime";
  }
  return "";
}

Examiner::Examiner(std::string onnxruntime, std::filesystem::path folder)
    : onnxruntime_(std::move(onnxruntime)), folder_(std::move(folder)) {}

std::vector<Subject> Examiner::Subjects() const {
  std::vector<Subject> subjects(std::begin(kSubjects), std::end(kSubjects));
  if (onnxruntime_.empty()) subjects.pop_back();
  return subjects;
}

std::optional<Finding> Examiner::Examine(const Case& c, Subject subject) {
  if (subject == Subject::kThreads) return ExamineThreads(c);
  if (subject == Subject::kRoundTrip) return ExamineRoundTrip(c);
  Result<Truth> truth = Truth::Of(c, *one_);
  if (subject == Subject::kReference) {
    if (!truth.ok()) return ErrorOf(subject, truth.status());
    return ExamineInference(c, *one_);
  }
  if (!truth.ok()) return std::nullopt;
  if (subject == Subject::kOnnxRuntime) return ExamineOnnxRuntime(c, *truth);
  return Judged(subject, *truth, RunNative(c, subject == Subject::kNative, one_));
}

std::optional<Finding> Examiner::ExamineThreads(const Case& c) {
  for (const bool passes : {true, false}) {
    const Result<Outputs> alone = RunNative(c, passes, one_);
    const Result<Outputs> together = RunNative(c, passes, three_);
    if (alone.ok() != together.ok()) {
      return ErrorOf(Subject::kThreads, alone.ok() ? together.status() : alone.status());
    }
    for (size_t i = 0; alone.ok() && i < alone->size(); ++i) {
      if (SameBits((*alone)[i], (*together)[i])) continue;
      return Finding{Subject::kThreads, "bits", fmt::format("output {}", i)};
    }
  }
  return std::nullopt;
}

std::optional<Finding> Examiner::ExamineRoundTrip(const Case& c) {
  const Result<std::string> written = SerializeModel(c.model);
  if (!written.ok()) return ErrorOf(Subject::kRoundTrip, written.status());
  Case again;
  again.inputs = c.inputs;
  Result<Model> read = ParseModel(*written, nullptr);
  if (!read.ok()) return ErrorOf(Subject::kRoundTrip, read.status());
  again.model = std::move(*read);
  const Result<Outputs> before = RunReference(c, TruthKind::kTyped, *one_);
  const Result<Outputs> after = RunReference(again, TruthKind::kTyped, *one_);
  if (!before.ok()) return std::nullopt;
  if (!after.ok()) return ErrorOf(Subject::kRoundTrip, after.status());
  for (size_t i = 0; i < before->size(); ++i) {
    if (SameBits((*before)[i], (*after)[i])) continue;
    return Finding{Subject::kRoundTrip, "value", fmt::format("output {}", i)};
  }
  return std::nullopt;
}

std::optional<Finding> Examiner::ExamineOnnxRuntime(const Case& c, Truth& truth) {
  const Result<Outputs> got = RunOnnxRuntime(c, folder_ / "model.onnx", onnxruntime_, true);
  if (!got.ok() && IsNotImplemented(got.status().message())) {
    ++not_run_[got.status().message().substr(0, 160)];
    return std::nullopt;
  }
  ++ran_;
  return Judged(Subject::kOnnxRuntime, truth, got);
}

bool Examiner::DiffersUnoptimized(const Case& c) {
  Result<Truth> truth = Truth::Of(c, *one_);
  if (!truth.ok()) return false;
  const Result<Outputs> got = RunOnnxRuntime(c, folder_ / "model.onnx", onnxruntime_, false);
  return Judged(Subject::kOnnxRuntime, *truth, got).has_value();
}

}  // namespace assay::fuzz
