#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "ir/graph.h"

namespace assay {

namespace file {
struct Graph;
}

// What the graph of an engine file refers to, outside its own table.
struct EngineData {
  std::vector<std::span<const std::byte>> blobs;
  std::shared_ptr<const void> owner;  // of the blobs' memory
  size_t file_bytes = 0;
  size_t table_bytes = 0;
};

struct FileGraph {
  Graph graph;
  // Per value: 1 for a constant of which only the packed form is in the file; it reads as zeros.
  std::vector<char> is_absent;
};

// The graph of a table that FlatBuffers' verifier has passed, with its bodies, before inference.
// Checks every index, that each value is defined once and before it is read, that captures match,
// and sizes. Errors: kInvalidInput.
Result<FileGraph> ReadFileGraph(const file::Graph* table, const EngineData& data);

// Of a file that is not as FORMAT.md says.
Status DamagedEngine(std::string message);

}  // namespace assay
