#include "ops/apply_operator.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes =
    DTypeSet::Of(DType::kFloat32, DType::kFloat64, DType::kInt16, DType::kInt32, DType::kInt64);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"start", kTypes}, {"limit", kTypes}, {"delta", kTypes, Arity::kOptional}},
     .outputs = {{"Y", kTypes}}},
};

// The step where none is given.
Result<Tensor> One(DType dtype) { return ConvertTensor(Tensor::Scalar<int64_t>(1), dtype); }

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_ASSIGN_OR_RETURN(const Tensor one, One(context.InputType(0)));
  const ValueType one_type = ValueType::TensorOf(one.dtype(), SymbolicShape());
  Node node = context.node();
  node.inputs.resize(3, 0);
  node.inputs[2] = 0;
  std::vector<InferContext::Input> inputs;
  std::vector<std::optional<std::vector<Dim>>> contents(3);
  for (int i = 0; i < 3; ++i) {
    if (!context.HasInput(i)) {
      contents[2] = std::vector<Dim>{Dim(1)};
      inputs.push_back({&one_type, &one, IsFloating(one.dtype()) ? nullptr : &*contents[2]});
      continue;
    }
    auto& own = contents[static_cast<size_t>(i)];
    own = context.InputContents(i);
    inputs.push_back({context.InputValueType(i), context.ConstantInput(i), own ? &*own : nullptr});
  }
  InferContext range(node, context.schema(), std::move(inputs));
  ASSAY_RETURN_IF_ERROR(FindOp("", "Range")->infer(range));
  context.SetOutputType(0, range.outputs()[0].type);
  if (auto& values = range.outputs()[0].contents) context.SetOutputContents(0, std::move(*values));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const DType dtype = context.Input(0).dtype();
  ASSAY_ASSIGN_OR_RETURN(const Tensor one, One(dtype));
  ASSAY_ASSIGN_OR_RETURN(std::vector<Tensor> outputs,
                         ApplyOperator(context, "Range",
                                       {&context.Input(0), &context.Input(1),
                                        context.HasInput(2) ? &context.Input(2) : &one},
                                       {}, 11, {dtype}));
  context.SetOutput(0, std::move(outputs[0]));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "steps_of_one",
                   .inputs = {Tensor::Scalar<int32_t>(3), Tensor::Scalar<int32_t>(6)},
                   .expected = {Tensor::Vector<int32_t>({3, 4, 5})}});
  cases.push_back({.name = "down",
                   .inputs = {Tensor::Vector<float>({1}), Tensor::Scalar<float>(-0.5F),
                              Tensor::Scalar<float>(-0.5F)},
                   .expected = {Tensor::Vector<float>({1, 0.5F, 0})}});
}

}  // namespace

extern const OpDef kMicrosoftRange;
const OpDef kMicrosoftRange = {.name = "Range",
                               .domain = kMicrosoftDomain,
                               .schemas = kSchemas,
                               .infer = Infer,
                               .reference = Reference,
                               .cases = Cases};

}  // namespace assay
