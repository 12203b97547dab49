// Reading engine files. Nothing in them is trusted: every index is checked before it is used.

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>
#include <plan/engine_generated.h>

#include <algorithm>
#include <fstream>
#include <new>
#include <set>
#include <stdexcept>

#include "base/file.h"
#include "base/zero_pages.h"
#include "ops/infer_graph.h"
#include "passes/pass.h"
#include "plan/engine_cpu.h"
#include "plan/engine_file.h"
#include "plan/engine_layout.h"
#include "plan/planner.h"
#include "plan/specialize.h"

namespace assay {
namespace {

Status Damaged(std::string message) {
  return Status(StatusCode::kInvalidInput, "engine file: " + std::move(message),
                "the file is damaged: build the engine again");
}

// What would be an error of the program for a graph that it made itself.
Status OfTheFile(const Status& status) {
  return status.code() == StatusCode::kInternal ? Damaged(status.message()) : status;
}

std::string TextOf(const flatbuffers::String* text) { return text == nullptr ? "" : text->str(); }

template <typename T>
std::vector<T> ListOf(const flatbuffers::Vector<T>* list) {
  return list == nullptr ? std::vector<T>() : std::vector<T>(list->begin(), list->end());
}

class EngineReader {
 public:
  EngineReader(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
               const file::Engine& table)
      : bytes_(bytes), owner_(std::move(owner)), table_(table) {}

  Status CheckBlobs(size_t data_begin, bool with_checksums) {
    if (table_.blobs() == nullptr) return OkStatus();
    size_t end = data_begin;
    for (const file::Blob* blob : *table_.blobs()) {
      const size_t size = bytes_.size();
      if (blob->offset() < end || blob->offset() > size || blob->size() > size - blob->offset() ||
          blob->offset() % kBlobAlignment != 0) {
        return Damaged("a piece of its data lies outside");
      }
      const auto gap = bytes_.subspan(end, blob->offset() - end);
      if (std::ranges::any_of(gap, [](std::byte b) { return b != std::byte{0}; })) {
        return Damaged("something stands between two pieces of its data");
      }
      const auto bytes = bytes_.subspan(blob->offset(), blob->size());
      const ContentHash stated{blob->hash_high(), blob->hash_low()};
      if (const ContentHash hash = with_checksums ? HashBytes(bytes) : stated; !(hash == stated)) {
        return Damaged(fmt::format("checksum of piece {} of its data: expected {}, got {}",
                                   blobs_.size(), stated.ToString(), hash.ToString()));
      }
      blobs_.push_back(bytes);
      end = blob->offset() + blob->size();
    }
    if (end != bytes_.size()) return Damaged("something stands behind its data");
    return OkStatus();
  }

  Result<Graph> ReadGraph() {
    const file::Graph* table = table_.graph();
    if (table == nullptr || table->values() == nullptr || table->nodes() == nullptr) {
      return Damaged("it has no graph");
    }
    ASSAY_RETURN_IF_ERROR(MakeRoomForAbsent(*table));
    Graph graph;
    graph.name = TextOf(table->name());
    for (const file::Value* value : *table->values()) {
      ASSAY_RETURN_IF_ERROR(ReadValue(*value, graph));
    }
    defined_.assign(graph.values.size(), 0);
    graph.inputs = ListOf(table->inputs());
    graph.outputs = ListOf(table->outputs());
    for (size_t i = 0; i < graph.values.size(); ++i) defined_[i] = graph.values[i].constant ? 1 : 0;
    for (const ValueId id : graph.inputs) ASSAY_RETURN_IF_ERROR(Define(id, graph));
    for (const file::Node* node : *table->nodes()) {
      ASSAY_RETURN_IF_ERROR(ReadNode(*node, graph));
    }
    for (const ValueId id : graph.outputs) {
      if (!IsDefined(id)) return Damaged("an output is not defined");
    }
    return graph;
  }

  Result<ShapeProfile> ReadProfile() const {
    ShapeProfile profile;
    if (table_.profile() == nullptr) return profile;
    for (const file::ShapeRange* range : *table_.profile()) {
      const Shape min(ListOf(range->min()));
      const Shape opt(ListOf(range->opt()));
      const Shape max(ListOf(range->max()));
      for (const Shape* shape : {&min, &opt, &max}) {
        if (!shape->CheckedElements()) return Damaged("its profile has impossible shapes");
      }
      profile.push_back({min, opt, max});
    }
    return profile;
  }

  bool LacksWeights() const { return std::ranges::find(absent_values_, 1) != absent_values_.end(); }

  std::string TacticOf(NodeId node) const {
    const auto* steps = table_.steps();
    const auto index = static_cast<flatbuffers::uoffset_t>(node);
    return steps == nullptr || index >= steps->size() ? "" : TextOf(steps->Get(index)->tactic());
  }

  static std::string KeyOfBlob(int blob) { return fmt::format("blob {}", blob); }
  int PackedBlobOf(NodeId node) const {
    const auto* steps = table_.steps();
    const auto index = static_cast<flatbuffers::uoffset_t>(node);
    return steps == nullptr || index >= steps->size() ? -1 : steps->Get(index)->packed();
  }

  // Checks that a plan made from the file's graph needs exactly the packed weights that are there.
  Status CheckPlan(const Plan& plan, LoadedEngine& loaded) const {
    if (table_.steps() == nullptr || table_.steps()->size() != plan.steps.size()) {
      return Damaged(fmt::format("number of steps: expected {}, got {}", plan.steps.size(),
                                 table_.steps() == nullptr ? 0 : table_.steps()->size()));
    }
    std::set<int> seen;
    for (const Step& step : plan.steps) {
      const int blob = PackedBlobOf(step.node);
      if ((blob < 0) != step.packed_key.empty() || blob >= static_cast<int>(blobs_.size())) {
        return Damaged("packed weights of " + plan.graph->NodeLabel(step.node) + " are missing");
      }
      if (blob >= 0) {
        const auto bytes = blobs_[static_cast<size_t>(blob)];
        if (bytes.size() != step.preparation.packed_bytes) {
          return Damaged(fmt::format("packed weights of {}: expected {} bytes, got {}",
                                     plan.graph->NodeLabel(step.node),
                                     step.preparation.packed_bytes, bytes.size()));
        }
        if (seen.insert(blob).second) loaded.packed.emplace_back(step.packed_key, bytes);
      }
      ASSAY_RETURN_IF_ERROR(CheckAbsentInputs(plan, step));
    }
    return OkStatus();
  }

 private:
  // Constants of which only the packed form is in the file read as zeros.
  Status MakeRoomForAbsent(const file::Graph& graph) {
    size_t most = 0;
    for (const file::Value* value : *graph.values()) {
      const file::Tensor* constant = value->constant();
      if (constant == nullptr || constant->blob() >= 0) continue;
      const std::optional<int64_t> elements = Shape(ListOf(constant->shape())).CheckedElements();
      const bool fits = constant->dtype() > 0 && constant->dtype() < kDTypeCount && elements &&
                        *elements <= static_cast<int64_t>(bytes_.size());
      if (!fits) return Damaged("a weight is larger than the file");
      most = std::max(most, Tensor::ByteSize(static_cast<DType>(constant->dtype()), *elements));
    }
    ASSAY_ASSIGN_OR_RETURN(absent_, MapZeroPages(most));
    return OkStatus();
  }

  Result<Tensor> ReadTensor(const file::Tensor& tensor) {
    const auto dtype = static_cast<DType>(tensor.dtype());
    if (tensor.dtype() == 0 || tensor.dtype() >= kDTypeCount || dtype == DType::kString) {
      return Damaged(fmt::format("unknown element type {}", tensor.dtype()));
    }
    Shape shape(ListOf(tensor.shape()));
    const std::optional<int64_t> elements = shape.CheckedElements();
    if (!elements) return Damaged("a tensor has an impossible shape");
    if (tensor.blob() < 0) return Tensor::View(dtype, std::move(shape), absent_.get(), absent_);
    if (tensor.blob() >= static_cast<int>(blobs_.size())) return Damaged("a tensor has no data");
    const auto bytes = blobs_[static_cast<size_t>(tensor.blob())];
    if (bytes.size() != Tensor::ByteSize(dtype, *elements)) {
      return Damaged(fmt::format("data of a tensor: expected {} bytes, got {}",
                                 Tensor::ByteSize(dtype, *elements), bytes.size()));
    }
    return Tensor::View(dtype, std::move(shape), bytes.data(), owner_);
  }

  Status ReadValue(const file::Value& table, Graph& graph) {
    Value value;
    value.name = TextOf(table.name());
    if (table.constant() != nullptr) {
      ASSAY_ASSIGN_OR_RETURN(Tensor tensor, ReadTensor(*table.constant()));
      value.type = ValueType::TensorOf(tensor.dtype(), ToSymbolic(tensor.shape()));
      value.constant = std::move(tensor);
      absent_values_.push_back(table.constant()->blob() < 0 ? 1 : 0);
    } else {
      absent_values_.push_back(0);
      if (table.dtype() >= kDTypeCount) return Damaged("an input has an unknown element type");
      value.type = ValueType::TensorOf(static_cast<DType>(table.dtype()));
      if (table.dims() != nullptr) {
        SymbolicShape shape;
        for (const file::Dim* dim : *table.dims()) {
          if (dim->symbol() == nullptr && dim->value() < 0) {
            return Damaged("an input has an impossible shape");
          }
          shape.push_back(dim->symbol() == nullptr ? Dim(dim->value())
                                                   : Dim::Symbol(dim->symbol()->str()));
        }
        value.type.shape = std::move(shape);
      }
    }
    graph.values.push_back(std::move(value));
    return OkStatus();
  }

  Result<Attribute> ReadAttribute(const file::Attribute& table) {
    Attribute attribute;
    attribute.name = TextOf(table.name());
    switch (table.kind()) {
      case 0:
        attribute.value = table.int_value();
        return attribute;
      case 1:
        attribute.value = table.float_value();
        return attribute;
      case 2:
        attribute.value = TextOf(table.text());
        return attribute;
      case 3: {
        if (table.tensor() == nullptr || table.tensor()->blob() < 0) break;
        ASSAY_ASSIGN_OR_RETURN(attribute.value, ReadTensor(*table.tensor()));
        return attribute;
      }
      case 4:
        attribute.value = ListOf(table.ints());
        return attribute;
      case 5:
        attribute.value = ListOf(table.floats());
        return attribute;
      case 6: {
        std::vector<std::string> texts;
        if (table.texts() != nullptr) {
          for (const flatbuffers::String* text : *table.texts()) texts.push_back(text->str());
        }
        attribute.value = std::move(texts);
        return attribute;
      }
      default:
        break;
    }
    return Damaged("attribute \"" + attribute.name + "\" has no value");
  }

  bool IsDefined(ValueId id) const {
    return id >= 0 && static_cast<size_t>(id) < defined_.size() &&
           defined_[static_cast<size_t>(id)] != 0;
  }
  Status Define(ValueId id, const Graph& graph) {
    if (id < 0 || static_cast<size_t>(id) >= graph.values.size() || IsDefined(id)) {
      return Damaged("a value is defined twice or does not exist");
    }
    defined_[static_cast<size_t>(id)] = 1;
    return OkStatus();
  }

  Status ReadNode(const file::Node& table, Graph& graph) {
    Node node;
    node.name = TextOf(table.name());
    node.op = TextOf(table.op());
    node.domain = TextOf(table.domain());
    node.opset = table.opset();
    node.inputs = ListOf(table.inputs());
    node.outputs = ListOf(table.outputs());
    for (const ValueId id : node.inputs) {
      if (id != kNoValue && !IsDefined(id)) {
        return Damaged("a node reads a value that is not defined before it");
      }
    }
    for (const ValueId id : node.outputs) {
      if (id != kNoValue) ASSAY_RETURN_IF_ERROR(Define(id, graph));
    }
    if (table.attributes() != nullptr) {
      for (const file::Attribute* attribute : *table.attributes()) {
        ASSAY_ASSIGN_OR_RETURN(Attribute read, ReadAttribute(*attribute));
        node.attributes.push_back(std::move(read));
      }
    }
    if (table.origins() != nullptr) {
      for (const flatbuffers::String* origin : *table.origins()) {
        node.origins.push_back(origin->str());
      }
    }
    graph.AddNode(std::move(node));
    return OkStatus();
  }

  Status CheckAbsentInputs(const Plan& plan, const Step& step) const {
    if (plan.graph->values.size() != absent_values_.size()) return OkStatus();  // of a range
    const Node& node = plan.graph->node(step.node);
    const std::vector<int>& packed = step.preparation.packed_inputs;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      if (id == kNoValue || absent_values_[static_cast<size_t>(id)] == 0) continue;
      if (std::ranges::find(packed, static_cast<int>(i)) == packed.end()) {
        return Damaged("weights of " + plan.graph->NodeLabel(step.node) + " are missing");
      }
    }
    return OkStatus();
  }

  std::span<const std::byte> bytes_;
  std::shared_ptr<const void> owner_;
  const file::Engine& table_;
  std::vector<std::span<const std::byte>> blobs_;
  std::shared_ptr<const void> absent_;
  std::vector<char> absent_values_;  // per value: only its packed form is in the file
  std::vector<char> defined_;        // per value
};

Result<std::vector<std::string>> DisabledPasses(const file::Engine& table) {
  std::vector<std::string> names;
  if (table.disabled_passes() == nullptr) return names;
  for (const flatbuffers::String* name : *table.disabled_passes()) {
    names.push_back(name->str());
    if (FindPass(names.back()) == nullptr) return Damaged("it disables an unknown pass");
  }
  return names;
}

Result<LoadedEngine> Read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                          const Machine& machine, ThreadPool& threads, bool with_checksums) {
  ASSAY_ASSIGN_OR_RETURN(const EngineHeader header, DecodeHeader(bytes, with_checksums));
  const auto table_bytes = bytes.subspan(header.table_offset, header.table_bytes);
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(table_bytes.data()),
                                 table_bytes.size());
  if (!verifier.VerifyBuffer<file::Engine>(nullptr)) return Damaged("its table is malformed");
  const file::Engine& table =
      *flatbuffers::GetRoot<file::Engine>(reinterpret_cast<const uint8_t*>(table_bytes.data()));

  LoadedEngine loaded;
  loaded.owner = owner;
  loaded.file_bytes = bytes.size();
  loaded.source = TextOf(table.source());
  loaded.producer = TextOf(table.producer());
  loaded.cpu = TextOf(table.cpu());
  if (const std::string missing = MissingCpu(loaded.cpu, machine.cpu); !missing.empty()) {
    return Status(StatusCode::kUnsupported,
                  fmt::format("instruction sets of the engine: expected {}, this processor has {} "
                              "(missing: {})",
                              loaded.cpu, CpuText(machine.cpu), missing),
                  "build the engine on this machine");
  }
  EngineReader reader(bytes, std::move(owner), table);
  ASSAY_RETURN_IF_ERROR(
      reader.CheckBlobs(header.table_offset + header.table_bytes, with_checksums));
  ASSAY_ASSIGN_OR_RETURN(loaded.profile, reader.ReadProfile());
  ASSAY_ASSIGN_OR_RETURN(Graph graph, reader.ReadGraph());
  ASSAY_RETURN_IF_ERROR(OfTheFile(InferGraph(graph)));
  if (loaded.profile.empty() && !graph.inputs.empty()) return Damaged("it has no profile");
  ASSAY_RETURN_IF_ERROR(CheckProfile(graph, loaded.profile));

  std::shared_ptr<const Graph> planned;
  if (IsFixed(loaded.profile)) {
    ASSAY_RETURN_IF_ERROR(OfTheFile(CheckPlannable(graph)));
    planned = std::make_shared<const Graph>(std::move(graph));
  } else {
    if (reader.LacksWeights()) return Damaged("an engine for several shapes lacks weights");
    loaded.graph = std::move(graph);
    ASSAY_ASSIGN_OR_RETURN(loaded.disabled_passes, DisabledPasses(table));
    ASSAY_ASSIGN_OR_RETURN(planned, SpecializeGraph(*loaded.graph, TunedShapes(loaded.profile),
                                                    {.disabled = loaded.disabled_passes}, threads));
  }
  PlanOptions options;
  options.machine = machine;
  options.tactic_of = [&](const Graph&, NodeId node) { return reader.TacticOf(node); };
  options.packed_key_of = [&](NodeId node) {
    return EngineReader::KeyOfBlob(reader.PackedBlobOf(node));
  };
  ASSAY_ASSIGN_OR_RETURN(loaded.plan, MakePlan(std::move(planned), options));
  ASSAY_RETURN_IF_ERROR(reader.CheckPlan(*loaded.plan, loaded));
  return loaded;
}

}  // namespace

Result<LoadedEngine> ParseEngine(std::span<const std::byte> bytes,
                                 std::shared_ptr<const void> owner, const Machine& machine,
                                 ThreadPool& threads, bool with_checksums) {
  try {
    return Read(bytes, std::move(owner), machine, threads, with_checksums);
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kResourceLimit, "not enough memory to load the engine");
  } catch (const std::length_error&) {
    return Damaged("it asks for more memory than there is");
  }
}

Result<LoadedEngine> ReadEngineFile(const std::filesystem::path& path, const Machine& machine,
                                    ThreadPool& threads) {
  ASSAY_ASSIGN_OR_RETURN(const std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  Result<LoadedEngine> loaded = ParseEngine(file->bytes(), file, machine, threads);
  if (!loaded.ok()) return loaded.status().WithContext(path.string());
  return loaded;
}

bool BeginsLikeEngineFile(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string magic(kEngineMagic.size(), '\0');
  stream.read(magic.data(), static_cast<std::streamsize>(magic.size()));
  return stream.good() && magic == kEngineMagic;
}

}  // namespace assay
