#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "ops/op_def.h"

namespace assay {

// Building blocks of the examples that operators bring along.

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A tensor of any numeric type from doubles, which the type must hold exactly.
Tensor TensorAs(DType dtype, Shape shape, const std::vector<double>& values);

// Arguments and the values of a function there, computed to more digits than a double has.
using Points = std::vector<std::pair<double, double>>;

// Cases of an element-wise function: the points as one vector, the first of them as a scalar, and
// an empty tensor. `name` goes before the names of the cases.
void AddUnaryCases(std::vector<OpCase>& cases, const Points& points,
                   const std::vector<Attribute>& attributes = {}, const std::string& name = "");

// Each point on its own, so that its tolerance is relative to its own magnitude: for tails, where
// results are tiny or huge.
void AddTailCases(std::vector<OpCase>& cases, const Points& points,
                  const std::vector<Attribute>& attributes = {});

}  // namespace assay
