#include <fmt/format.h>

#include <optional>
#include <unordered_set>

#include "base/file.h"
#include "tensor/json_cursor.h"
#include "tensor/polygraphy_array.h"
#include "tensor/polygraphy_json.h"

namespace assay {
namespace {

constexpr std::string_view kRunResults = "RunResults";
constexpr std::string_view kIterationResult = "IterationResult";
constexpr std::string_view kListKey = "lst";

Status OutputsInsteadOfInputs() {
  return Status(StatusCode::kInvalidInput, "expected inputs, got a file of outputs (RunResults)",
                "a file of --save-outputs is read with --load-outputs; --load-inputs takes what "
                "--save-inputs wrote");
}

Status InputsInsteadOfOutputs() {
  return Status(StatusCode::kInvalidInput, "expected outputs (RunResults), got a file of inputs",
                "a file of --save-inputs is read with --load-inputs; --load-outputs takes what "
                "--save-outputs wrote");
}

Status OtherClass(std::string_view wanted, const std::optional<std::string>& class_name) {
  const std::string got =
      class_name ? fmt::format("of class \"{}\"", *class_name) : "that names no class";
  return Status(StatusCode::kInvalidInput,
                fmt::format("expected {}, got an object {}", wanted, got));
}

// Reads {NAME: ARRAY, ...}. `what` is "input" or "output".
Result<TensorMap> ParseNamedArrays(JsonCursor& cursor, std::string_view what) {
  TensorMap map;
  std::unordered_set<std::string> names;
  ASSAY_RETURN_IF_ERROR(cursor.EnterObject());
  for (size_t taken = 0;; ++taken) {
    ASSAY_ASSIGN_OR_RETURN(std::optional<std::string> name, cursor.NextKey(taken));
    if (!name) return map;
    ASSAY_ASSIGN_OR_RETURN(const std::optional<std::string> class_name,
                           TakeClassMarker(cursor, *name));
    if (class_name) {
      if (*class_name == kRunResults) return OutputsInsteadOfInputs();
      return OtherClass(fmt::format("{}s by name", what), class_name);
    }
    if (*name == kListKey && cursor.Peek() == JsonCursor::Kind::kArray)
      return OutputsInsteadOfInputs();
    if (!names.insert(*name).second) {
      return cursor.ErrorAt(cursor.position(),
                            fmt::format("two {}s are called \"{}\"", what, *name));
    }
    Result<Tensor> tensor = ParsePolygraphyArray(cursor);
    if (!tensor.ok()) return tensor.status().WithContext(fmt::format("{} \"{}\"", what, *name));
    map.Add(*std::move(name), *std::move(tensor));
  }
}

Result<std::vector<TensorMap>> ParseInputs(JsonCursor& cursor) {
  std::vector<TensorMap> iterations;
  if (cursor.Peek() == JsonCursor::Kind::kObject) {
    ASSAY_ASSIGN_OR_RETURN(TensorMap map, ParseNamedArrays(cursor, "input"));
    iterations.push_back(std::move(map));
    ASSAY_RETURN_IF_ERROR(cursor.End());
    return iterations;
  }
  if (cursor.Peek() != JsonCursor::Kind::kArray) return cursor.Unexpected("a list of inputs");
  ASSAY_RETURN_IF_ERROR(cursor.EnterArray());
  for (size_t taken = 0;; ++taken) {
    ASSAY_ASSIGN_OR_RETURN(const bool more, cursor.NextItem(taken));
    if (!more) break;
    if (cursor.Peek() != JsonCursor::Kind::kObject) {
      return cursor.Unexpected("an object with one array per input");
    }
    Result<TensorMap> map = ParseNamedArrays(cursor, "input");
    if (!map.ok()) return map.status().WithContext(fmt::format("iteration {}", taken));
    iterations.push_back(*std::move(map));
  }
  ASSAY_RETURN_IF_ERROR(cursor.End());
  return iterations;
}

Result<RecordedIteration> ParseIteration(JsonCursor& cursor) {
  RecordedIteration iteration;
  bool has_outputs = false;
  std::optional<std::string> class_name;
  if (cursor.Peek() != JsonCursor::Kind::kObject) return cursor.Unexpected("an IterationResult");
  const size_t position = cursor.position();
  ASSAY_RETURN_IF_ERROR(cursor.EnterObject());
  for (size_t taken = 0;; ++taken) {
    ASSAY_ASSIGN_OR_RETURN(const std::optional<std::string> key, cursor.NextKey(taken));
    if (!key) break;
    ASSAY_ASSIGN_OR_RETURN(std::optional<std::string> marker, TakeClassMarker(cursor, *key));
    const JsonCursor::Kind kind = cursor.Peek();
    if (marker) {
      class_name = std::move(marker);
    } else if (*key == "outputs") {
      has_outputs = true;
      if (kind == JsonCursor::Kind::kNull) {
        ASSAY_RETURN_IF_ERROR(cursor.Null());
      } else {
        ASSAY_ASSIGN_OR_RETURN(iteration.outputs, ParseNamedArrays(cursor, "output"));
      }
    } else if (*key == "runtime" && kind != JsonCursor::Kind::kNull) {
      ASSAY_ASSIGN_OR_RETURN(iteration.runtime_seconds, cursor.Number());
    } else if (*key == "runner_name" && kind != JsonCursor::Kind::kNull) {
      ASSAY_ASSIGN_OR_RETURN(const JsonString raw, cursor.String());
      ASSAY_ASSIGN_OR_RETURN(iteration.runner_name, cursor.Unescape(raw));
    } else {
      ASSAY_RETURN_IF_ERROR(cursor.Skip());
    }
  }
  if (class_name != kIterationResult) {
    return OtherClass("an IterationResult", class_name);
  }
  if (!has_outputs)
    return cursor.ErrorAt(position, "expected the key \"outputs\" in an IterationResult");
  return iteration;
}

// Reads [RUNNER, [ITERATION, ...]].
Result<RecordedRun> ParseRun(JsonCursor& cursor) {
  RecordedRun run;
  ASSAY_RETURN_IF_ERROR(cursor.EnterArray());
  ASSAY_ASSIGN_OR_RETURN(const bool has_name, cursor.NextItem(0));
  if (!has_name)
    return cursor.ErrorAt(cursor.position(), "expected a runner's name, got an empty list");
  ASSAY_ASSIGN_OR_RETURN(const JsonString raw, cursor.String());
  ASSAY_ASSIGN_OR_RETURN(run.runner_name, cursor.Unescape(raw));
  ASSAY_ASSIGN_OR_RETURN(const bool has_iterations, cursor.NextItem(1));
  if (!has_iterations) {
    return cursor.ErrorAt(cursor.position(),
                          "expected a list of iterations after the runner's name");
  }
  ASSAY_RETURN_IF_ERROR(cursor.EnterArray());
  for (size_t taken = 0;; ++taken) {
    ASSAY_ASSIGN_OR_RETURN(const bool more, cursor.NextItem(taken));
    if (!more) break;
    Result<RecordedIteration> iteration = ParseIteration(cursor);
    if (!iteration.ok()) {
      return iteration.status().WithContext(
          fmt::format("runner \"{}\", iteration {}", run.runner_name, taken));
    }
    run.iterations.push_back(*std::move(iteration));
  }
  ASSAY_ASSIGN_OR_RETURN(const bool more, cursor.NextItem(2));
  if (more) return cursor.Unexpected("the end of the run");
  return run;
}

Result<RecordedRuns> ParseRuns(JsonCursor& cursor) {
  RecordedRuns runs;
  ASSAY_RETURN_IF_ERROR(cursor.EnterArray());
  for (size_t taken = 0;; ++taken) {
    ASSAY_ASSIGN_OR_RETURN(const bool more, cursor.NextItem(taken));
    if (!more) return runs;
    ASSAY_ASSIGN_OR_RETURN(RecordedRun run, ParseRun(cursor));
    runs.push_back(std::move(run));
  }
}

Result<RecordedRuns> ParseOutputs(JsonCursor& cursor) {
  if (cursor.Peek() == JsonCursor::Kind::kArray) return InputsInsteadOfOutputs();
  if (cursor.Peek() != JsonCursor::Kind::kObject) return cursor.Unexpected("a RunResults object");
  ASSAY_RETURN_IF_ERROR(cursor.EnterObject());
  // The class comes last, and other classes have a "lst" too: so the list is read after it is
  // known.
  std::optional<size_t> list;
  std::optional<std::string> class_name;
  bool has_arrays = false;
  for (size_t taken = 0;; ++taken) {
    ASSAY_ASSIGN_OR_RETURN(const std::optional<std::string> key, cursor.NextKey(taken));
    if (!key) break;
    ASSAY_ASSIGN_OR_RETURN(std::optional<std::string> marker, TakeClassMarker(cursor, *key));
    if (marker) {
      class_name = std::move(marker);
      continue;
    }
    const JsonCursor::Kind kind = cursor.Peek();
    if (*key == kListKey && kind == JsonCursor::Kind::kArray) list = cursor.position();
    has_arrays = has_arrays || kind == JsonCursor::Kind::kObject;
    ASSAY_RETURN_IF_ERROR(cursor.Skip());
  }
  ASSAY_RETURN_IF_ERROR(cursor.End());
  if (!class_name && has_arrays) return InputsInsteadOfOutputs();
  if (class_name != kRunResults) return OtherClass("outputs (RunResults)", class_name);
  if (!list)
    return Status(StatusCode::kInvalidInput,
                  "expected the key \"lst\" with a list in a RunResults");
  cursor.set_position(*list);
  return ParseRuns(cursor);
}

template <typename T>
Result<T> InFile(Result<T> result, std::string_view where) {
  if (!result.ok() && !where.empty()) return result.status().WithContext(where);
  return result;
}

}  // namespace

Result<std::vector<TensorMap>> ParseInputsJson(std::string_view text, std::string_view where) {
  JsonCursor cursor(text);
  return InFile(ParseInputs(cursor), where);
}

Result<RecordedRuns> ParseOutputsJson(std::string_view text, std::string_view where) {
  JsonCursor cursor(text);
  return InFile(ParseOutputs(cursor), where);
}

Result<std::vector<TensorMap>> ReadInputsJson(const std::filesystem::path& path) {
  ASSAY_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  return ParseInputsJson(file->text(), path.string());
}

Result<RecordedRuns> ReadOutputsJson(const std::filesystem::path& path) {
  ASSAY_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  return ParseOutputsJson(file->text(), path.string());
}

}  // namespace assay
