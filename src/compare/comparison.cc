#include "compare/comparison.h"

#include <fmt/format.h>

#include <cmath>

#include "compare/compare_pair.h"
#include "compare/distributions.h"
#include "compare/numpy_statistics.h"
#include "compare/rank_requests.h"
#include "compare/scaled_sums.h"
#include "compare/shape_alignment.h"
#include "compare/sweep.h"

namespace assay {
namespace {

Status CheckDType(DType dtype, std::string_view side) {
  if (IsFloating(dtype) || IsInteger(dtype) || dtype == DType::kBool) return OkStatus();
  return Status(StatusCode::kUnsupported,
                fmt::format("compare: expected real numbers, got {} ({})", DTypeName(dtype), side),
                "compare other outputs, or cast this one in the model");
}

Status CheckQuantile(double q) {
  if (q >= 0 && q <= 1) return OkStatus();
  return Status(StatusCode::kUsage,
                fmt::format("quantile: expected a number in [0, 1], got {}", q));
}

Status CheckTolerance(double tolerance, std::string_view name) {
  if (tolerance >= 0) return OkStatus();
  return Status(StatusCode::kUsage,
                fmt::format("{} tolerance: expected a number >= 0, got {}", name, tolerance));
}

Status CheckRequest(const Tensor& output, const Tensor& reference, const CompareOptions& options) {
  ASSAY_RETURN_IF_ERROR(CheckDType(output.dtype(), "output"));
  ASSAY_RETURN_IF_ERROR(CheckDType(reference.dtype(), "reference"));
  ASSAY_RETURN_IF_ERROR(CheckTolerance(options.tolerance.absolute, "absolute"));
  ASSAY_RETURN_IF_ERROR(CheckTolerance(options.tolerance.relative, "relative"));
  ASSAY_RETURN_IF_ERROR(CheckQuantile(options.error_quantile));
  for (const double q : options.quantiles) ASSAY_RETURN_IF_ERROR(CheckQuantile(q));
  return OkStatus();
}

// The reference in the output's shape, if it can be had.
AlignedTensor Align(const Tensor& output, const Tensor& reference, const CompareOptions& options) {
  if (!options.check_shapes) return AlignToShape(reference, output.shape());
  AlignedTensor aligned;
  aligned.tensor = reference;
  aligned.fits = reference.shape() == output.shape();
  return aligned;
}

// Calls visit(blocks) with the pair as blocks of the type that its differences are computed in.
template <typename Visit>
auto WithBlocks(const Tensor& output, const Tensor& reference, const CompareOptions& options,
                Visit visit) {
  const DifferenceRules rules = DifferenceRulesFor(output.dtype(), reference.dtype());
  if (rules.in_double || options.in_double) {
    return visit(
        PairBlocks<double>(output, &reference, rules, options, BestBlockKernels<double>()));
  }
  return visit(PairBlocks<float>(output, &reference, rules, options, BestBlockKernels<float>()));
}

Status ShapesDiffer(const Tensor& output, const Tensor& reference) {
  return Status(StatusCode::kInvalidInput,
                fmt::format("compare: expected tensors of one shape, got {} and {}",
                            output.shape().ToString(), reference.shape().ToString()));
}

template <typename Real>
bool Misses(const PairBlock<Real>& block, int i, const CompareOptions& options,
            const BlockKernels<Real>& kernels) {
  const ToleranceBounds<Real> bounds = {RoundDown<Real>(options.tolerance.absolute),
                                        RoundDown<Real>(options.tolerance.relative),
                                        options.tolerance.absolute, options.tolerance.relative};
  const BlockMismatches found =
      kernels.mismatches(block.values[kAbsolute] + i, block.values[kRelative] + i,
                         block.values[kReference] + i, 1, bounds);
  return MismatchCounts{found.polygraphy, found.allclose, found.strict}.Of(options.rule) > 0;
}

template <typename Real, typename PerBlock>
void ForEachBlock(const PairBlocks<Real>& blocks, PerBlock per_block) {
  auto block = std::make_unique<PairBlock<Real>>();
  for (int64_t at = 0; at < blocks.count(); at += PairBlock<Real>::kCapacity) {
    blocks.Load(
        at, static_cast<int>(std::min<int64_t>(PairBlock<Real>::kCapacity, blocks.count() - at)),
        block.get());
    if (!per_block(*block)) return;
  }
}

template <typename Real>
Result<DifferenceTensors> CopyDifferences(const PairBlocks<Real>& blocks, const Shape& shape) {
  DifferenceTensors differences;
  ASSAY_ASSIGN_OR_RETURN(differences.absolute, Tensor::TryAllocate(DTypeOf<Real>(), shape));
  ASSAY_ASSIGN_OR_RETURN(differences.relative, Tensor::TryAllocate(DTypeOf<Real>(), shape));
  Real* absolute = differences.absolute.mutable_data<Real>().data();
  Real* relative = differences.relative.mutable_data<Real>().data();
  ForEachBlock(blocks, [&](const PairBlock<Real>& block) {
    std::copy_n(block.values[kAbsolute], block.n, absolute + block.begin);
    std::copy_n(block.values[kRelative], block.n, relative + block.begin);
    for (int i = 0; i < block.n && !blocks.rules().uses_epsilon; ++i) {
      const bool is_zero_over_zero =
          block.values[kAbsolute][i] == 0 && block.values[kReference][i] == 0;
      if (is_zero_over_zero) relative[block.begin + i] = std::numeric_limits<Real>::quiet_NaN();
    }
    return true;
  });
  if (blocks.output_dtype() == DType::kBool && blocks.reference_dtype() == DType::kBool) {
    ASSAY_ASSIGN_OR_RETURN(differences.absolute, ConvertTensor(differences.absolute, DType::kBool));
    ASSAY_ASSIGN_OR_RETURN(differences.relative,
                           ConvertTensor(differences.relative, DType::kFloat64));
  }
  return differences;
}

template <typename Real>
Result<TensorSummary> Summarize(const Tensor& tensor, ThreadPool& pool) {
  const CompareOptions options;
  const PairBlocks<Real> blocks(tensor, nullptr, DifferenceRules{}, options,
                                BestBlockKernels<Real>());
  StreamRanks ranks;
  if (blocks.count() > 0) ranks[kOutput] = RanksForQuantiles({}, blocks.count());
  RankRequests<Real> rank_requests(blocks, std::move(ranks), pool);
  PairTotals<Real> totals = SweepTotals(blocks, options, rank_requests.pivots(), pool, Monitor());
  RescaleSums(blocks, pool, Monitor(), &totals);
  TensorSummary summary;
  summary.statistics =
      MakeStatistics(totals.streams[kOutput], totals.shifts[kOutput], blocks.count());
  summary.statistics.has_percentiles = tensor.dtype() != DType::kBool;
  summary.special =
      MakeSpecialValues(totals.streams[kOutput], totals.zeros[0], totals.subnormals[0]);
  if (blocks.count() == 0) {
    SetUndefinedOrderStatistics({}, &summary.statistics);
    return summary;
  }
  const Precision precision = PrecisionOf(tensor.dtype());
  if (tensor.dtype() != DType::kBool) {
    summary.histogram =
        EmptyHistogram(summary.statistics.min.value, summary.statistics.max.value, precision, true);
  }
  DistributionRequest<Real> request;
  StreamRequest<Real>& stream = request.streams[kOutput];
  stream.edges = EdgeKeys<Real>(summary.histogram);
  rank_requests.FillIn(totals, &request);
  ASSAY_ASSIGN_OR_RETURN(const Distributions<Real> found,
                         SweepDistributions(blocks, request, pool, Monitor()));
  if (summary.histogram.valid) SetBinCounts(found.streams[kOutput].at_least, &summary.histogram);
  if (stream.ranks.empty()) {
    SetUndefinedOrderStatistics({}, &summary.statistics);
  } else {
    SetOrderStatistics(stream.ranks, found.streams[kOutput].values, {}, precision,
                       &summary.statistics);
  }
  return summary;
}

}  // namespace

Result<OutputComparison> CompareTensors(const Tensor& output, const Tensor& reference,
                                        const CompareOptions& options, ThreadPool& pool,
                                        const Monitor& monitor) {
  ASSAY_RETURN_IF_ERROR(CheckRequest(output, reference, options));
  OutputComparison comparison;
  comparison.output_dtype = output.dtype();
  comparison.reference_dtype = reference.dtype();
  comparison.output_shape = output.shape();
  comparison.reference_shape = reference.shape();
  comparison.shape = output.shape();
  comparison.options = options;
  if (options.error_stat == ErrorStat::kMedian || options.error_stat == ErrorStat::kQuantile) {
    comparison.options.distributions = true;
  }
  AlignedTensor aligned = Align(output, reference, options);
  comparison.notes = std::move(aligned.notes);
  comparison.warnings = std::move(aligned.warnings);
  if (aligned.fits) {
    comparison.compared = true;
    bool measured = false;
    if (!options.in_double && !DifferenceRulesFor(output.dtype(), reference.dtype()).in_double) {
      ASSAY_ASSIGN_OR_RETURN(
          measured, MeasurePair(output, aligned.tensor, BestBlockKernels<float>(), pool, monitor,
                                &comparison));
    }
    if (!measured) {
      comparison.options.in_double = true;
      ASSAY_RETURN_IF_ERROR(MeasurePair(output, aligned.tensor, BestBlockKernels<double>(), pool,
                                        monitor, &comparison)
                                .status());
    }
  }
  JudgePair(&comparison);
  return comparison;
}

Result<std::vector<int64_t>> FindMismatches(const Tensor& output, const Tensor& reference,
                                            const CompareOptions& options, size_t limit) {
  ASSAY_RETURN_IF_ERROR(CheckRequest(output, reference, options));
  const AlignedTensor aligned = Align(output, reference, options);
  if (!aligned.fits) return ShapesDiffer(output, reference);
  std::vector<int64_t> found;
  WithBlocks(output, aligned.tensor, options, [&](const auto& blocks) {
    ForEachBlock(blocks, [&](const auto& block) {
      for (int i = 0; i < block.n && found.size() < limit; ++i) {
        if (Misses(block, i, options, blocks.kernels())) found.push_back(block.begin + i);
      }
      return found.size() < limit;
    });
  });
  return found;
}

Result<DifferenceTensors> MakeDifferences(const Tensor& output, const Tensor& reference,
                                          const CompareOptions& options) {
  ASSAY_RETURN_IF_ERROR(CheckRequest(output, reference, options));
  const AlignedTensor aligned = Align(output, reference, options);
  if (!aligned.fits) return ShapesDiffer(output, reference);
  return WithBlocks(output, aligned.tensor, options,
                    [&](const auto& blocks) { return CopyDifferences(blocks, output.shape()); });
}

Result<TensorSummary> SummarizeTensor(const Tensor& tensor, ThreadPool& pool) {
  ASSAY_RETURN_IF_ERROR(CheckDType(tensor.dtype(), "tensor"));
  if (tensor.dtype() == DType::kFloat64 || IsInteger(tensor.dtype())) {
    return Summarize<double>(tensor, pool);
  }
  return Summarize<float>(tensor, pool);
}

}  // namespace assay
