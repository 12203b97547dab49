#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "report/run_report_json.h"
#include "tensor/number_text.h"

namespace assay {
namespace {

// Numbers as Python's json module writes them; "null" for what was not computed.
std::string PythonJson(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return PythonRepr(value);
}

std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

struct ThresholdClass {
  CompareFunction function;
  std::string_view field;
  std::string_view threshold_class;
  std::string_view result_class;
};
constexpr ThresholdClass kClasses[] = {
    {CompareFunction::kL2, "l2_norm", "L2Threshold", "L2Result"},
    {CompareFunction::kCosineSimilarity, "cosine_similarity", "CosineSimilarityThreshold",
     "CosineSimilarityResult"},
    {CompareFunction::kPsnr, "psnr", "PsnrThreshold", "PsnrResult"},
    {CompareFunction::kSnr, "snr", "SnrThreshold", "SnrResult"},
};

// Lines of nested JSON with an indent of four.
class Writer {
 public:
  void Open(const std::string& text) {
    Line(text);
    ++level_;
    first_ = true;
  }
  void Close(const std::string& text) {
    --level_;
    if (!first_) text_ += "\n" + Indent();
    text_ += text;
    first_ = false;
  }
  void Line(const std::string& text) {
    if (!first_) text_ += ",";
    if (!text_.empty()) text_ += "\n" + Indent();
    text_ += text;
    first_ = false;
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string Indent() const { return std::string(static_cast<size_t>(4 * level_), ' '); }
  std::string text_;
  int level_ = 0;
  bool first_ = true;
};

void WriteSimple(const OutputReport& output, const FunctionReport& function, Writer& out) {
  const OutputComparison& c = *output.comparison;
  const NumpyRelative relative = RelativeAsNumpy(c);
  const bool has_quantile = c.options.error_stat == ErrorStat::kQuantile;
  const auto field = [&](std::string_view name, std::string value) {
    out.Line(fmt::format("\"{}\": {}", name, value));
  };
  out.Open(fmt::format("{}: {{", Quoted(output.output)));
  field("max_absdiff", PythonJson(c.absolute_difference.max.value));
  field("max_reldiff", PythonJson(relative.statistics.max.value));
  field("mean_absdiff", PythonJson(c.absolute_difference.mean));
  field("mean_reldiff", PythonJson(relative.statistics.mean));
  field("median_absdiff", PythonJson(c.absolute_difference.median));
  field("median_reldiff", PythonJson(relative.statistics.median));
  field("quantile_absdiff", has_quantile ? PythonJson(c.quantile_absolute) : "null");
  field("quantile_reldiff", has_quantile ? PythonJson(relative.quantile) : "null");
  out.Open("\"thresholds\": {");
  field("check_error_stat", Quoted(ErrorStatName(c.options.error_stat)));
  field("atol", function.tolerance.absolute);
  field("rtol", function.tolerance.relative);
  field("polygraphy_class", "\"SimpleThreshold\"");
  out.Close("}");
  field("passed", c.options.error_stat != ErrorStat::kElementwise
                      ? "null"
                      : (function.verdict == Verdict::kPass ? "true" : "false"));
  field("polygraphy_class", "\"OutputCompareResult\"");
  out.Close("}");
}

void WriteThreshold(const OutputReport& output, const FunctionReport& function,
                    const ThresholdClass& names, Writer& out) {
  out.Open(fmt::format("{}: {{", Quoted(output.output)));
  out.Line(fmt::format("\"{}\": {}", names.field, PythonJson(function.value)));
  out.Open("\"thresholds\": {");
  out.Line(fmt::format("\"threshold\": {}", PythonJson(function.threshold)));
  out.Line(fmt::format("\"polygraphy_class\": \"{}\"", names.threshold_class));
  out.Close("}");
  out.Line(fmt::format("\"polygraphy_class\": \"{}\"", names.result_class));
  out.Close("}");
}

void WriteOutput(const OutputReport& output, const FunctionReport& function, Writer& out) {
  const bool has_figures = output.comparison && output.comparison->compared;
  if (has_figures && function.function == CompareFunction::kSimple) {
    WriteSimple(output, function, out);
    return;
  }
  for (const ThresholdClass& names : kClasses) {
    if (has_figures && names.function == function.function) {
      WriteThreshold(output, function, names, out);
      return;
    }
  }
  out.Line(fmt::format("{}: {}", Quoted(output.output),
                       function.verdict == Verdict::kPass ? "true" : "false"));
}

}  // namespace

std::string AccuracyResultsJson(const RunReport& report, bool average) {
  size_t functions = 0;
  for (const PairReport& pair : report.pairs) {
    for (const IterationReport& iteration : pair.iterations) {
      for (const OutputReport& output : iteration.outputs) {
        functions = std::max(functions, output.functions.size());
      }
    }
  }
  Writer out;
  out.Open("{");
  out.Open("\"lst\": [");
  for (size_t f = 0; f < functions; ++f) {
    out.Open("{");
    out.Open("\"lst\": [");
    for (const PairReport& pair : report.pairs) {
      out.Open("[");
      out.Open("[");
      out.Line(Quoted(pair.first));
      out.Line(Quoted(pair.second));
      out.Close("]");
      out.Open("[");
      for (const IterationReport& iteration : pair.iterations) {
        out.Open("{");
        for (const OutputReport& output : iteration.outputs) {
          if (f < output.functions.size()) WriteOutput(output, output.functions[f], out);
        }
        out.Close("}");
      }
      out.Close("]");
      out.Close("]");
    }
    out.Close("]");
    out.Line(fmt::format("\"aggregation\": \"{}\"", average ? "average" : "per_sample"));
    out.Line("\"polygraphy_class\": \"AccuracyResult\"");
    out.Close("}");
  }
  out.Close("]");
  out.Line("\"polygraphy_class\": \"AccuracyResults\"");
  out.Close("}");
  return out.Take();
}

}  // namespace assay
