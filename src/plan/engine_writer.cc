// Writing engine files. The graph is written by engine_graph_writer.h.

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>
#include <plan/engine_generated.h>

#include "base/file.h"
#include "plan/engine_cpu.h"
#include "plan/engine_file.h"
#include "plan/engine_graph_writer.h"
#include "plan/engine_layout.h"
#include "plan/needed_constants.h"

namespace assay {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

class EngineTable {
 public:
  explicit EngineTable(const EngineContents& contents) : contents_(contents) {}

  // Builds the table; positions of blobs are those given, or zero at first.
  Result<std::vector<uint8_t>> Build(const std::vector<file::Blob>& blobs) {
    builder_.Clear();
    ASSAY_ASSIGN_OR_RETURN(const auto graph, AddGraph());
    const bool is_staged = contents_.plan == nullptr;
    std::vector<Offset<file::Step>> steps;
    if (!is_staged) steps = AddSteps();
    std::vector<Offset<file::ShapeRange>> profile;
    for (const ShapeRange& range : contents_.profile) {
      profile.push_back(file::CreateShapeRange(builder_, Extents(range.min), Extents(range.opt),
                                               Extents(range.max)));
    }
    std::vector<file::Blob> placed = blobs;
    placed.resize(blobs_.pieces().size());
    const auto engine = file::CreateEngine(
        builder_, Text("Assay " ASSAY_VERSION), Text(contents_.source),
        Text(is_staged ? "" : RequiredCpu(*contents_.plan)), builder_.CreateVector(profile), graph,
        builder_.CreateVector(steps), builder_.CreateVectorOfStructs(placed),
        builder_.CreateVectorOfStrings(contents_.disabled_passes), is_staged);
    builder_.Finish(engine);
    const uint8_t* data = builder_.GetBufferPointer();
    return std::vector<uint8_t>(data, data + builder_.GetSize());
  }

  const BlobList& blobs() const { return blobs_; }

 private:
  Offset<flatbuffers::String> Text(const std::string& text) { return builder_.CreateString(text); }
  Offset<flatbuffers::Vector<int64_t>> Extents(const Shape& shape) {
    return builder_.CreateVector(shape.dims());
  }

  std::vector<Offset<file::Step>> AddSteps() {
    std::vector<Offset<file::Step>> steps;
    for (const Step& step : contents_.plan->steps) {
      const int packed =
          step.packed_key.empty() ? -1 : blobs_.Add(contents_.packed(step.packed_key));
      steps.push_back(file::CreateStep(builder_, Text(std::string(step.tactic->name)), packed));
    }
    return steps;
  }

  Result<Offset<file::Graph>> AddGraph() {
    if (contents_.graph != nullptr) return WriteFileGraph(*contents_.graph, {}, builder_, blobs_);
    return WriteFileGraph(*contents_.plan->graph, NeededValues(*contents_.plan), builder_, blobs_);
  }

  const EngineContents& contents_;
  FlatBufferBuilder builder_;
  BlobList blobs_;
};

Status WritePadding(AtomicFile& file, size_t bytes) { return file.Write(std::string(bytes, '\0')); }

}  // namespace

Status WriteEngineFile(const EngineContents& contents, const std::filesystem::path& path) {
  EngineTable table(contents);
  ASSAY_ASSIGN_OR_RETURN(std::vector<uint8_t> bytes, table.Build({}));
  std::vector<file::Blob> blobs;
  const size_t size = table.blobs().Place(bytes.size(), &blobs);
  // The positions are part of the table and do not change its size.
  ASSAY_ASSIGN_OR_RETURN(bytes, table.Build(blobs));

  const auto table_bytes = std::as_bytes(std::span(bytes));
  EngineHeader header;
  header.major = kEngineFileMajor;
  header.minor = kEngineFileMinor;
  header.file_bytes = size;
  header.table_offset = kEngineHeaderBytes;
  header.table_bytes = table_bytes.size();
  header.table_hash = HashBytes(table_bytes);
  ASSAY_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  ASSAY_RETURN_IF_ERROR(file.Write(EncodeHeader(header)));
  ASSAY_RETURN_IF_ERROR(file.Write(table_bytes));
  size_t at = kEngineHeaderBytes + table_bytes.size();
  for (size_t i = 0; i < blobs.size(); ++i) {
    ASSAY_RETURN_IF_ERROR(WritePadding(file, blobs[i].offset() - at));
    ASSAY_RETURN_IF_ERROR(file.Write(table.blobs().pieces()[i]));
    at = blobs[i].offset() + blobs[i].size();
  }
  return file.Commit();
}

}  // namespace assay
