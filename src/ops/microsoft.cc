#include "ops/microsoft.h"

#include <fmt/format.h>

#include "ops/elementwise.h"

namespace assay {
namespace {

Status NotAlongLastAxis(int vector, const std::string& x, const std::string& got) {
  return OpContext::Invalid(
      fmt::format("shape of input {}: expected one value per index of the last axis of {}, got {}",
                  vector, x, got));
}

Status WrongShape(int index, const std::string& expected, const std::string& got) {
  return OpContext::Invalid(
      fmt::format("shape of input {}: expected {}, got {}", index, expected, got));
}

bool MayBeSame(const Dim& a, const Dim& b) {
  return !a.IsKnown() || !b.IsKnown() || a.value() == b.value();
}

}  // namespace

Status InferLastAxisVector(const InferContext& context, int x, int vector) {
  const SymbolicShape* shape = context.InputShape(x);
  const SymbolicShape* own = context.InputShape(vector);
  if (shape == nullptr || own == nullptr) return OkStatus();
  if (!shape->empty() && own->size() == 1 && MayBeSame(shape->back(), own->back())) {
    return OkStatus();
  }
  return NotAlongLastAxis(vector, ToString(*shape), ToString(*own));
}

Status CheckLastAxisVector(const ReferenceContext& context, int x, int vector) {
  if (!context.HasInput(vector)) return OkStatus();
  const Shape& shape = context.Input(x).shape();
  const Shape& own = context.Input(vector).shape();
  if (shape.rank() > 0 && own.rank() == 1 && own[0] == shape[shape.rank() - 1]) return OkStatus();
  return NotAlongLastAxis(vector, shape.ToString(), own.ToString());
}

Status CheckInferredShape(const InferContext& context, int index, const SymbolicShape& expected) {
  const SymbolicShape* shape = context.InputShape(index);
  if (shape == nullptr) return OkStatus();
  bool fits = shape->size() == expected.size();
  for (size_t i = 0; fits && i < expected.size(); ++i) fits = MayBeSame((*shape)[i], expected[i]);
  return fits ? OkStatus() : WrongShape(index, ToString(expected), ToString(*shape));
}

Status CheckInputShape(const ReferenceContext& context, int index, const Shape& expected) {
  if (!context.HasInput(index) || context.Input(index).shape() == expected) return OkStatus();
  return WrongShape(index, expected.ToString(), context.Input(index).shape().ToString());
}

Tensor AddAlongLastAxis(const ReferenceContext& context, const Tensor& x, const Tensor* vector) {
  if (vector == nullptr) return x;
  Tensor sum = Tensor::Allocate(DType::kFloat64, x.shape());
  const std::span<const double> in = x.data<double>();
  const std::span<const double> added = vector->data<double>();
  const std::span<double> out = sum.mutable_data<double>();
  context.threads().ParallelFor(
      static_cast<int64_t>(in.size()), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
          out[i] = in[i] + added[i % added.size()];
        }
      });
  return sum;
}

}  // namespace assay
