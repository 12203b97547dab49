#include "ops/transposed_product.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "ops/apply_operator.h"
#include "ops/matmul_shape.h"

namespace assay {
namespace {

// The attribute's value, 0 for operators that do not have it.
bool Flag(const OpContext& context, std::string_view name) {
  return context.HasAttribute(name) && context.Int(name) != 0;
}

}  // namespace

std::vector<int64_t> OperandOrder(const OpContext& context, int operand, int rank) {
  std::vector<int64_t> order(static_cast<size_t>(rank));
  std::iota(order.begin(), order.end(), 0);
  if (rank < 2) return order;
  if (Flag(context, operand == 0 ? "transBatchA" : "transBatchB")) {
    std::rotate(order.begin(), order.begin() + 1, order.end() - 1);
  }
  if (Flag(context, operand == 0 ? "transA" : "transB"))
    std::swap(order[order.size() - 2], order.back());
  return order;
}

Status InferFusedMatMul(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  std::array<ValueType, 2> types;
  std::vector<InferContext::Input> inputs(2);
  for (int i = 0; i < 2; ++i) {
    ValueType& type = types[static_cast<size_t>(i)];
    type = ValueType::TensorOf(context.InputType(i));
    if (const SymbolicShape* shape = context.InputShape(i)) {
      type.shape = SymbolicShape();
      for (int64_t axis : OperandOrder(context, i, static_cast<int>(shape->size()))) {
        type.shape->push_back((*shape)[static_cast<size_t>(axis)]);
      }
    }
    inputs[static_cast<size_t>(i)].type = &type;
  }
  InferContext product(context.node(), context.schema(), std::move(inputs));
  ASSAY_RETURN_IF_ERROR(InferMatMul(product, 0, 1, context.InputType(0)));
  context.SetOutputType(0, product.outputs()[0].type);
  return OkStatus();
}

Status ComputeFusedMatMul(ReferenceContext& context) {
  std::array<Tensor, 2> operands;
  for (int i = 0; i < 2; ++i) {
    const Tensor& input = context.Input(i);
    ASSAY_ASSIGN_OR_RETURN(
        operands[static_cast<size_t>(i)],
        ApplyOperator(context, "Transpose", {&input},
                      {{"perm", OperandOrder(context, i, input.shape().rank())}}));
  }
  ASSAY_ASSIGN_OR_RETURN(Tensor y, ApplyOperator(context, "MatMul", {&operands[0], &operands[1]}));
  const double alpha = context.Float("alpha");
  for (double& value : y.mutable_data<double>()) value *= alpha;
  context.SetOutput(0, std::move(y));
  return OkStatus();
}

}  // namespace assay
