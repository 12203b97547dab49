#include "tactics/cpu/slice_range.h"

#include <algorithm>
#include <numeric>

#include "ops/data_movement.h"

namespace assay {
namespace {

// Negative bounds count from the back, then both are clamped, as numpy does.
SliceRange Resolve(int64_t extent, int64_t start, int64_t end, int64_t step) {
  const int64_t low = step > 0 ? 0 : -1;
  const int64_t high = step > 0 ? extent : extent - 1;
  start = std::clamp(start < 0 ? start + extent : start, low, high);
  end = std::clamp(end < 0 ? end + extent : end, low, high);
  const int64_t distance = step > 0 ? end - start : start - end;
  if (distance <= 0) return {start, step, 0};
  const uint64_t magnitude =
      step > 0 ? static_cast<uint64_t>(step) : ~static_cast<uint64_t>(step) + 1;
  return {start, step, static_cast<int64_t>((static_cast<uint64_t>(distance) - 1) / magnitude) + 1};
}

}  // namespace

Result<std::vector<SliceRange>> SliceRangesOf(const Instance& instance) {
  const Shape& shape = instance.input(0).shape;
  const bool by_attribute = instance.opset() < 10;
  const auto list = [&](const char* name, int input) -> std::optional<std::vector<int64_t>> {
    if (by_attribute) return instance.Ints(name);
    return instance.ConstantInts(input);
  };
  const auto starts = list("starts", 1);
  const auto ends = list("ends", 2);
  if (!starts || !ends) return OpContext::Unsupported("starts and ends must be constant");
  std::optional<std::vector<int64_t>> axes(std::in_place, starts->size());
  std::iota(axes->begin(), axes->end(), 0);
  if (by_attribute ? instance.HasAttribute("axes") : instance.HasInput(3)) axes = list("axes", 3);
  std::optional<std::vector<int64_t>> steps(std::in_place, starts->size(), 1);
  if (instance.HasInput(4)) steps = instance.ConstantInts(4);
  if (!axes || !steps) return OpContext::Unsupported("axes and steps must be constant");
  if (ends->size() != starts->size() || axes->size() != starts->size() ||
      steps->size() != starts->size()) {
    return OpContext::Unsupported("starts, ends, axes and steps have different lengths");
  }
  std::vector<SliceRange> ranges;
  for (int64_t extent : shape) ranges.push_back({0, 1, extent});
  for (size_t i = 0; i < axes->size(); ++i) {
    ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis((*axes)[i], shape.rank()));
    if ((*steps)[i] == 0) return OpContext::Unsupported("a step is 0");
    ranges[static_cast<size_t>(axis)] = Resolve(shape[axis], (*starts)[i], (*ends)[i], (*steps)[i]);
  }
  return ranges;
}

}  // namespace assay
