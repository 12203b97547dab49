#include <fmt/format.h>

#include <algorithm>

#include "ops/data_movement.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/sequence.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 8,
     .inputs = {{"sequence_lens", kInt64Only, Arity::kOptional},
                {"initial_state_and_scan_inputs", kAllTypes, Arity::kVariadic}},
     .outputs = {{"final_state_and_scan_outputs", kAllTypes, Arity::kVariadic}},
     .attributes = {RequiredAttribute("body", AttributeKind::kGraph),
                    RequiredAttribute("num_scan_inputs", AttributeKind::kInt),
                    OptionalAttribute("directions", AttributeKind::kInts)}},
    {.since = 9,
     .also_since = {11, 16, 19, 21, 23, 24, 25},
     .inputs = {{"initial_state_and_scan_inputs", kAllTypes, Arity::kVariadic}},
     .outputs = {{"final_state_and_scan_outputs", kAllTypes, Arity::kVariadic}},
     .attributes = {RequiredAttribute("body", AttributeKind::kGraph),
                    RequiredAttribute("num_scan_inputs", AttributeKind::kInt),
                    OptionalAttribute("scan_input_directions", AttributeKind::kInts),
                    OptionalAttribute("scan_output_directions", AttributeKind::kInts),
                    OptionalAttribute("scan_input_axes", AttributeKind::kInts),
                    OptionalAttribute("scan_output_axes", AttributeKind::kInts)}},
};

// How the inputs and outputs are divided. Opset 8 has sequence_lens before them, a batch axis
// before everything and scans the axis after it.
struct Layout {
  bool batched = false;
  int first = 0;  // input
  size_t states = 0;
  size_t scanned = 0;
  size_t collected = 0;
  std::vector<int64_t> input_axes;
  std::vector<int64_t> output_axes;
  std::vector<int64_t> input_directions;
  std::vector<int64_t> output_directions;
};

Result<std::vector<int64_t>> ListOf(const OpContext& context, std::string_view name, size_t count) {
  std::vector<int64_t> list = context.Ints(name);
  if (list.empty()) list.assign(count, 0);
  if (list.size() == count) return list;
  return OpContext::Invalid(
      fmt::format("attribute \"{}\": expected {} entries, got {}", name, count, list.size()));
}

Status CheckDirections(std::string_view name, const std::vector<int64_t>& directions) {
  for (int64_t direction : directions) {
    if (direction == 0 || direction == 1) continue;
    return OpContext::Invalid(fmt::format(
        "attribute \"{}\": expected 0 (forward) or 1 (reverse), got {}", name, direction));
  }
  return OkStatus();
}

Result<Layout> LayoutOf(const OpContext& context) {
  Layout layout;
  layout.batched = context.opset() < 9;
  layout.first = layout.batched ? 1 : 0;
  const int64_t given = context.input_count() - layout.first;
  const int64_t scanned = context.Int("num_scan_inputs");
  if (scanned < 1 || scanned > given) {
    return OpContext::Invalid(
        fmt::format("attribute \"num_scan_inputs\": expected 1 to {}, got {}", given, scanned));
  }
  layout.scanned = static_cast<size_t>(scanned);
  layout.states = static_cast<size_t>(given - scanned);
  if (static_cast<size_t>(context.output_count()) < layout.states) {
    return OpContext::Invalid(fmt::format("number of outputs: expected at least {}, got {}",
                                          layout.states, context.output_count()));
  }
  layout.collected = static_cast<size_t>(context.output_count()) - layout.states;
  const std::string_view directions = layout.batched ? "directions" : "scan_input_directions";
  ASSAY_ASSIGN_OR_RETURN(layout.input_directions, ListOf(context, directions, layout.scanned));
  ASSAY_RETURN_IF_ERROR(CheckDirections(directions, layout.input_directions));
  if (layout.batched) {
    layout.input_axes.assign(layout.scanned, 0);
    layout.output_axes.assign(layout.collected, 0);
    layout.output_directions.assign(layout.collected, 0);
    return layout;
  }
  ASSAY_ASSIGN_OR_RETURN(layout.output_directions,
                         ListOf(context, "scan_output_directions", layout.collected));
  ASSAY_RETURN_IF_ERROR(CheckDirections("scan_output_directions", layout.output_directions));
  ASSAY_ASSIGN_OR_RETURN(layout.input_axes, ListOf(context, "scan_input_axes", layout.scanned));
  ASSAY_ASSIGN_OR_RETURN(layout.output_axes, ListOf(context, "scan_output_axes", layout.collected));
  return layout;
}

// Takes one axis out of a shape that may be unknown; gives its extent.
Result<Dim> TakeAxis(std::optional<SymbolicShape>& shape, int64_t axis) {
  if (!shape) return Dim::Unknown();
  ASSAY_ASSIGN_OR_RETURN(const int at, CheckedAxis(axis, static_cast<int>(shape->size())));
  const Dim extent = (*shape)[static_cast<size_t>(at)];
  shape->erase(shape->begin() + at);
  return extent;
}

struct BodyTypes {
  std::vector<ValueType> inputs;
  Dim batch;
  Dim length;
};

Result<BodyTypes> BodyInputTypes(const InferContext& context, const Layout& layout) {
  BodyTypes types;
  for (size_t i = 0; i < layout.states + layout.scanned; ++i) {
    const int input = layout.first + static_cast<int>(i);
    if (!context.HasInput(input)) {
      return OpContext::Invalid(fmt::format("input {} is left out", input));
    }
    ValueType type = *context.InputValueType(input);
    if (layout.batched) {
      ASSAY_ASSIGN_OR_RETURN(const Dim batch, TakeAxis(type.shape, 0));
      if (batch.IsKnown() || !types.batch.IsKnown()) types.batch = batch;
    }
    if (i >= layout.states) {
      ASSAY_ASSIGN_OR_RETURN(const Dim length,
                             TakeAxis(type.shape, layout.input_axes[i - layout.states]));
      if (length.IsKnown() && types.length.IsKnown() && length.value() != types.length.value()) {
        return OpContext::Invalid(fmt::format("length of scan input {}: expected {}, got {}",
                                              i - layout.states, types.length.value(),
                                              length.value()));
      }
      if (length.IsKnown() || !types.length.IsKnown()) types.length = length;
    }
    types.inputs.push_back(std::move(type));
  }
  return types;
}

Result<ValueType> CollectedType(ValueType type, const Layout& layout, size_t k,
                                const BodyTypes& types) {
  if (!type.shape) return type;
  const int rank = static_cast<int>(type.shape->size()) + 1;
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(layout.output_axes[k], rank));
  type.shape->insert(type.shape->begin() + axis, types.length);
  return type;
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Layout layout, LayoutOf(context));
  ASSAY_ASSIGN_OR_RETURN(BodyTypes types, BodyInputTypes(context, layout));
  std::vector<ValueType> outputs;
  for (bool is_settled = false; !is_settled;) {
    is_settled = true;
    ASSAY_ASSIGN_OR_RETURN(outputs, context.InferBody("body", types.inputs));
    if (outputs.size() != layout.states + layout.collected) {
      return OpContext::Invalid(fmt::format("outputs of the graph \"body\": expected {}, got {}",
                                            layout.states + layout.collected, outputs.size()));
    }
    for (size_t i = 0; i < layout.states; ++i) {
      const std::optional<ValueType> common = CommonType(types.inputs[i], outputs[i]);
      if (!common) {
        return OpContext::Invalid(fmt::format("state {}: {} becomes {} in the body", i,
                                              types.inputs[i].ToString(), outputs[i].ToString()));
      }
      is_settled = is_settled && common->ToString() == types.inputs[i].ToString();
      types.inputs[i] = *common;
    }
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    ValueType type = i < layout.states ? types.inputs[i] : outputs[i];
    if (i >= layout.states) {
      ASSAY_ASSIGN_OR_RETURN(type,
                             CollectedType(std::move(type), layout, i - layout.states, types));
    }
    if (layout.batched && type.shape) type.shape->insert(type.shape->begin(), types.batch);
    context.SetOutputType(static_cast<int>(i), std::move(type));
  }
  return OkStatus();
}

// States and scan inputs of one pass over the sequence, without a batch axis.
struct Pass {
  std::vector<RuntimeValue> states;
  std::vector<Tensor> scanned;
  std::vector<int> input_axes;
  int64_t length = 0;
};

Result<Pass> StartPass(const Layout& layout, const std::vector<Tensor>& inputs) {
  Pass pass;
  for (size_t i = 0; i < layout.states; ++i) pass.states.emplace_back(inputs[i]);
  for (size_t k = 0; k < layout.scanned; ++k) {
    const Tensor& tensor = inputs[layout.states + k];
    ASSAY_ASSIGN_OR_RETURN(const int axis,
                           CheckedAxis(layout.input_axes[k], tensor.shape().rank()));
    if (k > 0 && tensor.shape()[axis] != pass.length) {
      return OpContext::Invalid(fmt::format("length of scan input {}: expected {}, got {}", k,
                                            pass.length, tensor.shape()[axis]));
    }
    pass.length = tensor.shape()[axis];
    pass.scanned.push_back(tensor);
    pass.input_axes.push_back(axis);
  }
  return pass;
}

// Runs the body over the sequence; gives the final states and the slices to collect.
Result<std::vector<std::vector<Tensor>>> RunPass(const ReferenceContext& context,
                                                 const Layout& layout, Pass& pass) {
  std::vector<std::vector<Tensor>> collected(layout.collected);
  for (int64_t step = 0; step < pass.length; ++step) {
    std::vector<RuntimeValue> inputs = pass.states;
    for (size_t k = 0; k < layout.scanned; ++k) {
      const int64_t at = layout.input_directions[k] == 0 ? step : pass.length - 1 - step;
      inputs.emplace_back(SliceAt(pass.scanned[k], pass.input_axes[k], at, context.threads()));
    }
    ASSAY_ASSIGN_OR_RETURN(std::vector<RuntimeValue> outputs,
                           context.RunBody("body", std::move(inputs)));
    for (size_t i = 0; i < layout.states; ++i) pass.states[i] = std::move(outputs[i]);
    for (size_t k = 0; k < layout.collected; ++k) {
      collected[k].push_back(std::move(outputs[layout.states + k].tensor()));
    }
  }
  for (size_t k = 0; k < layout.collected; ++k) {
    if (layout.output_directions[k] != 0) std::ranges::reverse(collected[k]);
  }
  return collected;
}

Status SetCollected(ReferenceContext& context, const Layout& layout, size_t k,
                    const std::vector<Tensor>& slices) {
  const int output = static_cast<int>(layout.states + k);
  Shape slice = slices.empty()
                    ? ShapeOfOutputThatNeverCame(*context.GraphAttribute("body"), layout.states + k)
                    : slices[0].shape();
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(layout.output_axes[k], slice.rank() + 1));
  if (slices.empty()) {
    slice.dims().insert(slice.dims().begin() + axis, 0);
    context.AllocateOutput(output, slice);
    return OkStatus();
  }
  ASSAY_ASSIGN_OR_RETURN(Tensor stacked, StackAlong(slices, axis));
  context.SetOutput(output, std::move(stacked));
  return OkStatus();
}

Status RunUnbatched(ReferenceContext& context, const Layout& layout) {
  std::vector<Tensor> inputs;
  for (int i = 0; i < context.input_count(); ++i) inputs.push_back(context.Input(i));
  ASSAY_ASSIGN_OR_RETURN(Pass pass, StartPass(layout, inputs));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<std::vector<Tensor>> collected,
                         RunPass(context, layout, pass));
  for (size_t i = 0; i < layout.states; ++i) {
    context.SetOutput(static_cast<int>(i), std::move(pass.states[i]));
  }
  for (size_t k = 0; k < layout.collected; ++k) {
    ASSAY_RETURN_IF_ERROR(SetCollected(context, layout, k, collected[k]));
  }
  return OkStatus();
}

// Slices of one element of the batch, zeros where its sequence has ended already.
Result<Tensor> StackPadded(const std::vector<Tensor>& slices, int64_t length) {
  Shape shape = slices[0].shape();
  shape.dims().insert(shape.dims().begin(), length);
  ElementBuffer stacked(slices[0].dtype(), shape);
  const int64_t elements = slices[0].elements();
  for (size_t i = 0; i < slices.size(); ++i) {
    if (slices[i].shape() != slices[0].shape()) {
      return OpContext::Invalid(fmt::format("shape of a scan output: expected {}, got {}",
                                            slices[0].shape().ToString(),
                                            slices[i].shape().ToString()));
    }
    stacked.Copy(static_cast<int64_t>(i) * elements, ElementBuffer(slices[i]), 0, elements);
  }
  const auto filled = static_cast<int64_t>(slices.size());
  stacked.Clear(filled * elements, (length - filled) * elements);
  return stacked.Finish();
}

Status CheckLengths(const std::vector<int64_t>& lengths, int64_t batch, int64_t longest) {
  if (static_cast<int64_t>(lengths.size()) != batch) {
    return OpContext::Invalid(
        fmt::format("sequence_lens: expected {} entries, got {}", batch, lengths.size()));
  }
  for (int64_t length : lengths) {
    if (length >= 1 && length <= longest) continue;
    return OpContext::Invalid(
        fmt::format("sequence_lens: expected 1 to {}, got {}", longest, length));
  }
  return OkStatus();
}

Status RunBatched(ReferenceContext& context, const Layout& layout) {
  const Shape& first = context.Input(layout.first + static_cast<int>(layout.states)).shape();
  if (first.rank() < 2) {
    return OpContext::Invalid(fmt::format(
        "shape of a scan input: expected batch and sequence axes, got {}", first.ToString()));
  }
  const int64_t batch = first[0];
  const int64_t longest = first[1];
  for (int i = layout.first; i < context.input_count(); ++i) {
    const Shape& shape = context.Input(i).shape();
    if (shape.rank() > 0 && shape[0] == batch) continue;
    return OpContext::Invalid(fmt::format(
        "shape of input {}: expected {} as its first extent, got {}", i, batch, shape.ToString()));
  }
  std::vector<int64_t> lengths(static_cast<size_t>(batch), longest);
  if (context.HasInput(0)) lengths = context.IntValues(0);
  ASSAY_RETURN_IF_ERROR(CheckLengths(lengths, batch, longest));
  if (batch == 0 || longest == 0) return OpContext::Unsupported("a batch without any step");
  std::vector<std::vector<Tensor>> parts(layout.states + layout.collected);
  for (int64_t b = 0; b < batch; ++b) {
    std::vector<Tensor> inputs;
    for (int i = layout.first; i < context.input_count(); ++i) {
      inputs.push_back(SliceAt(context.Input(i), 0, b, context.threads()));
    }
    ASSAY_ASSIGN_OR_RETURN(Pass pass, StartPass(layout, inputs));
    // A reversed input starts at the end of its own sequence.
    pass.length = lengths[static_cast<size_t>(b)];
    ASSAY_ASSIGN_OR_RETURN(const std::vector<std::vector<Tensor>> collected,
                           RunPass(context, layout, pass));
    for (size_t i = 0; i < layout.states; ++i) parts[i].push_back(pass.states[i].tensor());
    for (size_t k = 0; k < layout.collected; ++k) {
      ASSAY_ASSIGN_OR_RETURN(Tensor stacked, StackPadded(collected[k], longest));
      parts[layout.states + k].push_back(std::move(stacked));
    }
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    ASSAY_ASSIGN_OR_RETURN(Tensor stacked, StackAlong(parts[i], 0));
    context.SetOutput(static_cast<int>(i), std::move(stacked));
  }
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Layout layout, LayoutOf(context));
  return layout.batched ? RunBatched(context, layout) : RunUnbatched(context, layout);
}

}  // namespace

extern const OpDef kScan;
const OpDef kScan = {.name = "Scan",
                     .schemas = kSchemas,
                     .infer = Infer,
                     .reference = Reference,
                     .moves_values = true};

}  // namespace assay
