#include "report/statistics_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/array_text.h"
#include "report/python_text.h"
#include "tensor/number_text.h"

namespace assay {
namespace {

constexpr int64_t kSmallArray = 100;
constexpr int kBarWidth = 40;

}  // namespace

std::string StatisticsText(const Statistics& s, const Shape& shape) {
  std::string text = fmt::format(
      "mean={}, std-dev={}, var={}, median={}, min={} at {}, max={} at {}, avg-magnitude={}",
      GeneralNumber(s.mean), GeneralNumber(s.standard_deviation), GeneralNumber(s.variance),
      GeneralNumber(s.median), GeneralNumber(s.min.value), IndexTuple(s.min.index, shape),
      GeneralNumber(s.max.value), IndexTuple(s.max.index, shape),
      GeneralNumber(s.average_magnitude));
  if (s.has_percentiles) {
    text += fmt::format(", p90={}, p95={}, p99={}", GeneralNumber(s.p90), GeneralNumber(s.p95),
                        GeneralNumber(s.p99));
  }
  return text;
}

std::string HistogramText(const Histogram& histogram) {
  const int64_t most = *std::ranges::max_element(histogram.counts);
  if (!histogram.valid || most == 0) return "";
  std::array<std::string, Histogram::kBins + 1> edges;
  std::ranges::transform(histogram.edges, edges.begin(),
                         [](double edge) { return GeneralNumber(edge, 3); });
  size_t start_width = 0;
  size_t end_width = 0;
  for (size_t i = 0; i < edges.size(); ++i) {
    start_width = std::max(start_width, edges[i].size());
    if (i > 0) end_width = std::max(end_width, edges[i].size());
  }
  std::string text = fmt::format("---- Histogram ----\n{:<{}}|  Num Elems | Visualization\n",
                                 "Bin Range", start_width + end_width + 5);
  for (size_t i = 0; i < Histogram::kBins; ++i) {
    const auto bar = static_cast<size_t>(kBarWidth * static_cast<double>(histogram.counts[i]) /
                                         static_cast<double>(most));
    text += fmt::format("({:<{}}, {:<{}}) | {:10} | {}\n", edges[i], start_width, edges[i + 1],
                        end_width, histogram.counts[i], std::string(bar, '#'));
  }
  return text;
}

void LogArray(const ArrayLog& array, bool in_full, LogSink& log) {
  const std::string statistics = StatisticsText(*array.statistics, array.shape);
  log.Write(Severity::kInfo,
            array.title.empty() ? statistics : array.title + " | Stats: " + statistics);
  const Severity severity = in_full ? Severity::kInfo : Severity::kVerbose;
  if (!log.IsEnabled(severity)) return;
  const LogIndent indent(log);
  if (array.statistics->count <= kSmallArray) {
    log.Write(severity, "---- Values ----\n" + IndentBlock(ArrayText(array.values())));
  }
  if (array.statistics->count == 0) return;
  if (!array.histogram->valid && array.statistics->has_percentiles) {
    const auto [low, high] =
        array.range.value_or(std::pair(array.statistics->min.value, array.statistics->max.value));
    log.Write(
        Severity::kVerbose,
        fmt::format("Could not generate histogram. Note: Error was: {} range of [{}, {}] is not "
                    "finite",
                    array.range ? "supplied" : "autodetected", PythonRepr(low), PythonRepr(high)));
  }
  log.Write(severity, HistogramText(*array.histogram));
}

}  // namespace assay
