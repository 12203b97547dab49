// MatMul and Gemm as blocked products. A constant right operand is packed once; a computed one
// block by block.

#include <algorithm>
#include <vector>

#include "ops/matmul_shape.h"
#include "tactics/cpu/blocked_product.h"
#include "tactics/cpu/epilogue.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

struct Problem {
  ProductShape product;
  MatrixView left;
  MatrixView right;
  int64_t batch = 1;
  float scale = 1;       // of the product
  float bias_scale = 1;  // of the third operand
  bool has_bias = false;
  Shape bias_shape;
};

struct State {
  Problem problem;
  ProductTiling tiling;
  const KernelSet* kernels = nullptr;
  Epilogue epilogue;
  bool right_is_packed = false;
  int64_t left_floats = 0;   // scratch per slot; 0 if rows are used where they lie
  int64_t right_floats = 0;  // scratch per slot
};

Result<Problem> ReadMatMul(const Instance& instance) {
  ASSAY_ASSIGN_OR_RETURN(MatMulShape shape,
                         ResolveMatMul(instance.input(0).shape, instance.input(1).shape));
  Problem problem;
  problem.product = {shape.rows, shape.columns, shape.depth};
  problem.batch = static_cast<int64_t>(shape.left_offsets.size());
  problem.left = {shape.depth, 1, std::move(shape.left_offsets)};
  problem.right = {shape.columns, 1, std::move(shape.right_offsets)};
  // One matrix on the right and a stack on the left are one tall product.
  if (instance.input(1).shape.elements() == shape.depth * shape.columns && problem.batch > 1 &&
      instance.input(0).shape.elements() == problem.batch * shape.rows * shape.depth) {
    problem.product.rows *= problem.batch;
    problem.batch = 1;
    problem.left.offsets = {0};
    problem.right.offsets = {0};
  }
  return problem;
}

Problem ReadGemm(const Instance& instance) {
  const bool transposed_a = instance.Int("transA") != 0;
  const bool transposed_b = instance.Int("transB") != 0;
  const Shape& a = instance.input(0).shape;
  const Shape& b = instance.input(1).shape;
  Problem problem;
  problem.product = {transposed_a ? a[1] : a[0], transposed_b ? b[0] : b[1],
                     transposed_a ? a[0] : a[1]};
  problem.left = {transposed_a ? 1 : a[1], transposed_a ? a[1] : 1, {0}};
  problem.right = {transposed_b ? 1 : b[1], transposed_b ? b[1] : 1, {0}};
  problem.scale = instance.Float("alpha");
  problem.bias_scale = instance.Float("beta");
  problem.has_bias = instance.HasInput(2);
  if (problem.has_bias) problem.bias_shape = instance.input(2).shape;
  return problem;
}

Result<Problem> ReadProblem(const Instance& instance) {
  if (instance.node().op == "Gemm") return ReadGemm(instance);
  ASSAY_ASSIGN_OR_RETURN(Problem problem, ReadMatMul(instance));
  problem.has_bias = instance.HasInput(2);
  if (problem.has_bias) problem.bias_shape = instance.input(2).shape;
  return problem;
}

bool IsRowVector(const Problem& problem) {
  const Shape& shape = problem.bias_shape;
  return shape.rank() >= 1 && shape[shape.rank() - 1] == problem.product.columns &&
         shape.elements() == problem.product.columns;
}

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.AllAre(DType::kFloat32)) return Support::No("only float32");
  const Result<Problem> problem = ReadProblem(instance);
  if (!problem.ok()) return Support::No(problem.status().message());
  if (problem->has_bias && !IsRowVector(*problem)) return Support::No("the bias is no row vector");
  return Support::Yes();
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine& machine) {
  State state;
  ASSAY_ASSIGN_OR_RETURN(state.problem, ReadProblem(instance));
  state.kernels = &KernelsOf(kIsa);
  const Problem& problem = state.problem;
  state.tiling = TileProduct(problem.product, *state.kernels, problem.batch);
  if (problem.has_bias) {
    state.epilogue.bias_input = 2;
    state.epilogue.bias_per_column = true;
    state.epilogue.bias_scale = problem.bias_scale;
  }
  if (instance.HasInput(3)) state.epilogue.residual_input = 3;
  state.epilogue.activation = ActivationOf(instance, kIsa);
  state.right_is_packed = instance.input(1).constant != nullptr && problem.batch == 1;
  state.left_floats = problem.left.column_step == 1 && problem.left.row_step > 0
                          ? 0
                          : state.tiling.rows * kProductBlock;
  state.right_floats =
      state.right_is_packed ? 0 : RightBlockFloats(state.tiling.columns, *state.kernels);
  Preparation preparation;
  if (state.right_is_packed) {
    preparation.packed_inputs = {1};
    preparation.packed_bytes =
        static_cast<size_t>(state.tiling.columns * state.tiling.column_pieces *
                            problem.product.depth) *
        sizeof(float);
  }
  preparation.workspace_bytes =
      static_cast<size_t>((state.left_floats + state.right_floats) * machine.threads) *
      sizeof(float);
  preparation.state = MakeState(std::move(state));
  return preparation;
}

// Packed as [column piece][depth block][column panel][k][tile_columns].
Status Pack(const Instance& instance, const void* opaque, std::span<std::byte> packed) {
  const State& state = *static_cast<const State*>(opaque);
  const Problem& problem = state.problem;
  const float* right = instance.input(1).constant->data<float>().data();
  auto* out = reinterpret_cast<float*>(packed.data());
  for (int64_t piece = 0; piece < state.tiling.column_pieces; ++piece) {
    const int64_t column = piece * state.tiling.columns;
    const int64_t columns = std::min(state.tiling.columns, problem.product.columns - column);
    for (int64_t begin = 0; begin < problem.product.depth; begin += kProductBlock) {
      const int64_t depth = std::min(kProductBlock, problem.product.depth - begin);
      PackRightBlock(right + begin * problem.right.row_step + column * problem.right.column_step,
                     problem.right.row_step, problem.right.column_step, depth, columns,
                     *state.kernels, out + begin * state.tiling.columns);
    }
    out += state.tiling.columns * problem.product.depth;
  }
  return OkStatus();
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const Problem& problem = state.problem;
  const ProductShape& product = problem.product;
  const ProductTiling& tiling = state.tiling;
  const int64_t pieces = tiling.row_pieces * tiling.column_pieces;
  auto* scratch = reinterpret_cast<float*>(call.workspace);
  const auto* packed_right = reinterpret_cast<const float*>(call.packed);
  call.threads->ParallelForSlots(problem.batch * pieces, 1, [&](int64_t piece, int64_t, int slot) {
    const int64_t matrix = piece / pieces;
    const int64_t column_piece = piece % tiling.column_pieces;
    const int64_t row = piece % pieces / tiling.column_pieces * tiling.rows;
    const int64_t column = column_piece * tiling.columns;
    const int64_t rows = std::min(tiling.rows, product.rows - row);
    const int64_t columns = std::min(tiling.columns, product.columns - column);
    float* left_block = scratch + slot * (state.left_floats + state.right_floats);
    float* right_block = left_block + state.left_floats;
    const float* left = call.Input<float>(0) + problem.left.offsets[static_cast<size_t>(matrix)] +
                        row * problem.left.row_step;
    // Left out where its packed form is all that is needed.
    const float* right = state.right_is_packed
                             ? nullptr
                             : call.Input<float>(1) +
                                   problem.right.offsets[static_cast<size_t>(matrix)] +
                                   column * problem.right.column_step;
    const int64_t output = (matrix * product.rows + row) * product.columns + column;
    float* out = call.Output<float>(0) + output;
    MultiplyPiece(
        rows, columns, product.depth, *state.kernels,
        [&](int64_t begin, int64_t depth) -> LeftBlock {
          if (state.left_floats == 0) return {left + begin, problem.left.row_step};
          PackLeftBlock(left + begin * problem.left.column_step, problem.left.row_step,
                        problem.left.column_step, rows, depth, *state.kernels, left_block);
          return {left_block};
        },
        [&](int64_t begin, int64_t depth) -> const float* {
          if (state.right_is_packed) {
            return packed_right + column_piece * tiling.columns * product.depth +
                   begin * tiling.columns;
          }
          PackRightBlock(right + begin * problem.right.row_step, problem.right.row_step,
                         problem.right.column_step, depth, columns, *state.kernels, right_block);
          return right_block;
        },
        out, product.columns);
    if (problem.scale != 1) {
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t c = 0; c < columns; ++c) out[r * product.columns + c] *= problem.scale;
      }
    }
    FinishRows(state.epilogue, call, row, column, output, rows, columns, product.columns, out);
  });
  return OkStatus();
}

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name, std::string_view op) {
  return {.name = name,
          .domain = "",
          .op = op,
          .fused = true,
          .numerics = NumericClass::kReassociated,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .pack = Pack,
          .run = Run};
}

}  // namespace

extern const Tactic kMatMulProductAvx512, kMatMulProductAvx2, kMatMulProductPortable;
extern const Tactic kGemmProductAvx512, kGemmProductAvx2, kGemmProductPortable;
constexpr Tactic kMatMulProductAvx512 =
    MakeTactic<Isa::kAvx512>("cpu.matmul.product.f32.avx512", "MatMul");
constexpr Tactic kMatMulProductAvx2 =
    MakeTactic<Isa::kAvx2>("cpu.matmul.product.f32.avx2", "MatMul");
constexpr Tactic kMatMulProductPortable =
    MakeTactic<Isa::kPortable>("cpu.matmul.product.f32.portable", "MatMul");
constexpr Tactic kGemmProductAvx512 =
    MakeTactic<Isa::kAvx512>("cpu.gemm.product.f32.avx512", "Gemm");
constexpr Tactic kGemmProductAvx2 = MakeTactic<Isa::kAvx2>("cpu.gemm.product.f32.avx2", "Gemm");
constexpr Tactic kGemmProductPortable =
    MakeTactic<Isa::kPortable>("cpu.gemm.product.f32.portable", "Gemm");

}  // namespace assay
