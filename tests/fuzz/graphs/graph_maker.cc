#include "tests/fuzz/graphs/graph_maker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/infer_graph.h"
#include "reference/interpreter.h"

namespace assay::fuzz {
namespace {

constexpr int kNewestOpset = 26;
constexpr int64_t kMostElements = 20000;
// Beyond this, what follows would soon overflow.
constexpr double kLargest = 1e4;

int DrawOpset(Random& random) {
  if (random.Chance(40)) return static_cast<int>(random.Int(17, 22));
  return static_cast<int>(random.Int(7, kNewestOpset));
}

DType DrawFloatType(Random& random) {
  const int64_t draw = random.Int(0, 99);
  if (draw < 68) return DType::kFloat32;
  if (draw < 82) return DType::kFloat16;
  if (draw < 92) return DType::kFloat64;
  return DType::kBFloat16;
}

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

Tensor TensorOf(const AttributeValue& value) {
  if (const auto* one = std::get_if<int64_t>(&value)) return Tensor::Vector<int64_t>({*one});
  if (const auto* many = std::get_if<std::vector<int64_t>>(&value)) return Tensor::Vector(*many);
  if (const auto* real = std::get_if<float>(&value)) return Tensor::Scalar(*real);
  return std::get<Tensor>(value);
}

}  // namespace

GraphMaker::GraphMaker(uint64_t seed, ThreadPool& threads)
    : random_(seed),
      threads_(threads),
      opset_(DrawOpset(random_)),
      float_type_(DrawFloatType(random_)),
      special_values_(random_.Chance(6)),
      builder_(opset_) {
  if (float_type_ == DType::kBFloat16 && opset_ < 13) float_type_ = DType::kFloat32;
}

const OpSchema* GraphMaker::Schema(const std::string& op) const {
  const OpDef* def = FindOp("", op);
  return def == nullptr ? nullptr : def->SchemaFor(opset_);
}

bool GraphMaker::Takes(const std::string& op, DType type, int input) const {
  const OpSchema* schema = Schema(op);
  if (schema == nullptr) return false;
  const auto i = std::min(static_cast<size_t>(input), schema->inputs.size() - 1);
  return schema->inputs[i].types.Contains(type);
}

bool GraphMaker::All(ValueId id, const std::function<bool(double)>& condition) const {
  for (int64_t i = 0; i < Data(id).elements(); ++i) {
    if (!condition(Data(id).ValueAsDouble(i))) return false;
  }
  return true;
}

ValueId GraphMaker::Find(const std::function<bool(ValueId)>& fits) {
  std::vector<ValueId> found;
  for (size_t i = 0; i < values_.size(); ++i) {
    const auto id = static_cast<ValueId>(i);
    if (!values_[i].is_tensor() || TypeOf(id) == DType::kString || !fits(id)) continue;
    found.push_back(id);
    if (graph().value(id).producer != kNoNode) found.push_back(id);
  }
  if (found.empty()) return kNoValue;
  if (random_.Chance(50))
    found.erase(found.begin(), found.begin() + static_cast<int64_t>(found.size() / 2));
  return random_.Pick(found);
}

ValueId GraphMaker::Float(int low, int high) {
  const ValueId found = random_.Chance(8) ? kNoValue : Find([&](ValueId id) {
    return IsFloating(TypeOf(id)) && RankOf(id) >= low && RankOf(id) <= high &&
           !graph().value(id).constant;
  });
  return found != kNoValue ? found : Input(float_type(), RandomShape(low, high));
}

ValueId GraphMaker::Operand(DType type, const Shape& shape) {
  const ValueId found = random_.Chance(40) ? kNoValue : Find([&](ValueId id) {
    return TypeOf(id) == type && ShapeOf(id) == shape;
  });
  if (found != kNoValue) return found;
  return random_.Chance(70) ? Weight(type, shape) : Input(type, shape);
}

ValueId GraphMaker::Broadcastable(DType type, const Shape& shape) {
  const ValueId found = random_.Chance(40) ? kNoValue : Find([&](ValueId id) {
    return TypeOf(id) == type && BroadcastShapes(ShapeOf(id), shape) == shape;
  });
  if (found != kNoValue) return found;
  Shape narrow = shape;
  if (random_.Chance(50)) {
    const int64_t dropped = random_.Int(0, shape.rank());
    narrow.dims().erase(narrow.dims().begin(), narrow.dims().begin() + dropped);
    for (int64_t& extent : narrow.dims()) extent = random_.Chance(30) ? 1 : extent;
  }
  return random_.Chance(70) ? Weight(type, narrow) : Input(type, narrow);
}

std::string GraphMaker::NextName(const char* prefix) {
  return fmt::format("{}{}", prefix, names_++);
}

ValueId GraphMaker::AddInput(Tensor tensor) {
  const std::string name = NextName("x");
  const ValueId id = builder_.Input(name, tensor.dtype(), ToSymbolic(tensor.shape()));
  inputs_.Add(name, tensor);
  values_.emplace_back(IsFloating(tensor.dtype()) ? *ConvertTensor(tensor, DType::kFloat64)
                                                  : tensor);
  return id;
}

ValueId GraphMaker::Constant(Tensor tensor) {
  values_.emplace_back(IsFloating(tensor.dtype()) ? *ConvertTensor(tensor, DType::kFloat64)
                                                  : tensor);
  return builder_.Constant(NextName("w"), std::move(tensor));
}

ValueId GraphMaker::Input(DType type, const Shape& shape) {
  return AddInput(RandomTensor(type, shape));
}

ValueId GraphMaker::Weight(DType type, const Shape& shape) {
  // Weights are finite: folding them is allowed to assume so.
  return Constant(RandomTensor(type, shape, /*may_be_special=*/false));
}

ValueId GraphMaker::Given(Tensor tensor, int input_percent) {
  return random_.Chance(input_percent) ? AddInput(std::move(tensor)) : Constant(std::move(tensor));
}

Shape GraphMaker::RandomShape(int low, int high) {
  Shape shape;
  const int64_t rank = random_.Int(low, high);
  int64_t elements = 1;
  for (int64_t i = 0; i < rank; ++i) {
    int64_t extent = random_.Int(1, 6);
    if (random_.Chance(15)) extent = random_.Pick({8, 16, 17, 24, 32, 33});
    if (rank == 1 && random_.Chance(20)) extent = random_.Int(1, 400);
    if (elements * extent > 3000) extent = 2;
    elements *= extent;
    shape.dims().push_back(extent);
  }
  if (rank > 0 && random_.Chance(2)) shape[static_cast<int>(random_.Int(0, rank - 1))] = 0;
  return shape;
}

Tensor GraphMaker::RandomTensor(DType type, const Shape& shape, bool may_be_special) {
  Tensor wide = Tensor::Allocate(DType::kFloat64, shape);
  const bool grid = random_.Chance(25);
  const bool special = may_be_special && special_values_ && random_.Chance(40);
  const double range = random_.Pick({1.0, 2.0, 4.0});
  int64_t low = -8;
  int64_t high = 8;
  if (type == DType::kInt8 && random_.Chance(50)) low = -128, high = 127;
  if (type == DType::kUInt8 && random_.Chance(50)) low = 0, high = 255;
  if (type == DType::kBool) low = 0, high = 1;
  if (IsInteger(type) && !IsSignedInteger(type)) low = 0;
  for (double& value : wide.mutable_data<double>()) {
    if (!IsFloating(type)) {
      value = static_cast<double>(random_.Int(low, high));
    } else if (special && random_.Chance(20)) {
      constexpr double kInfinity = std::numeric_limits<double>::infinity();
      value = random_.Pick({kInfinity, -kInfinity, std::nan(""), -0.0, 0.0, 1e-40, -1e-44, 6e4});
    } else {
      value =
          grid ? static_cast<double>(random_.Int(-16, 16)) / 8 : (random_.Unit() * 2 - 1) * range;
    }
  }
  return *ConvertTensor(wide, type);
}

int64_t GraphMaker::Axis(int rank) { return Written(random_.Int(0, rank - 1), rank); }

void GraphMaker::Place(const OpSchema& schema, const Setting& setting, Node& node) {
  for (const AttributeDef& attribute : schema.attributes) {
    if (Lower(std::string(attribute.name)) != Lower(setting.name)) continue;
    if (std::holds_alternative<Tensor>(setting.value)) return;
    AttributeValue value = setting.value;
    if (attribute.kind == AttributeKind::kInts && std::holds_alternative<int64_t>(value)) {
      value = std::vector<int64_t>{std::get<int64_t>(value)};
    }
    node.attributes.push_back({std::string(attribute.name), value});
    return;
  }
  for (size_t i = 0; i < schema.inputs.size(); ++i) {
    if (Lower(std::string(schema.inputs[i].name)) != Lower(setting.name)) continue;
    if (node.inputs.size() <= i) node.inputs.resize(i + 1, kNoValue);
    Tensor tensor = TensorOf(setting.value);
    if (!schema.inputs[i].types.Contains(tensor.dtype())) return;
    node.inputs[i] = Given(std::move(tensor));
    return;
  }
}

std::vector<ValueId> GraphMaker::Add(const std::string& op, std::vector<ValueId> inputs,
                                     std::vector<Attribute> attributes, size_t outputs,
                                     const std::vector<Setting>& settings) {
  const OpSchema* schema = Schema(op);
  if (schema == nullptr) return {};
  Node node;
  node.op = op;
  node.opset = opset_;
  node.inputs = std::move(inputs);
  for (Attribute& attribute : attributes) {
    const bool known = std::ranges::any_of(
        schema->attributes, [&](const AttributeDef& def) { return def.name == attribute.name; });
    if (known) node.attributes.push_back(std::move(attribute));
  }
  for (const Setting& setting : settings) Place(*schema, setting, node);
  while (!node.inputs.empty() && node.inputs.back() == kNoValue) node.inputs.pop_back();
  const size_t first = graph().values.size();
  for (size_t i = 0; i < outputs; ++i) node.outputs.push_back(graph().AddValue(NextName("v")));
  node.name = fmt::format("{}_{}", op, names_++);
  const std::vector<ValueId> ids = node.outputs;
  graph().AddNode(node);
  if (Compute(node)) return ids;
  graph().nodes.pop_back();
  graph().values.resize(first);
  return {};
}

ValueId GraphMaker::One(const std::string& op, std::vector<ValueId> inputs,
                        std::vector<Attribute> attributes, const std::vector<Setting>& settings) {
  if (std::ranges::find(inputs, kNoValue) != inputs.end()) return kNoValue;
  const auto ids = Add(op, std::move(inputs), std::move(attributes), 1, settings);
  return ids.empty() ? kNoValue : ids[0];
}

// Types of the new values come from inference, their elements from the reference.
bool GraphMaker::Compute(const Node& node) {
  Graph inferred = graph();
  const auto refuse = [&](const Status& status) {
    ++refused_[fmt::format("{}: {}", node.op, status.message())];
    return false;
  };
  if (Status status = InferGraph(inferred); !status.ok()) return refuse(status);
  Interpreter interpreter(inferred, threads_, {.truth = TruthKind::kTyped});
  Evaluation evaluation;
  for (size_t i = 0; i < values_.size(); ++i) {
    evaluation.feeds.emplace_back(static_cast<ValueId>(i), values_[i]);
  }
  evaluation.wanted = node.outputs;
  Result<std::vector<RuntimeValue>> results = interpreter.Evaluate(evaluation);
  if (!results.ok()) return refuse(results.status());
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    graph().value(node.outputs[i]).type = inferred.value(node.outputs[i]).type;
    // The declared shape is left to inference.
    if (graph().value(node.outputs[i]).type.kind == ValueType::Kind::kTensor) {
      graph().value(node.outputs[i]).type.shape.reset();
    }
    values_.push_back((*results)[i]);
  }
  if (IsOfUse(node)) return true;
  values_.resize(values_.size() - node.outputs.size());
  return false;
}

// Whether its results are small enough, and finite where its inputs are.
bool GraphMaker::IsOfUse(const Node& node) const {
  const auto wild = [](double x) { return !std::isfinite(x) || std::fabs(x) > kLargest; };
  const auto has_wild = [&](ValueId id) {
    if (id == kNoValue || !values_[static_cast<size_t>(id)].is_tensor()) return false;
    return IsFloating(TypeOf(id)) && !All(id, [&](double x) { return !wild(x); });
  };
  const bool tame_inputs = std::ranges::none_of(node.inputs, has_wild);
  for (const ValueId id : node.outputs) {
    const RuntimeValue& value = values_[static_cast<size_t>(id)];
    if (value.byte_size() > static_cast<size_t>(kMostElements) * 8) return false;
    if (tame_inputs && has_wild(id)) return false;
    if (value.is_tensor() && IsInteger(TypeOf(id)) &&
        !All(id, [](double x) { return std::fabs(x) < 1e6; })) {
      return false;
    }
  }
  return true;
}

void GraphMaker::ChooseOutputs() {
  std::vector<char> is_read(graph().values.size(), 0);
  for (const Node& node : graph().nodes) {
    for (const ValueId id : node.inputs) {
      if (id != kNoValue) is_read[static_cast<size_t>(id)] = 1;
    }
    for (const Attribute& attribute : node.attributes) {
      const auto* body = std::get_if<std::shared_ptr<const Graph>>(&attribute.value);
      if (body == nullptr) continue;
      for (const auto& [id, name] : (*body)->captures) {
        is_read[static_cast<size_t>(graph().FindValue(name))] = 1;
      }
    }
  }
  for (const Node& node : graph().nodes) {
    for (const ValueId id : node.outputs) {
      if (id == kNoValue || !values_[static_cast<size_t>(id)].is_tensor()) continue;
      if (is_read[static_cast<size_t>(id)] == 0 || random_.Chance(8)) builder_.Output(id);
    }
  }
}

void GraphMaker::OpenExtents() {
  for (const ValueId id : graph().inputs) {
    if (!graph().value(id).type.shape) continue;
    for (Dim& dim : *graph().value(id).type.shape) {
      if (random_.Chance(60)) dim = Dim::Symbol(fmt::format("s{}", dim.value()));
    }
  }
}

GraphMaker::Made GraphMaker::Finish() && {
  ChooseOutputs();
  if (random_.Chance(25)) OpenExtents();
  return {std::move(builder_).Build(), std::move(inputs_)};
}

GraphMaker::Made MakeGraph(uint64_t seed, ThreadPool& threads,
                           std::map<std::string, int>* refused) {
  static const std::vector<Maker> makers = [] {
    std::vector<Maker> all;
    for (auto* family : {ElementwiseMakers, LineMakers, ProductMakers, WindowMakers, MoveMakers,
                         IndexMakers, ControlMakers, PatternMakers, ExampleMakers}) {
      const std::vector<Maker> some = family();
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }();
  GraphMaker maker(seed, threads);
  const auto wanted = static_cast<size_t>(maker.random().Chance(30) ? maker.random().Int(1, 4)
                                                                    : maker.random().Int(3, 30));
  int64_t total = 0;
  for (const Maker& each : makers) total += each.weight;
  for (int attempts = 0; maker.nodes() < wanted && attempts < 200; ++attempts) {
    int64_t draw = maker.random().Int(0, total - 1);
    for (const Maker& each : makers) {
      draw -= each.weight;
      if (draw >= 0) continue;
      each.make(maker);
      break;
    }
  }
  if (refused != nullptr) *refused = maker.refused();
  return std::move(maker).Finish();
}

}  // namespace assay::fuzz
