#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"

namespace assay {

// Puts a small model together node by node, for tests and demonstrations.
//
//   ModelBuilder builder(17);
//   const ValueId x = builder.Input("x", DType::kFloat32, {Dim::Symbol("N"), 3});
//   builder.Output(builder.Add("Relu", {x}, "y"));
//   const Model model = std::move(builder).Build();
class ModelBuilder {
 public:
  explicit ModelBuilder(int opset, std::string graph_name = "main");

  ValueId Input(std::string name, DType dtype, SymbolicShape shape);
  ValueId Constant(std::string name, Tensor tensor);
  // A node named "/" + its first output. Outputs named "" are left out (kNoValue).
  std::vector<ValueId> Add(std::string op, std::vector<ValueId> inputs,
                           const std::vector<std::string>& outputs,
                           std::vector<Attribute> attributes = {}, std::string domain = {});
  ValueId Add(std::string op, std::vector<ValueId> inputs, const char* output,
              std::vector<Attribute> attributes = {}, std::string domain = {});
  void Output(ValueId id) { model_.graph.outputs.push_back(id); }

  // For what the builder has no function for.
  Model& model() { return model_; }
  Graph& graph() { return model_.graph; }
  const Graph& graph() const { return model_.graph; }

  Model Build() && { return std::move(model_); }

 private:
  Model model_;
};

}  // namespace assay
