#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "plan/plan.h"
#include "plan/shape_profile.h"

// Engine files. FORMAT.md says what stands where.

namespace assay {

inline constexpr uint16_t kEngineFileMajor = 1;  // other ones cannot be read
inline constexpr uint16_t kEngineFileMinor = 1;  // newer ones cannot be read

// What an engine file is made from.
struct EngineContents {
  std::string source;  // name of the model's file
  ShapeProfile profile;
  CpuFeatures cpu;  // that the plan was made for
  // For the shapes that the profile is tuned for; nullptr if no plan covers the graph as a whole,
  // so that everything is planned when it runs.
  std::shared_ptr<const Plan> plan;
  // The graph that further plans come from; nullptr if the profile has one shape only and there is
  // a plan.
  const Graph* graph = nullptr;
  std::vector<std::string> disabled_passes;  // that were left out of the plan
  std::function<std::span<const std::byte>(std::string_view key)> packed;
};

// Writes the file atomically. The same contents give the same bytes. Errors: kIo; kUnsupported for
// weights that were not read and for graphs nested too deeply, naming them.
Status WriteEngineFile(const EngineContents& contents, const std::filesystem::path& path);

// What is in an engine file. Tensors and packed weights view the mapped file that `owner` keeps.
struct LoadedEngine {
  std::string source;
  std::string producer;  // "Assay 0.1.0"
  ShapeProfile profile;
  std::string cpu;  // instruction sets that its tactics need
  std::optional<Graph> graph;
  std::vector<std::string> disabled_passes;
  std::shared_ptr<const Plan> plan;  // nullptr: everything is planned when it runs
  std::vector<std::pair<std::string, std::span<const std::byte>>> packed;  // by key
  std::shared_ptr<const void> owner;
  size_t file_bytes = 0;
};

// Reads and checks everything: sizes, checksums, every index, the graph by inference, the plan by
// making it again. Errors: kInvalidInput for a damaged file, kUnsupported for one of another
// version, or that this processor cannot run, showing both.
Result<LoadedEngine> ReadEngineFile(const std::filesystem::path& path, const Machine& machine,
                                    ThreadPool& threads);

// The same from memory that `owner` keeps. Without checksums, for tests that change bytes, all
// other checks have to stand on their own.
Result<LoadedEngine> ParseEngine(std::span<const std::byte> bytes,
                                 std::shared_ptr<const void> owner, const Machine& machine,
                                 ThreadPool& threads, bool with_checksums = true);

// True if the file can be read and begins with the magic bytes.
bool BeginsLikeEngineFile(const std::filesystem::path& path);

}  // namespace assay
