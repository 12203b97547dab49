#include "cli/run/run_validation.h"

#include <fmt/format.h>

#include <cmath>

#include "compare/comparison.h"
#include "compare/validation.h"
#include "report/array_text.h"
#include "report/statistics_text.h"

namespace assay {
namespace {

template <typename Predicate>
Tensor MaskOf(const Tensor& tensor, Predicate predicate) {
  Tensor mask = Tensor::Allocate(DType::kBool, tensor.shape());
  auto out = mask.mutable_data<bool>();
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = predicate(tensor.ValueAsDouble(static_cast<int64_t>(i)));
  }
  return mask;
}

Tensor NonFiniteValues(const Tensor& tensor) {
  std::vector<double> values;
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    const double value = tensor.ValueAsDouble(i);
    if (!std::isfinite(value)) values.push_back(value);
  }
  return Tensor::Vector(values);
}

}  // namespace

void RunValidation::LogNaN(const Tensor& tensor) {
  log_.Write(Severity::kError, "NaN Detected | One or more NaNs were encountered in this output");
  once_.Write(Severity::kInfo,
              "Note: Use -vv or set logging verbosity to EXTRA_VERBOSE to display locations of "
              "NaNs");
  if (!log_.IsEnabled(Severity::kExtraVerbose)) return;
  log_.Write(Severity::kExtraVerbose,
             "Note: NaNs at:\n" +
                 ArrayText(MaskOf(tensor, [](double value) { return std::isnan(value); })));
}

void RunValidation::LogNonFinite(const Tensor& tensor) {
  log_.Write(Severity::kError,
             "Inf Detected | One or more non-finite values were encountered in this output");
  once_.Write(Severity::kInfo,
              "Note: Use -vv or set logging verbosity to EXTRA_VERBOSE to display non-finite "
              "values");
  if (!log_.IsEnabled(Severity::kExtraVerbose)) return;
  log_.Write(Severity::kExtraVerbose,
             "Note: non-finite values at:\n" +
                 ArrayText(MaskOf(tensor, [](double value) { return !std::isfinite(value); })));
  log_.Write(Severity::kExtraVerbose,
             "Note: non-finite values:\n" + ArrayText(NonFiniteValues(tensor)));
}

Result<std::optional<ValidationReport>> RunValidation::Check(const std::string& runner,
                                                             int64_t iteration,
                                                             const NamedTensor& output,
                                                             std::string_view iteration_prefix) {
  log_.Write(Severity::kStart,
             fmt::format("{:35} | {}Validating output: {} (check_inf=True, check_nan=True)", runner,
                         iteration_prefix, output.name));
  const LogIndent indent(log_);
  const Tensor& tensor = output.tensor;
  ASSAY_ASSIGN_OR_RETURN(const TensorSummary summary, SummarizeTensor(tensor, threads_));
  LogArray({.title = "",
            .statistics = &summary.statistics,
            .histogram = &summary.histogram,
            .shape = tensor.shape(),
            .values = [&] { return tensor; }},
           false, log_);
  const Validation validation = ValidateTensor(tensor, threads_);
  if (validation.nan_count > 0) LogNaN(tensor);
  if (validation.non_finite_count > 0) LogNonFinite(tensor);
  if (validation.valid()) {
    log_.Write(Severity::kFinish, fmt::format("PASSED | Output: {} is valid", output.name));
    return std::optional<ValidationReport>();
  }
  log_.Write(Severity::kError, fmt::format("FAILED | Errors detected in output: {}", output.name));
  return std::optional<ValidationReport>(ValidationReport{
      runner, output.name, iteration, validation.nan_count, validation.non_finite_count});
}

}  // namespace assay
