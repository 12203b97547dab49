// Gather, GatherElements and GatherND: rows of the data picked by indices that are checked first.

#include <algorithm>
#include <cstring>

#include "ops/data_movement.h"
#include "tactics/cpu/index_list.h"
#include "tactics/cpu/strided_copy.h"

namespace assay {
namespace {

constexpr int64_t kBlockBytes = 64 * 1024;

struct State {
  bool wide_indices = false;
  int64_t outer = 1;  // Gather: axes before the gathered one; GatherND: batches
  int64_t count = 0;  // indices (Gather), tuples per batch (GatherND), elements (GatherElements)
  int64_t bytes = 0;  // of what one index or tuple selects
  int64_t batch_bytes = 0;       // of the data, from one batch to the next
  std::vector<int64_t> extents;  // of the axes that the indices speak of
  std::vector<int64_t> strides;  // of those axes, in bytes
  std::vector<int64_t> dims;     // GatherElements: of the indices
  size_t axis = 0;               // GatherElements
};

Support SupportsData(const Instance& instance) {
  int64_t bytes = 0;
  Support movable = MovableElement(instance.input(0).dtype, &bytes);
  if (!movable.ok()) return movable;
  return IsIndexInput(instance, 1) ? Support::Yes() : Support::No("indices must be int32 or int64");
}

Support SupportsAxis(const Instance& instance, const Machine&) {
  const Result<int> axis = CheckedAxis(instance.Int("axis"), instance.input(0).shape.rank());
  return axis.ok() ? SupportsData(instance) : Support::No(axis.status().message());
}

Support SupportsElements(const Instance& instance, const Machine& machine) {
  const Shape& data = instance.input(0).shape;
  const Shape& indices = instance.input(1).shape;
  Support support = SupportsAxis(instance, machine);
  if (!support.ok()) return support;
  if (data.rank() != indices.rank()) return Support::No("the ranks differ");
  const int axis = *CheckedAxis(instance.Int("axis"), data.rank());
  for (int i = 0; i < data.rank(); ++i) {
    if (i != axis && indices[i] > data[i]) return Support::No("more indices than data");
  }
  return Support::Yes();
}

Support SupportsTuples(const Instance& instance, const Machine&) {
  const Shape& data = instance.input(0).shape;
  const Shape& indices = instance.input(1).shape;
  const int64_t batch = instance.opset() >= 12 ? instance.Int("batch_dims") : 0;
  const bool fits = indices.rank() >= 1 && batch >= 0 && batch < indices.rank() &&
                    batch + indices[indices.rank() - 1] <= data.rank();
  if (!fits) return Support::No("indices do not fit the data");
  for (int i = 0; i < batch; ++i) {
    if (data[i] != indices[i]) return Support::No("the batches differ");
  }
  return SupportsData(instance);
}

int64_t ElementBytes(const Instance& instance) {
  return static_cast<int64_t>(Tensor::ByteSize(instance.input(0).dtype, 1));
}

Result<Preparation> Finish(const Instance& instance, State state) {
  state.wide_indices = instance.Is(1, DType::kInt64);
  Preparation preparation;
  preparation.state = MakeState(std::move(state));
  return preparation;
}

Result<Preparation> PrepareGather(const Instance& instance, const Machine&) {
  const Shape& data = instance.input(0).shape;
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(instance.Int("axis"), data.rank()));
  State state;
  state.outer = data.elements(0, axis);
  state.count = instance.input(1).shape.elements();
  state.bytes = data.elements(axis + 1, data.rank()) * ElementBytes(instance);
  state.extents = {data[axis]};
  state.strides = {state.bytes};
  state.batch_bytes = state.bytes * data[axis];
  return Finish(instance, std::move(state));
}

Result<Preparation> PrepareTuples(const Instance& instance, const Machine&) {
  const Shape& data = instance.input(0).shape;
  const Shape& indices = instance.input(1).shape;
  const int batch = instance.opset() >= 12 ? static_cast<int>(instance.Int("batch_dims")) : 0;
  const int depth = static_cast<int>(indices[indices.rank() - 1]);
  State state;
  state.outer = indices.elements(0, batch);
  state.count = indices.elements(batch, indices.rank() - 1);
  state.bytes = data.elements(batch + depth, data.rank()) * ElementBytes(instance);
  for (int i = 0; i < depth; ++i) {
    state.extents.push_back(data[batch + i]);
    state.strides.push_back(data.elements(batch + i + 1, data.rank()) * ElementBytes(instance));
  }
  state.batch_bytes = data.elements(batch, data.rank()) * ElementBytes(instance);
  return Finish(instance, std::move(state));
}

Result<Preparation> PrepareElements(const Instance& instance, const Machine&) {
  const Shape& data = instance.input(0).shape;
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(instance.Int("axis"), data.rank()));
  State state;
  state.axis = static_cast<size_t>(axis);
  state.dims = instance.input(1).shape.dims();
  state.count = instance.input(1).shape.elements();
  state.bytes = ElementBytes(instance);
  state.extents = data.dims();
  state.strides = data.Strides();
  for (int64_t& stride : state.strides) stride *= state.bytes;
  return Finish(instance, std::move(state));
}

template <int64_t kBytes>
void CopyElement(std::byte* to, const std::byte* from, int64_t bytes) {
  std::memcpy(to, from, static_cast<size_t>(kBytes == 0 ? bytes : kBytes));
}

// Calls fn.operator()<kBytes>() with the width if it is a common one, else with 0.
template <typename Fn>
void WithWidth(int64_t bytes, Fn&& fn) {
  switch (bytes) {
    case 1:
      return fn.template operator()<1>();
    case 2:
      return fn.template operator()<2>();
    case 4:
      return fn.template operator()<4>();
    case 8:
      return fn.template operator()<8>();
    default:
      return fn.template operator()<0>();
  }
}

// Tuples of one index per axis in `extents`; Gather has one such axis, and its indices are the same
// for every batch.
template <bool kSharedIndices>
Status RunTuples(const Call& call) {
  const State& state = call.State<State>();
  const IndexList indices(call.inputs[1], state.wide_indices);
  const auto depth = static_cast<int64_t>(state.extents.size());
  const int64_t lists = kSharedIndices ? 1 : state.outer;
  for (int64_t axis = 0; axis < depth; ++axis) {
    ASSAY_RETURN_IF_ERROR(
        indices.Check(axis, depth, lists * state.count, state.extents[static_cast<size_t>(axis)]));
  }
  if (state.bytes == 0) return OkStatus();
  const int64_t grain = std::max<int64_t>(1, kBlockBytes / state.bytes);
  WithWidth(state.bytes, [&]<int64_t kBytes>() {
    const auto* data = call.Input<std::byte>(0);
    auto* output = call.Output<std::byte>(0);
    call.threads->ParallelFor(state.outer * state.count, grain, [&](int64_t begin, int64_t end) {
      int64_t batch = begin / state.count;
      int64_t at = begin % state.count;
      for (int64_t i = begin; i < end; ++i) {
        const std::byte* from = data + batch * state.batch_bytes;
        const int64_t tuple = (kSharedIndices ? at : i) * depth;
        for (int64_t axis = 0; axis < depth; ++axis) {
          const auto k = static_cast<size_t>(axis);
          from += indices.Wrapped(tuple + axis, state.extents[k]) * state.strides[k];
        }
        CopyElement<kBytes>(output + i * state.bytes, from, state.bytes);
        if (++at < state.count) continue;
        at = 0;
        ++batch;
      }
    });
  });
  return OkStatus();
}

Status RunElements(const Call& call) {
  const State& state = call.State<State>();
  const IndexList indices(call.inputs[1], state.wide_indices);
  const int64_t extent = state.extents[state.axis];
  ASSAY_RETURN_IF_ERROR(indices.Check(0, 1, state.count, extent));
  const int64_t row = state.dims.back();
  if (state.count == 0) return OkStatus();
  const size_t last = state.dims.size() - 1;
  const int64_t grain = std::max<int64_t>(1, kBlockBytes / (row * state.bytes));
  WithWidth(state.bytes, [&]<int64_t kBytes>() {
    const auto* data = call.Input<std::byte>(0);
    auto* output = call.Output<std::byte>(0);
    call.threads->ParallelFor(state.count / row, grain, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        const std::byte* from = data;
        int64_t rest = r;
        for (size_t axis = last; axis-- > 0;) {
          if (axis != state.axis) from += rest % state.dims[axis] * state.strides[axis];
          rest /= state.dims[axis];
        }
        const int64_t step = state.axis == last ? 0 : state.strides[last];
        for (int64_t i = 0; i < row; ++i) {
          const int64_t index = indices.Wrapped(r * row + i, extent);
          CopyElement<kBytes>(output + (r * row + i) * state.bytes,
                              from + i * step + index * state.strides[state.axis], state.bytes);
        }
      }
    });
  });
  return OkStatus();
}

void GatherCases(std::vector<OpCase>& cases) {
  Tensor data = Tensor::Allocate(DType::kFloat32, {40, 9, 130});
  const std::span<float> values = data.mutable_data<float>();
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const Tensor indices = Tensor::Of<int32_t>({2, 3}, {0, -1, 3, 8, -9, 4});
  for (int64_t axis : {0, 1, 2}) {
    cases.push_back({.name = "axis_" + std::to_string(axis),
                     .attributes = {{"axis", axis}},
                     .inputs = {data, indices}});
  }
}

constexpr Tactic MakeTactic(std::string_view name, std::string_view op,
                            Support (*supports)(const Instance&, const Machine&),
                            Result<Preparation> (*prepare)(const Instance&, const Machine&),
                            Status (*run)(const Call&),
                            void (*cases)(std::vector<OpCase>&) = nullptr) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kExact,
          .supports = supports,
          .prepare = prepare,
          .run = run,
          .cases = cases};
}

}  // namespace

extern const Tactic kGatherMove, kGatherElementsMove, kGatherNdMove;
constexpr Tactic kGatherMove = MakeTactic("cpu.gather.move", "Gather", SupportsAxis, PrepareGather,
                                          RunTuples<true>, GatherCases);
constexpr Tactic kGatherElementsMove = MakeTactic("cpu.gather_elements.move", "GatherElements",
                                                  SupportsElements, PrepareElements, RunElements);
constexpr Tactic kGatherNdMove =
    MakeTactic("cpu.gather_nd.move", "GatherND", SupportsTuples, PrepareTuples, RunTuples<false>);

}  // namespace assay
