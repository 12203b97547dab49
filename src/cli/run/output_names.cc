#include "cli/run/output_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/near_names.h"
#include "report/python_text.h"

namespace assay {
namespace {

class NameCheck {
 public:
  explicit NameCheck(const std::vector<RunGroup>& groups) {
    for (const RunGroup& group : groups) {
      for (const RecordedIteration& run : group) {
        for (const NamedTensor& output : run.outputs) {
          if (!Knows(output.name)) names_.push_back(output.name);
        }
      }
    }
  }

  template <typename T>
  Status Check(std::string_view option, const NamedValues<T>& values) const {
    for (const auto& [name, value] : values.items()) {
      if (name.empty() || Knows(name)) continue;
      const std::vector<std::string_view> candidates(names_.begin(), names_.end());
      return Status(StatusCode::kUsage,
                    fmt::format("argument {}: no output is called \"{}\"; the outputs are: {}",
                                option, name, PythonStringList(names_)),
                    DidYouMean(name, candidates));
    }
    return OkStatus();
  }

 private:
  bool Knows(std::string_view name) const {
    return std::ranges::find(names_, name) != names_.end();
  }

  std::vector<std::string> names_;
};

// The option of the function's only parameter.
std::string_view OptionOf(CompareFunction function) {
  for (const CompareFunctionOptions& options : AllCompareFunctionOptions()) {
    if (options.function == function) return options.group.options[0].names[0];
  }
  return {};
}

}  // namespace

Status CheckOutputNames(const RunSettings& settings, const std::vector<RunGroup>& groups) {
  const NameCheck names(groups);
  ASSAY_RETURN_IF_ERROR(names.Check("--postprocess", settings.postprocess));
  const FunctionSettings& parameters = settings.comparison.parameters;
  for (CompareFunction function : settings.comparison.functions) {
    if (function == CompareFunction::kSimple) {
      ASSAY_RETURN_IF_ERROR(names.Check("--rtol", parameters.relative));
      ASSAY_RETURN_IF_ERROR(names.Check("--atol", parameters.absolute));
      ASSAY_RETURN_IF_ERROR(names.Check("--check-error-stat", parameters.error_stat));
      ASSAY_RETURN_IF_ERROR(names.Check("--error-quantile", parameters.quantile));
    } else if (function == CompareFunction::kIndices) {
      ASSAY_RETURN_IF_ERROR(names.Check(OptionOf(function), parameters.index_tolerance));
    } else {
      ASSAY_RETURN_IF_ERROR(
          names.Check(OptionOf(function), parameters.thresholds[static_cast<size_t>(function)]));
    }
  }
  return OkStatus();
}

}  // namespace assay
