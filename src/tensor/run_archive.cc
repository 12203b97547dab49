#include "tensor/run_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

namespace assay {
namespace {

constexpr std::string_view kRunners = ".runners";
constexpr std::string_view kRuntimes = ".runtimes/";

// Splits "12/rest" into 12 and "rest"; nullopt if the name does not start with a number as Assay
// writes it and a slash.
struct Numbered {
  size_t number;
  std::string_view rest;
};
std::optional<Numbered> SplitNumber(std::string_view name) {
  const size_t slash = name.find('/');
  if (slash == 0 || slash == std::string_view::npos || (slash > 1 && name[0] == '0'))
    return std::nullopt;
  size_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + slash, number);
  if (error != std::errc() || end != name.data() + slash) return std::nullopt;
  return Numbered{number, name.substr(slash + 1)};
}

bool AllNumbered(const TensorMap& arrays) {
  return std::all_of(arrays.begin(), arrays.end(),
                     [](const NamedTensor& item) { return SplitNumber(item.name).has_value(); });
}

// The arrays by iteration if all of them bear numbers, else all in one iteration.
// Errors: kInvalidInput if a number is missing in between.
Result<std::vector<TensorMap>> SplitIterations(TensorMap arrays) {
  std::vector<TensorMap> iterations;
  if (arrays.empty()) return iterations;
  if (!AllNumbered(arrays)) {
    iterations.push_back(std::move(arrays));
    return iterations;
  }
  std::map<size_t, TensorMap> by_number;
  for (const NamedTensor& item : arrays) {
    const Numbered numbered = *SplitNumber(item.name);
    by_number[numbered.number].Add(std::string(numbered.rest), item.tensor);
  }
  for (auto& [number, tensors] : by_number) {
    if (number != iterations.size()) {
      return Status(StatusCode::kInvalidInput,
                    fmt::format(".npz: expected arrays of iteration {} before \"{}/{}\", got none",
                                iterations.size(), number, tensors[0].name),
                    "arrays called NUMBER/NAME belong to iterations, which count from 0");
    }
    iterations.push_back(std::move(tensors));
  }
  return iterations;
}

Status Malformed(std::string message) {
  return Status(StatusCode::kInvalidInput, ".npz of outputs: " + std::move(message));
}

// Reads ".runners" and ".runtimes/R" into runs that have all their iterations, still without
// outputs.
Result<RecordedRuns> RunsWithoutOutputs(const TensorMap& arrays, const Tensor& runners) {
  if (runners.dtype() != DType::kString || runners.shape().rank() != 1) {
    return Malformed("expected a vector of strings in \".runners\"");
  }
  RecordedRuns runs;
  for (const std::string& name : runners.data<std::string>()) {
    RecordedRun run{name, {}};
    const std::string key = fmt::format("{}{}", kRuntimes, runs.size());
    const Tensor* runtimes = arrays.Find(key);
    if (runtimes == nullptr || runtimes->dtype() != DType::kFloat64 ||
        runtimes->shape().rank() != 1) {
      return Malformed(fmt::format("expected a vector of float64 called \"{}\"", key));
    }
    for (const double seconds : runtimes->data<double>()) {
      RecordedIteration iteration;
      if (!std::isnan(seconds)) iteration.runtime_seconds = seconds;
      iteration.runner_name = name;
      run.iterations.push_back(std::move(iteration));
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

Status OutputsInsteadOfInputs() {
  return Status(StatusCode::kInvalidInput, "expected inputs, got a file of outputs",
                "a file of --save-outputs is read with --load-outputs; --load-inputs takes what "
                "--save-inputs wrote");
}

}  // namespace

Result<std::vector<TensorMap>> UnpackInputs(TensorMap arrays) {
  if (arrays.Find(kRunners) != nullptr) return OutputsInsteadOfInputs();
  return SplitIterations(std::move(arrays));
}

Result<RecordedRuns> UnpackOutputs(TensorMap arrays, const std::string& default_runner) {
  const Tensor* runners = arrays.Find(kRunners);
  if (runners == nullptr) {
    RecordedRun run{default_runner, {}};
    ASSAY_ASSIGN_OR_RETURN(std::vector<TensorMap> iterations, SplitIterations(std::move(arrays)));
    for (TensorMap& outputs : iterations) {
      run.iterations.push_back({std::move(outputs), std::nullopt, default_runner});
    }
    return RecordedRuns{std::move(run)};
  }
  ASSAY_ASSIGN_OR_RETURN(RecordedRuns runs, RunsWithoutOutputs(arrays, *runners));
  for (const NamedTensor& item : arrays) {
    if (item.name == kRunners || item.name.starts_with(kRuntimes)) continue;
    const std::optional<Numbered> run = SplitNumber(item.name);
    const std::optional<Numbered> iteration = run ? SplitNumber(run->rest) : std::nullopt;
    if (!iteration || run->number >= runs.size() ||
        iteration->number >= runs[run->number].iterations.size()) {
      return Malformed(
          fmt::format("expected a name of the form RUN/ITERATION/OUTPUT, got \"{}\"", item.name));
    }
    runs[run->number].iterations[iteration->number].outputs.Add(std::string(iteration->rest),
                                                                item.tensor);
  }
  return runs;
}

Status WriteOutputsArchive(const std::filesystem::path& path, const RecordedRuns& runs) {
  ASSAY_ASSIGN_OR_RETURN(NpzWriter writer, NpzWriter::Create(path));
  std::vector<std::string> names;
  for (const RecordedRun& run : runs) names.push_back(run.runner_name);
  ASSAY_RETURN_IF_ERROR(writer.Add(kRunners, Tensor::Vector(names)));
  for (size_t r = 0; r < runs.size(); ++r) {
    std::vector<double> seconds;
    for (const RecordedIteration& iteration : runs[r].iterations) {
      seconds.push_back(
          iteration.runtime_seconds.value_or(std::numeric_limits<double>::quiet_NaN()));
    }
    ASSAY_RETURN_IF_ERROR(writer.Add(fmt::format("{}{}", kRuntimes, r), Tensor::Vector(seconds)));
    for (size_t i = 0; i < runs[r].iterations.size(); ++i) {
      for (const NamedTensor& item : runs[r].iterations[i].outputs) {
        ASSAY_RETURN_IF_ERROR(writer.Add(fmt::format("{}/{}/{}", r, i, item.name), item.tensor));
      }
    }
  }
  return writer.Finish();
}

Result<InputsArchiveWriter> InputsArchiveWriter::Create(const std::filesystem::path& path) {
  ASSAY_ASSIGN_OR_RETURN(NpzWriter writer, NpzWriter::Create(path));
  return InputsArchiveWriter(std::move(writer));
}

Status InputsArchiveWriter::Add(size_t iteration, const TensorMap& inputs) {
  if (inputs.empty()) {
    return Status(StatusCode::kUnsupported,
                  fmt::format("a .npz file cannot keep an iteration without inputs (iteration {})",
                              iteration),
                  "save to a .json file");
  }
  for (const NamedTensor& item : inputs) {
    ASSAY_RETURN_IF_ERROR(writer_.Add(fmt::format("{}/{}", iteration, item.name), item.tensor));
  }
  return OkStatus();
}

Status InputsArchiveWriter::Append(const TensorMap& inputs) {
  const size_t iteration = count_++;
  if (iteration == 0) {
    first_ = inputs;
    return OkStatus();
  }
  if (iteration == 1) {
    ASSAY_RETURN_IF_ERROR(Add(0, first_));
    first_ = TensorMap();
  }
  return Add(iteration, inputs);
}

Status InputsArchiveWriter::Finish() {
  if (count_ == 1) {
    // Names that would be taken for those of several iterations, or of outputs, get a number too.
    if (first_.empty() || AllNumbered(first_) || first_.Find(kRunners) != nullptr) {
      ASSAY_RETURN_IF_ERROR(Add(0, first_));
    } else {
      for (const NamedTensor& item : first_)
        ASSAY_RETURN_IF_ERROR(writer_.Add(item.name, item.tensor));
    }
  }
  return writer_.Finish();
}

}  // namespace assay
