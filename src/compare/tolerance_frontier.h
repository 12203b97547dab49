#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "compare/tolerance.h"

namespace assay {

struct OutputComparison;

// The smallest tolerances that a comparison passes with, under its own rule and error statistic.
struct ToleranceFrontier {
  // From the largest absolute to the smallest; `absolute` on a 1-2-5 grid, the ends exact. Points
  // that gain nothing over their neighbour are left out. Empty where the comparison is vacuous or
  // was made without distributions, and where no tolerances pass.
  std::vector<Tolerance> points;
  // Smallest rtol that passes with the atol of the options; nullopt: none does.
  std::optional<double> min_relative_at_absolute;
  // Smallest atol that passes with the rtol of the options; nullopt: none does.
  std::optional<double> min_absolute_at_relative;
  std::string obstacle;  // why no tolerances pass; empty if some do
};

// 1, 2 and 5 times powers of ten below `largest`, decreasing, over the eight decades below it.
std::vector<double> ToleranceGrid(double largest);

// Largest relative differences of the elements whose absolute difference exceeds each of some
// tolerances.
struct EitherToleranceSweep {
  std::vector<Tolerance> at_grid;  // decreasing grid, then 0
  double relative_at_absolute = 0;
  double absolute_at_relative = 0;
};

// What |d| <= atol + rtol * |reference| asks of every element.
struct SumToleranceSweep {
  double relative_at_zero = 0;  // rtol alone
  double relative_at_absolute = 0;
  double absolute_at_relative = 0;

  void Add(double difference, double reference, Tolerance tolerance);
  void Append(const SumToleranceSweep& later);
};

// From a comparison whose statistics are filled in.
ToleranceFrontier MakeToleranceFrontier(const OutputComparison& comparison,
                                        const EitherToleranceSweep& either,
                                        const SumToleranceSweep& sum);

}  // namespace assay
