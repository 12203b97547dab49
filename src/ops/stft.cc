#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "ops/cases.h"
#include "ops/op_def.h"
#include "ops/scalar_input.h"
#include "ops/spectrum.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 17,
     .inputs = {{"signal", kFloats},
                {"frame_step", kIndexTypes},
                {"window", kFloats, Arity::kOptional},
                {"frame_length", kIndexTypes, Arity::kOptional}},
     .outputs = {{"output", kFloats}},
     .attributes = {IntAttribute("onesided", 1)}},
};

// The extents that decide the shape of the output.
struct Frames {
  Dim signal;
  Dim step;
  Dim length;
};

Status CheckFrames(const Frames& frames) {
  if (frames.step.IsKnown()) {
    ASSAY_RETURN_IF_ERROR(RequireAtLeast("frame_step", frames.step.value(), 1));
  }
  if (!frames.length.IsKnown()) return OkStatus();
  ASSAY_RETURN_IF_ERROR(RequireAtLeast("frame_length", frames.length.value(), 1));
  if (!frames.signal.IsKnown() || frames.length.value() <= frames.signal.value()) return OkStatus();
  return OpContext::Invalid(
      fmt::format("frame_length: expected at most {} as the signal has, got {}",
                  frames.signal.value(), frames.length.value()));
}

Status CheckSignal(const SymbolicShape& shape, bool onesided) {
  if (shape.size() != 3) {
    return OpContext::Invalid(fmt::format(
        "shape of the signal: expected (batch, length, 1 or 2), got {}", ToString(shape)));
  }
  return CheckComponents(shape[2], onesided ? 1 : 0, "for a onesided spectrum");
}

Status CheckWindow(const SymbolicShape& shape, const Dim& frame_length) {
  const bool fits = shape.size() == 1 && (!shape[0].IsKnown() || !frame_length.IsKnown() ||
                                          shape[0].value() == frame_length.value());
  if (fits) return OkStatus();
  return OpContext::Invalid(fmt::format("shape of the window: expected {}, got {}",
                                        ToString(SymbolicShape{frame_length}), ToString(shape)));
}

// The window gives the length of a frame if no input does, the signal if there is no window.
Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const bool onesided, FlagAttribute(context, "onesided"));
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 2}));
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({1, 3}));
  Frames frames;
  Dim batch;
  if (const SymbolicShape* signal = context.InputShape(0)) {
    ASSAY_RETURN_IF_ERROR(CheckSignal(*signal, onesided));
    batch = (*signal)[0];
    frames.signal = (*signal)[1];
  }
  ASSAY_ASSIGN_OR_RETURN(frames.step, InferIntegerScalar(context, 1));
  if (context.HasInput(3)) {
    ASSAY_ASSIGN_OR_RETURN(frames.length, InferIntegerScalar(context, 3));
  } else if (!context.HasInput(2)) {
    frames.length = frames.signal;
  }
  if (const SymbolicShape* window = context.InputShape(2)) {
    ASSAY_RETURN_IF_ERROR(CheckWindow(*window, frames.length));
    if (!frames.length.IsKnown()) frames.length = (*window)[0];
  }
  ASSAY_RETURN_IF_ERROR(CheckFrames(frames));
  const Dim count = frames.signal.SameAs(frames.length)
                        ? Dim(1)
                        : FloorDivide(frames.signal - frames.length, frames.step) + 1;
  const Dim bins = onesided ? OnesidedBins(frames.length) : frames.length;
  context.SetOutput(0, context.InputType(0), SymbolicShape{batch, count, bins, 2});
  return OkStatus();
}

Result<int64_t> FrameLength(const ReferenceContext& context) {
  if (context.HasInput(3)) return IntegerScalar(context, 3);
  if (context.HasInput(2)) return context.Input(2).elements();
  return context.Input(0).shape()[1];
}

Status Transform(ReferenceContext& context, int64_t step, int64_t length, bool onesided) {
  const Shape& signal = context.Input(0).shape();
  const int64_t components = signal[2];
  const int64_t frames = (signal[1] - length) / step + 1;
  const int64_t bins = onesided ? OnesidedBins(length) : length;
  Tensor& output = context.AllocateOutput(0, {signal[0], frames, bins, 2});
  const double* in = context.Doubles(0).data();
  const double* window = context.HasInput(2) ? context.Doubles(2).data() : nullptr;
  double* out = output.mutable_data<double>().data();
  TransformLines(
      context.threads(), FourierTransform(length), /*inverse=*/false, signal[0] * frames,
      [&](int64_t line, std::span<std::complex<double>> data) {
        const int64_t start = line / frames * signal[1] + line % frames * step;
        for (int64_t i = 0; i < length; ++i) {
          const double* element = in + (start + i) * components;
          const double weight = window == nullptr ? 1.0 : window[i];
          data[static_cast<size_t>(i)] = {element[0] * weight,
                                          components == 2 ? element[1] * weight : 0.0};
        }
      },
      [&](int64_t line, std::span<std::complex<double>> data) {
        double* to = out + line * bins * 2;
        for (int64_t i = 0; i < bins; ++i) {
          to[2 * i] = data[static_cast<size_t>(i)].real();
          to[2 * i + 1] = data[static_cast<size_t>(i)].imag();
        }
      });
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const bool onesided, FlagAttribute(context, "onesided"));
  const SymbolicShape signal = ToSymbolic(context.Input(0).shape());
  ASSAY_RETURN_IF_ERROR(CheckSignal(signal, onesided));
  ASSAY_ASSIGN_OR_RETURN(const int64_t step, IntegerScalar(context, 1));
  ASSAY_ASSIGN_OR_RETURN(const int64_t length, FrameLength(context));
  if (context.HasInput(2)) {
    ASSAY_RETURN_IF_ERROR(CheckWindow(ToSymbolic(context.Input(2).shape()), length));
  }
  ASSAY_RETURN_IF_ERROR(CheckFrames({signal[1], step, length}));
  return Transform(context, step, length, onesided);
}

void Cases(std::vector<OpCase>& cases) {
  const Attribute twosided{"onesided", int64_t{0}};
  const double h = std::sqrt(0.75);
  const Tensor signal = Tensor::Of<double>({1, 6, 1}, {1, 2, 3, 4, 5, 6});
  cases.push_back(
      {.name = "frames_of_four",
       .inputs = {signal, Tensor::Scalar<int64_t>(2), std::nullopt, Tensor::Scalar<int64_t>(4)},
       .expected = {Tensor::Of<double>({1, 2, 3, 2}, {10, 0, -2, 2, -2, 0, 18, 0, -2, 2, -2, 0})}});
  cases.push_back({.name = "window_gives_the_length",
                   .attributes = {twosided},
                   .inputs = {Tensor::Of<double>({2, 3, 1}, {1, 2, 3, 4, 5, 6}),
                              Tensor::Vector<int32_t>({1}), Tensor::Vector<double>({0.5, 2})},
                   .expected = {Tensor::Of<double>({2, 2, 2, 2}, {4.5, 0, -3.5, 0, 7, 0, -5, 0, 12,
                                                                  0, -8, 0, 14.5, 0, -9.5, 0})}});
  cases.push_back({.name = "window_and_length",
                   .inputs = {signal, Tensor::Scalar<int64_t>(4), Tensor::Vector<double>({1, 1, 0}),
                              Tensor::Scalar<int64_t>(3)},
                   .expected = {Tensor::Of<double>({1, 1, 2, 2}, {3, 0, 0, -2 * h})}});
  cases.push_back(
      {.name = "complex_signal_as_one_frame",
       .attributes = {twosided},
       .inputs = {Tensor::Of<double>({1, 2, 2}, {1, 2, 3, 5}), Tensor::Scalar<int64_t>(7)},
       .expected = {Tensor::Of<double>({1, 1, 2, 2}, {4, 7, -2, -3})}});
  cases.push_back({.name = "no_batch",
                   .inputs = {Tensor::Of<float>({0, 4, 1}, {}), Tensor::Scalar<int64_t>(1),
                              std::nullopt, Tensor::Scalar<int64_t>(2)},
                   .expected = {Tensor::Of<float>({0, 3, 2, 2}, {})}});
}

}  // namespace

extern const OpDef kSTFT;
const OpDef kSTFT = {
    .name = "STFT", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
