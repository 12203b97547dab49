#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "ir/graph.h"
#include "tensor/shape.h"

namespace assay {

// Shapes of one input: from `min` to `max` in every extent, tuned for `opt`.
struct ShapeRange {
  Shape min;
  Shape opt;
  Shape max;

  bool operator==(const ShapeRange&) const = default;
  // "(1, 3)" or "(1, 3) to (4, 3), tuned for (2, 3)".
  std::string ToString() const;
  bool Contains(const Shape& shape) const;
  bool is_fixed() const { return min == max; }
};

// One range per input of a model, in its order, without axes for inputs that are no tensors; empty:
// any shapes.
using ShapeProfile = std::vector<ShapeRange>;

bool IsFixed(const ShapeProfile& profile);
std::vector<Shape> TunedShapes(const ShapeProfile& profile);

// The only shape that an input has: its fixed one, or one without axes if it is no tensor; nullopt
// if it takes several.
std::optional<ShapeRange> FixedRangeOf(const ValueType& input);

// The profile of a model whose input shapes are all fixed; empty for any other.
ShapeProfile FixedProfileOf(const Graph& graph);

// True if a shape has the rank and the known extents that are declared; nullopt declares nothing.
bool FitsDeclared(const std::optional<SymbolicShape>& declared, const Shape& shape);

// Checks that a profile has one range per input, in order (min <= opt <= max), and that it fits
// what the graph declares. Errors: kUsage, naming the input.
Status CheckProfile(const Graph& graph, const ShapeProfile& profile);

// Errors: kUsage for a shape outside, naming the input and showing both.
Status CheckShapes(const Graph& graph, const ShapeProfile& profile,
                   const std::vector<Shape>& shapes);

}  // namespace assay
