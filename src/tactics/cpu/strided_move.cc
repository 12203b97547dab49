// Operators whose outputs are pieces, permutations and repetitions of their inputs: each is a list
// of strided copies.

#include <algorithm>
#include <numeric>
#include <optional>

#include "ops/data_movement.h"
#include "ops/depth_blocks.h"
#include "tactics/cpu/slice_range.h"
#include "tactics/cpu/strided_copy.h"

namespace assay {
namespace {

using Copies = std::vector<StridedCopy>;

struct State {
  std::vector<CopyLoops> copies;
};

// A copy into a dense array of shape `dims`, from strides that are still those of a dense one.
StridedCopy DenseCopy(const Shape& dims) {
  return {.dims = dims.dims(), .from_strides = dims.Strides(), .to_strides = dims.Strides()};
}

Result<Copies> PlanTranspose(const Instance& instance) {
  const Shape& shape = instance.input(0).shape;
  std::vector<int64_t> perm = instance.Ints("perm");
  if (!instance.HasAttribute("perm")) {
    perm.resize(static_cast<size_t>(shape.rank()));
    std::iota(perm.rbegin(), perm.rend(), 0);
  }
  const std::vector<int64_t> strides = shape.Strides();
  StridedCopy copy = DenseCopy(instance.output(0).shape);
  for (size_t i = 0; i < perm.size(); ++i) {
    copy.from_strides[i] = strides[static_cast<size_t>(perm[i])];
  }
  return Copies{copy};
}

Result<Copies> PlanConcat(const Instance& instance) {
  const Shape& shape = instance.output(0).shape;
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(instance.Int("axis"), shape.rank()));
  const int64_t outer = shape.elements(0, axis);
  const int64_t row = shape.elements(axis, shape.rank());
  Copies copies;
  int64_t column = 0;
  for (int i = 0; i < instance.input_count(); ++i) {
    const int64_t width = instance.input(i).shape.elements(axis, shape.rank());
    copies.push_back({.input = i,
                      .dims = {outer, width},
                      .from_strides = {width, 1},
                      .to_strides = {row, 1},
                      .to = column});
    column += width;
  }
  return copies;
}

Result<Copies> PlanSplit(const Instance& instance) {
  const Shape& shape = instance.input(0).shape;
  ASSAY_ASSIGN_OR_RETURN(const int axis, CheckedAxis(instance.Int("axis"), shape.rank()));
  const int64_t outer = shape.elements(0, axis);
  const int64_t row = shape.elements(axis, shape.rank());
  Copies copies;
  int64_t column = 0;
  for (int i = 0; i < instance.output_count(); ++i) {
    if (!instance.WantsOutput(i)) return OpContext::Unsupported("an output is left out");
    const int64_t width = instance.output(i).shape.elements(axis, shape.rank());
    copies.push_back({.output = i,
                      .dims = {outer, width},
                      .from_strides = {row, 1},
                      .to_strides = {width, 1},
                      .from = column});
    column += width;
  }
  if (column != row) return OpContext::Unsupported("the sizes do not add up");
  return copies;
}

Result<Copies> PlanSlice(const Instance& instance) {
  const Shape& shape = instance.input(0).shape;
  ASSAY_ASSIGN_OR_RETURN(const std::vector<SliceRange> ranges, SliceRangesOf(instance));
  StridedCopy copy = DenseCopy(instance.output(0).shape);
  copy.from_strides = shape.Strides();
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const SliceRange& range = ranges[static_cast<size_t>(axis)];
    int64_t& stride = copy.from_strides[static_cast<size_t>(axis)];
    if (range.count != instance.output(0).shape[axis]) {
      return OpContext::Unsupported("the shape of the output does not fit");
    }
    if (range.count > 0) copy.from += range.start * stride;
    // A step beyond the extent selects one element and must not overflow.
    stride = range.count > 1 ? range.step * stride : 0;
  }
  return Copies{copy};
}

Result<Copies> PlanExpand(const Instance& instance) {
  const Shape& from = instance.input(0).shape;
  const Shape& to = instance.output(0).shape;
  const std::vector<int64_t> strides = from.Strides();
  StridedCopy copy = DenseCopy(to);
  std::ranges::fill(copy.from_strides, 0);
  for (int axis = 0; axis < from.rank(); ++axis) {
    const int at = to.rank() - from.rank() + axis;
    if (from[axis] == to[at]) {
      copy.from_strides[static_cast<size_t>(at)] = strides[static_cast<size_t>(axis)];
    } else if (from[axis] != 1) {
      return OpContext::Unsupported("the shapes do not broadcast");
    }
  }
  return Copies{copy};
}

Result<Copies> PlanTile(const Instance& instance) {
  const Shape& from = instance.input(0).shape;
  const Shape& to = instance.output(0).shape;
  const std::vector<int64_t> from_strides = from.Strides();
  const std::vector<int64_t> to_strides = to.Strides();
  StridedCopy copy;
  for (int axis = 0; axis < from.rank(); ++axis) {
    const auto at = static_cast<size_t>(axis);
    const int64_t repeat = from[axis] == 0 ? 0 : to[axis] / from[axis];
    if (repeat * from[axis] != to[axis]) return OpContext::Unsupported("extents are no multiples");
    copy.dims.insert(copy.dims.end(), {repeat, from[axis]});
    copy.from_strides.insert(copy.from_strides.end(), {0, from_strides[at]});
    copy.to_strides.insert(copy.to_strides.end(), {from[axis] * to_strides[at], to_strides[at]});
  }
  return Copies{copy};
}

Result<Copies> PlanDepthToSpace(const Instance& instance) {
  const Shape& shape = instance.input(0).shape;
  ASSAY_ASSIGN_OR_RETURN(const int64_t block, ReadBlockSize(instance));
  ASSAY_ASSIGN_OR_RETURN(const DepthOrder order, ReadDepthOrder(instance));
  if (shape[1] % (block * block) != 0) return OpContext::Unsupported("channels do not fit");
  const int64_t depth = shape[1] / (block * block);
  const int64_t plane = shape[2] * shape[3];
  StridedCopy copy = DenseCopy({shape[0], depth, shape[2], block, shape[3], block});
  const bool depth_first = order == DepthOrder::kDepthColumnRow;
  copy.from_strides = {shape[1] * plane,
                       (depth_first ? 1 : block * block) * plane,
                       shape[3],
                       (depth_first ? block * depth : block) * plane,
                       1,
                       (depth_first ? depth : 1) * plane};
  return Copies{copy};
}

Result<Copies> PlanSpaceToDepth(const Instance& instance) {
  const Shape& shape = instance.input(0).shape;
  ASSAY_ASSIGN_OR_RETURN(const int64_t block, ReadBlockSize(instance));
  ASSAY_ASSIGN_OR_RETURN(const DepthOrder order, ReadDepthOrder(instance));
  if (shape[2] % block != 0 || shape[3] % block != 0) {
    return OpContext::Unsupported("height and width do not fit");
  }
  const int64_t depth = shape[1];
  const int64_t height = shape[2] / block;
  const int64_t width = shape[3] / block;
  const int64_t plane = shape[2] * shape[3];
  const bool depth_first = order == DepthOrder::kColumnRowDepth;
  StridedCopy copy = DenseCopy(depth_first ? Shape{shape[0], depth, block, block, height, width}
                                           : Shape{shape[0], block, block, depth, height, width});
  copy.from_strides = {depth * plane, shape[3], 1, plane, block * shape[3], block};
  if (depth_first) {
    copy.from_strides = {depth * plane, plane, shape[3], 1, block * shape[3], block};
  }
  return Copies{copy};
}

using PlanFunction = Result<Copies> (*)(const Instance&);

template <PlanFunction kPlan>
Support Supports(const Instance& instance, const Machine&) {
  int64_t element_bytes = 0;
  Support movable = MovableElement(instance.input(0).dtype, &element_bytes);
  if (!movable.ok()) return movable;
  const Result<Copies> copies = kPlan(instance);
  return copies.ok() ? Support::Yes() : Support::No(copies.status().message());
}

template <PlanFunction kPlan>
Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  ASSAY_ASSIGN_OR_RETURN(const Copies copies, kPlan(instance));
  const auto element_bytes = static_cast<int64_t>(Tensor::ByteSize(instance.input(0).dtype, 1));
  State state;
  for (const StridedCopy& copy : copies) state.copies.emplace_back(copy, element_bytes);
  Preparation preparation;
  if (state.copies.size() == 1 && state.copies[0].IsPlainRun() &&
      instance.input(0).shape.elements() == instance.output(0).shape.elements()) {
    preparation.in_place = {{0, 0}};
  }
  preparation.state = MakeState(std::move(state));
  return preparation;
}

Status Run(const Call& call) {
  for (const CopyLoops& copy : call.State<State>().copies) copy.Run(call);
  return OkStatus();
}

Tensor Ramp(Shape shape) {
  Tensor tensor = Tensor::Allocate(DType::kFloat32, std::move(shape));
  const std::span<float> values = tensor.mutable_data<float>();
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  return tensor;
}

using Ints = std::vector<int64_t>;

void TransposeCases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "matrix", .attributes = {{"perm", Ints{1, 0}}}, .inputs = {Ramp({131, 203})}});
  cases.push_back({.name = "channels_last",
                   .attributes = {{"perm", Ints{0, 2, 3, 1}}},
                   .inputs = {Ramp({2, 37, 9, 21})}});
  cases.push_back({.name = "channels_first",
                   .attributes = {{"perm", Ints{0, 3, 1, 2}}},
                   .inputs = {Ramp({1, 65, 33, 3})}});
  cases.push_back({.name = "heads",
                   .attributes = {{"perm", Ints{0, 2, 1, 3}}},
                   .inputs = {Ramp({1, 49, 5, 12})}});
  cases.push_back({.name = "extents_of_one_move",
                   .attributes = {{"perm", Ints{2, 0, 1, 3}}},
                   .inputs = {Ramp({7, 5, 1, 3})}});
  cases.push_back({.name = "outer_and_inner_swap",
                   .attributes = {{"perm", Ints{3, 1, 2, 0}}},
                   .inputs = {Ramp({40, 3, 2, 70})}});
}

void ConcatCases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "channels",
                   .attributes = {{"axis", int64_t{1}}},
                   .inputs = {Ramp({2, 5, 60, 70}), Ramp({2, 1, 60, 70}), Ramp({2, 9, 60, 70})}});
  cases.push_back({.name = "last_axis",
                   .attributes = {{"axis", int64_t{-1}}},
                   .inputs = {Ramp({300, 1}), Ramp({300, 7})}});
}

void SliceCases(std::vector<OpCase>& cases) {
  const auto ints = [](const Ints& values) { return Tensor::Vector<int64_t>(values); };
  cases.push_back({.name = "even_columns",
                   .inputs = {Ramp({3, 50, 101}), ints({0}), ints({1000}), ints({2}), ints({2})}});
  cases.push_back({.name = "backward",
                   .inputs = {Ramp({30, 101}), ints({-1, -2}), ints({-1000, 3}), ints({0, 1}),
                              ints({-1, -3})}});
  cases.push_back({.name = "window",
                   .inputs = {Ramp({4, 60, 90}), ints({1, 7}), ints({59, 80}), ints({1, 2})}});
}

void ExpandCases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "inner", .inputs = {Ramp({40, 1}), Tensor::Vector<int64_t>({3, 40, 90})}});
  cases.push_back(
      {.name = "middle", .inputs = {Ramp({5, 1, 7}), Tensor::Vector<int64_t>({5, 600, 7})}});
}

void DepthToSpaceCases(std::vector<OpCase>& cases) {
  cases.push_back({.name = "wide",
                   .attributes = {{"blocksize", int64_t{2}}, {"mode", std::string("CRD")}},
                   .inputs = {Ramp({1, 12, 20, 67})}});
}

template <PlanFunction kPlan>
constexpr Tactic MakeTactic(std::string_view name, std::string_view op,
                            void (*cases)(std::vector<OpCase>&) = nullptr) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kExact,
          .supports = Supports<kPlan>,
          .prepare = Prepare<kPlan>,
          .run = Run,
          .cases = cases};
}

}  // namespace

extern const Tactic kTransposeMove, kConcatMove, kSplitMove, kSliceMove, kExpandMove, kTileMove,
    kDepthToSpaceMove, kSpaceToDepthMove;
constexpr Tactic kTransposeMove =
    MakeTactic<PlanTranspose>("cpu.transpose.strided", "Transpose", TransposeCases);
constexpr Tactic kConcatMove = MakeTactic<PlanConcat>("cpu.concat.strided", "Concat", ConcatCases);
constexpr Tactic kSplitMove = MakeTactic<PlanSplit>("cpu.split.strided", "Split");
constexpr Tactic kSliceMove = MakeTactic<PlanSlice>("cpu.slice.strided", "Slice", SliceCases);
constexpr Tactic kExpandMove = MakeTactic<PlanExpand>("cpu.expand.strided", "Expand", ExpandCases);
constexpr Tactic kTileMove = MakeTactic<PlanTile>("cpu.tile.strided", "Tile");
constexpr Tactic kDepthToSpaceMove =
    MakeTactic<PlanDepthToSpace>("cpu.depth_to_space.strided", "DepthToSpace", DepthToSpaceCases);
constexpr Tactic kSpaceToDepthMove =
    MakeTactic<PlanSpaceToDepth>("cpu.space_to_depth.strided", "SpaceToDepth");

}  // namespace assay
