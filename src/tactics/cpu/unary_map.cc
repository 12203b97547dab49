// Operators that map every element of one operand: a table from operator to kernel function.

#include <cmath>
#include <limits>

#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/kernels/element_kernels.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

constexpr int64_t kCheapGrain = int64_t{1} << 15;
constexpr int64_t kCostlyGrain = int64_t{1} << 12;

struct State {
  UnaryLoop loop = nullptr;
  UnaryParameters parameters;
  int64_t elements = 0;
  int64_t grain = kCostlyGrain;
  bool limits_are_inputs = false;  // of Clip
};

// What a node asks for: a function with its parameters, or why there is none.
struct Form {
  UnaryFunction function = UnaryFunction::kIdentity;
  UnaryParameters parameters;
};
using FormOf = Form (*)(const Instance& instance);

template <UnaryFunction kFunction>
Form Plain(const Instance&) {
  return {kFunction, {}};
}
template <UnaryFunction kFunction>
Form WithAlpha(const Instance& instance) {
  return {kFunction, {.alpha = instance.Float("alpha")}};
}
Form HardSigmoidForm(const Instance& instance) {
  return {UnaryFunction::kHardSigmoid,
          {.alpha = instance.Float("alpha"), .beta = instance.Float("beta")}};
}
Form SeluForm(const Instance& instance) {
  return {UnaryFunction::kSelu,
          {.alpha = instance.Float("alpha"), .beta = instance.Float("gamma")}};
}
Form GeluForm(const Instance& instance) {
  const bool tanh = instance.String("approximate") == "tanh";
  return {tanh ? UnaryFunction::kGeluTanh : UnaryFunction::kGelu, {}};
}
// Limits that are left out are the last finite numbers; inputs are read when the operator runs.
Form ClipForm(const Instance& instance) {
  constexpr float kMost = std::numeric_limits<float>::max();
  Form form = {UnaryFunction::kClip, {.alpha = -kMost, .beta = kMost}};
  if (instance.opset() >= 11) return form;
  if (instance.HasAttribute("min")) form.parameters.alpha = instance.Float("min");
  if (instance.HasAttribute("max")) form.parameters.beta = instance.Float("max");
  return form;
}
// Pow with one known exponent.
Form PowForm(const Instance& instance) {
  const double exponent = instance.input(1).constant->ValueAsDouble(0);
  if (exponent == 2) return {UnaryFunction::kSquare, {}};
  if (exponent == 3) return {UnaryFunction::kCube, {}};
  if (exponent == 1) return {UnaryFunction::kIdentity, {}};
  if (exponent == -1) return {UnaryFunction::kReciprocal, {}};
  if (exponent == 0.5) return {UnaryFunction::kRootPower, {}};
  return {UnaryFunction::kPowOf, {.alpha = static_cast<float>(exponent)}};
}

struct Operator {
  std::string_view op;
  FormOf form;
  int64_t grain;
};
constexpr Operator kOperators[] = {
    {"Abs", Plain<UnaryFunction::kAbs>, kCheapGrain},
    {"Ceil", Plain<UnaryFunction::kCeil>, kCheapGrain},
    {"Celu", WithAlpha<UnaryFunction::kCelu>, kCostlyGrain},
    {"Clip", ClipForm, kCheapGrain},
    {"Elu", WithAlpha<UnaryFunction::kElu>, kCostlyGrain},
    {"Erf", Plain<UnaryFunction::kErf>, kCostlyGrain},
    {"Exp", Plain<UnaryFunction::kExp>, kCostlyGrain},
    {"Floor", Plain<UnaryFunction::kFloor>, kCheapGrain},
    {"Gelu", GeluForm, kCostlyGrain},
    {"HardSigmoid", HardSigmoidForm, kCheapGrain},
    {"HardSwish", Plain<UnaryFunction::kHardSwish>, kCheapGrain},
    {"LeakyRelu", WithAlpha<UnaryFunction::kLeakyRelu>, kCheapGrain},
    {"Log", Plain<UnaryFunction::kLog>, kCostlyGrain},
    {"Mish", Plain<UnaryFunction::kMish>, kCostlyGrain},
    {"Neg", Plain<UnaryFunction::kNeg>, kCheapGrain},
    {"Pow", PowForm, kCostlyGrain},
    {"Reciprocal", Plain<UnaryFunction::kReciprocal>, kCheapGrain},
    {"Relu", Plain<UnaryFunction::kRelu>, kCheapGrain},
    {"Round", Plain<UnaryFunction::kRound>, kCheapGrain},
    {"Selu", SeluForm, kCostlyGrain},
    {"Sigmoid", Plain<UnaryFunction::kSigmoid>, kCostlyGrain},
    {"Sign", Plain<UnaryFunction::kSign>, kCheapGrain},
    {"Softplus", Plain<UnaryFunction::kSoftplus>, kCostlyGrain},
    {"Softsign", Plain<UnaryFunction::kSoftsign>, kCheapGrain},
    {"Sqrt", Plain<UnaryFunction::kSqrt>, kCheapGrain},
    {"Swish", WithAlpha<UnaryFunction::kSwish>, kCostlyGrain},
    {"Tanh", Plain<UnaryFunction::kTanh>, kCostlyGrain},
    {"ThresholdedRelu", WithAlpha<UnaryFunction::kThresholdedRelu>, kCheapGrain},
};

const Operator& OperatorOf(const Instance& instance) {
  const Operator* found = kOperators;
  while (found->op != instance.node().op) ++found;
  return *found;
}

Support SupportsPow(const Instance& instance) {
  const Operand& exponent = instance.input(1);
  if (exponent.constant == nullptr || exponent.shape.elements() != 1) {
    return Support::No("only one known exponent");
  }
  if (instance.opset() < 7 || instance.output(0).shape != instance.input(0).shape) {
    return Support::No("the exponent has more axes than the base");
  }
  const double value = exponent.constant->ValueAsDouble(0);
  if (!std::isnan(value) && static_cast<double>(static_cast<float>(value)) != value) {
    return Support::No("the exponent is no float32");
  }
  return Support::Yes();
}

template <Isa kIsa>
Support Supports(const Instance& instance, const Machine& machine) {
  if (!CanRun(kIsa, machine.cpu)) return Support::No("the processor lacks the instructions");
  if (!instance.Is(0, DType::kFloat32)) return Support::No("only float32");
  return instance.node().op == "Pow" ? SupportsPow(instance) : Support::Yes();
}

template <Isa kIsa>
Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  const Operator& entry = OperatorOf(instance);
  const Form form = entry.form(instance);
  State state;
  state.loop = ElementKernelsOf(kIsa).Loop(form.function);
  state.parameters = form.parameters;
  state.elements = instance.output(0).shape.elements();
  state.grain = entry.grain;
  state.limits_are_inputs = entry.op == "Clip";
  Preparation preparation;
  preparation.in_place = {{0, 0}};
  preparation.state = MakeState(state);
  return preparation;
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  UnaryParameters parameters = state.parameters;
  if (state.limits_are_inputs) {
    const auto count = call.inputs.size();
    if (count > 1 && call.inputs[1] != nullptr) parameters.alpha = *call.Input<float>(1);
    if (count > 2 && call.inputs[2] != nullptr) parameters.beta = *call.Input<float>(2);
  }
  const auto* in = call.Input<float>(0);
  auto* out = call.Output<float>(0);
  call.threads->ParallelFor(state.elements, state.grain, [&](int64_t begin, int64_t end) {
    state.loop(end - begin, in + begin, parameters, out + begin);
  });
  return OkStatus();
}

void GeluCases(std::vector<OpCase>& cases) {
  AddUnaryShapes(cases);
  AddUnaryShapes(cases);
  for (size_t i = cases.size() / 2; i < cases.size(); ++i) {
    cases[i].attributes.push_back({"approximate", std::string("tanh")});
  }
}

void ClipCases(std::vector<OpCase>& cases) {
  AddUnaryShapes(cases);
  for (OpCase& op_case : cases) {
    op_case.inputs.emplace_back(Tensor::Scalar<float>(-1));
    op_case.inputs.emplace_back(Tensor::Scalar<float>(2.5F));
  }
  cases.push_back({.name = "only_a_maximum",
                   .inputs = {Spread({3, 7}, -9, 9), std::nullopt, Tensor::Scalar<float>(2.5F)}});
}

void PowCases(std::vector<OpCase>& cases) {
  for (const float exponent : {2.0F, 0.5F, 3.0F, 1.0F, -1.0F, 0.0F, -2.0F, 1.7F}) {
    std::vector<OpCase> shapes;
    AddUnaryShapes(shapes);
    for (OpCase& op_case : shapes) {
      // Powers of the largest numbers would hide errors of the others.
      if (op_case.name == "cut_into_pieces") op_case.inputs[0] = Spread({2, 35, 1001}, 0.5F, 2);
      op_case.name += "_power_" + std::to_string(exponent);
      op_case.inputs.emplace_back(Tensor::Scalar<float>(exponent));
      cases.push_back(op_case);
    }
  }
  cases.push_back({.name = "integer_exponent",
                   .inputs = {Spread({3, 37}, -2, 2), Tensor::Vector<int64_t>({2})}});
}

using CasesFunction = void (*)(std::vector<OpCase>& cases);

template <Isa kIsa>
constexpr Tactic MakeTactic(std::string_view name, std::string_view op, NumericClass numerics,
                            CasesFunction cases) {
  return {.name = name,
          .domain = "",
          .op = op,
          .numerics = numerics,
          .supports = Supports<kIsa>,
          .prepare = Prepare<kIsa>,
          .run = Run,
          .cases = cases};
}

#define ASSAY_TACTICS(name, op, numerics, cases)                                              \
  MakeTactic<Isa::kAvx512>("cpu." name ".map.f32.avx512", op, NumericClass::numerics, cases), \
      MakeTactic<Isa::kAvx2>("cpu." name ".map.f32.avx2", op, NumericClass::numerics, cases), \
      MakeTactic<Isa::kPortable>("cpu." name ".map.f32.portable", op, NumericClass::numerics, \
                                 cases)

constexpr Tactic kTactics[] = {
    ASSAY_TACTICS("abs", "Abs", kExact, AddUnaryShapes),
    ASSAY_TACTICS("ceil", "Ceil", kExact, AddUnaryShapes),
    ASSAY_TACTICS("celu", "Celu", kReassociated, AddUnaryShapes),
    ASSAY_TACTICS("clip", "Clip", kExact, ClipCases),
    ASSAY_TACTICS("elu", "Elu", kReassociated, AddUnaryShapes),
    ASSAY_TACTICS("erf", "Erf", kReassociated, AddUnaryShapes),
    ASSAY_TACTICS("exp", "Exp", kReassociated, AddUnaryShapes),
    ASSAY_TACTICS("floor", "Floor", kExact, AddUnaryShapes),
    ASSAY_TACTICS("gelu", "Gelu", kReassociated, GeluCases),
    ASSAY_TACTICS("hardsigmoid", "HardSigmoid", kReassociated, AddUnaryShapes),
    ASSAY_TACTICS("hardswish", "HardSwish", kReassociated, AddUnaryShapes),
    ASSAY_TACTICS("leakyrelu", "LeakyRelu", kExact, AddUnaryShapes),
    ASSAY_TACTICS("log", "Log", kReassociated, AddUnaryShapes),
    ASSAY_TACTICS("mish", "Mish", kReassociated, AddUnaryShapes),
    ASSAY_TACTICS("neg", "Neg", kExact, AddUnaryShapes),
    ASSAY_TACTICS("pow.constant", "Pow", kReassociated, PowCases),
    ASSAY_TACTICS("reciprocal", "Reciprocal", kExact, AddUnaryShapes),
    ASSAY_TACTICS("relu", "Relu", kExact, AddUnaryShapes),
    ASSAY_TACTICS("round", "Round", kExact, AddUnaryShapes),
    ASSAY_TACTICS("selu", "Selu", kReassociated, AddUnaryShapes),
    ASSAY_TACTICS("sigmoid", "Sigmoid", kReassociated, AddUnaryShapes),
    ASSAY_TACTICS("sign", "Sign", kExact, AddUnaryShapes),
    ASSAY_TACTICS("softplus", "Softplus", kReassociated, AddUnaryShapes),
    ASSAY_TACTICS("softsign", "Softsign", kReassociated, AddUnaryShapes),
    ASSAY_TACTICS("sqrt", "Sqrt", kExact, AddUnaryShapes),
    ASSAY_TACTICS("swish", "Swish", kReassociated, AddUnaryShapes),
    ASSAY_TACTICS("tanh", "Tanh", kReassociated, AddUnaryShapes),
    ASSAY_TACTICS("thresholdedrelu", "ThresholdedRelu", kExact, AddUnaryShapes),
};

}  // namespace

extern const std::span<const Tactic> kUnaryMapTactics;
constexpr std::span<const Tactic> kUnaryMapTactics = kTactics;

}  // namespace assay
