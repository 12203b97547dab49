#pragma once

#include <string>
#include <vector>

#include "runners/runner.h"

namespace assay {

// Of at least one value.
double MedianOf(std::vector<double> values);

// Times of the steps of an engine over several runs.
class StepProfile {
 public:
  struct Line {
    std::vector<std::string> nodes;
    std::string tactic;
    std::vector<double> seconds;  // one per run
    double median_seconds() const;
  };

  // Steps of one run. A run with other steps (an engine that made another plan for other shapes)
  // starts the profile anew.
  void Add(const std::vector<StepTime>& steps);

  bool empty() const { return lines_.empty(); }
  const std::vector<Line>& lines() const { return lines_; }  // in the order in which they run
  double total_seconds() const;                              // of the medians

  // A table for people: the slowest steps first, then what they come to by tactic.
  std::string ToString() const;

 private:
  std::vector<Line> lines_;
};

}  // namespace assay
