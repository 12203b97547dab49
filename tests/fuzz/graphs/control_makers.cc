#include <fmt/format.h>

#include "tests/fuzz/graphs/graph_maker.h"

namespace assay::fuzz {
namespace {

using Body = std::shared_ptr<Graph>;

Body NewBody(GraphMaker& m, const char* name) {
  auto body = std::make_shared<Graph>();
  body->name = fmt::format("{}{}", name, m.nodes());
  return body;
}

// Names inside bodies must be none of the enclosing graph's.
std::string Inner(const Graph& body, const std::string& name) {
  return fmt::format("{}_{}", body.name, name);
}

ValueId Capture(GraphMaker& m, Graph& body, ValueId outer) {
  const std::string name = m.graph().value(outer).name;
  const ValueId known = body.FindValue(name);
  if (known != kNoValue) return known;
  const ValueId id = body.AddValue(name);
  body.captures.emplace_back(id, name);
  return id;
}

ValueId Append(GraphMaker& m, Graph& body, const std::string& op, std::vector<ValueId> inputs,
               std::vector<Attribute> attributes = {}) {
  const ValueId out = body.AddValue(Inner(body, fmt::format("t{}", body.values.size())));
  body.AddNode({.name = Inner(body, fmt::format("n{}", body.nodes.size())),
                .op = op,
                .opset = m.opset(),
                .inputs = std::move(inputs),
                .outputs = {out},
                .attributes = std::move(attributes)});
  return out;
}

// A few element-wise nodes, some with a captured or a constant operand.
ValueId SomeNodes(GraphMaker& m, Graph& body, ValueId x, DType type, const Shape& shape) {
  for (int64_t i = m.random().Int(1, 3); i > 0; --i) {
    const int64_t draw = m.random().Int(0, 3);
    if (draw == 0) {
      x = Append(m, body, m.random().Pick<std::string>({"Tanh", "Sigmoid", "Relu", "Abs", "Neg"}),
                 {x});
    } else if (draw == 1) {
      const ValueId constant = body.AddConstant(Inner(body, fmt::format("c{}", body.values.size())),
                                                m.RandomTensor(type, shape));
      x = Append(m, body, m.random().Pick<std::string>({"Add", "Mul"}), {x, constant});
    } else {
      const ValueId outer = m.Find([&](ValueId id) {
        return m.TypeOf(id) == type && BroadcastShapes(m.ShapeOf(id), shape) == shape;
      });
      if (outer == kNoValue) continue;
      x = Append(m, body, m.random().Pick<std::string>({"Add", "Mul", "Sub"}),
                 {x, Capture(m, body, outer)});
    }
  }
  return x;
}

std::shared_ptr<const Graph> Const(Body body) { return body; }

ValueId PlainFloat(GraphMaker& m, int low, int high) {
  const ValueId x = m.Float(low, high);
  return m.TypeOf(x) == DType::kBFloat16 ? kNoValue : x;
}

void MakeIf(GraphMaker& m) {
  const ValueId x = PlainFloat(m, 0, 4);
  if (x == kNoValue) return;
  const Body branches[] = {NewBody(m, "then"), NewBody(m, "else")};
  for (const Body& body : branches) {
    const ValueId captured = Capture(m, *body, x);
    ValueId out = SomeNodes(m, *body, captured, m.TypeOf(x), m.ShapeOf(x));
    if (out == captured) out = Append(m, *body, "Identity", {captured});
    body->outputs = {out};
  }
  const ValueId condition = m.Given(Tensor::Scalar<bool>(m.random().Chance(50)), 50);
  m.One("If", {condition},
        {{"then_branch", Const(branches[0])}, {"else_branch", Const(branches[1])}});
}

void MakeLoop(GraphMaker& m) {
  const ValueId x = PlainFloat(m, 0, 3);
  if (x == kNoValue) return;
  const Body body = NewBody(m, "body");
  const ValueType scalar_int = ValueType::TensorOf(DType::kInt64, SymbolicShape{});
  const ValueType scalar_bool = ValueType::TensorOf(DType::kBool, SymbolicShape{});
  const ValueId trip = body->AddInput(Inner(*body, "i"), scalar_int);
  const ValueId keep = body->AddInput(Inner(*body, "keep"), scalar_bool);
  const ValueId state = body->AddInput(Inner(*body, "state"),
                                       ValueType::TensorOf(m.TypeOf(x), ToSymbolic(m.ShapeOf(x))));
  ValueId next = SomeNodes(m, *body, state, m.TypeOf(x), m.ShapeOf(x));
  next = Append(m, *body, "Tanh", {next});
  ValueId condition = Append(m, *body, "Identity", {keep});
  if (m.random().Chance(40)) {
    const ValueId last = body->AddConstant(Inner(*body, "last"), Tensor::Scalar<int64_t>(2));
    condition = Append(m, *body, "Less", {trip, last});
    if (m.opset() < 9) return;
  }
  body->outputs = {condition, next};
  size_t outputs = 1;
  if (m.random().Chance(50)) {
    body->outputs.push_back(Append(m, *body, "Neg", {next}));
    outputs = 2;
  }
  // The extents of what is collected over no iteration are open.
  const bool runs = outputs > 1 || m.random().Chance(90);
  const ValueId trips = m.Given(Tensor::Scalar(m.random().Int(runs ? 1 : 0, 5)), 40);
  const ValueId start = m.Given(Tensor::Scalar<bool>(runs), 30);
  m.Add("Loop", {trips, start, x}, {{"body", Const(body)}}, outputs);
}

void MakeScan(GraphMaker& m) {
  if (m.opset() < 9) return;
  const ValueId x = PlainFloat(m, 1, 3);
  if (x == kNoValue || m.ShapeOf(x).elements() == 0) return;
  const DType type = m.TypeOf(x);
  const Shape inner(std::vector<int64_t>(m.ShapeOf(x).begin() + 1, m.ShapeOf(x).end()));
  const ValueId start = m.Operand(type, inner);
  const Body body = NewBody(m, "scan");
  const ValueType each = ValueType::TensorOf(type, ToSymbolic(inner));
  const ValueId state = body->AddInput(Inner(*body, "state"), each);
  const ValueId element = body->AddInput(Inner(*body, "element"), each);
  const ValueId sum = Append(m, *body, "Add", {state, element});
  const ValueId next = Append(m, *body, "Tanh", {SomeNodes(m, *body, sum, type, inner)});
  body->outputs = {next, Append(m, *body, "Identity", {sum})};
  std::vector<Attribute> attributes = {{"body", Const(body)}, {"num_scan_inputs", int64_t{1}}};
  if (m.random().Chance(30)) {
    attributes.push_back({"scan_input_directions", std::vector<int64_t>{1}});
  }
  if (m.random().Chance(30)) {
    attributes.push_back({"scan_output_directions", std::vector<int64_t>{1}});
  }
  m.Add("Scan", {start, x}, attributes, 2);
}

void MakeSequence(GraphMaker& m) {
  const ValueId x = m.Float(1, 4);
  const ValueId y = m.Find(
      [&](ValueId id) { return m.TypeOf(id) == m.TypeOf(x) && m.ShapeOf(id) == m.ShapeOf(x); });
  ValueId sequence = m.One("SequenceConstruct", {x, y});
  if (sequence == kNoValue) return;
  int64_t length = 2;
  if (m.random().Chance(40)) {
    sequence =
        m.One("SequenceInsert", {sequence, x, m.Given(Tensor::Scalar(m.random().Int(0, 2)))});
    length = 3;
  }
  if (m.random().Chance(30) && sequence != kNoValue) {
    sequence = m.One("SequenceErase", {sequence, m.Given(Tensor::Scalar(m.random().Int(-2, 1)))});
    --length;
  }
  if (sequence == kNoValue) return;
  if (m.random().Chance(50)) {
    m.One("SequenceAt", {sequence, m.Given(Tensor::Scalar(m.random().Int(-length, length - 1)))});
  } else {
    m.One("ConcatFromSequence", {sequence},
          {{"axis", m.Axis(m.RankOf(x))}, {"new_axis", int64_t{m.random().Chance(40)}}});
  }
  if (m.random().Chance(20)) m.One("SequenceLength", {sequence});
}

void MakeSplitToSequence(GraphMaker& m) {
  const ValueId x = m.Float(1, 4);
  const int64_t axis = m.random().Int(0, m.RankOf(x) - 1);
  const int64_t extent = m.ShapeOf(x)[static_cast<int>(axis)];
  if (extent == 0) return;
  std::vector<ValueId> inputs = {x};
  if (m.random().Chance(50)) inputs.push_back(m.Given(Tensor::Scalar(m.random().Int(1, extent))));
  const ValueId parts =
      m.One("SplitToSequence", inputs,
            {{"axis", m.Written(axis, m.RankOf(x))}, {"keepdims", m.random().Int(0, 1)}});
  if (parts == kNoValue) return;
  if (m.random().Chance(50)) {
    m.One("ConcatFromSequence", {parts}, {{"axis", int64_t{0}}});
  } else {
    m.One("SequenceAt", {parts, m.Given(Tensor::Scalar<int64_t>(-1))});
  }
}

}  // namespace

std::vector<Maker> ControlMakers() {
  return {{"if", 3, MakeIf},
          {"loop", 3, MakeLoop},
          {"scan", 2, MakeScan},
          {"sequence", 2, MakeSequence},
          {"split-to-sequence", 2, MakeSplitToSequence}};
}

}  // namespace assay::fuzz
