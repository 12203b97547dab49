// ScatterElements (and Scatter, its older name) and ScatterND without a reduction: a copy of the
// data, then the updates in their order, so that of several for one place the last one stays.

#include <cstring>

#include "ops/data_movement.h"
#include "tactics/cpu/index_list.h"
#include "tactics/cpu/strided_copy.h"

namespace assay {
namespace {

struct State {
  bool wide_indices = false;
  int64_t data_bytes = 0;
  int64_t count = 0;  // updates
  int64_t bytes = 0;  // of one update
  std::vector<int64_t> extents;
  std::vector<int64_t> strides;  // in bytes
  std::vector<int64_t> dims;     // of the indices of ScatterElements
  size_t axis = 0;
};

Support SupportsData(const Instance& instance) {
  int64_t bytes = 0;
  Support movable = MovableElement(instance.input(0).dtype, &bytes);
  if (!movable.ok()) return movable;
  if (!IsIndexInput(instance, 1)) return Support::No("indices must be int32 or int64");
  if (instance.input(0).dtype != instance.input(2).dtype) return Support::No("the types differ");
  const bool plain = instance.opset() < 16 || instance.node().op == "Scatter" ||
                     instance.String("reduction") == "none";
  return plain ? Support::Yes() : Support::No("a reduction");
}

Support SupportsElements(const Instance& instance, const Machine&) {
  const Shape& data = instance.input(0).shape;
  const Shape& indices = instance.input(1).shape;
  const Result<int> axis = CheckedAxis(instance.Int("axis"), data.rank());
  if (!axis.ok()) return Support::No(axis.status().message());
  if (data.rank() != indices.rank() || indices != instance.input(2).shape) {
    return Support::No("indices and updates do not fit the data");
  }
  for (int i = 0; i < data.rank(); ++i) {
    if (i != *axis && indices[i] > data[i]) return Support::No("more indices than data");
  }
  return SupportsData(instance);
}

Support SupportsTuples(const Instance& instance, const Machine&) {
  const Shape& data = instance.input(0).shape;
  const Shape& indices = instance.input(1).shape;
  const int64_t depth = indices.rank() < 1 ? -1 : indices[indices.rank() - 1];
  if (depth < 0 || depth > data.rank()) return Support::No("indices do not fit the data");
  if (instance.input(2).shape.elements() !=
      indices.elements(0, indices.rank() - 1) *
          data.elements(static_cast<int>(depth), data.rank())) {
    return Support::No("updates do not fit the indices");
  }
  return SupportsData(instance);
}

Result<Preparation> Finish(const Instance& instance, State state) {
  const Operand& data = instance.input(0);
  state.wide_indices = instance.Is(1, DType::kInt64);
  state.data_bytes = static_cast<int64_t>(Tensor::ByteSize(data.dtype, data.shape.elements()));
  Preparation preparation;
  preparation.state = MakeState(std::move(state));
  preparation.in_place = {{0, 0}};
  return preparation;
}

Result<Preparation> PrepareElements(const Instance& instance, const Machine&) {
  const Shape& data = instance.input(0).shape;
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(instance.Int("axis"), data.rank()));
  State state;
  state.axis = static_cast<size_t>(axis);
  state.dims = instance.input(1).shape.dims();
  state.count = instance.input(1).shape.elements();
  state.bytes = static_cast<int64_t>(Tensor::ByteSize(instance.input(0).dtype, 1));
  state.extents = data.dims();
  state.strides = data.Strides();
  for (int64_t& stride : state.strides) stride *= state.bytes;
  return Finish(instance, std::move(state));
}

Result<Preparation> PrepareTuples(const Instance& instance, const Machine&) {
  const Shape& data = instance.input(0).shape;
  const Shape& indices = instance.input(1).shape;
  const int depth = static_cast<int>(indices[indices.rank() - 1]);
  const auto element_bytes = static_cast<int64_t>(Tensor::ByteSize(instance.input(0).dtype, 1));
  State state;
  state.count = indices.elements(0, indices.rank() - 1);
  state.bytes = data.elements(depth, data.rank()) * element_bytes;
  for (int i = 0; i < depth; ++i) {
    state.extents.push_back(data[i]);
    state.strides.push_back(data.elements(i + 1, data.rank()) * element_bytes);
  }
  return Finish(instance, std::move(state));
}

Status RunElements(const Call& call) {
  const State& state = call.State<State>();
  const IndexList indices(call.inputs[1], state.wide_indices);
  const int64_t extent = state.extents[state.axis];
  ASSAY_RETURN_IF_ERROR(indices.Check(0, 1, state.count, extent));
  CopyBytes(call.outputs[0], call.inputs[0], state.data_bytes, *call.threads);
  const auto* updates = call.Input<std::byte>(2);
  auto* output = call.Output<std::byte>(0);
  for (int64_t i = 0; i < state.count; ++i) {
    int64_t to = indices.Wrapped(i, extent) * state.strides[state.axis];
    int64_t rest = i;
    for (size_t axis = state.dims.size(); axis-- > 0;) {
      if (axis != state.axis) to += rest % state.dims[axis] * state.strides[axis];
      rest /= state.dims[axis];
    }
    std::memcpy(output + to, updates + i * state.bytes, static_cast<size_t>(state.bytes));
  }
  return OkStatus();
}

Status RunTuples(const Call& call) {
  const State& state = call.State<State>();
  const IndexList indices(call.inputs[1], state.wide_indices);
  const auto depth = static_cast<int64_t>(state.extents.size());
  for (int64_t axis = 0; axis < depth; ++axis) {
    ASSAY_RETURN_IF_ERROR(
        indices.Check(axis, depth, state.count, state.extents[static_cast<size_t>(axis)]));
  }
  CopyBytes(call.outputs[0], call.inputs[0], state.data_bytes, *call.threads);
  if (state.bytes == 0) return OkStatus();
  const auto* updates = call.Input<std::byte>(2);
  auto* output = call.Output<std::byte>(0);
  for (int64_t i = 0; i < state.count; ++i) {
    int64_t to = 0;
    for (int64_t axis = 0; axis < depth; ++axis) {
      const auto k = static_cast<size_t>(axis);
      to += indices.Wrapped(i * depth + axis, state.extents[k]) * state.strides[k];
    }
    std::memcpy(output + to, updates + i * state.bytes, static_cast<size_t>(state.bytes));
  }
  return OkStatus();
}

constexpr Tactic MakeTactic(std::string_view name, std::string_view op,
                            Support (*supports)(const Instance&, const Machine&),
                            Result<Preparation> (*prepare)(const Instance&, const Machine&),
                            Status (*run)(const Call&)) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kExact,
          .supports = supports,
          .prepare = prepare,
          .run = run};
}

}  // namespace

extern const Tactic kScatterMove, kScatterElementsMove, kScatterNdMove;
constexpr Tactic kScatterMove =
    MakeTactic("cpu.scatter.move", "Scatter", SupportsElements, PrepareElements, RunElements);
constexpr Tactic kScatterElementsMove = MakeTactic("cpu.scatter_elements.move", "ScatterElements",
                                                   SupportsElements, PrepareElements, RunElements);
constexpr Tactic kScatterNdMove =
    MakeTactic("cpu.scatter_nd.move", "ScatterND", SupportsTuples, PrepareTuples, RunTuples);

}  // namespace assay
