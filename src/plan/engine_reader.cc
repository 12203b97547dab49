// Reading engine files. Nothing in them is trusted: every index is checked before it is used. The
// graph is read by engine_graph_reader.h.

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>
#include <plan/engine_generated.h>

#include <algorithm>
#include <fstream>
#include <new>
#include <set>
#include <stdexcept>

#include "base/file.h"
#include "ops/infer_graph.h"
#include "passes/pass.h"
#include "plan/engine_cpu.h"
#include "plan/engine_file.h"
#include "plan/engine_graph_reader.h"
#include "plan/engine_layout.h"
#include "plan/planner.h"
#include "plan/specialize.h"
#include "plan/table_list.h"

namespace assay {
namespace {

// What would be an error of the program for a graph that it made itself.
Status OfTheFile(const Status& status) {
  return status.code() == StatusCode::kInternal ? DamagedEngine(status.message()) : status;
}

std::string TextOf(const flatbuffers::String* text) { return text == nullptr ? "" : text->str(); }

Shape ShapeOf(const flatbuffers::Vector<int64_t>* extents) {
  return Shape(CopyOfList<int64_t>(extents));
}

class EngineReader {
 public:
  EngineReader(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
               const file::Engine& table)
      : bytes_(bytes), table_(table) {
    data_.owner = std::move(owner);
    data_.file_bytes = bytes.size();
  }

  Status CheckBlobs(size_t data_begin, bool with_checksums) {
    data_.table_bytes = data_begin - kEngineHeaderBytes;
    if (table_.blobs() == nullptr) return OkStatus();
    size_t end = data_begin;
    for (const file::Blob& blob : CopyOfList<file::Blob>(table_.blobs())) {
      const size_t size = bytes_.size();
      if (blob.offset() < end || blob.offset() > size || blob.size() > size - blob.offset() ||
          blob.offset() % kBlobAlignment != 0) {
        return DamagedEngine("a piece of its data lies outside");
      }
      const auto gap = bytes_.subspan(end, blob.offset() - end);
      if (std::ranges::any_of(gap, [](std::byte b) { return b != std::byte{0}; })) {
        return DamagedEngine("something stands between two pieces of its data");
      }
      const auto bytes = bytes_.subspan(blob.offset(), blob.size());
      const ContentHash stated{blob.hash_high(), blob.hash_low()};
      if (const ContentHash hash = with_checksums ? HashBytes(bytes) : stated; !(hash == stated)) {
        return DamagedEngine(fmt::format("checksum of piece {} of its data: expected {}, got {}",
                                         data_.blobs.size(), stated.ToString(), hash.ToString()));
      }
      data_.blobs.push_back(bytes);
      end = blob.offset() + blob.size();
    }
    if (end != bytes_.size()) return DamagedEngine("something stands behind its data");
    return OkStatus();
  }

  Result<Graph> ReadGraph() {
    ASSAY_ASSIGN_OR_RETURN(FileGraph read, ReadFileGraph(table_.graph(), data_));
    is_absent_ = std::move(read.is_absent);
    return std::move(read.graph);
  }

  Result<ShapeProfile> ReadProfile() const {
    ShapeProfile profile;
    if (table_.profile() == nullptr) return profile;
    for (const file::ShapeRange* range : *table_.profile()) {
      const Shape min = ShapeOf(range->min());
      const Shape opt = ShapeOf(range->opt());
      const Shape max = ShapeOf(range->max());
      for (const Shape* shape : {&min, &opt, &max}) {
        if (!shape->CheckedElements()) return DamagedEngine("its profile has impossible shapes");
      }
      profile.push_back({min, opt, max});
    }
    return profile;
  }

  bool LacksWeights() const { return std::ranges::find(is_absent_, 1) != is_absent_.end(); }
  bool HasSteps() const { return table_.steps() != nullptr && table_.steps()->size() > 0; }

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
      return DamagedEngine(fmt::format("number of steps: expected {}, got {}", plan.steps.size(),
                                       table_.steps() == nullptr ? 0 : table_.steps()->size()));
    }
    std::set<int> seen;
    for (const Step& step : plan.steps) {
      const int blob = PackedBlobOf(step.node);
      if ((blob < 0) != step.packed_key.empty() || blob >= static_cast<int>(data_.blobs.size())) {
        return DamagedEngine("packed weights of " + plan.graph->NodeLabel(step.node) +
                             " are missing");
      }
      if (blob >= 0) {
        const auto bytes = data_.blobs[static_cast<size_t>(blob)];
        if (bytes.size() != step.preparation.packed_bytes) {
          return DamagedEngine(fmt::format("packed weights of {}: expected {} bytes, got {}",
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
  Status CheckAbsentInputs(const Plan& plan, const Step& step) const {
    if (plan.graph->values.size() != is_absent_.size()) return OkStatus();  // of a range
    const Node& node = plan.graph->node(step.node);
    const std::vector<int>& packed = step.preparation.packed_inputs;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      if (id == kNoValue || is_absent_[static_cast<size_t>(id)] == 0) continue;
      if (std::ranges::find(packed, static_cast<int>(i)) == packed.end()) {
        return DamagedEngine("weights of " + plan.graph->NodeLabel(step.node) + " are missing");
      }
    }
    return OkStatus();
  }

  std::span<const std::byte> bytes_;
  const file::Engine& table_;
  EngineData data_;
  std::vector<char> is_absent_;  // per value of the file's graph
};

Result<std::vector<std::string>> DisabledPasses(const file::Engine& table) {
  std::vector<std::string> names;
  if (table.disabled_passes() == nullptr) return names;
  for (const flatbuffers::String* name : *table.disabled_passes()) {
    names.push_back(name->str());
    if (FindPass(names.back()) == nullptr) return DamagedEngine("it disables an unknown pass");
  }
  return names;
}

Result<const file::Engine*> VerifiedTable(std::span<const std::byte> bytes) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) return DamagedEngine("its table is too large");
  // A body is three tables below the graph that its node stands in. No table has less than 8 bytes.
  const flatbuffers::uoffset_t depth = 4 * kMostNested + 16;
  const auto tables = static_cast<flatbuffers::uoffset_t>(bytes.size() / 8);
  flatbuffers::Verifier verifier(data, bytes.size(), depth, tables);
  if (!verifier.VerifyBuffer<file::Engine>(nullptr)) return DamagedEngine("its table is malformed");
  return flatbuffers::GetRoot<file::Engine>(data);
}

Status CheckCpu(const std::string& needed, const Machine& machine) {
  const std::string missing = MissingCpu(needed, machine.cpu);
  if (missing.empty()) return OkStatus();
  return Status(StatusCode::kUnsupported,
                fmt::format("instruction sets of the engine: expected {}, this processor has {} "
                            "(missing: {})",
                            needed, CpuText(machine.cpu), missing),
                "build the engine on this machine");
}

Result<LoadedEngine> Read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                          const Machine& machine, ThreadPool& threads, bool with_checksums) {
  ASSAY_ASSIGN_OR_RETURN(const EngineHeader header, DecodeHeader(bytes, with_checksums));
  const auto table_bytes = bytes.subspan(header.table_offset, header.table_bytes);
  ASSAY_ASSIGN_OR_RETURN(const file::Engine* root, VerifiedTable(table_bytes));
  const file::Engine& table = *root;
  LoadedEngine loaded;
  loaded.owner = owner;
  loaded.file_bytes = bytes.size();
  loaded.source = TextOf(table.source());
  loaded.producer = TextOf(table.producer());
  loaded.cpu = TextOf(table.cpu());
  ASSAY_RETURN_IF_ERROR(CheckCpu(loaded.cpu, machine));
  EngineReader reader(bytes, std::move(owner), table);
  ASSAY_RETURN_IF_ERROR(
      reader.CheckBlobs(header.table_offset + header.table_bytes, with_checksums));
  ASSAY_ASSIGN_OR_RETURN(loaded.profile, reader.ReadProfile());
  ASSAY_ASSIGN_OR_RETURN(Graph graph, reader.ReadGraph());
  ASSAY_RETURN_IF_ERROR(OfTheFile(InferGraph(graph)));
  if (loaded.profile.empty() && !graph.inputs.empty()) return DamagedEngine("it has no profile");
  ASSAY_RETURN_IF_ERROR(CheckProfile(graph, loaded.profile));

  std::shared_ptr<const Graph> planned;
  if (IsFixed(loaded.profile) && !table.staged()) {
    planned = std::make_shared<const Graph>(std::move(graph));
  } else {
    if (reader.LacksWeights()) return DamagedEngine("an engine for several shapes lacks weights");
    loaded.graph = std::move(graph);
    ASSAY_ASSIGN_OR_RETURN(loaded.disabled_passes, DisabledPasses(table));
    if (table.staged()) {
      if (reader.HasSteps()) return DamagedEngine("it has steps, but is planned when it runs");
      return loaded;
    }
    Result<std::shared_ptr<const Graph>> special = SpecializeGraph(
        *loaded.graph, TunedShapes(loaded.profile), {.disabled = loaded.disabled_passes}, threads);
    if (!special.ok()) return OfTheFile(special.status());
    planned = *std::move(special);
  }
  ASSAY_RETURN_IF_ERROR(OfTheFile(CheckPlannable(*planned)));
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
    return DamagedEngine("it asks for more memory than there is");
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
