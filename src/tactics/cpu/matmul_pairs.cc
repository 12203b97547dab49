// MatMulInteger and QLinearMatMul: products of 16-bit pairs with exact sums in 32 bits.

#include <algorithm>
#include <cmath>

#include "ops/matmul_shape.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/pair_product.h"

namespace assay {
namespace {

// Sums of so many products of centred bytes stay within 32 bits.
constexpr int64_t kMostExactDepth = 33000;
// Row panels of a piece.
constexpr int64_t kPiecePanels = 16;

// Where an operator has its operands; -1: nowhere.
struct Roles {
  int right = 1;
  int left_zero = 2;
  int right_zero = 3;
  bool is_quantized = false;  // with scales behind the operands and an output of bytes
};
Roles RolesOf(const Instance& instance) {
  if (instance.node().op == "MatMulInteger") return {};
  return {.right = 3, .left_zero = 2, .right_zero = 5, .is_quantized = true};
}

struct State {
  Roles roles;
  const PairKernels* kernels = nullptr;
  MatMulShape shape;
  bool left_is_signed = false;
  bool right_is_signed = false;
  bool output_is_signed = false;
  int64_t left_zero_step = 0;   // 1: one per row
  int64_t right_zero_step = 0;  // 1: one per column
  int64_t right_scale_step = 0;
  bool right_is_packed = false;
  int64_t left_pairs = 0;  // numbers of 16 bits
  int64_t right_pairs = 0;

  int64_t column_panels() const {
    return (shape.columns + kernels->tile_columns - 1) / kernels->tile_columns;
  }
  int64_t row_panels() const { return (shape.rows + kernels->tile_rows - 1) / kernels->tile_rows; }
};

bool IsByte(const Operand& operand) {
  return operand.dtype == DType::kInt8 || operand.dtype == DType::kUInt8;
}
bool IsSingle(const Operand& operand) { return operand.shape.elements() == 1; }
// One value, or a vector with one for each of `extent`.
bool IsPer(const Operand& operand, int64_t extent) {
  return IsSingle(operand) || (operand.shape.rank() == 1 && operand.shape[0] == extent);
}

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  const Roles roles = RolesOf(instance);
  const Operand& a = instance.input(0);
  const Operand& b = instance.input(roles.right);
  if (!IsByte(a) || !IsByte(b)) return Support::No("only integers of 8 bits");
  const Result<MatMulShape> shape = ResolveMatMul(a.shape, b.shape);
  if (!shape.ok()) return Support::No(shape.status().message());
  if (instance.HasInput(roles.left_zero) &&
      !IsPer(instance.input(roles.left_zero), a.shape.rank() < 2 ? 1 : shape->rows)) {
    return Support::No("only one zero point for a or one per row");
  }
  const int64_t columns = b.shape.rank() < 2 ? 1 : shape->columns;
  if (instance.HasInput(roles.right_zero) && !IsPer(instance.input(roles.right_zero), columns)) {
    return Support::No("only one zero point for b or one per column");
  }
  if (!roles.is_quantized) return Support::Yes();
  if (!IsByte(instance.output(0))) return Support::No("only integers of 8 bits");
  if (shape->depth > kMostExactDepth) return Support::No("too many products for 32 bits");
  for (const int scale : {1, 4, 6}) {
    if (!instance.Is(scale, DType::kFloat32)) return Support::No("only scales of float32");
  }
  if (!IsSingle(instance.input(1)) || !IsPer(instance.input(4), columns) ||
      !IsSingle(instance.input(6)) || !IsSingle(instance.input(7))) {
    return Support::No("only one scale, or one per column of b");
  }
  return Support::Yes();
}

int64_t StepOf(const Instance& instance, int index) {
  return instance.HasInput(index) && !IsSingle(instance.input(index)) ? 1 : 0;
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine& machine) {
  State state;
  state.roles = RolesOf(instance);
  const Operand& b = instance.input(state.roles.right);
  state.kernels = &PairKernelsOf(kIsa);
  ASSAY_ASSIGN_OR_RETURN(state.shape, ResolveMatMul(instance.input(0).shape, b.shape));
  state.left_is_signed = instance.input(0).dtype == DType::kInt8;
  state.right_is_signed = b.dtype == DType::kInt8;
  state.output_is_signed = instance.output(0).dtype == DType::kInt8;
  state.left_zero_step = StepOf(instance, state.roles.left_zero);
  state.right_zero_step = StepOf(instance, state.roles.right_zero);
  if (state.roles.is_quantized) state.right_scale_step = StepOf(instance, 4);
  const MatMulShape& shape = state.shape;
  const int right_zero = state.roles.right_zero;
  state.right_is_packed =
      b.constant != nullptr && b.shape.elements() == shape.depth * shape.columns &&
      (!instance.HasInput(right_zero) || instance.input(right_zero).constant != nullptr);
  state.left_pairs = PackedPairs(shape.rows, state.kernels->tile_rows, shape.depth);
  state.right_pairs = PackedPairs(shape.columns, state.kernels->tile_columns, shape.depth);
  Preparation preparation;
  if (state.right_is_packed) {
    preparation.packed_bytes = static_cast<size_t>(state.right_pairs) * 2;
    preparation.packed_inputs = {state.roles.right};
  }
  // Packed matrices, a row of scales and per slot a row.
  const int64_t numbers = state.left_pairs + state.right_pairs + 4 * shape.columns + 64 +
                          (shape.depth + 32) * machine.threads;
  preparation.workspace_bytes = static_cast<size_t>(numbers) * 2;
  preparation.state = MakeState(std::move(state));
  return preparation;
}

ByteMatrix Parameter(const void* data, bool is_signed) { return {data, is_signed, 0}; }

void PackRightPanel(const State& state, const void* right, const void* zeros, int64_t panel,
                    int16_t* packed) {
  const int64_t tile = state.kernels->tile_columns;
  const ByteMatrix matrix = {right, state.right_is_signed, state.shape.columns};
  const ByteMatrix zero = Parameter(zeros, state.right_is_signed);
  PackColumnPanel(
      matrix, panel * tile, std::min(tile, state.shape.columns - panel * tile), state.shape.depth,
      [&](int64_t column) {
        return zeros == nullptr ? 0 : zero.At(column * state.right_zero_step);
      },
      *state.kernels, packed + panel * PackedPairs(tile, tile, state.shape.depth));
}

Status Pack(const Instance& instance, const void* opaque, std::span<std::byte> packed) {
  const State& state = *static_cast<const State*>(opaque);
  const int zero = state.roles.right_zero;
  for (int64_t panel = 0; panel < state.column_panels(); ++panel) {
    PackRightPanel(state, instance.input(state.roles.right).constant->raw(),
                   instance.HasInput(zero) ? instance.input(zero).constant->raw() : nullptr, panel,
                   reinterpret_cast<int16_t*>(packed.data()));
  }
  return OkStatus();
}

const void* InputOf(const Call& call, int index) {
  return static_cast<size_t>(index) < call.inputs.size() ? call.inputs[static_cast<size_t>(index)]
                                                         : nullptr;
}

struct Scratch {
  Scratch(const State& state, const Call& call)
      : scales(reinterpret_cast<double*>(call.workspace)),
        left(reinterpret_cast<int16_t*>(scales + state.shape.columns + 8)),
        right(left + state.left_pairs),
        rows(right + state.right_pairs) {}
  double* scales;  // of the columns
  int16_t* left;
  int16_t* right;
  int16_t* rows;
};

void PackLeft(const State& state, const Call& call, const Scratch& scratch, int64_t offset) {
  const MatMulShape& shape = state.shape;
  const int64_t tile = state.kernels->tile_rows;
  const ByteMatrix left = {call.Input<std::byte>(0) + offset, state.left_is_signed, shape.depth};
  const void* zeros = InputOf(call, state.roles.left_zero);
  const ByteMatrix zero = Parameter(zeros, state.left_is_signed);
  call.threads->ParallelForSlots(state.row_panels(), 4, [&](int64_t begin, int64_t end, int slot) {
    for (int64_t panel = begin; panel < end; ++panel) {
      PackRowPanel(
          left, panel * tile, std::min(tile, shape.rows - panel * tile), shape.depth,
          [&](int64_t row) { return zeros == nullptr ? 0 : zero.At(row * state.left_zero_step); },
          *state.kernels, scratch.rows + slot * (shape.depth + 32),
          scratch.left + panel * PackedPairs(tile, tile, shape.depth));
    }
  });
}

// Columns [column, column + columns) of one row of sums, whose first output is `at`.
void Finish(const State& state, const Call& call, const Scratch& scratch, const int32_t* sums,
            int64_t column, int64_t columns, int64_t at) {
  if (!state.roles.is_quantized) {
    std::copy_n(sums, columns, call.Output<int32_t>(0) + at);
    return;
  }
  const double* scales = scratch.scales + column;
  const double zero = Parameter(call.inputs[7], state.output_is_signed).At(0);
  if (state.output_is_signed) {
    state.kernels->quantize_int8(columns, sums, 0, scales, 1, zero, call.Output<int8_t>(0) + at);
  } else {
    state.kernels->quantize_uint8(columns, sums, 0, scales, 1, zero, call.Output<uint8_t>(0) + at);
  }
}

void Multiply(const State& state, const Call& call, const Scratch& scratch, const int16_t* right,
              int64_t product) {
  const MatMulShape& shape = state.shape;
  const int64_t tile = state.kernels->tile_columns;
  const int64_t piece_rows = kPiecePanels * state.kernels->tile_rows;
  const int64_t row_pieces = (shape.rows + piece_rows - 1) / piece_rows;
  call.threads->ParallelFor(row_pieces * state.column_panels(), 1, [&](int64_t piece, int64_t) {
    const int64_t first = piece / state.column_panels() * piece_rows;
    const int64_t panel = piece % state.column_panels();
    const int64_t columns = std::min(tile, shape.columns - panel * tile);
    MultiplyPanel(
        scratch.left + first * PairsOf(shape.depth) * 2, std::min(piece_rows, shape.rows - first),
        right + panel * PackedPairs(tile, tile, shape.depth), shape.depth, *state.kernels,
        [&](int64_t row, int64_t rows, const int32_t* sums) {
          for (int64_t r = 0; r < rows; ++r) {
            Finish(state, call, scratch, sums + r * tile, panel * tile, columns,
                   (product * shape.rows + first + row + r) * shape.columns + panel * tile);
          }
        });
  });
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const MatMulShape& shape = state.shape;
  const Scratch scratch(state, call);
  if (state.roles.is_quantized) {
    const double left = *call.Input<float>(1);
    const double output = *call.Input<float>(6);
    for (int64_t column = 0; column < shape.columns; ++column) {
      const double right = call.Input<float>(4)[column * state.right_scale_step];
      scratch.scales[column] = left * right / output;
    }
  }
  const auto* packed = reinterpret_cast<const int16_t*>(call.packed);
  const void* zeros = InputOf(call, state.roles.right_zero);
  for (size_t i = 0; i < shape.left_offsets.size(); ++i) {
    if (i == 0 || shape.left_offsets[i] != shape.left_offsets[i - 1]) {
      PackLeft(state, call, scratch, shape.left_offsets[i]);
    }
    const bool is_new = i == 0 || shape.right_offsets[i] != shape.right_offsets[i - 1];
    if (!state.right_is_packed && is_new) {
      const std::byte* right = call.Input<std::byte>(state.roles.right) + shape.right_offsets[i];
      call.threads->ParallelFor(state.column_panels(), 4, [&](int64_t begin, int64_t end) {
        for (int64_t panel = begin; panel < end; ++panel) {
          PackRightPanel(state, right, zeros, panel, scratch.right);
        }
      });
    }
    Multiply(state, call, scratch, state.right_is_packed ? packed : scratch.right,
             static_cast<int64_t>(i));
  }
  return OkStatus();
}

Tensor Bytes(const Shape& shape, DType dtype, int seed) {
  const float low = dtype == DType::kInt8 ? -128 : 0;
  return *ConvertTensor(Spread(shape, low, low + 255.9F, seed), dtype);
}

struct Form {
  const char* name;
  Shape a;
  Shape b;
};
const std::vector<Form>& Forms() {
  static const std::vector<Form> forms = {
      {"one_row", {1, 67}, {67, 45}},         {"ends_inside_tiles", {29, 131}, {131, 71}},
      {"in_pieces", {251, 40}, {40, 100}},    {"stack", {3, 13, 31}, {31, 33}},
      {"two_stacks", {2, 7, 12}, {2, 12, 9}}, {"deep", {5, 1500}, {1500, 35}},
      {"broadcast", {2, 1, 6, 8}, {3, 8, 5}},
  };
  return forms;
}

void IntegerCases(std::vector<OpCase>& cases) {
  for (const Form& form : Forms()) {
    for (const DType a : {DType::kInt8, DType::kUInt8}) {
      for (const DType b : {DType::kInt8, DType::kUInt8}) {
        const int64_t rows = form.a[form.a.rank() - 2];
        const int64_t columns = form.b[form.b.rank() - 1];
        cases.push_back({.name = form.name,
                         .inputs = {Bytes(form.a, a, 1), Bytes(form.b, b, 2), Bytes({rows}, a, 3),
                                    Bytes({columns}, b, 4)}});
        cases.push_back({.name = form.name, .inputs = {Bytes(form.a, a, 1), Bytes(form.b, b, 2)}});
      }
    }
  }
}

void QuantizedCases(std::vector<OpCase>& cases) {
  for (const Form& form : Forms()) {
    for (const DType a : {DType::kInt8, DType::kUInt8}) {
      const int64_t columns = form.b[form.b.rank() - 1];
      const auto depth = static_cast<float>(form.a[form.a.rank() - 1]);
      for (const bool per_column : {false, true}) {
        const Shape extent = per_column ? Shape{columns} : Shape{};
        cases.push_back({.name = form.name,
                         .inputs = {Bytes(form.a, a, 1), Tensor::Scalar<float>(0.25F),
                                    Bytes({}, a, 2), Bytes(form.b, DType::kInt8, 3),
                                    Spread(extent, 0.01F, 0.05F), Bytes(extent, DType::kInt8, 5),
                                    Tensor::Scalar<float>(std::sqrt(depth)), Bytes({}, a, 6)},
                         .output_types = {a}});
      }
    }
  }
}

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name, std::string_view op,
                            void (*cases)(std::vector<OpCase>&)) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kExact,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .pack = Pack,
          .run = Run,
          .cases = cases};
}

#define ASSAY_TACTICS(name, op, cases)                                      \
  MakeTactic<Isa::kAvx512>("cpu." name ".pairs.integer.avx512", op, cases), \
      MakeTactic<Isa::kAvx2>("cpu." name ".pairs.integer.avx2", op, cases), \
      MakeTactic<Isa::kPortable>("cpu." name ".pairs.integer.portable", op, cases)

constexpr Tactic kTactics[] = {
    ASSAY_TACTICS("matmulinteger", "MatMulInteger", IntegerCases),
    ASSAY_TACTICS("qlinearmatmul", "QLinearMatMul", QuantizedCases),
};

}  // namespace

extern const std::span<const Tactic> kMatMulPairsTactics;
constexpr std::span<const Tactic> kMatMulPairsTactics = kTactics;

}  // namespace assay
