#include <fmt/format.h>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"data", kFloats}},
     .outputs = {{"reshaped", kFloats}},
     .attributes = {OptionalAttribute("consumed_inputs", AttributeKind::kInts),
                    OptionalAttribute("shape", AttributeKind::kInts)}},
    {.since = 5,
     .also_since = {13},
     .inputs = {{"data", kAllTypes}, {"shape", kInt64Only}},
     .outputs = {{"reshaped", kAllTypes}}},
    {.since = 14,
     .also_since = {19, 21, 23, 24, 25},
     .inputs = {{"data", kAllTypes}, {"shape", kInt64Only}},
     .outputs = {{"reshaped", kAllTypes}},
     .attributes = {IntAttribute("allowzero", 0)}},
};

bool AllowsZero(const OpContext& context) {
  return context.opset() >= 14 && context.Int("allowzero") != 0;
}

// Resolves zeros and a -1 where the input shape permits it.
SymbolicShape Resolve(const SymbolicShape* input, std::vector<Dim> wanted, bool allow_zero) {
  std::optional<size_t> open;
  // Extents that stand on both sides cancel, so that the open one stays readable with symbols.
  std::vector<Dim> remaining;
  if (input != nullptr) remaining = *input;
  Dim divisor = 1;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].IsKnown() && wanted[i].value() == 0 && !allow_zero) {
      wanted[i] = input != nullptr && i < input->size() ? (*input)[i] : Dim::Unknown();
    } else if (wanted[i].IsKnown() && wanted[i].value() == -1) {
      open = i;
      continue;
    }
    bool cancelled = false;
    for (size_t k = 0; k < remaining.size() && !cancelled; ++k) {
      if (!remaining[k].SameAs(wanted[i])) continue;
      remaining.erase(remaining.begin() + static_cast<std::ptrdiff_t>(k));
      cancelled = true;
    }
    if (!cancelled) divisor = divisor * wanted[i];
  }
  if (open) {
    Dim product = input == nullptr ? Dim::Unknown() : Dim(1);
    for (const Dim& dim : remaining) product = product * dim;
    wanted[*open] = FloorDivide(product, divisor);
  }
  return wanted;
}

Status Infer(InferContext& context) {
  const DType dtype = context.InputType(0);
  std::optional<std::vector<Dim>> wanted;
  if (context.opset() < 5) {
    const std::vector<int64_t> attribute = context.Ints("shape");
    wanted = std::vector<Dim>(attribute.begin(), attribute.end());
  } else {
    wanted = context.InputContents(1);
  }
  if (!wanted) {
    const SymbolicShape* shape = context.InputShape(1);
    if (shape != nullptr && shape->size() == 1 && (*shape)[0].IsKnown() &&
        (*shape)[0].value() >= 0 && (*shape)[0].value() <= 64) {
      context.SetOutput(0, dtype, SymbolicShape(static_cast<size_t>((*shape)[0].value())));
    } else {
      context.SetOutput(0, dtype, std::nullopt);
    }
    return OkStatus();
  }
  context.SetOutput(0, dtype, Resolve(context.InputShape(0), *wanted, AllowsZero(context)));
  if (wanted->size() <= 1) ForwardContents(context);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  std::vector<int64_t> dims = context.opset() < 5 ? context.Ints("shape") : context.IntValues(1);
  int open = -1;
  int64_t product = 1;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && !AllowsZero(context)) {
      if (i >= static_cast<size_t>(input.shape().rank())) {
        return OpContext::Invalid(fmt::format(
            "shape: a 0 at position {} has no matching axis in {}", i, input.shape().ToString()));
      }
      dims[i] = input.shape()[static_cast<int>(i)];
    }
    if (dims[i] == -1) {
      if (open >= 0) return OpContext::Invalid("shape: expected at most one -1, got more");
      open = static_cast<int>(i);
    } else if (dims[i] < 0) {
      return OpContext::Invalid(fmt::format("shape: expected extents >= -1, got {}", dims[i]));
    } else {
      product *= dims[i];
    }
  }
  if (open >= 0) dims[static_cast<size_t>(open)] = product == 0 ? 0 : input.elements() / product;
  const Shape shape(dims);
  const std::optional<int64_t> elements = shape.CheckedElements();
  if (!elements || *elements != input.elements()) return ElementCountMismatch(input.shape(), shape);
  context.SetOutput(0, input.Reshaped(shape));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  cases.push_back({.name = "minus_one",
                   .inputs = {data, Tensor::Vector<int64_t>({-1, 2})},
                   .expected = {Tensor::Of<float>({3, 2}, {1, 2, 3, 4, 5, 6})}});
  cases.push_back({.name = "zero_copies",
                   .inputs = {data, Tensor::Vector<int64_t>({0, 1, -1})},
                   .expected = {Tensor::Of<float>({2, 1, 3}, {1, 2, 3, 4, 5, 6})}});
  cases.push_back({.name = "allowzero",
                   .attributes = {{"allowzero", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({0, 3}, {}), Tensor::Vector<int64_t>({3, 0})},
                   .expected = {Tensor::Of<float>({3, 0}, {})}});
  cases.push_back({.name = "to_scalar",
                   .inputs = {Tensor::Of<float>({1}, {7}), Tensor::Of<int64_t>({0}, {})},
                   .expected = {Tensor::Scalar<float>(7)}});
}

}  // namespace

extern const OpDef kReshape;
const OpDef kReshape = {
    .name = "Reshape", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
