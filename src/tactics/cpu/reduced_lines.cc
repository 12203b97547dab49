#include "tactics/cpu/reduced_lines.h"

namespace assay {

std::optional<std::vector<bool>> ReducedAxes(const Instance& instance) {
  const int rank = instance.input(0).shape.rank();
  std::vector<bool> reduced(static_cast<size_t>(rank), true);
  if (instance.node().op.starts_with("Global")) {
    if (rank < 2) return std::nullopt;
    reduced[0] = reduced[1] = false;
    return reduced;
  }
  std::optional<std::vector<int64_t>> axes = instance.Ints("axes");
  if (instance.HasInput(1)) axes = instance.ConstantInts(1);
  if (!axes) return std::nullopt;
  if (axes->empty()) {
    const bool noop =
        instance.HasAttribute("noop_with_empty_axes") && instance.Int("noop_with_empty_axes") != 0;
    reduced.assign(reduced.size(), !noop);
    return reduced;
  }
  reduced.assign(reduced.size(), false);
  for (const int64_t axis : *axes) {
    const std::optional<int> index = NormalizeAxis(axis, rank);
    if (!index) return std::nullopt;
    reduced[static_cast<size_t>(*index)] = true;
  }
  return reduced;
}

ReducedLines::ReducedLines(const Shape& shape, const std::vector<bool>& is_reduced) {
  const std::vector<int64_t> strides = shape.Strides();
  // Neighbouring axes of one sort are one, those of extent 1 none.
  bool last_is_reduced = false;
  for (size_t axis = 0; axis < is_reduced.size(); ++axis) {
    const Axis own = {shape[static_cast<int>(axis)], strides[axis]};
    if (is_reduced[axis]) terms *= own.extent;
    if (own.extent == 1) continue;
    std::vector<Axis>& axes = is_reduced[axis] ? reduced : kept;
    const bool goes_on = !axes.empty() && last_is_reduced == is_reduced[axis];
    if (goes_on) {
      axes.back() = {axes.back().extent * own.extent, own.stride};
    } else {
      axes.push_back(own);
    }
    last_is_reduced = is_reduced[axis];
  }
  rows_are_reduced = last_is_reduced;
  std::vector<Axis>& innermost = last_is_reduced ? reduced : kept;
  if (!innermost.empty()) {
    row = innermost.back().extent;
    innermost.pop_back();
  }
  for (const Axis& axis : kept) outer *= axis.extent;
}

int64_t ReducedLines::Base(int64_t index) const {
  int64_t base = 0;
  for (size_t axis = kept.size(); axis-- > 0;) {
    base += index % kept[axis].extent * kept[axis].stride;
    index /= kept[axis].extent;
  }
  return base;
}

}  // namespace assay
