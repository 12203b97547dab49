#include <algorithm>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {13},
     .inputs = {{"data", kAllTypes}},
     .outputs = {{"shape", kInt64Only}}},
    {.since = 15,
     .also_since = {19, 21, 23, 24, 25},
     .inputs = {{"data", kAllTypes}},
     .outputs = {{"shape", kInt64Only}},
     .attributes = {OptionalAttribute("end", AttributeKind::kInt), IntAttribute("start", 0)}},
};

struct AxisRange {
  int begin;
  int end;
};

// Out-of-range ends are clamped, as the standard says.
AxisRange SelectedAxes(const OpContext& context, int rank) {
  if (context.opset() < 15) return {0, rank};
  const auto clamp = [rank](int64_t axis) {
    return static_cast<int>(std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank));
  };
  const int begin = clamp(context.Int("start"));
  const int end = context.HasAttribute("end") ? clamp(context.Int("end")) : rank;
  return {begin, std::max(begin, end)};
}

Status Infer(InferContext& context) {
  const SymbolicShape* shape = context.InputShape(0);
  if (shape == nullptr) {
    context.SetOutput(0, DType::kInt64, SymbolicShape(1));
    return OkStatus();
  }
  const AxisRange range = SelectedAxes(context, static_cast<int>(shape->size()));
  context.SetOutput(0, DType::kInt64, SymbolicShape{Dim(range.end - range.begin)});
  context.SetOutputContents(
      0, std::vector<Dim>(shape->begin() + range.begin, shape->begin() + range.end));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  const AxisRange range = SelectedAxes(context, shape.rank());
  context.SetOutput(0, Tensor::Vector<int64_t>(std::vector<int64_t>(shape.begin() + range.begin,
                                                                    shape.begin() + range.end)));
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor data = Tensor::Zeros(DType::kFloat32, {2, 3, 4});
  cases.push_back(
      {.name = "whole", .inputs = {data}, .expected = {Tensor::Vector<int64_t>({2, 3, 4})}});
  cases.push_back({.name = "slice",
                   .attributes = {{"start", int64_t{-2}}, {"end", int64_t{-1}}},
                   .inputs = {data},
                   .expected = {Tensor::Vector<int64_t>({3})}});
  cases.push_back({.name = "clamped_to_nothing",
                   .attributes = {{"start", int64_t{5}}, {"end", int64_t{9}}},
                   .inputs = {data},
                   .expected = {Tensor::Vector<int64_t>({})}});
  cases.push_back({.name = "scalar",
                   .inputs = {Tensor::Scalar<float>(1)},
                   .expected = {Tensor::Vector<int64_t>({})}});
}

}  // namespace

extern const OpDef kShape;
const OpDef kShape = {
    .name = "Shape", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
