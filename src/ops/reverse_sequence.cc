#include <fmt/format.h>

#include "ops/data_movement.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 10,
     .also_since = {28},
     .inputs = {{"input", kAllTypes}, {"sequence_lens", kInt64Only}},
     .outputs = {{"Y", kAllTypes}},
     .attributes = {IntAttribute("batch_axis", 1), IntAttribute("time_axis", 0)}},
};

Status Infer(InferContext& context) {
  context.CopyInput(0, 0);
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  const Shape& shape = input.shape();
  const int64_t batch_axis = context.Int("batch_axis");
  const int64_t time_axis = context.Int("time_axis");
  if (shape.rank() < 2 || batch_axis + time_axis != 1 || batch_axis < 0 || time_axis < 0) {
    return OpContext::Invalid(
        "batch_axis and time_axis: expected 0 and 1 in some order, and rank >= 2");
  }
  const std::vector<int64_t> lengths = context.IntValues(1);
  const int64_t batches = shape[static_cast<int>(batch_axis)];
  const int64_t steps = shape[static_cast<int>(time_axis)];
  if (lengths.size() != static_cast<size_t>(batches)) {
    return OpContext::Invalid(
        fmt::format("sequence_lens: expected {} values, got {}", batches, lengths.size()));
  }
  const int64_t width = shape.elements(2, shape.rank());
  const auto position = [&](int64_t batch, int64_t time) {
    return (batch_axis == 0 ? batch * steps + time : time * batches + batch) * width;
  };
  const ElementBuffer source(input);
  ElementBuffer target(input.dtype(), shape);
  for (int64_t batch = 0; batch < batches; ++batch) {
    const int64_t length = lengths[static_cast<size_t>(batch)];
    if (length < 0 || length > steps) {
      return OpContext::Invalid(
          fmt::format("sequence_lens: expected values in [0, {}], got {}", steps, length));
    }
    for (int64_t time = 0; time < steps; ++time) {
      const int64_t from = time < length ? length - 1 - time : time;
      target.Copy(position(batch, time), source, position(batch, from), width);
    }
  }
  context.SetOutput(0, target.Finish());
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "time_first",
       .inputs = {Tensor::Of<float>({3, 2}, {0, 3, 1, 4, 2, 5}), Tensor::Vector<int64_t>({3, 2})},
       .expected = {Tensor::Of<float>({3, 2}, {2, 4, 1, 3, 0, 5})}});
  cases.push_back(
      {.name = "batch_first",
       .attributes = {{"batch_axis", int64_t{0}}, {"time_axis", int64_t{1}}},
       .inputs = {Tensor::Of<float>({2, 3}, {0, 1, 2, 3, 4, 5}), Tensor::Vector<int64_t>({1, 3})},
       .expected = {Tensor::Of<float>({2, 3}, {0, 1, 2, 5, 4, 3})}});
}

}  // namespace

extern const OpDef kReverseSequence;
const OpDef kReverseSequence = {.name = "ReverseSequence",
                                .schemas = kSchemas,
                                .infer = Infer,
                                .reference = Reference,
                                .cases = Cases};

}  // namespace assay
