#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tactics/tactic.h"

namespace assay {

// The axes that a Reduce* or global pooling node reduces; nullopt if they are only known at run
// time or out of range.
std::optional<std::vector<bool>> ReducedAxes(const Instance& instance);

// Where the terms of a reduction lie: in rows of the innermost axis if that is reduced, else across
// rows of outputs.
struct ReducedLines {
  struct Axis {
    int64_t extent = 1;
    int64_t stride = 1;
  };

  ReducedLines() = default;
  ReducedLines(const Shape& shape, const std::vector<bool>& is_reduced);

  // Offset of the first term of output (or row of outputs) `index`.
  int64_t Base(int64_t index) const;

  // Calls visit(offset) for every reduced row, or single element, of the output whose first is at
  // 0.
  template <typename Visit>
  void ForEachRow(Visit&& visit) const {
    Walk(0, 0, visit);
  }

  bool rows_are_reduced = false;
  int64_t row = 1;            // elements of the innermost axis
  std::vector<Axis> kept;     // but the innermost
  std::vector<Axis> reduced;  // but the innermost
  int64_t outer = 1;          // product of `kept`
  int64_t terms = 1;          // of an output

 private:
  template <typename Visit>
  void Walk(size_t axis, int64_t base, Visit& visit) const {
    if (axis == reduced.size()) return visit(base);
    for (int64_t i = 0; i < reduced[axis].extent; ++i, base += reduced[axis].stride) {
      Walk(axis + 1, base, visit);
    }
  }
};

}  // namespace assay
