#pragma once

#include <algorithm>
#include <cstdint>

#include "base/thread_pool.h"
#include "tensor/shape.h"

namespace assay {

// The lines of a row-major tensor along one axis, or along several neighbouring axes taken as one.
struct AxisLines {
  int64_t outer = 1;   // product of the extents before
  int64_t length = 1;  // elements of a line
  int64_t inner = 1;   // product of the extents after: distance of neighbours in a line

  int64_t count() const { return outer * inner; }
  int64_t Start(int64_t line) const { return line / inner * length * inner + line % inner; }
};

inline AxisLines LinesAlong(const Shape& shape, int axis) {
  return {shape.elements(0, axis), shape[axis], shape.elements(axis + 1, shape.rank())};
}
// Axis `axis` and all after it as one.
inline AxisLines LinesFrom(const Shape& shape, int axis) {
  return {shape.elements(0, axis), shape.elements(axis, shape.rank()), 1};
}

// Calls body(slice) for `count` slices of `slice_elements` each, in blocks of about 2^15 elements.
template <typename Body>
void ForEachSlice(ThreadPool& threads, int64_t count, int64_t slice_elements, Body&& body) {
  const int64_t grain =
      std::max<int64_t>(1, (int64_t{1} << 15) / std::max<int64_t>(1, slice_elements));
  threads.ParallelFor(count, grain, [&](int64_t begin, int64_t end) {
    for (int64_t slice = begin; slice < end; ++slice) body(slice);
  });
}

// Calls body(line) for every line.
template <typename Body>
void ForEachLine(ThreadPool& threads, const AxisLines& lines, Body&& body) {
  ForEachSlice(threads, lines.count(), lines.length, body);
}

}  // namespace assay
