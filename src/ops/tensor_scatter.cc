#include <fmt/format.h>

#include <algorithm>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = kBasicTypes | kFloat8s | kInteger4s |
                            DTypeSet::Of(DType::kBFloat16, DType::kFloat4E2M1, DType::kFloat8E8M0);

constexpr OpSchema kSchemas[] = {
    {.since = 24,
     .inputs = {{"past_cache", kTypes},
                {"update", kTypes},
                {"write_indices", kInt64Only, Arity::kOptional}},
     .outputs = {{"present_cache", kTypes}},
     .attributes = {IntAttribute("axis", -2), StringAttribute("mode", "linear")}},
};

Result<bool> IsCircular(const OpContext& context) {
  const std::string mode = context.String("mode");
  if (mode == "linear" || mode == "circular") return mode == "circular";
  return OpContext::Invalid(
      fmt::format("attribute \"mode\": expected linear or circular, got \"{}\"", mode));
}

// The axis along which the update is written. The update has the extents of the cache but along the
// axis, where it may have less.
Result<int> CheckShapes(const OpContext& context, const SymbolicShape& cache,
                        const SymbolicShape* update, const SymbolicShape* indices) {
  ASSAY_ASSIGN_OR_RETURN(const int axis,
                         CheckedAxis(context.Int("axis"), static_cast<int>(cache.size())));
  if (axis == 0) {
    return OpContext::Invalid("attribute \"axis\": expected another axis than 0, that of samples");
  }
  bool fits = update == nullptr || update->size() == cache.size();
  for (size_t i = 0; fits && update != nullptr && i < cache.size(); ++i) {
    if (!cache[i].IsKnown() || !(*update)[i].IsKnown()) continue;
    const int64_t written = (*update)[i].value();
    fits =
        i == static_cast<size_t>(axis) ? written <= cache[i].value() : written == cache[i].value();
  }
  if (!fits) {
    return OpContext::Invalid(
        fmt::format("update: expected the shape {} with at most as much along axis {}, got {}",
                    ToString(cache), axis, ToString(*update)));
  }
  if (indices == nullptr) return axis;
  const bool one_each = indices->size() == 1 && (!(*indices)[0].IsKnown() || !cache[0].IsKnown() ||
                                                 (*indices)[0].value() == cache[0].value());
  if (one_each) return axis;
  return OpContext::Invalid(fmt::format("write_indices: expected shape ({},), got {}",
                                        cache[0].ToString(), ToString(*indices)));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 1}));
  ASSAY_RETURN_IF_ERROR(IsCircular(context).status());
  context.CopyInput(0, 0);
  if (context.InputShape(0) == nullptr) return OkStatus();
  return CheckShapes(context, *context.InputShape(0), context.InputShape(1), context.InputShape(2))
      .status();
}

// By sample: where in the cache the update begins. Updates of a circular cache begin inside of it.
Result<std::vector<int64_t>> Starts(const ReferenceContext& context, bool circular, int64_t extent,
                                    int64_t written) {
  const int64_t samples = context.Input(0).shape()[0];
  std::vector<int64_t> starts(static_cast<size_t>(samples), 0);
  if (context.HasInput(2)) starts = context.IntValues(2);
  for (int64_t& start : starts) {
    if (circular) {
      if (extent > 0) start = (start % extent + extent) % extent;
    } else if (start < 0 || start > extent - written) {
      return OpContext::Invalid(fmt::format(
          "write_indices: expected values in [0, {}] for {} of {} in mode linear, got {}",
          extent - written, written, extent, start));
    }
  }
  return starts;
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  const Shape& update_shape = context.Input(1).shape();
  const SymbolicShape update_dims = ToSymbolic(update_shape);
  SymbolicShape index_dims;
  if (context.HasInput(2)) index_dims = ToSymbolic(context.Input(2).shape());
  ASSAY_ASSIGN_OR_RETURN(const bool circular, IsCircular(context));
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckShapes(context, ToSymbolic(shape), &update_dims,
                                                     context.HasInput(2) ? &index_dims : nullptr));
  const AxisLines lines = LinesAlong(shape, axis);
  const int64_t written = update_shape[axis];
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int64_t> starts,
                         Starts(context, circular, lines.length, written));
  const ElementBuffer cache(context.Input(0));
  const ElementBuffer update(context.Input(1));
  ElementBuffer out(context.Input(0).dtype(), shape);
  const int64_t slice = lines.length * lines.inner;
  const int64_t slices_of_sample = shape.elements(1, axis);
  ForEachSlice(context.threads(), lines.outer, slice, [&](int64_t index) {
    out.Copy(index * slice, cache, index * slice, slice);
    const int64_t start = starts[static_cast<size_t>(index / slices_of_sample)];
    const int64_t before_end = std::min(written, lines.length - start);
    const int64_t from = index * written * lines.inner;
    out.Copy(index * slice + start * lines.inner, update, from, before_end * lines.inner);
    out.Copy(index * slice, update, from + before_end * lines.inner,
             (written - before_end) * lines.inner);
  });
  context.SetOutput(0, out.Finish());
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Attribute circular{"mode", std::string("circular")};
  const Tensor cache = Tensor::Of<int32_t>({2, 3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  const Tensor one = Tensor::Of<int32_t>({2, 1, 2}, {-1, -2, -3, -4});
  const Tensor two = Tensor::Of<int32_t>({2, 2, 2}, {-1, -2, -3, -4, -5, -6, -7, -8});
  cases.push_back(
      {.name = "at_the_begin",
       .inputs = {cache, one},
       .expected = {Tensor::Of<int32_t>({2, 3, 2}, {-1, -2, 3, 4, 5, 6, -3, -4, 9, 10, 11, 12})}});
  cases.push_back({.name = "at_indices",
                   .inputs = {cache, two, Tensor::Vector<int64_t>({1, 0})},
                   .expected = {Tensor::Of<int32_t>(
                       {2, 3, 2}, {1, 2, -1, -2, -3, -4, -5, -6, -7, -8, 11, 12})}});
  cases.push_back(
      {.name = "circular",
       .attributes = {circular},
       .inputs = {cache, two, Tensor::Vector<int64_t>({2, 4})},
       .expected = {Tensor::Of<int32_t>({2, 3, 2}, {-3, -4, 3, 4, -1, -2, 7, 8, -5, -6, -7, -8})}});
  cases.push_back(
      {.name = "circular_before_the_begin",
       .attributes = {circular, {"axis", int64_t{1}}},
       .inputs = {cache, one, Tensor::Vector<int64_t>({-1, INT64_MIN})},
       .expected = {Tensor::Of<int32_t>({2, 3, 2}, {1, 2, 3, 4, -1, -2, 7, 8, -3, -4, 11, 12})}});
  cases.push_back(
      {.name = "last_axis_of_strings",
       .attributes = {{"axis", int64_t{-1}}},
       .inputs = {Tensor::Of<std::string>({1, 2, 2}, {"a", "b", "c", "d"}),
                  Tensor::Of<std::string>({1, 2, 1}, {"x", "y"}), Tensor::Vector<int64_t>({1})},
       .expected = {Tensor::Of<std::string>({1, 2, 2}, {"a", "x", "c", "y"})}});
  cases.push_back({.name = "heads_of_samples",
                   .inputs = {Tensor::Of<float>({2, 2, 2, 1}, {1, 2, 3, 4, 5, 6, 7, 8}),
                              Tensor::Of<float>({2, 2, 1, 1}, {-1, -2, -3, -4}),
                              Tensor::Vector<int64_t>({0, 1})},
                   .expected = {Tensor::Of<float>({2, 2, 2, 1}, {-1, 2, -2, 4, 5, -3, 7, -4})}});
  cases.push_back(
      {.name = "four_bits",
       .inputs = {TensorAs(DType::kInt4, {1, 3, 1}, {1, 2, 3}),
                  TensorAs(DType::kInt4, {1, 1, 1}, {-8}), Tensor::Vector<int64_t>({1})},
       .expected = {TensorAs(DType::kInt4, {1, 3, 1}, {1, -8, 3})}});
  cases.push_back({.name = "nothing_to_write",
                   .inputs = {Tensor::Of<float>({1, 1, 1}, {5}), Tensor::Of<float>({1, 0, 1}, {}),
                              Tensor::Vector<int64_t>({1})},
                   .expected = {Tensor::Of<float>({1, 1, 1}, {5})}});
  cases.push_back({.name = "empty_cache",
                   .attributes = {circular},
                   .inputs = {Tensor::Of<float>({1, 0, 1}, {}), Tensor::Of<float>({1, 0, 1}, {}),
                              Tensor::Vector<int64_t>({7})},
                   .expected = {Tensor::Of<float>({1, 0, 1}, {})}});
}

}  // namespace

extern const OpDef kTensorScatter;
const OpDef kTensorScatter = {.name = "TensorScatter",
                              .schemas = kSchemas,
                              .infer = Infer,
                              .reference = Reference,
                              .cases = Cases};

}  // namespace assay
