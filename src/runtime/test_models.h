#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ir/graph.h"

// Models that no plan covers as a whole, for tests.

namespace assay {

inline ValueType FloatsOf(SymbolicShape shape) {
  return ValueType::TensorOf(DType::kFloat32, std::move(shape));
}

// The positions of what is not zero, and the values there doubled: every shape behind NonZero is
// only known when it has run.
inline std::shared_ptr<Model> Selection() {
  auto model = std::make_shared<Model>();
  Graph& graph = model->graph;
  const ValueId x = graph.AddInput("x", FloatsOf({Dim::Symbol("N")}));
  const ValueId found = graph.AddValue("found");
  graph.AddNode({.name = "find", .op = "NonZero", .opset = 13, .inputs = {x}, .outputs = {found}});
  const ValueId row = graph.AddValue("row");
  const ValueId flat = graph.AddConstant("flat", Tensor::Vector<int64_t>({-1}));
  graph.AddNode(
      {.name = "flatten", .op = "Reshape", .opset = 14, .inputs = {found, flat}, .outputs = {row}});
  const ValueId picked = graph.AddValue("picked");
  graph.AddNode(
      {.name = "pick", .op = "Gather", .opset = 13, .inputs = {x, row}, .outputs = {picked}});
  const ValueId doubled = graph.AddValue("doubled");
  graph.AddNode({.name = "double",
                 .op = "Add",
                 .opset = 14,
                 .inputs = {picked, picked},
                 .outputs = {doubled}});
  graph.outputs = {row, doubled};
  return model;
}

// A loop that appends the iteration's number times what it captures to a vector that it carries,
// and collects the number.
inline std::shared_ptr<Model> GrowingLoop() {
  auto body = std::make_shared<Graph>();
  const ValueId trip = body->AddInput("trip", ValueType::TensorOf(DType::kInt64, SymbolicShape{}));
  const ValueId go = body->AddInput("go", ValueType::TensorOf(DType::kBool, SymbolicShape{}));
  const ValueId grown = body->AddInput("grown", ValueType::TensorOf(DType::kFloat32));
  const ValueId factor = body->AddValue("factor", FloatsOf({}));
  body->captures = {{factor, "factor"}};
  const ValueId number = body->AddValue("number");
  body->AddNode({.name = "cast",
                 .op = "Cast",
                 .opset = 19,
                 .inputs = {trip},
                 .outputs = {number},
                 .attributes = {{"to", int64_t{1}, ""}}});
  const ValueId product = body->AddValue("product");
  body->AddNode({.name = "times",
                 .op = "Mul",
                 .opset = 14,
                 .inputs = {number, factor},
                 .outputs = {product}});
  const ValueId one = body->AddConstant("one", Tensor::Vector<int64_t>({1}));
  const ValueId element = body->AddValue("element");
  body->AddNode({.name = "lift",
                 .op = "Reshape",
                 .opset = 14,
                 .inputs = {product, one},
                 .outputs = {element}});
  const ValueId longer = body->AddValue("longer");
  body->AddNode({.name = "append",
                 .op = "Concat",
                 .opset = 13,
                 .inputs = {grown, element},
                 .outputs = {longer},
                 .attributes = {{"axis", int64_t{0}, ""}}});
  const ValueId still = body->AddValue("still");
  body->AddNode({.name = "on", .op = "Identity", .opset = 14, .inputs = {go}, .outputs = {still}});
  body->outputs = {still, longer, number};

  auto model = std::make_shared<Model>();
  Graph& graph = model->graph;
  const ValueId trips =
      graph.AddInput("trips", ValueType::TensorOf(DType::kInt64, SymbolicShape{}));
  graph.AddInput("factor", FloatsOf({}));
  const ValueId start = graph.AddInput("start", FloatsOf({Dim(1)}));
  const ValueId last = graph.AddValue("last");
  const ValueId numbers = graph.AddValue("numbers");
  graph.AddNode({.name = "loop",
                 .op = "Loop",
                 .opset = 21,
                 .inputs = {trips, kNoValue, start},
                 .outputs = {last, numbers},
                 .attributes = {{"body", std::shared_ptr<const Graph>(body), ""}}});
  const ValueId total = graph.AddValue("total");
  graph.AddNode({.name = "sum",
                 .op = "ReduceSum",
                 .opset = 13,
                 .inputs = {last},
                 .outputs = {total},
                 .attributes = {{"keepdims", int64_t{0}, ""}}});
  graph.outputs = {last, numbers, total};
  return model;
}

// Relu if x has more than two rows, else Neg: the shape decides.
inline std::shared_ptr<Model> BranchOnShape() {
  const auto branch = [](const char* op) {
    auto body = std::make_shared<Graph>();
    const ValueId x = body->AddValue("x");
    body->captures = {{x, "x"}};
    const ValueId y = body->AddValue("y_in");
    body->AddNode({.name = op, .op = op, .opset = 14, .inputs = {x}, .outputs = {y}});
    body->outputs = {y};
    return std::shared_ptr<const Graph>(body);
  };
  auto model = std::make_shared<Model>();
  Graph& graph = model->graph;
  const ValueId x = graph.AddInput("x", FloatsOf({Dim::Symbol("N"), Dim(3)}));
  const ValueId shape = graph.AddValue("shape");
  graph.AddNode({.name = "shape", .op = "Shape", .opset = 13, .inputs = {x}, .outputs = {shape}});
  const ValueId zero = graph.AddConstant("zero", Tensor::Scalar<int64_t>(0));
  const ValueId rows = graph.AddValue("rows");
  graph.AddNode(
      {.name = "rows", .op = "Gather", .opset = 13, .inputs = {shape, zero}, .outputs = {rows}});
  const ValueId two = graph.AddConstant("two", Tensor::Scalar<int64_t>(2));
  const ValueId is_long = graph.AddValue("is_long");
  graph.AddNode({.name = "is_long",
                 .op = "Greater",
                 .opset = 13,
                 .inputs = {rows, two},
                 .outputs = {is_long}});
  const ValueId y = graph.AddValue("y");
  graph.AddNode(
      {.name = "branch",
       .op = "If",
       .opset = 19,
       .inputs = {is_long},
       .outputs = {y},
       .attributes = {{"then_branch", branch("Relu"), ""}, {"else_branch", branch("Neg"), ""}}});
  graph.outputs = {y};
  return model;
}

// Strings with others at their ends, and in upper case without some.
inline std::shared_ptr<Model> StringJoin() {
  auto model = std::make_shared<Model>();
  Graph& graph = model->graph;
  const ValueId x = graph.AddInput("x", ValueType::TensorOf(DType::kString, SymbolicShape{Dim(3)}));
  const Tensor endings =
      Tensor::Vector<std::string>({"", std::string("a\0b", 3), "a longer one, \xff\xfe"});
  const ValueId ending = graph.AddConstant("ending", endings);
  const ValueId joined = graph.AddValue("joined");
  graph.AddNode({.name = "join",
                 .op = "StringConcat",
                 .opset = 20,
                 .inputs = {x, ending},
                 .outputs = {joined}});
  const ValueId upper = graph.AddValue("upper");
  graph.AddNode({.name = "upper",
                 .op = "StringNormalizer",
                 .opset = 10,
                 .inputs = {x},
                 .outputs = {upper},
                 .attributes = {{"case_change_action", std::string("UPPER"), ""},
                                {"stopwords", std::vector<std::string>{"b", "no"}, ""}}});
  graph.outputs = {joined, upper};
  return model;
}

// The element of a sequence at a position, and whether an optional of a type holds something.
inline std::shared_ptr<Model> SequencesAndOptionals() {
  ValueType sequence;
  sequence.kind = ValueType::Kind::kSequence;
  sequence.element = std::make_shared<const ValueType>(FloatsOf({Dim::Unknown(), Dim(2)}));
  ValueType optional;
  optional.kind = ValueType::Kind::kOptional;
  optional.element = std::make_shared<const ValueType>(sequence);
  auto model = std::make_shared<Model>();
  Graph& graph = model->graph;
  const ValueId values = graph.AddInput("values", sequence);
  const ValueId at = graph.AddInput("at", ValueType::TensorOf(DType::kInt64, SymbolicShape{}));
  const ValueId maybe = graph.AddInput("maybe", optional);
  const ValueId element = graph.AddValue("element");
  graph.AddNode({.name = "pick",
                 .op = "SequenceAt",
                 .opset = 11,
                 .inputs = {values, at},
                 .outputs = {element}});
  const ValueId none = graph.AddValue("none");
  graph.AddNode({.name = "none",
                 .op = "Optional",
                 .opset = 15,
                 .inputs = {},
                 .outputs = {none},
                 .attributes = {{"type", sequence, ""}}});
  const ValueId given = graph.AddValue("given");
  const ValueId empty = graph.AddValue("empty");
  for (const auto& [input, output] : {std::pair(maybe, given), std::pair(none, empty)}) {
    graph.AddNode({.name = "has",
                   .op = "OptionalHasElement",
                   .opset = 18,
                   .inputs = {input},
                   .outputs = {output}});
  }
  graph.outputs = {element, given, empty};
  return model;
}

}  // namespace assay
