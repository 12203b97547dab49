#include "plan/specialize.h"

#include <fmt/format.h>

#include <algorithm>

#include "ir/graph_editor.h"
#include "ops/infer_graph.h"
#include "passes/pass.h"
#include "plan/shape_profile.h"
#include "plan/split.h"

namespace assay {
namespace {

Status SetInputShapes(Graph& graph, const std::vector<Shape>& shapes) {
  if (shapes.size() != graph.inputs.size()) {
    return Status(StatusCode::kUsage, fmt::format("number of input shapes: expected {}, got {}",
                                                  graph.inputs.size(), shapes.size()));
  }
  for (size_t i = 0; i < shapes.size(); ++i) {
    Value& value = graph.value(graph.inputs[i]);
    if (value.type.kind != ValueType::Kind::kTensor) continue;
    if (!FitsDeclared(value.type.shape, shapes[i])) {
      return Status(StatusCode::kUsage,
                    fmt::format("shape of input \"{}\": expected {}, got {}", value.name,
                                ToString(*value.type.shape), shapes[i].ToString()));
    }
    value.type.shape = ToSymbolic(shapes[i]);
  }
  // Shapes of everything else follow; declared ones of a dynamic model would only be in the way.
  for (Value& value : graph.values) {
    if (value.producer != kNoNode) value.type.shape.reset();
  }
  return OkStatus();
}

// Integer values that inference knows from shapes become constants.
Status MaterializeContents(Graph& graph, std::vector<InferredContents>& contents) {
  GraphEditor editor(graph);
  for (size_t i = 0; i < contents.size(); ++i) {
    Value& value = graph.values[i];
    if (!contents[i] || value.constant || value.producer == kNoNode || !value.type.shape) continue;
    const std::optional<Shape> shape = ToConcrete(*value.type.shape);
    if (!shape || editor.IsGraphOutput(static_cast<ValueId>(i))) continue;
    std::vector<int64_t> numbers;
    for (const Dim& dim : *contents[i]) {
      if (dim.IsKnown()) numbers.push_back(dim.value());
    }
    if (numbers.size() != contents[i]->size() ||
        shape->elements() != static_cast<int64_t>(numbers.size())) {
      continue;
    }
    const Tensor wide = Tensor::Of<int64_t>(*shape, numbers);
    ASSAY_ASSIGN_OR_RETURN(value.constant, ConvertTensor(wide, value.type.dtype));
    const NodeId producer = value.producer;
    if (graph.node(producer).outputs.size() == 1) editor.RemoveNode(producer);
  }
  editor.Finish();
  return OkStatus();
}

// Gives every graph output a node of its own that writes it.
void SeparateOutputs(Graph& graph) {
  std::vector<char> seen(graph.values.size(), 0);
  for (ValueId& output : graph.outputs) {
    const Value value = graph.value(output);
    if (value.producer != kNoNode && seen[static_cast<size_t>(output)]++ == 0) continue;
    Node copy;
    copy.op = "Identity";
    copy.opset = 1;
    copy.name = value.name;
    copy.inputs = {output};
    output = graph.AddValue(value.name, value.type);
    copy.outputs = {output};
    graph.AddNode(std::move(copy));
  }
}

Status CheckWeights(const Graph& graph) {
  for (size_t id = 0; id < graph.nodes.size(); ++id) {
    for (ValueId input : graph.nodes[id].inputs) {
      if (input == kNoValue || !graph.value(input).weights_absent) continue;
      return Status(StatusCode::kUnsupported,
                    fmt::format("the values of \"{}\" were not read ({})", graph.value(input).name,
                                graph.NodeLabel(static_cast<NodeId>(id))),
                    "load the model with its external data");
    }
  }
  return OkStatus();
}

}  // namespace

Status CheckPlannable(const Graph& graph) {
  ASSAY_RETURN_IF_ERROR(CheckWeights(graph));
  for (size_t id = 0; id < graph.nodes.size(); ++id) {
    for (ValueId output : graph.nodes[id].outputs) {
      if (output == kNoValue) continue;
      const Value& value = graph.value(output);
      if (value.type.kind == ValueType::Kind::kTensor && value.type.shape &&
          ToConcrete(*value.type.shape)) {
        continue;
      }
      return Status(
          StatusCode::kUnsupported,
          fmt::format("the shape of \"{}\" is only known at run time: {} ({})", value.name,
                      value.type.ToString(), graph.NodeLabel(static_cast<NodeId>(id))));
    }
  }
  if (!IsPlannable(graph)) {
    return Status(StatusCode::kUnsupported,
                  "no plan can have values that are no plain tensors of known shapes, or bodies");
  }
  std::vector<char> seen(graph.values.size(), 0);
  for (ValueId output : graph.outputs) {
    if (graph.value(output).producer != kNoNode && seen[static_cast<size_t>(output)]++ == 0) {
      continue;
    }
    return Status(StatusCode::kInternal,
                  fmt::format("output \"{}\" has no node of its own", graph.value(output).name));
  }
  return OkStatus();
}

Result<std::shared_ptr<const Graph>> SpecializeGraph(const Graph& graph,
                                                     const std::vector<Shape>& input_shapes,
                                                     PipelineOptions passes, ThreadPool& threads) {
  auto special = std::make_shared<Graph>(graph);
  ASSAY_RETURN_IF_ERROR(SetInputShapes(*special, input_shapes));
  PassContext context{threads, NullLog()};
  const bool inlines =
      std::ranges::find(passes.disabled, "inline-branches") == passes.disabled.end();
  // Folding what shapes decide can make further shapes known (a Reshape to computed extents, say).
  for (int changes = 1; changes > 0;) {
    std::vector<InferredContents> contents;
    ASSAY_RETURN_IF_ERROR(InferGraph(*special, {}, nullptr, &contents));
    const size_t before = special->nodes.size();
    ASSAY_RETURN_IF_ERROR(MaterializeContents(*special, contents));
    changes = static_cast<int>(before - special->nodes.size());
    ASSAY_RETURN_IF_ERROR(InferGraph(*special));
    ASSAY_ASSIGN_OR_RETURN(const int folded, FindPass("fold-constants")->run(*special, context));
    changes += folded;
    if (inlines) {
      ASSAY_ASSIGN_OR_RETURN(const int inlined,
                             FindPass("inline-branches")->run(*special, context));
      changes += inlined;
    }
    ASSAY_RETURN_IF_ERROR(InferGraph(*special));
  }
  ASSAY_RETURN_IF_ERROR(FindPass("remove-dead-nodes")->run(*special, context).status());
  passes.has_shapes = true;
  ASSAY_RETURN_IF_ERROR(RunPasses(*special, passes, context).status());
  SeparateOutputs(*special);
  ASSAY_RETURN_IF_ERROR(InferGraph(*special));
  ASSAY_RETURN_IF_ERROR(CheckWeights(*special));
  return std::shared_ptr<const Graph>(std::move(special));
}

}  // namespace assay
