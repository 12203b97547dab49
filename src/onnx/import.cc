#include "onnx/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "base/quote.h"
#include "ir/topology.h"
#include "onnx/attribute_reader.h"
#include "onnx/fields.h"
#include "onnx/foreign_file.h"
#include "onnx/graph_reader.h"
#include "onnx/type_proto.h"
#include "onnx/wire.h"

namespace assay {
namespace {

constexpr int kFirstIrWithOpsets = 3;
// Of the default domain, as in onnx 1.23.
constexpr int kNewestOpset = 28;

Status Invalid(std::string message, std::string hint = {}) {
  return Status(StatusCode::kInvalidInput, std::move(message), std::move(hint));
}

// Bytes that cannot be read as a model at all: says what they look like, if they look like
// something.
Status NotAModel(std::string_view bytes, std::string_view reason, std::string hint) {
  const std::string_view description = DescribeForeignFile(bytes);
  if (!description.empty()) {
    return Invalid(fmt::format("expected an ONNX model, got {}", description));
  }
  return Invalid(fmt::format("expected an ONNX model, got {}", reason), std::move(hint));
}

Status ReadOpsetImport(std::string_view message, std::map<std::string, int>& opsets) {
  std::string domain;
  int64_t version = 0;
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::opset::kDomain:
        domain = reader.Bytes();
        break;
      case onnx::opset::kVersion:
        version = reader.Int();
        break;
      default:
        reader.Skip();
    }
  }
  if (version < 0 || version > std::numeric_limits<int>::max()) {
    return Invalid(
        fmt::format("opset of domain {}: expected a version >= 0, got {}", Quote(domain), version));
  }
  if (domain == "ai.onnx") domain.clear();
  int& known = opsets[domain];
  known = std::max(known, static_cast<int>(version));
  return OkStatus();
}

std::string FunctionLabel(const Function& function) {
  std::string label =
      function.domain.empty() ? function.name : function.domain + "." + function.name;
  if (!function.overload.empty()) label += ":" + function.overload;
  return Quote(label);
}

class ModelReader {
 public:
  ModelReader(TensorContext tensors, LogSink& log) : tensors_(std::move(tensors)), log_(log) {}

  Result<Model> Read(std::string_view message);

 private:
  Status ReadGraph(std::string_view message);
  Result<Function> ReadFunction(std::string_view message);
  Status ReadAttributeDefaults(const std::vector<std::string_view>& messages, Function& function);
  Status CheckFunctions() const;
  void WarnOfNewOpset() const;

  TensorContext tensors_;
  LogSink& log_;
  Model model_;
};

Result<Model> ModelReader::Read(std::string_view message) {
  std::optional<std::string_view> graph;
  std::vector<std::string_view> functions;
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::model::kIrVersion:
        model_.ir_version = reader.Int();
        break;
      case onnx::model::kProducerName:
        model_.producer_name = reader.Bytes();
        break;
      case onnx::model::kProducerVersion:
        model_.producer_version = reader.Bytes();
        break;
      case onnx::model::kDomain:
        model_.domain = reader.Bytes();
        break;
      case onnx::model::kModelVersion:
        model_.model_version = reader.Int();
        break;
      case onnx::model::kDocString:
        model_.doc = reader.Bytes();
        break;
      case onnx::model::kGraph:
        if (graph) return Invalid("expected one graph, got several");
        graph = reader.Bytes();
        break;
      case onnx::model::kOpsetImport:
        ASSAY_RETURN_IF_ERROR(ReadOpsetImport(reader.Bytes(), model_.opsets));
        break;
      case onnx::model::kMetadata:
        model_.metadata.push_back(ReadEntryProto(reader.Bytes()));
        break;
      case onnx::model::kFunctions:
        functions.push_back(reader.Bytes());
        break;
      case onnx::model::kTrainingInfo:
        log_.Write(Severity::kVerbose, "ONNX import: training information is ignored");
        reader.Skip();
        break;
      default:
        reader.Skip();
    }
  }
  if (!graph) return NotAModel(message, "protobuf without a graph", {});
  // Before IR version 3 there was only the operator set 1, and no field for it.
  if (model_.opsets.empty() && model_.ir_version < kFirstIrWithOpsets) model_.opsets[""] = 1;
  WarnOfNewOpset();
  for (std::string_view function_message : functions) {
    ASSAY_ASSIGN_OR_RETURN(Function function, ReadFunction(function_message));
    model_.functions.push_back(std::move(function));
  }
  ASSAY_RETURN_IF_ERROR(CheckFunctions());
  ASSAY_RETURN_IF_ERROR(ReadGraph(*graph));
  return std::move(model_);
}

void ModelReader::WarnOfNewOpset() const {
  const auto found = model_.opsets.find("");
  if (found == model_.opsets.end() || found->second <= kNewestOpset) return;
  log_.Write(Severity::kWarning,
             fmt::format("ONNX import: the model is of opset {}, the newest that is known is {}: "
                         "operators are understood as of that one",
                         found->second, kNewestOpset));
}

Status ModelReader::ReadGraph(std::string_view message) {
  const GraphContext context{&tensors_, model_.opsets, /*in_function=*/false, &log_};
  GraphReader reader(context, nullptr);
  ASSAY_ASSIGN_OR_RETURN(model_.graph, reader.ReadGraph(message));
  return OkStatus();
}

Result<Function> ModelReader::ReadFunction(std::string_view message) {
  Function function;
  GraphReader::FunctionBody body;
  std::vector<std::string_view> defaults;
  for (WireReader reader(message); reader.Next();) {
    switch (reader.field()) {
      case onnx::function::kName:
        function.name = reader.Bytes();
        break;
      case onnx::function::kDomain:
        function.domain = reader.Bytes();
        break;
      case onnx::function::kOverload:
        function.overload = reader.Bytes();
        break;
      case onnx::function::kInput:
        body.inputs.push_back(reader.Bytes());
        break;
      case onnx::function::kOutput:
        body.outputs.push_back(reader.Bytes());
        break;
      case onnx::function::kNode:
        body.nodes.push_back(reader.Bytes());
        break;
      case onnx::function::kValueInfo:
        body.value_infos.push_back(reader.Bytes());
        break;
      case onnx::function::kAttribute:
        function.attribute_names.emplace_back(reader.Bytes());
        break;
      case onnx::function::kAttributeDefault:
        defaults.push_back(reader.Bytes());
        break;
      case onnx::function::kOpsetImport:
        ASSAY_RETURN_IF_ERROR(ReadOpsetImport(reader.Bytes(), function.opsets));
        break;
      default:
        reader.Skip();
    }
  }
  if (function.name.empty()) return Invalid("function without a name");
  if (function.domain == "ai.onnx") function.domain.clear();
  body.name = function.name;
  GraphContext context{&tensors_, function.opsets, /*in_function=*/true, &log_};
  context.opsets.insert(model_.opsets.begin(), model_.opsets.end());
  GraphReader reader(context, nullptr);
  Result<Graph> graph = reader.ReadFunctionBody(body);
  Status status = graph.ok() ? ReadAttributeDefaults(defaults, function) : graph.status();
  if (!status.ok()) return status.WithContext("function " + FunctionLabel(function));
  function.body = std::make_shared<Graph>(std::move(graph).value());
  return function;
}

Status ModelReader::ReadAttributeDefaults(const std::vector<std::string_view>& messages,
                                          Function& function) {
  AttributeReaderOptions options;
  options.tensors = &tensors_;
  options.read_graph = [](std::string_view) -> Result<std::shared_ptr<const Graph>> {
    return Status(StatusCode::kUnsupported, "graphs as default values are not supported");
  };
  for (std::string_view message : messages) {
    ASSAY_ASSIGN_OR_RETURN(ReadAttribute read, ReadAttributeProto(message, options));
    function.attribute_defaults.push_back(std::move(read.attribute));
  }
  return OkStatus();
}

// Functions are found by domain, name and overload, and may not call themselves, however
// indirectly: whoever expands them would never end.
Status ModelReader::CheckFunctions() const {
  using Key = std::tuple<std::string_view, std::string_view, std::string_view>;
  std::map<Key, size_t> index;
  for (size_t i = 0; i < model_.functions.size(); ++i) {
    const Function& function = model_.functions[i];
    if (!index.emplace(Key(function.domain, function.name, function.overload), i).second) {
      return Invalid(fmt::format("function {} is defined twice", FunctionLabel(function)));
    }
  }
  Graph calls;  // one node per function, one value per function that its callers read
  for (const Function& function : model_.functions) {
    const ValueId value = calls.AddValue(function.name);
    calls.AddNode({.name = function.name, .op = "function", .outputs = {value}});
  }
  for (size_t i = 0; i < model_.functions.size(); ++i) {
    const auto visit = [&](const Graph& graph, const auto& self) -> void {
      for (const Node& node : graph.nodes) {
        const auto callee = index.find(Key(node.domain, node.op, node.overload));
        if (callee != index.end()) {
          calls.nodes[i].inputs.push_back(static_cast<ValueId>(callee->second));
        }
        ForEachSubgraph(node, [&](const Graph& subgraph) { self(subgraph, self); });
      }
    };
    visit(*model_.functions[i].body, visit);
  }
  if (const auto order = TopologicalOrder(calls); !order.ok()) {
    std::string cycle = order.status().message();
    cycle = cycle.substr(cycle.find(": ") + 2);
    return Invalid("functions call themselves: " + cycle, "ONNX functions may not be recursive");
  }
  return OkStatus();
}

Result<Model> ReadModel(std::string_view bytes, TensorContext tensors, LogSink& log) {
  if (bytes.empty()) return NotAModel(bytes, "an empty file", "copy or download the model again");
  try {
    return ModelReader(std::move(tensors), log).Read(bytes);
  } catch (const WireError& error) {
    return NotAModel(
        bytes,
        fmt::format("{}: {} (byte {})", error.truncated ? "a truncated one" : "malformed protobuf",
                    error.what, error.position - bytes.data()),
        error.truncated ? "the file is incomplete; copy or download it again" : "");
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kResourceLimit, "not enough memory for the model");
  }
}

}  // namespace

Result<Model> ParseModel(std::string_view bytes, std::shared_ptr<const void> owner,
                         const ImportOptions& options, LogSink& log, std::string_view source) {
  TensorContext tensors{std::move(owner), {}, options.ignore_external_data};
  if (!options.external_data_folder.empty()) {
    tensors.external_data = ExternalDataFolder::At(options.external_data_folder);
  }
  Result<Model> model = ReadModel(bytes, std::move(tensors), log);
  if (!model.ok()) return source.empty() ? model.status() : model.status().WithContext(source);
  model->source = source;
  return model;
}

Result<Model> LoadModel(const std::filesystem::path& path, const ImportOptions& options,
                        LogSink& log) {
  ASSAY_ASSIGN_OR_RETURN(const std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  TensorContext tensors{file, ExternalDataFolder::OfModel(path), options.ignore_external_data};
  if (!options.external_data_folder.empty()) {
    tensors.external_data = ExternalDataFolder::At(options.external_data_folder);
  }
  Result<Model> model = ReadModel(file->text(), std::move(tensors), log);
  if (!model.ok()) return model.status().WithContext(path.string());
  model->source = path.string();
  return model;
}

}  // namespace assay
