#include "ops/channel_normalization.h"

#include <fmt/format.h>

#include "ops/axis_lines.h"
#include "ops/moments.h"

namespace assay {

ChannelView ChannelsOf(const Shape& shape) {
  if (shape.rank() == 0) return {};
  if (shape.rank() == 1) return {shape[0], 1, 1};
  return {shape[0], shape[1], shape.elements(2, shape.rank())};
}

Dim InferredChannels(const InferContext& context) {
  const SymbolicShape* shape = context.InputShape(0);
  if (shape == nullptr) return Dim::Unknown();
  return shape->size() < 2 ? Dim(1) : (*shape)[1];
}

Status InferParameter(const InferContext& context, int i, std::string_view name, const Dim& count) {
  const SymbolicShape* shape = context.InputShape(i);
  if (shape == nullptr) return OkStatus();
  const bool fits = shape->size() == 1 && (!count.IsKnown() || !(*shape)[0].IsKnown() ||
                                           count.value() == (*shape)[0].value());
  if (fits) return OkStatus();
  return OpContext::Invalid(
      fmt::format("shape of {}: expected ({},), got {}", name, count.ToString(), ToString(*shape)));
}

Status CheckParameter(const ReferenceContext& context, int i, std::string_view name,
                      int64_t count) {
  const Tensor& parameter = context.Input(i);
  if (parameter.elements() == count) return OkStatus();
  return OpContext::Invalid(fmt::format("elements of {}: expected {}, got shape {}", name, count,
                                        parameter.shape().ToString()));
}

Status NormalizeGroups(ReferenceContext& context, int64_t groups, bool per_group, double epsilon) {
  const Shape& shape = context.Input(0).shape();
  if (shape.elements() == 0) {
    context.AllocateOutput(0, shape);
    return OkStatus();
  }
  const ChannelView view = ChannelsOf(shape);
  if (groups < 1 || view.channels % groups != 0) {
    return OpContext::Invalid(fmt::format(
        "number of groups: expected a divisor of the {} channels, got {}", view.channels, groups));
  }
  const int64_t parameters = per_group ? groups : view.channels;
  ASSAY_RETURN_IF_ERROR(CheckParameter(context, 1, "scale", parameters));
  ASSAY_RETURN_IF_ERROR(CheckParameter(context, 2, "bias", parameters));
  const double* in = context.Doubles(0).data();
  const double* scale = context.Doubles(1).data();
  const double* bias = context.Doubles(2).data();
  double* out = context.AllocateOutput(0, shape).mutable_data<double>().data();
  const int64_t channels = view.channels / groups;
  const int64_t length = channels * view.inner;
  ForEachSlice(context.threads(), view.batch * groups, length, [&](int64_t slice) {
    const double* x = in + slice * length;
    double* y = out + slice * length;
    const Moments moments = MomentsOfRun(x, length);
    const double inverse = moments.InverseDeviation(epsilon);
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t group = slice % groups;
      const int64_t parameter = per_group ? group : group * channels + c;
      for (int64_t i = c * view.inner; i < (c + 1) * view.inner; ++i) {
        y[i] = scale[parameter] * ((x[i] - moments.mean) * inverse) + bias[parameter];
      }
    }
  });
  return OkStatus();
}

}  // namespace assay
