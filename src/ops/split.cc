#include <fmt/format.h>

#include <numeric>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"input", kFloats}, {"split", kFloats, Arity::kOptional}},
     .outputs = {{"outputs", kFloats, Arity::kVariadic}},
     .attributes = {IntAttribute("axis", 0), OptionalAttribute("split", AttributeKind::kInts)}},
    {.since = 2,
     .also_since = {11},
     .inputs = {{"input", kAllTypes}},
     .outputs = {{"outputs", kAllTypes, Arity::kVariadic}},
     .attributes = {IntAttribute("axis", 0), OptionalAttribute("split", AttributeKind::kInts)}},
    {.since = 13,
     .inputs = {{"input", kAllTypes}, {"split", kInt64Only, Arity::kOptional}},
     .outputs = {{"outputs", kAllTypes, Arity::kVariadic}},
     .attributes = {IntAttribute("axis", 0)}},
    {.since = 18,
     .inputs = {{"input", kAllTypes}, {"split", kInt64Only, Arity::kOptional}},
     .outputs = {{"outputs", kAllTypes, Arity::kVariadic}},
     .attributes = {IntAttribute("axis", 0),
                    OptionalAttribute("num_outputs", AttributeKind::kInt)}},
};

// Equal parts; since opset 18 the last one may be smaller.
Result<std::vector<int64_t>> EqualParts(const OpContext& context, int64_t extent) {
  const int64_t parts = context.output_count();
  const bool uneven = context.opset() >= 18;
  if (!uneven && extent % parts != 0) {
    return OpContext::Invalid(
        fmt::format("split: an extent of {} cannot be cut into {} equal parts", extent, parts));
  }
  const int64_t part = (extent + parts - 1) / parts;
  std::vector<int64_t> sizes(static_cast<size_t>(parts), part);
  sizes.back() = extent - part * (parts - 1);
  if (sizes.back() < 0) {
    return OpContext::Invalid(
        fmt::format("split: an extent of {} is too small for {} parts", extent, parts));
  }
  return sizes;
}

Status Infer(InferContext& context) {
  const DType dtype = context.InputType(0);
  const SymbolicShape* shape = context.InputShape(0);
  if (shape == nullptr) {
    for (int i = 0; i < context.output_count(); ++i) context.SetOutput(i, dtype, std::nullopt);
    return OkStatus();
  }
  ASSAY_ASSIGN_OR_RETURN(const int axis,
                         CheckedAxis(context.Int("axis"), static_cast<int>(shape->size())));
  const Dim extent = (*shape)[static_cast<size_t>(axis)];
  std::optional<std::vector<int64_t>> sizes;
  bool given = false;
  if (context.opset() < 13) {
    given = context.HasAttribute("split");
    if (given) sizes = context.Ints("split");
  } else {
    given = context.HasInput(1);
    sizes = context.ConstantInts(1);
  }
  if (!given && extent.IsKnown()) {
    ASSAY_ASSIGN_OR_RETURN(sizes, EqualParts(context, extent.value()));
  }
  for (int i = 0; i < context.output_count(); ++i) {
    SymbolicShape part = *shape;
    Dim& dim = part[static_cast<size_t>(axis)];
    if (sizes && static_cast<size_t>(i) < sizes->size()) {
      dim = (*sizes)[static_cast<size_t>(i)];
    } else {
      dim = given ? Dim::Unknown() : FloorDivide(extent, context.output_count());
    }
    context.SetOutput(i, dtype, std::move(part));
  }
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(context.Int("axis"), input.shape().rank()));
  const int64_t extent = input.shape()[axis];
  std::vector<int64_t> sizes;
  if (context.opset() < 13 && context.HasAttribute("split")) {
    sizes = context.Ints("split");
  } else if (context.opset() >= 13 && context.HasInput(1)) {
    sizes = context.IntValues(1);
  } else {
    ASSAY_ASSIGN_OR_RETURN(sizes, EqualParts(context, extent));
  }
  bool fits = sizes.size() == static_cast<size_t>(context.output_count());
  for (int64_t size : sizes) fits = fits && size >= 0;
  if (!fits || std::accumulate(sizes.begin(), sizes.end(), int64_t{0}) != extent) {
    return OpContext::Invalid(fmt::format("split: expected {} sizes that add up to {}, got [{}]",
                                          context.output_count(), extent, fmt::join(sizes, ", ")));
  }
  int64_t begin = 0;
  const std::vector<int64_t> strides = input.shape().Strides();
  for (size_t i = 0; i < sizes.size(); ++i) {
    Shape part = input.shape();
    part[axis] = sizes[i];
    const int64_t offset = part.elements() == 0 ? 0 : begin * strides[static_cast<size_t>(axis)];
    context.SetOutput(static_cast<int>(i),
                      CopyStridedView(input, part, offset, strides, context.threads()));
    begin += sizes[i];
  }
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  cases.push_back(
      {.name = "sizes",
       .attributes = {{"axis", int64_t{1}}},
       .inputs = {data, Tensor::Vector<int64_t>({1, 2})},
       .expected = {Tensor::Of<float>({2, 1}, {1, 4}), Tensor::Of<float>({2, 2}, {2, 3, 5, 6})}});
  cases.push_back(
      {.name = "uneven",
       .attributes = {{"axis", int64_t{-1}}, {"num_outputs", int64_t{2}}},
       .inputs = {data},
       .expected = {Tensor::Of<float>({2, 2}, {1, 2, 4, 5}), Tensor::Of<float>({2, 1}, {3, 6})}});
  cases.push_back(
      {.name = "attribute",
       .opset = 11,
       .attributes = {{"split", std::vector<int64_t>{1, 1}}},
       .inputs = {data},
       .expected = {Tensor::Of<float>({1, 3}, {1, 2, 3}), Tensor::Of<float>({1, 3}, {4, 5, 6})}});
  cases.push_back({.name = "empty_part",
                   .inputs = {data, Tensor::Vector<int64_t>({0, 2})},
                   .expected = {Tensor::Of<float>({0, 3}, {}), data}});
}

}  // namespace

extern const OpDef kSplit;
const OpDef kSplit = {
    .name = "Split", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
