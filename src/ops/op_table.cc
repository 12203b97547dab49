#include <algorithm>
#include <array>

#include "ops/op_def.h"

// The one list of operators: each line names the kXxx that <xxx>.cc defines, sorted.
#define ASSAY_OPERATORS(X)         \
  X(kAbs)                          \
  X(kAcos)                         \
  X(kAcosh)                        \
  X(kAdd)                          \
  X(kAffineGrid)                   \
  X(kAnd)                          \
  X(kArgMax)                       \
  X(kArgMin)                       \
  X(kAsin)                         \
  X(kAsinh)                        \
  X(kAtan)                         \
  X(kAtanh)                        \
  X(kAttention)                    \
  X(kAveragePool)                  \
  X(kBatchNormalization)           \
  X(kBernoulli)                    \
  X(kBitCast)                      \
  X(kBitShift)                     \
  X(kBitwiseAnd)                   \
  X(kBitwiseNot)                   \
  X(kBitwiseOr)                    \
  X(kBitwiseXor)                   \
  X(kBlackmanWindow)               \
  X(kCast)                         \
  X(kCastLike)                     \
  X(kCausalConvWithState)          \
  X(kCeil)                         \
  X(kCelu)                         \
  X(kCenterCropPad)                \
  X(kClip)                         \
  X(kCol2Im)                       \
  X(kCompress)                     \
  X(kConcat)                       \
  X(kConcatFromSequence)           \
  X(kConstant)                     \
  X(kConstantOfShape)              \
  X(kConv)                         \
  X(kConvInteger)                  \
  X(kConvTranspose)                \
  X(kCos)                          \
  X(kCosh)                         \
  X(kCumProd)                      \
  X(kCumSum)                       \
  X(kDFT)                          \
  X(kDeformConv)                   \
  X(kDepthToSpace)                 \
  X(kDequantizeLinear)             \
  X(kDet)                          \
  X(kDiv)                          \
  X(kDropout)                      \
  X(kDynamicQuantizeLinear)        \
  X(kEinsum)                       \
  X(kElu)                          \
  X(kEqual)                        \
  X(kErf)                          \
  X(kExp)                          \
  X(kExpand)                       \
  X(kEyeLike)                      \
  X(kFlatten)                      \
  X(kFloor)                        \
  X(kGRU)                          \
  X(kGather)                       \
  X(kGatherElements)               \
  X(kGatherND)                     \
  X(kGelu)                         \
  X(kGemm)                         \
  X(kGlobalAveragePool)            \
  X(kGlobalLpPool)                 \
  X(kGlobalMaxPool)                \
  X(kGreater)                      \
  X(kGreaterOrEqual)               \
  X(kGridSample)                   \
  X(kGroupNormalization)           \
  X(kHammingWindow)                \
  X(kHannWindow)                   \
  X(kHardSigmoid)                  \
  X(kHardSwish)                    \
  X(kHardmax)                      \
  X(kIdentity)                     \
  X(kIf)                           \
  X(kImageDecoder)                 \
  X(kInstanceNormalization)        \
  X(kIsInf)                        \
  X(kIsNaN)                        \
  X(kLRN)                          \
  X(kLSTM)                         \
  X(kLayerNormalization)           \
  X(kLeakyRelu)                    \
  X(kLess)                         \
  X(kLessOrEqual)                  \
  X(kLinearAttention)              \
  X(kLog)                          \
  X(kLogSoftmax)                   \
  X(kLoop)                         \
  X(kLpNormalization)              \
  X(kLpPool)                       \
  X(kMatMul)                       \
  X(kMatMulInteger)                \
  X(kMax)                          \
  X(kMaxPool)                      \
  X(kMaxRoiPool)                   \
  X(kMaxUnpool)                    \
  X(kMean)                         \
  X(kMeanVarianceNormalization)    \
  X(kMelWeightMatrix)              \
  X(kMin)                          \
  X(kMish)                         \
  X(kMod)                          \
  X(kMul)                          \
  X(kMultinomial)                  \
  X(kNeg)                          \
  X(kNegativeLogLikelihoodLoss)    \
  X(kNonMaxSuppression)            \
  X(kNonZero)                      \
  X(kNot)                          \
  X(kOneHot)                       \
  X(kOptional)                     \
  X(kOptionalGetElement)           \
  X(kOptionalHasElement)           \
  X(kOr)                           \
  X(kPRelu)                        \
  X(kPad)                          \
  X(kPow)                          \
  X(kQLinearConv)                  \
  X(kQLinearMatMul)                \
  X(kQuantizeLinear)               \
  X(kRMSNormalization)             \
  X(kRNN)                          \
  X(kRandomNormal)                 \
  X(kRandomNormalLike)             \
  X(kRandomUniform)                \
  X(kRandomUniformLike)            \
  X(kRange)                        \
  X(kReciprocal)                   \
  X(kReduceL1)                     \
  X(kReduceL2)                     \
  X(kReduceLogSum)                 \
  X(kReduceLogSumExp)              \
  X(kReduceMax)                    \
  X(kReduceMean)                   \
  X(kReduceMin)                    \
  X(kReduceProd)                   \
  X(kReduceSum)                    \
  X(kReduceSumSquare)              \
  X(kRegexFullMatch)               \
  X(kRelu)                         \
  X(kReshape)                      \
  X(kResize)                       \
  X(kReverseSequence)              \
  X(kRoiAlign)                     \
  X(kRotaryEmbedding)              \
  X(kRound)                        \
  X(kSTFT)                         \
  X(kScan)                         \
  X(kScatter)                      \
  X(kScatterElements)              \
  X(kScatterND)                    \
  X(kSelu)                         \
  X(kSequenceAt)                   \
  X(kSequenceConstruct)            \
  X(kSequenceEmpty)                \
  X(kSequenceErase)                \
  X(kSequenceInsert)               \
  X(kSequenceLength)               \
  X(kSequenceMap)                  \
  X(kShape)                        \
  X(kShrink)                       \
  X(kSigmoid)                      \
  X(kSign)                         \
  X(kSimplifiedLayerNormalization) \
  X(kSin)                          \
  X(kSinh)                         \
  X(kSize)                         \
  X(kSlice)                        \
  X(kSoftmax)                      \
  X(kSoftmaxCrossEntropyLoss)      \
  X(kSoftplus)                     \
  X(kSoftsign)                     \
  X(kSpaceToDepth)                 \
  X(kSplit)                        \
  X(kSplitToSequence)              \
  X(kSqrt)                         \
  X(kSqueeze)                      \
  X(kStringConcat)                 \
  X(kStringNormalizer)             \
  X(kStringSplit)                  \
  X(kSub)                          \
  X(kSum)                          \
  X(kSwiGLU)                       \
  X(kSwish)                        \
  X(kTan)                          \
  X(kTanh)                         \
  X(kTensorScatter)                \
  X(kTfIdfVectorizer)              \
  X(kThresholdedRelu)              \
  X(kTile)                         \
  X(kTopK)                         \
  X(kTranspose)                    \
  X(kTrilu)                        \
  X(kUnique)                       \
  X(kUnsqueeze)                    \
  X(kUpsample)                     \
  X(kWhere)                        \
  X(kXor)                          \
  X(kMlArrayFeatureExtractor)      \
  X(kMlBinarizer)                  \
  X(kMlCategoryMapper)             \
  X(kMlFeatureVectorizer)          \
  X(kMlImputer)                    \
  X(kMlLabelEncoder)               \
  X(kMlLinearClassifier)           \
  X(kMlLinearRegressor)            \
  X(kMlNormalizer)                 \
  X(kMlOneHotEncoder)              \
  X(kMlSVMClassifier)              \
  X(kMlSVMRegressor)               \
  X(kMlScaler)                     \
  X(kMlTreeEnsemble)               \
  X(kMlTreeEnsembleClassifier)     \
  X(kMlTreeEnsembleRegressor)      \
  X(kFlexAttention)                \
  X(kAdagrad)                      \
  X(kAdam)                         \
  X(kMomentum)                     \
  X(kFusedAttention)               \
  X(kFusedConv)                    \
  X(kFusedConvTranspose)           \
  X(kFusedConvert)                 \
  X(kFusedGemm)                    \
  X(kFusedMatMul)

// Those that ONNX Runtime adds, in its own domain.
#define ASSAY_MICROSOFT_OPERATORS(X)            \
  X(kMicrosoftAttention)                        \
  X(kMicrosoftBiasAdd)                          \
  X(kMicrosoftBiasGelu)                         \
  X(kMicrosoftBiasSplitGelu)                    \
  X(kMicrosoftCDist)                            \
  X(kMicrosoftComplexMul)                       \
  X(kMicrosoftComplexMulConj)                   \
  X(kMicrosoftDequantizeLinear)                 \
  X(kMicrosoftDynamicQuantizeMatMul)            \
  X(kMicrosoftEmbedLayerNormalization)          \
  X(kMicrosoftExpandDims)                       \
  X(kMicrosoftFastGelu)                         \
  X(kMicrosoftFusedConv)                        \
  X(kMicrosoftFusedGemm)                        \
  X(kMicrosoftFusedMatMul)                      \
  X(kMicrosoftGatherND)                         \
  X(kMicrosoftGelu)                             \
  X(kMicrosoftGroupQueryAttention)              \
  X(kMicrosoftInverse)                          \
  X(kMicrosoftMatMulIntegerToFloat)             \
  X(kMicrosoftMatMulNBits)                      \
  X(kMicrosoftMultiHeadAttention)               \
  X(kMicrosoftNGramRepeatBlock)                 \
  X(kMicrosoftNhwcConv)                         \
  X(kMicrosoftPad)                              \
  X(kMicrosoftQGemm)                            \
  X(kMicrosoftQLinearAdd)                       \
  X(kMicrosoftQLinearAveragePool)               \
  X(kMicrosoftQLinearConcat)                    \
  X(kMicrosoftQLinearGlobalAveragePool)         \
  X(kMicrosoftQLinearLeakyRelu)                 \
  X(kMicrosoftQLinearMul)                       \
  X(kMicrosoftQLinearSigmoid)                   \
  X(kMicrosoftQLinearSoftmax)                   \
  X(kMicrosoftQLinearWhere)                     \
  X(kMicrosoftQuantizeLinear)                   \
  X(kMicrosoftQuickGelu)                        \
  X(kMicrosoftRange)                            \
  X(kMicrosoftRotaryEmbedding)                  \
  X(kMicrosoftSkipLayerNormalization)           \
  X(kMicrosoftSkipSimplifiedLayerNormalization) \
  X(kMicrosoftTransposeMatMul)                  \
  X(kMicrosoftTrilu)

namespace assay {

#define ASSAY_DECLARE(op) extern const OpDef op;
ASSAY_OPERATORS(ASSAY_DECLARE)
ASSAY_MICROSOFT_OPERATORS(ASSAY_DECLARE)
#undef ASSAY_DECLARE

namespace {

#define ASSAY_ADDRESS(op) &op,
constexpr const OpDef* kOps[] = {ASSAY_OPERATORS(ASSAY_ADDRESS)
                                     ASSAY_MICROSOFT_OPERATORS(ASSAY_ADDRESS)};
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

bool IsRandom(const Node& node) {
  const OpDef* op = FindOp(node.domain, node.op);
  return op != nullptr && op->random;
}

const OpSchema* OpDef::SchemaFor(int opset) const {
  const OpSchema* found = nullptr;
  for (const OpSchema& schema : schemas) {
    if (schema.since <= opset) found = &schema;
  }
  return found;
}

}  // namespace assay
