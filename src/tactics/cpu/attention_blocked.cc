// Attention: scores exist for one block of queries at a time, keys down and queries across, so that
// their columns are the packed right operand of the product with the values.

#include <algorithm>
#include <limits>
#include <vector>

#include "ops/attention.h"
#include "tactics/cpu/blocked_product.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/kernels/element_kernels.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

struct State {
  int64_t batch = 0;
  int64_t queries = 0;
  int64_t keys = 0;
  int64_t depth = 0;
  int64_t columns = 0;  // of the values and of the result
  double scale = 1;
  bool has_mask = false;
  MatrixView q;
  MatrixView k;
  MatrixView v;
  MatrixView mask;
  MatrixView y;
  const KernelSet* kernels = nullptr;
  const ElementKernels* elements = nullptr;
  int64_t packed_keys = 0;    // floats per matrix; 0 if keys are used where they lie
  int64_t packed_values = 0;  // floats per matrix
  int64_t block_floats = 0;   // scratch per slot

  int64_t blocks() const { return (queries + kernels->tile_columns - 1) / kernels->tile_columns; }
  ProductShape KeyShape() const { return {keys, 0, depth}; }
  ProductShape ValueShape() const { return {columns, 0, keys}; }
};

// Extents of an operand with its axes in another order, and the distance of neighbours along each.
struct Axes {
  std::vector<int64_t> extents;
  std::vector<int64_t> strides;
};

Axes InOrder(const Shape& shape, const std::vector<int64_t>& order) {
  const std::vector<int64_t> strides = shape.Strides();
  Axes axes;
  for (int64_t axis : order) {
    axes.extents.push_back(shape[static_cast<int>(axis)]);
    axes.strides.push_back(strides[static_cast<size_t>(axis)]);
  }
  return axes;
}

// A mask as if it had `rank` axes, with stride 0 along those that are repeated.
Axes Broadcast(const Shape& shape, int rank) {
  Axes axes = {std::vector<int64_t>(static_cast<size_t>(rank), 1),
               std::vector<int64_t>(static_cast<size_t>(rank), 0)};
  const std::vector<int64_t> strides = shape.Strides();
  for (int i = 0; i < shape.rank(); ++i) {
    const auto at = static_cast<size_t>(rank - shape.rank()) + static_cast<size_t>(i);
    axes.extents[at] = shape[i];
    axes.strides[at] = shape[i] == 1 ? 0 : strides[static_cast<size_t>(i)];
  }
  return axes;
}

// `leading`: extents of all axes but two.
MatrixView ViewOf(const Axes& axes, std::span<const int64_t> leading) {
  MatrixView view;
  view.row_step = axes.strides[leading.size()];
  view.column_step = axes.strides[leading.size() + 1];
  view.offsets = {0};
  for (size_t axis = 0; axis < leading.size(); ++axis) {
    std::vector<int64_t> offsets;
    for (int64_t offset : view.offsets) {
      for (int64_t i = 0; i < leading[axis]; ++i)
        offsets.push_back(offset + i * axes.strides[axis]);
    }
    view.offsets = std::move(offsets);
  }
  return view;
}

// Strides of the result in the order that the products have.
Axes OutputAxes(const Instance& instance, int rank) {
  const std::vector<int64_t> order = AttentionAxes(instance, "output_perm", rank);
  const Shape& shape = instance.output(0).shape;
  const std::vector<int64_t> strides = shape.Strides();
  Axes axes = {std::vector<int64_t>(order.size()), std::vector<int64_t>(order.size())};
  for (size_t i = 0; i < order.size(); ++i) {
    axes.extents[static_cast<size_t>(order[i])] = shape[static_cast<int>(i)];
    axes.strides[static_cast<size_t>(order[i])] = strides[i];
  }
  return axes;
}

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  return instance.AllAre(DType::kFloat32) ? Support::Yes() : Support::No("only float32");
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine& machine) {
  const int rank = instance.input(0).shape.rank();
  const auto axes_of = [&](int input, std::string_view order) {
    return InOrder(instance.input(input).shape, AttentionAxes(instance, order, rank));
  };
  const Axes q = axes_of(0, "query_perm");
  const Axes k = axes_of(1, "key_perm");
  const Axes v = axes_of(2, "value_perm");
  const std::span leading(q.extents.data(), q.extents.size() - 2);
  State state;
  state.q = ViewOf(q, leading);
  state.k = ViewOf(k, leading);
  state.v = ViewOf(v, leading);
  state.y = ViewOf(OutputAxes(instance, rank), leading);
  state.has_mask = instance.HasInput(3);
  if (state.has_mask) state.mask = ViewOf(Broadcast(instance.input(3).shape, rank), leading);
  state.batch = static_cast<int64_t>(state.q.offsets.size());
  state.queries = q.extents[leading.size()];
  state.depth = q.extents.back();
  state.keys = k.extents.back();
  state.columns = v.extents.back();
  state.scale = AttentionScale(instance);
  state.kernels = &KernelsOf(kIsa);
  state.elements = &ElementKernelsOf(kIsa);
  const bool keys_are_rows = state.k.row_step == 1 && state.k.column_step > 0;
  state.packed_keys = keys_are_rows ? 0 : PackedLeftFloats(state.KeyShape(), *state.kernels);
  state.packed_values = PackedLeftFloats(state.ValueShape(), *state.kernels);
  state.block_floats =
      (state.depth + state.keys + state.columns + kProductBlock) * state.kernels->tile_columns;
  Preparation preparation;
  preparation.workspace_bytes =
      static_cast<size_t>(state.batch * (state.packed_keys + state.packed_values) +
                          machine.threads * state.block_floats) *
      sizeof(float);
  preparation.state = MakeState(std::move(state));
  return preparation;
}

// Keys are rows of a left operand, values its columns: both products give columns of queries.
void Pack(const State& state, const Call& call, size_t matrix, float* keys, float* values) {
  if (state.packed_keys > 0) {
    PackLeft(call.Input<float>(1) + state.k.offsets[matrix], state.k.column_step, state.k.row_step,
             state.KeyShape(), *state.kernels, keys);
  }
  PackLeft(call.Input<float>(2) + state.v.offsets[matrix], state.v.column_step, state.v.row_step,
           state.ValueShape(), *state.kernels, values);
}

// c = left * right, where `right` is dense with the columns of one tile; left rows lie `pitch`
// apart, or are packed if that is 0.
void Multiply(const ProductShape& shape, LeftBlock left, const float* right,
              const KernelSet& kernels, float* c) {
  const int64_t width = kernels.tile_columns;
  const int64_t step = left.pitch == 0 ? PackedLeftFloats({shape.rows, 0, 1}, kernels) : 1;
  MultiplyPiece(
      shape.rows, width, shape.depth, kernels,
      [&](int64_t begin, int64_t) {
        return LeftBlock{left.data + step * begin, left.pitch};
      },
      [&](int64_t begin, int64_t) { return right + width * begin; }, c, width);
}

// One rounding per score, which a scaled query would have besides those of its sum. A scale that
// float32 holds gives the same bits in float32 as in double.
void Scale(const State& state, float* scores) {
  const int64_t count = state.keys * state.kernels->tile_columns;
  const auto scale = static_cast<float>(state.scale);
  if (static_cast<double>(scale) == state.scale) {
    state.elements->Loop(BinaryFunction::kMul)(count, scores, 1, &scale, 0, scores);
  } else {
    state.elements->scale_shift(count, scores, state.scale, 0, scores);
  }
}

// Adds the mask to scores; `part` holds kProductBlock rows of them.
void AddMask(const State& state, const Call& call, int64_t matrix, int64_t query, int64_t queries,
             float* part, float* scores) {
  const int64_t width = state.kernels->tile_columns;
  const MatrixView& mask = state.mask;
  const float* from =
      call.Input<float>(3) + mask.offsets[static_cast<size_t>(matrix)] + query * mask.row_step;
  for (int64_t key = 0; key < state.keys; key += kProductBlock) {
    const int64_t keys = std::min(kProductBlock, state.keys - key);
    PackRightBlock(from + key * mask.column_step, mask.column_step, mask.row_step, keys, queries,
                   *state.kernels, part);
    float* target = scores + key * width;
    state.elements->Loop(BinaryFunction::kAdd)(keys * width, target, 1, part, 1, target);
  }
}

// One block of queries. Columns behind the last query hold numbers that nobody reads.
void Attend(const State& state, const Call& call, int64_t matrix, int64_t block, const float* keys,
            const float* values, float* scratch) {
  const int64_t width = state.kernels->tile_columns;
  const int64_t query = block * width;
  const int64_t queries = std::min(width, state.queries - query);
  const auto at = static_cast<size_t>(matrix);
  float* q = scratch;
  float* scores = q + state.depth * width;
  float* result = scores + state.keys * width;
  float* part = result + state.columns * width;
  PackRightBlock(call.Input<float>(0) + state.q.offsets[at] + query * state.q.row_step,
                 state.q.column_step, state.q.row_step, state.depth, queries, *state.kernels, q);
  const LeftBlock key_rows =
      state.packed_keys > 0
          ? LeftBlock{keys}
          : LeftBlock{call.Input<float>(1) + state.k.offsets[at], state.k.column_step};
  Multiply(state.KeyShape(), key_rows, q, *state.kernels, scores);
  if (state.scale != 1) Scale(state, scores);
  if (state.has_mask) AddMask(state, call, matrix, query, queries, part, scores);
  state.elements->softmax_columns(state.keys, width, scores);
  Multiply(state.ValueShape(), {values}, scores, *state.kernels, result);
  float* out = call.Output<float>(0) + state.y.offsets[at] + query * state.y.row_step;
  for (int64_t i = 0; i < queries; ++i) {
    float* row = out + i * state.y.row_step;
    for (int64_t c = 0; c < state.columns; ++c) {
      row[c * state.y.column_step] = result[c * width + i];
    }
  }
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  auto* keys = reinterpret_cast<float*>(call.workspace);
  float* values = keys + state.batch * state.packed_keys;
  float* scratch = values + state.batch * state.packed_values;
  call.threads->ParallelFor(state.batch, 1, [&](int64_t matrix, int64_t) {
    Pack(state, call, static_cast<size_t>(matrix), keys + matrix * state.packed_keys,
         values + matrix * state.packed_values);
  });
  const int64_t blocks = state.blocks();
  call.threads->ParallelForSlots(state.batch * blocks, 1, [&](int64_t piece, int64_t, int slot) {
    const int64_t matrix = piece / blocks;
    Attend(state, call, matrix, piece % blocks, keys + matrix * state.packed_keys,
           values + matrix * state.packed_values, scratch + slot * state.block_floats);
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const auto add = [&](std::string name, std::vector<Attribute> attributes,
                       const std::vector<Shape>& shapes, float reach = 1) {
    OpCase op_case = {.name = std::move(name), .attributes = std::move(attributes)};
    for (size_t i = 0; i < shapes.size(); ++i) {
      op_case.inputs.emplace_back(
          Spread(shapes[i], -reach, reach, static_cast<int>(cases.size() * 4 + i)));
    }
    cases.push_back(std::move(op_case));
  };
  const auto scale = [](double value) { return Attribute{"scale", Tensor::Scalar<double>(value)}; };
  using Order = std::vector<int64_t>;
  add("query_blocks_and_odd_heads", {scale(0.3)}, {{2, 3, 77, 15}, {2, 3, 15, 61}, {2, 3, 61, 13}});
  add("keys_and_depth_in_blocks", {scale(0.0625)}, {{1, 45, 260}, {1, 260, 300}, {1, 300, 131}});
  add("scale_above_one", {scale(3)}, {{2, 33, 24}, {2, 24, 50}, {2, 50, 24}});
  add("one_query", {scale(0.5)}, {{3, 1, 7}, {3, 7, 150}, {3, 150, 40}});
  add("one_key", {}, {{3, 40, 7}, {3, 7, 1}, {3, 1, 5}});
  add("one_of_each", {}, {{2, 2, 1, 1}, {2, 2, 1, 1}, {2, 2, 1, 1}});
  add("mask_for_each_key", {scale(0.25)},
      {{2, 3, 40, 16}, {2, 3, 16, 150}, {2, 3, 150, 16}, {2, 1, 1, 150}}, 2);
  add("mask_for_each_score", {}, {{2, 2, 35, 9}, {2, 2, 9, 37}, {2, 2, 37, 9}, {35, 37}}, 2);
  add("mask_for_each_query", {}, {{2, 35, 9}, {2, 9, 37}, {2, 37, 9}, {2, 35, 1}}, 2);
  add("mask_for_each_head", {}, {{2, 3, 5, 9}, {2, 3, 9, 6}, {2, 3, 6, 9}, {3, 5, 6}}, 2);
  add("heads_between",
      {scale(0.125),
       {"query_perm", Order{0, 2, 1, 3}},
       {"key_perm", Order{0, 2, 3, 1}},
       {"value_perm", Order{0, 2, 1, 3}},
       {"output_perm", Order{0, 2, 1, 3}}},
      {{2, 70, 3, 20}, {2, 50, 3, 20}, {2, 50, 3, 24}}, 3);
  add("sequence_first",
      {{"query_perm", Order{1, 0, 2}},
       {"key_perm", Order{1, 2, 0}},
       {"value_perm", Order{1, 0, 2}},
       {"output_perm", Order{2, 1, 0}}},
      {{39, 4, 16}, {38, 4, 16}, {38, 4, 17}});
  const float least = std::numeric_limits<float>::lowest();
  const float infinite = -std::numeric_limits<float>::infinity();
  std::vector<float> mask(std::size_t{3} * 35, 0.0F);
  for (size_t i = 0; i < 35; ++i) {
    mask[i] = i < 30 ? 0 : least;
    mask[35 + i] = infinite;
    mask[70 + i] = i % 2 == 0 ? infinite : 0;
  }
  add("masks_that_hide", {}, {{3, 2, 36, 5}, {3, 2, 5, 35}, {3, 2, 35, 6}});
  cases.back().inputs.emplace_back(Tensor::Of<float>({3, 1, 1, 35}, mask));
}

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name) {
  return {.name = name,
          .domain = kFusedDomain,
          .op = "Attention",
          .numerics = NumericClass::kReassociated,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .run = Run,
          .cases = Cases};
}

}  // namespace

extern const Tactic kAttentionBlockedAvx512, kAttentionBlockedAvx2, kAttentionBlockedPortable;
constexpr Tactic kAttentionBlockedAvx512 =
    MakeTactic<Isa::kAvx512>("cpu.attention.blocked.f32.avx512");
constexpr Tactic kAttentionBlockedAvx2 = MakeTactic<Isa::kAvx2>("cpu.attention.blocked.f32.avx2");
constexpr Tactic kAttentionBlockedPortable =
    MakeTactic<Isa::kPortable>("cpu.attention.blocked.f32.portable");

}  // namespace assay
