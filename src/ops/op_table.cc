#include <algorithm>
#include <array>

#include "ops/op_def.h"

// The one list of operators: each line names the kXxx that <xxx>.cc defines, sorted.
#define ASSAY_OPERATORS(X) \
  X(kAdd)                  \
  X(kAffineGrid)           \
  X(kArgMax)               \
  X(kArgMin)               \
  X(kAveragePool)          \
  X(kCol2Im)               \
  X(kCompress)             \
  X(kConcat)               \
  X(kConv)                 \
  X(kConvTranspose)        \
  X(kDepthToSpace)         \
  X(kDet)                  \
  X(kExpand)               \
  X(kEyeLike)              \
  X(kFlatten)              \
  X(kGather)               \
  X(kGatherElements)       \
  X(kGatherND)             \
  X(kGemm)                 \
  X(kGlobalAveragePool)    \
  X(kGlobalLpPool)         \
  X(kGlobalMaxPool)        \
  X(kGridSample)           \
  X(kLpPool)               \
  X(kMatMul)               \
  X(kMaxPool)              \
  X(kMaxUnpool)            \
  X(kNonZero)              \
  X(kOneHot)               \
  X(kPad)                  \
  X(kReduceL1)             \
  X(kReduceL2)             \
  X(kReduceLogSum)         \
  X(kReduceLogSumExp)      \
  X(kReduceMax)            \
  X(kReduceMean)           \
  X(kReduceMin)            \
  X(kReduceProd)           \
  X(kReduceSum)            \
  X(kReduceSumSquare)      \
  X(kRelu)                 \
  X(kReshape)              \
  X(kResize)               \
  X(kReverseSequence)      \
  X(kRoiAlign)             \
  X(kScatter)              \
  X(kScatterElements)      \
  X(kScatterND)            \
  X(kShape)                \
  X(kSize)                 \
  X(kSlice)                \
  X(kSpaceToDepth)         \
  X(kSplit)                \
  X(kSqueeze)              \
  X(kTile)                 \
  X(kTopK)                 \
  X(kTranspose)            \
  X(kTrilu)                \
  X(kUnsqueeze)            \
  X(kUpsample)

namespace assay {

#define ASSAY_DECLARE(op) extern const OpDef op;
ASSAY_OPERATORS(ASSAY_DECLARE)
#undef ASSAY_DECLARE

namespace {

#define ASSAY_ADDRESS(op) &op,
constexpr const OpDef* kOps[] = {ASSAY_OPERATORS(ASSAY_ADDRESS)};
#undef ASSAY_ADDRESS

}  // namespace

std::span<const OpDef* const> AllOps() { return kOps; }

const OpDef* FindOp(std::string_view domain, std::string_view name) {
  if (domain == "ai.onnx") domain = "";
  for (const OpDef* op : kOps) {
    if (op->name == name && op->domain == domain) return op;
  }
  return nullptr;
}

const OpSchema* OpDef::SchemaFor(int opset) const {
  const OpSchema* found = nullptr;
  for (const OpSchema& schema : schemas) {
    if (schema.since <= opset) found = &schema;
  }
  return found;
}

}  // namespace assay
