#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/op_def.h"
#include "ops/scalar_input.h"
#include "ops/spectrum.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 17,
     .inputs = {{"input", kFloats}, {"dft_length", kIndexTypes, Arity::kOptional}},
     .outputs = {{"output", kFloats}},
     .attributes = {IntAttribute("axis", 1), IntAttribute("inverse", 0),
                    IntAttribute("onesided", 0)}},
    {.since = 20,
     .inputs = {{"input", kFloats},
                {"dft_length", kIndexTypes, Arity::kOptional},
                {"axis", kInt64Only, Arity::kOptional}},
     .outputs = {{"output", kFloats}},
     .attributes = {IntAttribute("inverse", 0), IntAttribute("onesided", 0)}},
};

// Which of the transforms the attributes ask for.
struct Kind {
  bool inverse = false;
  bool onesided = false;

  bool gives_real() const { return inverse && onesided; }
};

Result<Kind> ReadKind(const OpContext& context) {
  Kind kind;
  ASSAY_ASSIGN_OR_RETURN(kind.inverse, FlagAttribute(context, "inverse"));
  ASSAY_ASSIGN_OR_RETURN(kind.onesided, FlagAttribute(context, "onesided"));
  return kind;
}

Status CheckComponents(const Kind& kind, const Dim& components) {
  if (!kind.onesided) return CheckComponents(components, 0, {});
  return kind.inverse ? CheckComponents(components, 2, "of a onesided spectrum")
                      : CheckComponents(components, 1, "for a onesided spectrum");
}

// The innermost axis holds real and imaginary parts and cannot be transformed.
Result<int> CheckedSignalAxis(int64_t axis, int rank) {
  const std::optional<int> at = NormalizeAxis(axis, rank);
  if (at && *at < rank - 1) return *at;
  return OpContext::Invalid(
      fmt::format("axis: expected a value in [{}, -2] or [0, {}] for rank {}, got {}", -rank,
                  rank - 2, rank, axis));
}

Status CheckRank(int rank) {
  if (rank >= 2) return OkStatus();
  return OpContext::Invalid(
      fmt::format("rank of the input: expected at least 2 (signal, components), got {}", rank));
}

Status InferShape(InferContext& context, const Kind& kind, const SymbolicShape& input,
                  int64_t axis_value) {
  const auto rank = static_cast<int>(input.size());
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedSignalAxis(axis_value, rank));
  SymbolicShape output = input;
  Dim& extent = output[static_cast<size_t>(axis)];
  if (context.HasInput(1)) {
    ASSAY_ASSIGN_OR_RETURN(extent, InferIntegerScalar(context, 1));
  } else if (kind.gives_real()) {
    extent = (extent - 1) * 2;
  }
  if (extent.IsKnown()) ASSAY_RETURN_IF_ERROR(RequireAtLeast("dft_length", extent.value(), 1));
  if (kind.onesided && !kind.inverse) extent = OnesidedBins(extent);
  output.back() = kind.gives_real() ? 1 : 2;
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

// nullopt if the axis is an input whose value is not known.
std::optional<int64_t> InferredAxis(const InferContext& context) {
  if (context.opset() < 20) return context.Int("axis");
  if (!context.HasInput(2)) return -2;
  const auto axis = context.ConstantInts(2);
  return axis && axis->size() == 1 ? std::optional(axis->front()) : std::nullopt;
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Kind kind, ReadKind(context));
  if (context.HasInput(1)) ASSAY_RETURN_IF_ERROR(CheckScalarInput(context, 1));
  if (context.HasInput(2)) ASSAY_RETURN_IF_ERROR(CheckScalarInput(context, 2));
  context.SetOutput(0, context.InputType(0), std::nullopt);
  const SymbolicShape* input = context.InputShape(0);
  if (input == nullptr) return OkStatus();
  ASSAY_RETURN_IF_ERROR(CheckRank(static_cast<int>(input->size())));
  ASSAY_RETURN_IF_ERROR(CheckComponents(kind, input->back()));
  const std::optional<int64_t> axis = InferredAxis(context);
  if (axis) return InferShape(context, kind, *input, *axis);
  SymbolicShape output(input->size());
  output.back() = kind.gives_real() ? 1 : 2;
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

// A transform with everything resolved. Lines run along the axis over elements of `components`
// numbers.
struct Problem {
  Kind kind;
  int64_t length = 0;
  int64_t components = 1;
  AxisLines in;
  AxisLines out;
  Shape output;
};

Result<Problem> Resolve(const ReferenceContext& context) {
  Problem problem;
  ASSAY_ASSIGN_OR_RETURN(problem.kind, ReadKind(context));
  const Kind& kind = problem.kind;
  Shape shape = context.Input(0).shape();
  ASSAY_RETURN_IF_ERROR(CheckRank(shape.rank()));
  problem.components = shape.dims().back();
  ASSAY_RETURN_IF_ERROR(CheckComponents(kind, problem.components));
  int64_t axis_value = context.opset() < 20 ? context.Int("axis") : -2;
  if (context.HasInput(2)) {
    ASSAY_ASSIGN_OR_RETURN(axis_value, IntegerScalar(context, 2));
  }
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedSignalAxis(axis_value, shape.rank()));
  problem.length = kind.gives_real() ? 2 * (shape[axis] - 1) : shape[axis];
  if (context.HasInput(1)) {
    ASSAY_ASSIGN_OR_RETURN(problem.length, IntegerScalar(context, 1));
  }
  ASSAY_RETURN_IF_ERROR(RequireAtLeast("dft_length", problem.length, 1));
  shape[shape.rank() - 1] = 1;
  problem.in = LinesAlong(shape, axis);
  shape[axis] = kind.onesided && !kind.inverse ? OnesidedBins(problem.length) : problem.length;
  problem.out = LinesAlong(shape, axis);
  shape[shape.rank() - 1] = kind.gives_real() ? 1 : 2;
  problem.output = std::move(shape);
  return problem;
}

// Cuts the line off at the length of the transform or fills it up with zeros.
void ReadLine(const Problem& problem, const double* in, std::span<std::complex<double>> data) {
  const bool onesided_spectrum = problem.kind.gives_real();
  const int64_t wanted = onesided_spectrum ? OnesidedBins(problem.length) : problem.length;
  const int64_t count = std::min(wanted, problem.in.length);
  std::fill(data.begin(), data.end(), std::complex<double>());
  for (int64_t i = 0; i < count; ++i) {
    const double* element = in + i * problem.in.inner * problem.components;
    data[static_cast<size_t>(i)] = {element[0], problem.components == 2 ? element[1] : 0.0};
  }
  if (!onesided_spectrum) return;
  // The missing half of the spectrum of a real signal mirrors the other; where a bin is its own
  // mirror image its imaginary part has no place.
  data[0] = data[0].real();
  for (size_t i = 1; i <= data.size() / 2; ++i) {
    const size_t mirror = data.size() - i;
    data[mirror] = mirror == i ? data[i].real() : std::conj(data[i]);
  }
}

void WriteLine(const Problem& problem, std::span<const std::complex<double>> data, double* out) {
  for (int64_t i = 0; i < problem.out.length; ++i) {
    const std::complex<double> value = data[static_cast<size_t>(i)];
    if (problem.kind.gives_real()) {
      out[i * problem.out.inner] = value.real();
    } else {
      out[i * problem.out.inner * 2] = value.real();
      out[i * problem.out.inner * 2 + 1] = value.imag();
    }
  }
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Problem problem, Resolve(context));
  ASSAY_ASSIGN_OR_RETURN(Tensor output, Tensor::TryAllocate(DType::kFloat64, problem.output));
  if (!output.empty()) {
    const double* in = context.Doubles(0).data();
    double* out = output.mutable_data<double>().data();
    const int64_t out_components = problem.kind.gives_real() ? 1 : 2;
    TransformLines(
        context.threads(), FourierTransform(problem.length), problem.kind.inverse,
        problem.out.count(),
        [&](int64_t line, std::span<std::complex<double>> data) {
          ReadLine(problem, in + problem.in.Start(line) * problem.components, data);
        },
        [&](int64_t line, std::span<std::complex<double>> data) {
          WriteLine(problem, data, out + problem.out.Start(line) * out_components);
        });
  }
  context.SetOutput(0, std::move(output));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Attribute inverse{"inverse", int64_t{1}};
  const Attribute onesided{"onesided", int64_t{1}};
  const double h = std::sqrt(0.75);
  const Tensor real = Tensor::Of<double>({1, 4, 1}, {1, 2, 3, 4});
  const Tensor spectrum = Tensor::Of<double>({1, 4, 2}, {10, 0, -2, 2, -2, 0, -2, -2});
  cases.push_back({.name = "real", .inputs = {real}, .expected = {spectrum}});
  cases.push_back({.name = "inverse",
                   .attributes = {inverse},
                   .inputs = {spectrum},
                   .expected = {Tensor::Of<double>({1, 4, 2}, {1, 0, 2, 0, 3, 0, 4, 0})}});
  cases.push_back({.name = "onesided",
                   .attributes = {onesided},
                   .inputs = {real},
                   .expected = {Tensor::Of<double>({1, 3, 2}, {10, 0, -2, 2, -2, 0})}});
  cases.push_back({.name = "onesided_inverse",
                   .opset = 17,
                   .attributes = {onesided, inverse},
                   .inputs = {Tensor::Of<double>({1, 3, 2}, {10, 5, -2, 2, -2, 7})},
                   .expected = {real}});
  cases.push_back(
      {.name = "onesided_inverse_of_odd_length",
       .attributes = {onesided, inverse},
       .inputs = {Tensor::Of<double>({2, 2}, {6, 0, -1.5, h}), Tensor::Scalar<int64_t>(3)},
       .expected = {Tensor::Of<double>({3, 1}, {1, 2, 3})}});
  cases.push_back({.name = "complex_along_axis_0",
                   .attributes = {},
                   .inputs = {Tensor::Of<double>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 9}), std::nullopt,
                              Tensor::Scalar<int64_t>(0)},
                   .expected = {Tensor::Of<double>({2, 2, 2}, {6, 8, 10, 13, -4, -4, -4, -5})}});
  cases.push_back({.name = "filled_up_with_zeros",
                   .opset = 17,
                   .attributes = {{"axis", int64_t{-2}}},
                   .inputs = {Tensor::Of<double>({1, 2, 1}, {1, 2}), Tensor::Scalar<int32_t>(4)},
                   .expected = {Tensor::Of<double>({1, 4, 2}, {3, 0, 1, -2, -1, 0, 1, 2})}});
  cases.push_back({.name = "cut_off",
                   .inputs = {real, Tensor::Vector<int64_t>({3}), Tensor::Scalar<int64_t>(-2)},
                   .expected = {Tensor::Of<double>({1, 3, 2}, {6, 0, -1.5, h, -1.5, -h})}});
  cases.push_back({.name = "one_element",
                   .inputs = {Tensor::Of<float>({1, 1}, {2})},
                   .expected = {Tensor::Of<float>({1, 2}, {2, 0})}});
  cases.push_back({.name = "no_lines",
                   .inputs = {Tensor::Of<float>({0, 4, 1}, {})},
                   .expected = {Tensor::Of<float>({0, 4, 2}, {})}});
}

}  // namespace

extern const OpDef kDFT;
const OpDef kDFT = {
    .name = "DFT", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
