#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ops/cases.h"
#include "ops/cast_values.h"
#include "ops/op_def.h"
#include "ops/scalar_input.h"
#include "ops/type_attribute.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 17,
     .inputs = {{"num_mel_bins", kIndexTypes},
                {"dft_length", kIndexTypes},
                {"sample_rate", kIndexTypes},
                {"lower_edge_hertz", kFloats},
                {"upper_edge_hertz", kFloats}},
     .outputs = {{"output", kNumeric}},
     .attributes = {IntAttribute("output_datatype", 1)}},
};

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const DType dtype, TypeAttribute(context, "output_datatype", kNumeric));
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 1, 2}));
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({3, 4}));
  ASSAY_ASSIGN_OR_RETURN(const Dim bins, InferIntegerScalar(context, 0));
  ASSAY_ASSIGN_OR_RETURN(const Dim length, InferIntegerScalar(context, 1));
  for (int i = 2; i < 5; ++i) ASSAY_RETURN_IF_ERROR(CheckScalarInput(context, i));
  if (bins.IsKnown()) ASSAY_RETURN_IF_ERROR(RequireAtLeast("num_mel_bins", bins.value(), 0));
  if (length.IsKnown()) ASSAY_RETURN_IF_ERROR(RequireAtLeast("dft_length", length.value(), 0));
  context.SetOutput(0, dtype, SymbolicShape{FloorDivide(length, 2) + 1, bins});
  return OkStatus();
}

// The spectrum that is weighted, and the bands.
struct Bands {
  int64_t count = 0;
  int64_t dft_length = 0;
  int64_t sample_rate = 0;
  double lower_hertz = 0;
  double upper_hertz = 0;

  int64_t spectrum_bins() const { return dft_length / 2 + 1; }
};

Result<Bands> ReadBands(const ReferenceContext& context) {
  Bands bands;
  ASSAY_ASSIGN_OR_RETURN(bands.count, IntegerScalar(context, 0));
  ASSAY_ASSIGN_OR_RETURN(bands.dft_length, IntegerScalar(context, 1));
  ASSAY_ASSIGN_OR_RETURN(bands.sample_rate, IntegerScalar(context, 2));
  ASSAY_ASSIGN_OR_RETURN(bands.lower_hertz, DoubleScalar(context, 3));
  ASSAY_ASSIGN_OR_RETURN(bands.upper_hertz, DoubleScalar(context, 4));
  ASSAY_RETURN_IF_ERROR(RequireAtLeast("num_mel_bins", bands.count, 0));
  ASSAY_RETURN_IF_ERROR(RequireAtLeast("dft_length", bands.dft_length, 0));
  ASSAY_RETURN_IF_ERROR(RequireAtLeast("sample_rate", bands.sample_rate, 1));
  if (bands.lower_hertz >= 0 && bands.lower_hertz <= bands.upper_hertz &&
      std::isfinite(bands.upper_hertz)) {
    return bands;
  }
  return OpContext::Invalid(
      fmt::format("edges in hertz: expected 0 <= lower <= upper, both finite, got {} and {}",
                  bands.lower_hertz, bands.upper_hertz));
}

double MelOf(double hertz) { return 2595 * std::log10(1 + hertz / 700); }
double HertzOf(double mel) { return 700 * (std::pow(10, mel / 2595) - 1); }

// Bins of the spectrum in which the bands start, peak and end: band i reaches from the i-th to the
// (i + 2)-th of them. The standard's text leaves open how they are spaced and rounded; its
// reference implementation divides the range on the mel scale by count + 2 (so that the last band
// ends one step below the upper edge) and takes floor((dft_length + 1) f / sample_rate).
std::vector<double> EdgeBins(const Bands& bands) {
  const double lower = MelOf(bands.lower_hertz);
  const double step = (MelOf(bands.upper_hertz) - lower) / static_cast<double>(bands.count + 2);
  std::vector<double> bins(static_cast<size_t>(bands.count) + 2);
  for (size_t i = 0; i < bins.size(); ++i) {
    const double hertz = HertzOf(lower + static_cast<double>(i) * step);
    bins[i] = std::floor((static_cast<double>(bands.dft_length) + 1) * hertz /
                         static_cast<double>(bands.sample_rate));
  }
  return bins;
}

// Weight of a bin in the triangle whose peak is 1: rising from `left` to `peak`, falling to 0 at
// `right`. A triangle without a rising side starts with its peak.
double TriangleAt(double bin, double left, double peak, double right) {
  if (bin == peak) return 1;
  if (bin > left && bin < peak) return (bin - left) / (peak - left);
  if (bin > peak && bin < right) return (right - bin) / (right - peak);
  return 0;
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Bands bands, ReadBands(context));
  ASSAY_ASSIGN_OR_RETURN(
      Tensor weights, Tensor::TryAllocate(DType::kFloat64, {bands.spectrum_bins(), bands.count}));
  const std::vector<double> edges = EdgeBins(bands);
  const std::span<double> out = weights.mutable_data<double>();
  const auto count = static_cast<size_t>(bands.count);
  const int64_t grain = std::max<int64_t>(1, (int64_t{1} << 15) / (bands.count + 1));
  context.threads().ParallelFor(bands.spectrum_bins(), grain, [&](int64_t begin, int64_t end) {
    for (int64_t bin = begin; bin < end; ++bin) {
      for (size_t band = 0; band < count; ++band) {
        out[static_cast<size_t>(bin) * count + band] =
            TriangleAt(static_cast<double>(bin), edges[band], edges[band + 1], edges[band + 2]);
      }
    }
  });
  ASSAY_ASSIGN_OR_RETURN(
      Tensor cast,
      CastElements(weights, DType::kFloat64, context.DeclaredOutput(0), {}, context.threads()));
  context.SetOutput(0, std::move(cast));
  return OkStatus();
}

OpCase Case(std::string name, std::vector<int64_t> integers, double lower, double upper,
            Tensor expected, std::vector<Attribute> attributes = {}) {
  return {.name = std::move(name),
          .attributes = std::move(attributes),
          .inputs = {Tensor::Scalar(integers[0]), Tensor::Scalar(integers[1]),
                     Tensor::Scalar(integers[2]), Tensor::Scalar(lower), Tensor::Scalar(upper)},
          .expected = {std::move(expected)}};
}

void Cases(std::vector<OpCase>& cases) {
  // Edges of the bands, in hertz: 0, 284.8, 685.4, 1248.8 at bins 0, 2, 5, 9.
  cases.push_back(Case("two_bands", {2, 15, 2000}, 0, 2041.55,
                       Tensor::Of<double>({8, 2}, {0, 0, 0.5, 0, 1, 0, 2.0 / 3, 1.0 / 3, 1.0 / 3,
                                                   2.0 / 3, 0, 1, 0, 0.75, 0, 0.5})));
  cases.push_back(Case("integers_keep_the_peaks", {2, 15, 2000}, 0, 2041.55,
                       Tensor::Of<int8_t>({8, 2}, {0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}),
                       {{"output_datatype", int64_t{3}}}));
  cases.push_back(Case("bands_narrower_than_a_bin", {1, 2, 8000}, 100, 100,
                       Tensor::Of<double>({2, 1}, {1, 0})));
  cases.push_back(Case("no_bands", {0, 4, 8000}, 0, 4000, Tensor::Of<double>({3, 0}, {})));
}

}  // namespace

extern const OpDef kMelWeightMatrix;
const OpDef kMelWeightMatrix = {.name = "MelWeightMatrix",
                                .schemas = kSchemas,
                                .infer = Infer,
                                .reference = Reference,
                                .cases = Cases};

}  // namespace assay
