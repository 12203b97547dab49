#include "tactics/cpu/broadcast_walk.h"

#include <vector>

namespace assay {

std::optional<BroadcastWalk> BroadcastWalk::Of(const Shape& output,
                                               std::span<const Shape> operands) {
  std::vector<std::vector<int64_t>> operand_strides;
  for (const Shape& shape : operands) operand_strides.push_back(shape.Strides());
  std::vector<int64_t> extents;
  std::vector<Offsets> strides;
  for (int axis = 0; axis < output.rank(); ++axis) {
    if (output[axis] == 1) continue;
    Offsets stride = {};
    for (size_t i = 0; i < operands.size(); ++i) {
      const int own = axis - (output.rank() - operands[i].rank());
      if (own >= 0 && operands[i][own] != 1) {
        stride[i] = operand_strides[i][static_cast<size_t>(own)];
      }
    }
    bool goes_on = !extents.empty();
    for (size_t i = 0; goes_on && i < operands.size(); ++i) {
      goes_on = strides.back()[i] == stride[i] * output[axis];
    }
    if (goes_on) {
      extents.back() *= output[axis];
      strides.back() = stride;
    } else {
      extents.push_back(output[axis]);
      strides.push_back(stride);
    }
  }
  if (extents.size() > kMostAxes) return std::nullopt;
  BroadcastWalk walk;
  walk.rank_ = std::max<size_t>(extents.size(), 1);
  std::copy(extents.begin(), extents.end(), walk.extents_.begin());
  std::copy(strides.begin(), strides.end(), walk.strides_.begin());
  return walk;
}

}  // namespace assay
