#include "ops/window.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace assay {
namespace {

// Keeps every product of window arithmetic far from the ends of int64.
constexpr int64_t kLargestValue = int64_t{1} << 31;

Status CheckValues(std::string_view name, const std::vector<int64_t>& values, int64_t least) {
  for (int64_t value : values) {
    if (value >= least && value <= kLargestValue) continue;
    return OpContext::Invalid(
        fmt::format("attribute \"{}\": expected values of at least {} and at most {}, got [{}]",
                    name, least, kLargestValue, fmt::join(values, ", ")));
  }
  return OkStatus();
}

// The attribute, or `count` times `value` where it is absent.
Result<std::vector<int64_t>> ReadList(const OpContext& context, std::string_view name, size_t count,
                                      int64_t value, int64_t least) {
  std::vector<int64_t> values = context.Ints(name);
  if (values.empty()) values.assign(count, value);
  if (values.size() != count) {
    return OpContext::Invalid(
        fmt::format("attribute \"{}\": expected {} values, got {}", name, count, values.size()));
  }
  ASSAY_RETURN_IF_ERROR(CheckValues(name, values, least));
  return values;
}

Result<AutoPad> ReadAutoPad(const OpContext& context) {
  if (!context.HasAttribute("auto_pad")) return AutoPad::kNotSet;
  const std::string text = context.String("auto_pad");
  if (text == "NOTSET" || text.empty()) return AutoPad::kNotSet;
  if (text == "SAME_UPPER") return AutoPad::kSameUpper;
  if (text == "SAME_LOWER") return AutoPad::kSameLower;
  if (text == "VALID") return AutoPad::kValid;
  return OpContext::Invalid(fmt::format(
      "attribute \"auto_pad\": expected NOTSET, SAME_UPPER, SAME_LOWER or VALID, got {}", text));
}

int64_t Extent(const WindowAttributes& attributes, size_t axis) {
  return (attributes.kernel[axis] - 1) * attributes.dilations[axis] + 1;
}

bool IsSame(AutoPad auto_pad) {
  return auto_pad == AutoPad::kSameUpper || auto_pad == AutoPad::kSameLower;
}

}  // namespace

Result<WindowAttributes> ReadWindowAttributes(const OpContext& context, int spatial_rank,
                                              std::span<const int64_t> kernel) {
  if (spatial_rank < 1 || spatial_rank > kMaxWindowRank) {
    return OpContext::Invalid(fmt::format("rank of the input: expected {} to {}, got {}", 3,
                                          kMaxWindowRank + 2, spatial_rank + 2));
  }
  const auto rank = static_cast<size_t>(spatial_rank);
  WindowAttributes attributes;
  attributes.kernel = context.Ints("kernel_shape");
  if (attributes.kernel.empty()) attributes.kernel.assign(kernel.begin(), kernel.end());
  if (attributes.kernel.size() != rank ||
      (!kernel.empty() && !std::equal(kernel.begin(), kernel.end(), attributes.kernel.begin(),
                                      attributes.kernel.end()))) {
    const std::string expected = kernel.empty() ? fmt::format("{} values", rank)
                                                : fmt::format("[{}]", fmt::join(kernel, ", "));
    return OpContext::Invalid(fmt::format("attribute \"kernel_shape\": expected {}, got [{}]",
                                          expected, fmt::join(attributes.kernel, ", ")));
  }
  ASSAY_RETURN_IF_ERROR(CheckValues("kernel_shape", attributes.kernel, 1));
  ASSAY_ASSIGN_OR_RETURN(attributes.strides, ReadList(context, "strides", rank, 1, 1));
  ASSAY_ASSIGN_OR_RETURN(attributes.dilations, ReadList(context, "dilations", rank, 1, 1));
  ASSAY_ASSIGN_OR_RETURN(attributes.pads, ReadList(context, "pads", 2 * rank, 0, 0));
  ASSAY_ASSIGN_OR_RETURN(attributes.auto_pad, ReadAutoPad(context));
  if (attributes.auto_pad == AutoPad::kNotSet) {
    attributes.ceil_mode = context.HasAttribute("ceil_mode") && context.Int("ceil_mode") != 0;
  } else {
    // The formulas that the standard gives for automatic padding do not round up.
    attributes.pads.assign(2 * rank, 0);
  }
  int64_t taps = 1;
  for (size_t axis = 0; axis < rank; ++axis) {
    taps = std::min(taps * attributes.kernel[axis], kLargestValue + 1);
    if (Extent(attributes, axis) <= kLargestValue && taps <= kLargestValue) continue;
    return OpContext::Invalid(
        fmt::format("the window is too large: {} taps with dilation {} along axis {}",
                    attributes.kernel[axis], attributes.dilations[axis], axis));
  }
  return attributes;
}

Dim WindowCount(const WindowAttributes& attributes, size_t axis, const Dim& input) {
  const int64_t stride = attributes.strides[axis];
  if (IsSame(attributes.auto_pad)) return FloorDivide(input + Dim(stride - 1), stride);
  const int64_t begin = attributes.pads[axis];
  const int64_t end = attributes.pads[attributes.kernel.size() + axis];
  const int64_t extent = Extent(attributes, axis);
  if (!attributes.ceil_mode) {
    return FloorDivide(input + Dim(begin + end - extent), stride) + Dim(1);
  }
  Dim count = FloorDivide(input + Dim(begin + end - extent + stride - 1), stride) + Dim(1);
  if (!count.IsKnown()) {
    // A last window can only start in the end padding if the rounding up and the padding together
    // reach over the window.
    return end + stride <= extent ? count : Dim::Unknown();
  }
  if ((count.value() - 1) * stride >= input.value() + begin) return count.value() - 1;
  return count;
}

Result<Dim> InferWindowCount(const WindowAttributes& attributes, size_t axis, const Dim& input) {
  const Dim count = WindowCount(attributes, axis, input);
  if (!count.IsKnown() || count.value() >= (IsSame(attributes.auto_pad) ? 0 : 1)) return count;
  const int64_t begin = attributes.pads[axis];
  const int64_t end = attributes.pads[attributes.kernel.size() + axis];
  return OpContext::Invalid(fmt::format(
      "window does not fit: expected at most {} (input {} and padding {} + {}) along "
      "spatial axis {}, got {}",
      input.value() + begin + end, input.value(), begin, end, axis, Extent(attributes, axis)));
}

Result<std::vector<WindowAxis>> ResolveWindow(const WindowAttributes& attributes,
                                              std::span<const int64_t> inputs) {
  std::vector<WindowAxis> axes;
  const size_t rank = inputs.size();
  for (size_t axis = 0; axis < rank; ++axis) {
    WindowAxis window = {.input = inputs[axis],
                         .kernel = attributes.kernel[axis],
                         .stride = attributes.strides[axis],
                         .dilation = attributes.dilations[axis],
                         .pad_begin = attributes.pads[axis],
                         .pad_end = attributes.pads[rank + axis]};
    ASSAY_ASSIGN_OR_RETURN(const Dim count, InferWindowCount(attributes, axis, window.input));
    window.output = count.value();
    const int64_t extent = Extent(attributes, axis);
    if (IsSame(attributes.auto_pad)) {
      const int64_t total =
          std::max<int64_t>(0, (window.output - 1) * window.stride + extent - window.input);
      const int64_t less = total / 2;
      const bool upper = attributes.auto_pad == AutoPad::kSameUpper;
      window.pad_begin = upper ? less : total - less;
      window.pad_end = total - window.pad_begin;
    }
    axes.push_back(window);
  }
  return axes;
}

int64_t WindowWalk::PaddedTapCount(int64_t output) const {
  int64_t count = 1;
  for (size_t axis = axes_.size(); axis-- > 0;) {
    const WindowAxis& a = axes_[axis];
    const int64_t origin = a.InputIndex(output % a.output, 0);
    output /= a.output;
    count *= std::min(a.kernel, (a.input + a.pad_end - 1 - origin) / a.dilation + 1);
  }
  return count;
}

}  // namespace assay
