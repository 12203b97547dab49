#include <cmath>

#include "tests/fuzz/graphs/graph_maker.h"

namespace assay::fuzz {
namespace {

struct Unary {
  const char* op;
  bool (*domain)(double) = nullptr;
  std::vector<Attribute> attributes = {};
};

bool IsBelowTen(double x) { return std::fabs(x) < 10; }
bool IsAboveZero(double x) { return x > 0; }
bool IsNotNegative(double x) { return x >= 0; }
bool IsWithinOne(double x) { return std::fabs(x) <= 1; }
bool IsInsideOne(double x) { return std::fabs(x) < 1; }
bool IsAboveOne(double x) { return x >= 1; }
bool IsNotZero(double x) { return x != 0; }

void MakeUnary(GraphMaker& m) {
  static const std::vector<Unary> all = {
      {"Abs"},
      {"Acos", IsWithinOne},
      {"Acosh", IsAboveOne},
      {"Asin", IsWithinOne},
      {"Asinh"},
      {"Atan"},
      {"Atanh", IsInsideOne},
      {"Ceil"},
      {"Celu", nullptr, {{"alpha", 0.5F}}},
      {"Celu"},
      {"Cos"},
      {"Cosh", IsBelowTen},
      {"Elu"},
      {"Elu", nullptr, {{"alpha", 0.25F}}},
      {"Erf"},
      {"Exp", IsBelowTen},
      {"Floor"},
      {"Gelu"},
      {"Gelu", nullptr, {{"approximate", std::string("tanh")}}},
      {"HardSigmoid"},
      {"HardSigmoid", nullptr, {{"alpha", 0.5F}, {"beta", 0.25F}}},
      {"HardSwish"},
      {"Identity"},
      {"IsInf"},
      {"IsInf", nullptr, {{"detect_negative", int64_t{0}}}},
      {"IsNaN"},
      {"LeakyRelu"},
      {"LeakyRelu", nullptr, {{"alpha", -0.5F}}},
      {"Log", IsAboveZero},
      {"Mish"},
      {"Neg"},
      {"Reciprocal", IsNotZero},
      {"Relu"},
      {"Relu"},
      {"Round"},
      {"Selu"},
      {"Shrink"},
      {"Shrink", nullptr, {{"lambd", 1.5F}, {"bias", 1.0F}}},
      {"Sigmoid"},
      {"Sigmoid"},
      {"Sign"},
      {"Sin"},
      {"Sinh", IsBelowTen},
      {"Softplus"},
      {"Softsign"},
      {"Sqrt", IsNotNegative},
      {"Swish"},
      {"Tan", IsInsideOne},
      {"Tanh"},
      {"Tanh"},
      {"ThresholdedRelu"},
      {"ThresholdedRelu", nullptr, {{"alpha", 0.5F}}}};
  const Unary& unary = m.random().Pick(all);
  ValueId x = m.Float(0, 5);
  if (!m.Takes(unary.op, m.TypeOf(x))) return;
  if (unary.domain != nullptr && !m.All(x, unary.domain)) {
    x = m.Find([&](ValueId id) {
      return IsFloating(m.TypeOf(id)) && m.Takes(unary.op, m.TypeOf(id)) && m.All(id, unary.domain);
    });
  }
  m.One(unary.op, {x}, unary.attributes);
}

void MakeClip(GraphMaker& m) {
  const ValueId x = m.Float(0, 4);
  const auto low = static_cast<float>(m.random().Int(-16, 8)) / 8;
  const auto high = static_cast<float>(m.random().Int(-2, 24)) / 8;
  std::vector<Setting> settings;
  const bool is_input = m.opset() >= 11;
  const auto bound = [&](float value) -> AttributeValue {
    if (!is_input) return value;
    return *ConvertTensor(Tensor::Scalar(value), m.TypeOf(x));
  };
  if (m.random().Chance(70)) settings.push_back({"min", bound(low)});
  if (m.random().Chance(70)) settings.push_back({"max", bound(high)});
  m.Add("Clip", {x}, {}, 1, settings);
}

void MakeBinary(GraphMaker& m) {
  const std::string op = m.random().Pick<std::string>(
      {"Add", "Add", "Mul", "Mul", "Sub", "Div", "PRelu", "Greater", "Less", "Equal",
       "GreaterOrEqual", "LessOrEqual", "Pow", "Mod"});
  const ValueId a = m.Float(0, 5);
  if (!m.Takes(op, m.TypeOf(a))) return;
  const bool one_way = op == "PRelu";
  ValueId b = m.Broadcastable(m.TypeOf(a), m.ShapeOf(a));
  if (op == "Div" || op == "Mod") {
    if (!m.All(b, [](double x) { return std::fabs(x) > 0.05; })) return;
  }
  std::vector<Attribute> attributes;
  if (op == "Mod") attributes.push_back({"fmod", int64_t{1}});
  if (op == "Pow" && !m.All(a, IsAboveZero)) {
    b = m.Constant(
        *ConvertTensor(Tensor::Scalar(m.random().Pick({2.0F, 3.0F, 1.0F, 0.0F})), m.TypeOf(a)));
  }
  const bool flip = !one_way && op != "Div" && op != "Mod" && op != "Pow" && m.random().Chance(30);
  m.One(op, flip ? std::vector{b, a} : std::vector{a, b}, attributes);
}

// Both operands broadcast.
void MakeOuter(GraphMaker& m) {
  const std::string op = m.random().Pick<std::string>({"Add", "Mul", "Sub", "Max", "Min"});
  const ValueId a = m.Float(1, 4);
  if (!m.Takes(op, m.TypeOf(a))) return;
  Shape left = m.ShapeOf(a);
  for (int64_t& extent : left.dims()) {
    if (extent == 1)
      extent = m.random().Int(1, 4);
    else if (m.random().Chance(40))
      extent = 1;
  }
  m.One(op, {a, m.Weight(m.TypeOf(a), left)});
}

void MakeResidual(GraphMaker& m) {
  const ValueId a = m.Float(0, 5);
  const ValueId b = m.Find(
      [&](ValueId id) { return m.TypeOf(id) == m.TypeOf(a) && m.ShapeOf(id) == m.ShapeOf(a); });
  m.One(m.random().Pick<std::string>({"Add", "Mul", "Sub"}), {a, b});
}

void MakeVariadic(GraphMaker& m) {
  const std::string op = m.random().Pick<std::string>({"Max", "Min", "Mean", "Sum"});
  const ValueId a = m.Float(0, 4);
  if (!m.Takes(op, m.TypeOf(a))) return;
  std::vector<ValueId> inputs = {a};
  for (int64_t i = m.random().Int(0, 3); i > 0; --i) {
    inputs.push_back(m.Broadcastable(m.TypeOf(a), m.ShapeOf(a)));
  }
  m.One(op, inputs);
}

DType IntegerType(GraphMaker& m) {
  return m.random().Pick({DType::kInt64, DType::kInt32, DType::kInt8, DType::kUInt8, DType::kInt64,
                          DType::kInt16, DType::kUInt16, DType::kUInt32, DType::kUInt64});
}

ValueId Integers(GraphMaker& m) {
  const ValueId found = m.Find([&](ValueId id) { return IsInteger(m.TypeOf(id)); });
  if (found != kNoValue && m.random().Chance(70)) return found;
  return m.Input(IntegerType(m), m.RandomShape(0, 4));
}

void MakeIntegers(GraphMaker& m) {
  const std::string op = m.random().Pick<std::string>({"Add",
                                                       "Sub",
                                                       "Mul",
                                                       "Div",
                                                       "Mod",
                                                       "Max",
                                                       "Min",
                                                       "Greater",
                                                       "Less",
                                                       "Equal",
                                                       "GreaterOrEqual",
                                                       "BitwiseAnd",
                                                       "BitwiseOr",
                                                       "BitwiseXor",
                                                       "Abs",
                                                       "Neg",
                                                       "Sign",
                                                       "Relu",
                                                       "BitwiseNot",
                                                       "Pow",
                                                       "BitShift"});
  const ValueId a = Integers(m);
  if (!m.Takes(op, m.TypeOf(a))) return;
  if (op == "Abs" || op == "Neg" || op == "Sign" || op == "Relu" || op == "BitwiseNot") {
    m.One(op, {a});
    return;
  }
  ValueId b = m.Broadcastable(m.TypeOf(a), m.ShapeOf(a));
  std::vector<Attribute> attributes;
  if (op == "Pow" || op == "BitShift") {
    b = m.Constant(*ConvertTensor(Tensor::Scalar(m.random().Int(0, 3)), m.TypeOf(a)));
  }
  if (op == "BitShift") {
    attributes.push_back({"direction", m.random().Pick<std::string>({"LEFT", "RIGHT"})});
  }
  if ((op == "Div" || op == "Mod") && !m.All(b, IsNotZero)) return;
  if (op == "Mod" && m.random().Chance(40)) attributes.push_back({"fmod", int64_t{1}});
  m.One(op, {a, b}, attributes);
}

ValueId Bools(GraphMaker& m) {
  const ValueId found = m.Find([&](ValueId id) { return m.TypeOf(id) == DType::kBool; });
  return found != kNoValue ? found : m.Input(DType::kBool, m.RandomShape(0, 4));
}

void MakeLogic(GraphMaker& m) {
  const ValueId a = Bools(m);
  if (m.random().Chance(30)) {
    m.One("Not", {a});
    return;
  }
  m.One(m.random().Pick<std::string>({"And", "Or", "Xor", "Equal"}),
        {a, m.Broadcastable(DType::kBool, m.ShapeOf(a))});
}

void MakeWhere(GraphMaker& m) {
  const ValueId condition = Bools(m);
  const DType type = m.random().Chance(75) ? m.float_type() : DType::kInt64;
  const ValueId a = m.Broadcastable(type, m.ShapeOf(condition));
  m.One("Where", {condition, a, m.Broadcastable(type, m.ShapeOf(condition))});
}

void MakeCast(GraphMaker& m) {
  const ValueId x = m.Find([&](ValueId id) { return !m.graph().value(id).constant; });
  if (x == kNoValue) return;
  const DType to =
      m.random().Pick({DType::kFloat32, DType::kFloat32, DType::kFloat16, DType::kFloat64,
                       DType::kBFloat16, DType::kInt64, DType::kInt32, DType::kInt8, DType::kUInt8,
                       DType::kBool, DType::kInt16, DType::kUInt32});
  if (to == DType::kBFloat16 && m.opset() < 13) return;
  if (IsInteger(to)) {
    const IntegerRange range = IntegerRangeOf(to);
    const auto fits = [&](double v) {
      return v > static_cast<double>(range.min) - 1 && v < static_cast<double>(range.max);
    };
    if (!m.All(x, fits)) return;
  }
  m.One("Cast", {x}, {{"to", static_cast<int64_t>(to)}});
}

}  // namespace

std::vector<Maker> ElementwiseMakers() {
  return {{"unary", 30, MakeUnary},       {"clip", 5, MakeClip},
          {"binary", 26, MakeBinary},     {"outer", 4, MakeOuter},
          {"residual", 10, MakeResidual}, {"variadic", 4, MakeVariadic},
          {"integers", 8, MakeIntegers},  {"logic", 4, MakeLogic},
          {"where", 5, MakeWhere},        {"cast", 10, MakeCast}};
}

}  // namespace assay::fuzz
