#include <iterator>
#include <vector>

#include "tactics/tactic.h"

// The one list of tactics. Of several that support an instance the strict plan takes the first.
// kPortable comes last: it computes anything, slowly.
#define ASSAY_TACTICS(X)           \
  X(kConvDepthwiseAvx512)          \
  X(kConvDepthwiseAvx2)            \
  X(kConvDepthwisePortable)        \
  X(kConvProductAvx512)            \
  X(kConvProductAvx2)              \
  X(kConvProductPortable)          \
  X(kConvDepthwiseBlockedAvx512)   \
  X(kConvDepthwiseBlockedAvx2)     \
  X(kConvDepthwiseBlockedPortable) \
  X(kConvTransposeProductAvx512)   \
  X(kConvTransposeProductAvx2)     \
  X(kConvTransposeProductPortable) \
  X(kMatMulProductAvx512)          \
  X(kMatMulProductAvx2)            \
  X(kMatMulProductPortable)        \
  X(kGemmProductAvx512)            \
  X(kGemmProductAvx2)              \
  X(kGemmProductPortable)          \
  X(kAttentionBlockedAvx512)       \
  X(kAttentionBlockedAvx2)         \
  X(kAttentionBlockedPortable)     \
  X(kMaxPoolRowsAvx512)            \
  X(kMaxPoolRowsAvx2)              \
  X(kMaxPoolRowsPortable)          \
  X(kAveragePoolRowsAvx512)        \
  X(kAveragePoolRowsAvx2)          \
  X(kAveragePoolRowsPortable)      \
  X(kResizeNearest)                \
  X(kResizeSeparableAvx512)        \
  X(kResizeSeparableAvx2)          \
  X(kResizeSeparablePortable)      \
  X(kUpsampleNearest)              \
  X(kUpsampleSeparableAvx512)      \
  X(kUpsampleSeparableAvx2)        \
  X(kUpsampleSeparablePortable)    \
  X(kReshapeMove)                  \
  X(kFlattenMove)                  \
  X(kSqueezeMove)                  \
  X(kUnsqueezeMove)                \
  X(kIdentityMove)                 \
  X(kDropoutMove)                  \
  X(kTransposeMove)                \
  X(kConcatMove)                   \
  X(kSplitMove)                    \
  X(kSliceMove)                    \
  X(kExpandMove)                   \
  X(kTileMove)                     \
  X(kDepthToSpaceMove)             \
  X(kSpaceToDepthMove)             \
  X(kPadMove)                      \
  X(kGatherMove)                   \
  X(kGatherElementsMove)           \
  X(kGatherNdMove)                 \
  X(kScatterMove)                  \
  X(kScatterElementsMove)          \
  X(kScatterNdMove)                \
  X(kShapeValues)                  \
  X(kSizeValues)                   \
  X(kConstantOfShapeFill)          \
  X(kRangeFloat32)                 \
  X(kRangeInt64)                   \
  X(kWhereSelect)                  \
  X(kCastMap)                      \
  X(kCastLikeMap)                  \
  X(kNotMap)                       \
  X(kArgMaxIntegers)               \
  X(kArgMinIntegers)               \
  X(kCumulativeSum)                \
  X(kTopKSelect)                   \
  X(kQuantizeMap)                  \
  X(kDequantizeMap)                \
  X(kConvertLayout)                \
  X(kPortable)

// Families that one file derives from a table of its own: spans of tactics.
#define ASSAY_TACTIC_FAMILIES(X)    \
  X(kUnaryMapTactics)               \
  X(kBinaryMapTactics)              \
  X(kSoftmaxTactics)                \
  X(kRowNormalizationTactics)       \
  X(kPlaneNormalizationTactics)     \
  X(kNeighbourNormalizationTactics) \
  X(kReduceTactics)                 \
  X(kReduceIntegerTactics)          \
  X(kMatMulPairsTactics)            \
  X(kConvPairsTactics)              \
  X(kCombinedPoolTactics)           \
  X(kPlacePoolTactics)              \
  X(kArgExtremeTactics)

namespace assay {

#define ASSAY_DECLARE(tactic) extern const Tactic tactic;
ASSAY_TACTICS(ASSAY_DECLARE)
#undef ASSAY_DECLARE

#define ASSAY_DECLARE(family) extern const std::span<const Tactic> family;
ASSAY_TACTIC_FAMILIES(ASSAY_DECLARE)
#undef ASSAY_DECLARE

namespace {

#define ASSAY_ADDRESS(tactic) &tactic,
constexpr const Tactic* kTactics[] = {ASSAY_TACTICS(ASSAY_ADDRESS)};
#undef ASSAY_ADDRESS

// Families stand before the last tactic, which computes anything.
std::vector<const Tactic*> WithFamilies() {
  std::vector<const Tactic*> tactics(std::begin(kTactics), std::end(kTactics) - 1);
#define ASSAY_APPEND(family) \
  for (const Tactic& tactic : family) tactics.push_back(&tactic);
  ASSAY_TACTIC_FAMILIES(ASSAY_APPEND)
#undef ASSAY_APPEND
  tactics.push_back(&kPortable);
  return tactics;
}

}  // namespace

std::span<const Tactic* const> AllTactics() {
  static const std::vector<const Tactic*> tactics = WithFamilies();
  return tactics;
}

}  // namespace assay
