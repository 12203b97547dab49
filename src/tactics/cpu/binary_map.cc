// Operators on two or more operands that are broadcast to one shape: runs of the innermost axis,
// one loop for each pair of operands.

#include <array>
#include <cstring>
#include <vector>

#include "ops/elementwise.h"
#include "tactics/cpu/broadcast_walk.h"
#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/kernels/element_kernels.h"
#include "tactics/cpu/typed_loops.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

struct FloatOperator {
  std::string_view op;
  BinaryFunction function;
  int64_t grain;
};
constexpr int64_t kCheapGrain = int64_t{1} << 15;
constexpr int64_t kCostlyGrain = int64_t{1} << 12;
constexpr FloatOperator kFloatOperators[] = {
    {"Add", BinaryFunction::kAdd, kCheapGrain},  {"Sub", BinaryFunction::kSub, kCheapGrain},
    {"Mul", BinaryFunction::kMul, kCheapGrain},  {"Div", BinaryFunction::kDiv, kCheapGrain},
    {"Min", BinaryFunction::kMin, kCheapGrain},  {"Max", BinaryFunction::kMax, kCheapGrain},
    {"Sum", BinaryFunction::kAdd, kCheapGrain},  {"Mean", BinaryFunction::kAdd, kCheapGrain},
    {"Pow", BinaryFunction::kPow, kCostlyGrain}, {"PRelu", BinaryFunction::kPRelu, kCheapGrain},
};

struct State {
  BinaryLoop loop = nullptr;
  std::vector<BroadcastWalk> walks;  // operand 0 with 1, then the result with each further one
  int64_t elements = 0;
  int64_t grain = kCheapGrain;
  int64_t input_bytes = 0;  // of an element
  int64_t output_bytes = 0;
  BinaryLoop divide = nullptr;  // by the number of operands at the end, if set
};

const FloatOperator* FindFloatOperator(std::string_view op) {
  for (const FloatOperator& entry : kFloatOperators) {
    if (entry.op == op) return &entry;
  }
  return nullptr;
}

// The shape of operand i as it is aligned with the others from the last axis on.
Result<Shape> AlignedShape(const Instance& instance, int i) {
  const Shape& own = instance.input(i).shape;
  if (i != 1) return own;
  const Shape& first = instance.input(0).shape;
  if (instance.node().op == "PRelu") {
    Shape slope = own;
    if (instance.opset() < 7 && own.rank() == 1 && own[0] != 1 && first.rank() > 1) {
      slope.dims().resize(static_cast<size_t>(first.rank()) - 1, 1);
    }
    return slope;
  }
  ASSAY_ASSIGN_OR_RETURN(const SymbolicShape aligned,
                         AlignSecondOperand(instance, ToSymbolic(first), ToSymbolic(own)));
  return *ToConcrete(aligned);
}

// Walks over all operands; nothing is prepared beyond them.
Result<std::vector<BroadcastWalk>> WalksOf(const Instance& instance) {
  const Shape& output = instance.output(0).shape;
  std::vector<BroadcastWalk> walks;
  for (int i = 1; i < instance.input_count(); ++i) {
    const Shape left = i == 1 ? instance.input(0).shape : output;
    ASSAY_ASSIGN_OR_RETURN(const Shape right, AlignedShape(instance, i));
    if (BroadcastShapes(output, left) != output || BroadcastShapes(output, right) != output) {
      return Status(StatusCode::kUnsupported, "the operands do not fit into the output");
    }
    const std::optional<BroadcastWalk> walk = BroadcastWalk::Of(output, std::array{left, right});
    if (!walk) return Status(StatusCode::kUnsupported, "too many axes to broadcast along");
    walks.push_back(*walk);
  }
  return walks;
}

template <Isa kIsa>
Support SupportsFloat(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.AllAre(DType::kFloat32)) return Support::No("only float32");
  const Result<std::vector<BroadcastWalk>> walks = WalksOf(instance);
  return walks.ok() ? Support::Yes() : Support::No(walks.status().message());
}

Support SupportsTyped(const Instance& instance, const Machine&) {
  for (const Operand& operand : instance.inputs()) {
    if (!operand.present || operand.dtype != instance.input(0).dtype) {
      return Support::No("only operands of one type");
    }
  }
  if (TypedBinaryLoop(instance.node().op, instance.input(0).dtype) == nullptr) {
    return Support::No("no loop for the element type");
  }
  const Result<std::vector<BroadcastWalk>> walks = WalksOf(instance);
  return walks.ok() ? Support::Yes() : Support::No(walks.status().message());
}

Result<Preparation> Finish(const Instance& instance, State state) {
  ASSAY_ASSIGN_OR_RETURN(state.walks, WalksOf(instance));
  state.elements = instance.output(0).shape.elements();
  state.input_bytes = DTypeBits(instance.input(0).dtype) / 8;
  state.output_bytes = DTypeBits(instance.output(0).dtype) / 8;
  Preparation preparation;
  // Further operands are read after the output has been written.
  for (int i = 0; i < std::min(instance.input_count(), 2); ++i) {
    if (instance.input(i).shape.elements() == state.elements &&
        state.input_bytes == state.output_bytes) {
      preparation.in_place.emplace_back(i, 0);
    }
  }
  preparation.state = MakeState(std::move(state));
  return preparation;
}

template <Isa kIsa>
Result<Preparation> PrepareFloat(const Instance& instance, const Machine&) {
  const ElementKernels& kernels = ElementKernelsOf(kIsa);
  const FloatOperator& entry = *FindFloatOperator(instance.node().op);
  State state;
  state.loop = kernels.Loop(entry.function);
  state.grain = entry.grain;
  if (entry.op == "Mean") state.divide = kernels.Loop(BinaryFunction::kDiv);
  return Finish(instance, std::move(state));
}

Result<Preparation> PrepareTyped(const Instance& instance, const Machine&) {
  State state;
  state.loop = TypedBinaryLoop(instance.node().op, instance.input(0).dtype);
  return Finish(instance, std::move(state));
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  const int64_t in_size = state.input_bytes;
  const int64_t out_size = state.output_bytes;
  auto* out = call.Output<std::byte>(0);
  if (state.walks.empty()) {
    if (out != call.Input<std::byte>(0) && state.elements > 0) {
      std::memcpy(out, call.Input<std::byte>(0), static_cast<size_t>(state.elements * out_size));
    }
    return OkStatus();
  }
  call.threads->ParallelFor(state.elements, state.grain, [&](int64_t begin, int64_t end) {
    for (size_t k = 0; k < state.walks.size(); ++k) {
      const std::byte* a = k == 0 ? call.Input<std::byte>(0) : out;
      const std::byte* b = call.Input<std::byte>(static_cast<int>(k) + 1);
      state.walks[k].ForEachRun(
          begin, end, [&](int64_t at, int64_t count, const auto& offsets, const auto& steps) {
            state.loop(count, a + offsets[0] * in_size, steps[0], b + offsets[1] * in_size,
                       steps[1], out + at * out_size);
          });
    }
    if (state.divide != nullptr) {
      const auto operands = static_cast<float>(state.walks.size() + 1);
      std::byte* block = out + begin * out_size;
      state.divide(end - begin, block, 1, &operands, 0, block);
    }
  });
  return OkStatus();
}

void AllCases(std::vector<OpCase>& cases) {
  AddSecondBroadcast(cases);
  AddFirstBroadcast(cases);
}

void VariadicCases(std::vector<OpCase>& cases) {
  AllCases(cases);
  cases.push_back({.name = "four_operands",
                   .inputs = {Spread({5, 1, 19}, -3, 3), Spread({3, 1}, -3, 3, 1),
                              Spread({5, 3, 19}, -3, 3, 2), Spread({19}, -3, 3, 3)}});
}

void TypedCases(std::vector<OpCase>& cases) {
  for (const DType dtype : {DType::kInt64, DType::kInt32, DType::kUInt8, DType::kFloat64}) {
    std::vector<OpCase> floats;
    AllCases(floats);
    for (OpCase& op_case : floats) {
      for (std::optional<Tensor>& input : op_case.inputs) input = *ConvertTensor(*input, dtype);
      op_case.name += "_" + std::string(DTypeName(dtype));
      cases.push_back(op_case);
    }
  }
}

void ComparisonCases(std::vector<OpCase>& cases) {
  AllCases(cases);
  TypedCases(cases);
}

void LogicCases(std::vector<OpCase>& cases) {
  AllCases(cases);
  for (OpCase& op_case : cases) {
    for (std::optional<Tensor>& input : op_case.inputs) {
      Tensor truth = Tensor::Allocate(DType::kBool, input->shape());
      for (int64_t i = 0; i < input->elements(); ++i) {
        truth.mutable_data<bool>()[static_cast<size_t>(i)] = input->ValueAsDouble(i) > 1;
      }
      input = truth;
    }
  }
}

using CasesFunction = void (*)(std::vector<OpCase>& cases);

template <Isa kIsa>
constexpr Tactic FloatTactic(std::string_view name, std::string_view op, NumericClass numerics,
                             CasesFunction cases) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = numerics,
          .supports = SupportsFloat<kIsa>,
          .prepare = PrepareFloat<kIsa>,
          .run = Run,
          .cases = cases};
}

constexpr Tactic TypedTactic(std::string_view name, std::string_view op, CasesFunction cases) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = NumericClass::kExact,
          .supports = SupportsTyped,
          .prepare = PrepareTyped,
          .run = Run,
          .cases = cases};
}

#define ASSAY_FLOAT_TACTICS(name, op, numerics, cases)                                         \
  FloatTactic<Isa::kAvx512>("cpu." name ".map.f32.avx512", op, NumericClass::numerics, cases), \
      FloatTactic<Isa::kAvx2>("cpu." name ".map.f32.avx2", op, NumericClass::numerics, cases), \
      FloatTactic<Isa::kPortable>("cpu." name ".map.f32.portable", op, NumericClass::numerics, \
                                  cases)

constexpr Tactic kTactics[] = {
    ASSAY_FLOAT_TACTICS("add", "Add", kExact, AllCases),
    ASSAY_FLOAT_TACTICS("sub", "Sub", kExact, AllCases),
    ASSAY_FLOAT_TACTICS("mul", "Mul", kExact, AllCases),
    ASSAY_FLOAT_TACTICS("div", "Div", kExact, AllCases),
    ASSAY_FLOAT_TACTICS("min", "Min", kExact, VariadicCases),
    ASSAY_FLOAT_TACTICS("max", "Max", kExact, VariadicCases),
    ASSAY_FLOAT_TACTICS("sum", "Sum", kReassociated, VariadicCases),
    ASSAY_FLOAT_TACTICS("mean", "Mean", kReassociated, VariadicCases),
    ASSAY_FLOAT_TACTICS("pow", "Pow", kReassociated, AllCases),
    ASSAY_FLOAT_TACTICS("prelu", "PRelu", kExact, AddSecondBroadcast),
    TypedTactic("cpu.add.map.typed.portable", "Add", TypedCases),
    TypedTactic("cpu.sub.map.typed.portable", "Sub", TypedCases),
    TypedTactic("cpu.mul.map.typed.portable", "Mul", TypedCases),
    TypedTactic("cpu.div.map.typed.portable", "Div", TypedCases),
    TypedTactic("cpu.min.map.typed.portable", "Min", TypedCases),
    TypedTactic("cpu.max.map.typed.portable", "Max", TypedCases),
    TypedTactic("cpu.equal.map.typed.portable", "Equal", ComparisonCases),
    TypedTactic("cpu.less.map.typed.portable", "Less", ComparisonCases),
    TypedTactic("cpu.lessorequal.map.typed.portable", "LessOrEqual", ComparisonCases),
    TypedTactic("cpu.greater.map.typed.portable", "Greater", ComparisonCases),
    TypedTactic("cpu.greaterorequal.map.typed.portable", "GreaterOrEqual", ComparisonCases),
    TypedTactic("cpu.and.map.typed.portable", "And", LogicCases),
    TypedTactic("cpu.or.map.typed.portable", "Or", LogicCases),
    TypedTactic("cpu.xor.map.typed.portable", "Xor", LogicCases),
};

}  // namespace

extern const std::span<const Tactic> kBinaryMapTactics;
constexpr std::span<const Tactic> kBinaryMapTactics = kTactics;

}  // namespace assay
