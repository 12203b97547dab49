#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/thread_pool.h"
#include "ir/model_builder.h"
#include "ops/op_def.h"
#include "tensor/runtime_value.h"
#include "tests/fuzz/graphs/random.h"

namespace assay::fuzz {

// A setting that some opsets take as an attribute and others as an input.
struct Setting {
  std::string name;
  AttributeValue value;  // an integer, integers, a float, or a tensor for an input only
};

// Grows a valid graph node by node. Every value's elements are known, since each node is computed
// by the typed reference as it is added, so that what follows can be given inputs that fit; a node
// that the reference refuses, or whose results are of no use, is taken back.
class GraphMaker {
 public:
  GraphMaker(uint64_t seed, ThreadPool& threads);

  Random& random() { return random_; }
  int opset() const { return opset_; }
  DType float_type() { return random_.Chance(85) ? float_type_ : DType::kFloat32; }
  Graph& graph() { return builder_.graph(); }

  // The operator's schema under the graph's opset; nullptr if it is not there yet.
  const OpSchema* Schema(const std::string& op) const;
  bool Takes(const std::string& op, DType type, int input = 0) const;

  const Tensor& Data(ValueId id) const { return values_[static_cast<size_t>(id)].tensor(); }
  DType TypeOf(ValueId id) const { return builder_.graph().value(id).type.dtype; }
  const Shape& ShapeOf(ValueId id) const { return Data(id).shape(); }
  int RankOf(ValueId id) const { return ShapeOf(id).rank(); }
  // Every element satisfies the condition.
  bool All(ValueId id, const std::function<bool(double)>& condition) const;

  // One of the tensors so far for which `fits` holds, later ones more often; kNoValue if none does.
  ValueId Find(const std::function<bool(ValueId)>& fits);
  // A floating tensor of a rank in [low, high]; a new input if there is none, or now and then.
  ValueId Float(int low, int high);
  // A tensor of the type and exactly this shape: one that is there, a weight or an input.
  ValueId Operand(DType type, const Shape& shape);
  // A tensor of the type that broadcasts to this shape.
  ValueId Broadcastable(DType type, const Shape& shape);

  ValueId Input(DType type, const Shape& shape);
  ValueId Weight(DType type, const Shape& shape);
  // A constant, or now and then an input.
  ValueId Given(Tensor tensor, int input_percent = 10);
  ValueId Constant(Tensor tensor);

  // Random extents; one of them is 0 now and then.
  Shape RandomShape(int low, int high);
  Tensor RandomTensor(DType type, const Shape& shape, bool may_be_special = true);
  // An axis of a tensor of this rank, in [-rank, rank).
  int64_t Axis(int rank);
  int64_t Written(int64_t axis, int rank) { return random_.Chance(30) ? axis - rank : axis; }

  // Adds a node. Attributes that the opset does not have are left out. Empty if it was taken back.
  std::vector<ValueId> Add(const std::string& op, std::vector<ValueId> inputs,
                           std::vector<Attribute> attributes = {}, size_t outputs = 1,
                           const std::vector<Setting>& settings = {});
  // The first output, kNoValue if the node was taken back or an input is missing.
  ValueId One(const std::string& op, std::vector<ValueId> inputs,
              std::vector<Attribute> attributes = {}, const std::vector<Setting>& settings = {});

  size_t nodes() const { return builder_.graph().nodes.size(); }
  // What the reference refused: "Conv: message".
  const std::map<std::string, int>& refused() const { return refused_; }

  struct Made {
    Model model;
    TensorMap inputs;
  };
  // Chooses outputs and, for some graphs, leaves extents of inputs open.
  Made Finish() &&;

 private:
  bool Compute(const Node& node);
  bool IsOfUse(const Node& node) const;
  void Place(const OpSchema& schema, const Setting& setting, Node& node);
  void ChooseOutputs();
  void OpenExtents();
  ValueId AddInput(Tensor tensor);
  std::string NextName(const char* prefix);

  Random random_;
  ThreadPool& threads_;
  int opset_;
  DType float_type_;
  bool special_values_;
  ModelBuilder builder_;
  std::vector<RuntimeValue> values_;  // floating tensors in float64
  TensorMap inputs_;
  std::map<std::string, int> refused_;
  int names_ = 0;
};

// One way to extend a graph.
struct Maker {
  std::string_view name;
  int weight;
  void (*make)(GraphMaker& maker);
};
std::vector<Maker> ElementwiseMakers();
std::vector<Maker> LineMakers();     // reductions, normalisations, orders
std::vector<Maker> ProductMakers();  // matrix products, convolutions, quantised ones
std::vector<Maker> WindowMakers();   // pools, resizing
std::vector<Maker> MoveMakers();     // shapes and copies
std::vector<Maker> IndexMakers();    // gather, scatter and shapes that data decide
std::vector<Maker> ControlMakers();  // If, Loop, Scan, sequences
std::vector<Maker> PatternMakers();  // what passes look for
std::vector<Maker> ExampleMakers();  // the examples that operators bring along

// The graph of a seed.
GraphMaker::Made MakeGraph(uint64_t seed, ThreadPool& threads, std::map<std::string, int>* refused);

}  // namespace assay::fuzz
