#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ops/cases.h"
#include "ops/elementwise.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = kNumeric | kBools | kStrings | kComplexes;

constexpr OpSchema kSchemas[] = {
    {.since = 9,
     .also_since = {16},
     .inputs = {{"condition", kBools}, {"X", kTypes}, {"Y", kTypes}},
     .outputs = {{"output", kTypes}}},
};

const Dim& At(const std::vector<Dim>& contents, size_t i) {
  return contents[contents.size() == 1 ? 0 : i];
}

// What is known of the condition; one unknown entry per element where nothing is.
std::optional<std::vector<Dim>> ConditionContents(const InferContext& context) {
  if (auto contents = context.InputContents(0)) return contents;
  const SymbolicShape* shape = context.InputShape(0);
  if (shape == nullptr || shape->size() > 1) return std::nullopt;
  constexpr int64_t kMostExtents = 64;
  const Dim count = shape->empty() ? Dim(1) : shape->front();
  if (!count.IsKnown() || count.value() > kMostExtents) return std::nullopt;
  return std::vector<Dim>(static_cast<size_t>(count.value()), Dim::Unknown());
}

// Contents chosen from those of the branches, where the condition follows from shapes too.
void InferContents(InferContext& context) {
  std::array<std::optional<std::vector<Dim>>, 3> in;
  size_t size = 1;
  for (int i = 0; i < 3; ++i) {
    auto& contents = in[static_cast<size_t>(i)];
    contents = i == 0 ? ConditionContents(context) : context.InputContents(i);
    if (!contents || contents->empty()) return;
    if (contents->size() != 1) {
      if (size != 1 && size != contents->size()) return;
      size = contents->size();
    }
  }
  std::vector<Dim> chosen;
  for (size_t k = 0; k < size; ++k) {
    const Dim& x = At(*in[1], k);
    const Dim& y = At(*in[2], k);
    const Dim& condition = At(*in[0], k);
    if (condition.IsKnown()) {
      chosen.push_back(condition.value() != 0 ? x : y);
    } else {
      chosen.push_back(x.SameAs(y) ? x : Dim::Unknown());
    }
  }
  context.SetOutputContents(0, std::move(chosen));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({1, 2}));
  ASSAY_ASSIGN_OR_RETURN(std::optional<SymbolicShape> shape, context.BroadcastInputs());
  context.SetOutput(0, context.InputType(1), std::move(shape));
  InferContents(context);
  return OkStatus();
}

template <typename T>
void Choose(ReferenceContext& context, const BroadcastPlan& plan, const T* x, const T* y, T* out) {
  const std::span<const uint8_t> condition = BoolBytes(context.Input(0));
  const BroadcastCursor cursor(plan.output, plan.inputs);
  context.threads().ParallelFor(
      plan.output.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
        cursor.ForEachRun(begin, end, [&](int64_t at, int64_t count, auto offsets, auto steps) {
          for (int64_t k = 0; k < count; ++k) {
            const bool first = condition[static_cast<size_t>(offsets[0] + k * steps[0])] != 0;
            out[at + k] = first ? x[offsets[1] + k * steps[1]] : y[offsets[2] + k * steps[2]];
          }
        });
      });
}

template <typename T>
void ChooseRaw(ReferenceContext& context, const BroadcastPlan& plan) {
  Tensor& out = context.AllocateOutput(0, plan.output);
  Choose(context, plan, static_cast<const T*>(context.Input(1).raw()),
         static_cast<const T*>(context.Input(2).raw()), static_cast<T*>(out.mutable_raw()));
}

// Elements are only moved, so all types of one width go the same way.
Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const BroadcastPlan plan, PlanBroadcast(context, std::array{0, 1, 2}));
  const DType dtype = context.Input(1).dtype();
  if (dtype == DType::kString) {
    ChooseRaw<std::string>(context, plan);
    return OkStatus();
  }
  switch (DTypeBits(dtype)) {
    case 8:
      ChooseRaw<uint8_t>(context, plan);
      break;
    case 16:
      ChooseRaw<uint16_t>(context, plan);
      break;
    case 32:
      ChooseRaw<uint32_t>(context, plan);
      break;
    case 64:
      ChooseRaw<uint64_t>(context, plan);
      break;
    case 128:
      ChooseRaw<std::array<uint64_t, 2>>(context, plan);
      break;
    default:
      return OpContext::Unsupported("element type cannot be chosen from");
  }
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "float",
                   .inputs = {Tensor::Of<bool>({2, 2}, {true, false, false, true}),
                              Tensor::Of<double>({2, 2}, {1, 2, 3, kNaN}),
                              Tensor::Of<double>({2, 2}, {5, -0.0, kInfinity, 8})},
                   .expected = {Tensor::Of<double>({2, 2}, {1, -0.0, kInfinity, kNaN})}});
  cases.push_back(
      {.name = "broadcast_all",
       .inputs = {Tensor::Of<bool>({2, 1, 1}, {true, false}), Tensor::Of<int64_t>({2, 1}, {1, 2}),
                  Tensor::Vector<int64_t>({7, 8, 9})},
       .expected = {Tensor::Of<int64_t>({2, 2, 3}, {1, 1, 1, 2, 2, 2, 7, 8, 9, 7, 8, 9})}});
  cases.push_back(
      {.name = "string",
       .inputs = {Tensor::Vector<bool>({true, false}), Tensor::Vector<std::string>({"a", "b"}),
                  Tensor::Scalar<std::string>("other")},
       .expected = {Tensor::Vector<std::string>({"a", "other"})}});
  cases.push_back({.name = "bool",
                   .inputs = {Tensor::Scalar<bool>(false), Tensor::Vector<bool>({true, true}),
                              Tensor::Vector<bool>({false, true})},
                   .expected = {Tensor::Vector<bool>({false, true})}});
  cases.push_back(
      {.name = "empty",
       .inputs = {Tensor::Of<bool>({0}, {}), Tensor::Scalar<float>(1), Tensor::Scalar<float>(2)},
       .expected = {Tensor::Of<float>({0}, {})}});
}

}  // namespace

extern const OpDef kWhere;
const OpDef kWhere = {
    .name = "Where", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
