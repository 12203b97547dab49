#include "ops/infer_context.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = kNumeric | kBools;

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kTypes}, {"k", kInt64Only, Arity::kOptional}},
     .outputs = {{"Y", kTypes}},
     .attributes = {IntAttribute("upper", 1)}},
};

Status Infer(InferContext& context) { return FindOp("", "Trilu")->infer(context); }
Status Reference(ReferenceContext& context) { return FindOp("", "Trilu")->reference(context); }

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "lower_below_diagonal",
       .attributes = {{"upper", int64_t{0}}},
       .inputs = {Tensor::Of<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6}), Tensor::Scalar<int64_t>(-1)},
       .expected = {Tensor::Of<int32_t>({2, 3}, {0, 0, 0, 4, 0, 0})}});
}

}  // namespace

extern const OpDef kMicrosoftTrilu;
const OpDef kMicrosoftTrilu = {.name = "Trilu",
                               .domain = kMicrosoftDomain,
                               .schemas = kSchemas,
                               .infer = Infer,
                               .reference = Reference,
                               .cases = Cases};

}  // namespace assay
