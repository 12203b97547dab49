#include "ops/arithmetic.h"

#include "ops/elementwise.h"

namespace assay {

Dim Plus(const Dim& a, const Dim& b) { return a + b; }
Dim Minus(const Dim& a, const Dim& b) { return a - b; }
Dim Times(const Dim& a, const Dim& b) { return a * b; }
Dim DividedBy(const Dim& a, const Dim& b) {
  if (a.IsKnown() && b.IsKnown()) return TruncatingDivide(a.value(), b.value());
  return FloorDivide(a, b);
}

Status InferArithmetic(InferContext& context, Dim (*operation)(const Dim&, const Dim&)) {
  ASSAY_RETURN_IF_ERROR(InferBroadcast(context));
  const auto a = context.InputContents(0);
  const auto b = context.InputContents(1);
  if (!a || !b || (a->size() != b->size() && a->size() != 1 && b->size() != 1)) return OkStatus();
  if (a->empty() || b->empty()) return OkStatus();
  std::vector<Dim> contents;
  for (size_t i = 0; i < std::max(a->size(), b->size()); ++i) {
    contents.push_back(operation((*a)[a->size() == 1 ? 0 : i], (*b)[b->size() == 1 ? 0 : i]));
  }
  context.SetOutputContents(0, std::move(contents));
  return OkStatus();
}

}  // namespace assay
