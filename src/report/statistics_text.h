#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/log.h"
#include "compare/statistics.h"
#include "tensor/shape.h"
#include "tensor/tensor.h"

namespace assay {

// "mean=0.5, std-dev=0.1, ..., p99=0.9": one line, numbers with five digits, places as tuples.
std::string StatisticsText(const Statistics& statistics, const Shape& shape);

// "---- Histogram ----" with ten rows and bars; empty if there is no histogram (bool, or a range
// that is not finite).
std::string HistogramText(const Histogram& histogram);

// One array of a comparison: its statistics, and below them its values (arrays of at most 100
// elements) and histogram.
struct ArrayLog {
  std::string title;  // "runner: output"; empty: the statistics stand alone
  const Statistics* statistics = nullptr;
  const Histogram* histogram = nullptr;
  // Range of the histogram, if it is not the array's own.
  std::optional<std::pair<double, double>> range;
  Shape shape;
  std::function<Tensor()> values;  // called only if the values are shown
};

// Values and histogram go to kInfo if `in_full`, else to kVerbose.
void LogArray(const ArrayLog& array, bool in_full, LogSink& log);

}  // namespace assay
